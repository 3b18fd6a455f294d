import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePythonJson } from '@hitscan/core/tune';
import { expect, test } from 'vitest';
import { tortureStudy } from './tuneTorture.ts';

test('twenty kill -9 at random moments cost no trial that was told about', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hitscan-torture-'));
  const path = join(folder, 'study.log');
  const { acknowledged, complete, pruned, doubled, running } = await tortureStudy(path, 20);
  expect({ doubled, running }).toEqual({ doubled: 0, running: 0 });
  expect(acknowledged).toBeGreaterThan(0);
  expect(complete + pruned).toBeGreaterThanOrEqual(acknowledged);
  for (const line of readFileSync(path, 'utf8').trimEnd().split('\n'))
    expect(parsePythonJson(line)).toHaveProperty('op_code');
  rmSync(folder, { recursive: true, force: true });
}, 180_000);
