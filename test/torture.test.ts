import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { listDifferences } from './compareRuns.ts';
import { runHitscan, startHitscan } from './runHitscan.ts';
import { startArguments, tortureRuns } from './torture.ts';

const patience = { timeout: 600_000 };
const folder = makeTestFolder('torture');
const disk = () => join(folder, 'disk');

/** Whether a file system of this many KiB could be mounted, which takes a Linux and its administrator. */
function mount(kibibytes: number, ...options: string[]): boolean {
  try {
    mkdirSync(disk(), { recursive: true });
    const size = [...options, `size=${kibibytes}k`].join(',');
    execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', disk()], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.each(['train', 'evaluate'] as const)(
  '%s that is killed at random moments finds the same',
  patience,
  async (name) => {
    const { kills, faults } = await tortureRuns(name, folder, 4);
    expect(faults).toEqual([]);
    expect(kills).toBe(4);
  },
);

test('a full disk ends a run with a line, and it goes on when there is room', patience, async (context) => {
  if (!mount(64)) context.skip('no small file system can be mounted here');
  try {
    const [whole, run] = [join(folder, 'roomy'), join(disk(), 'run')];
    expect((await runHitscan(startArguments('train', whole), folder)).status).toBe(0);
    let full = 0;
    for (const kibibytes of [96, 160, 320, 20_000]) {
      mount(kibibytes, 'remount');
      const begins = !existsSync(join(run, 'config.json'));
      if (begins) rmSync(run, { recursive: true, force: true });
      const args = begins ? startArguments('train', run) : ['train', '--resume', run, '--quiet'];
      const { status, stderr } = await runHitscan(args, folder);
      if (status === 0) break;
      full++;
      expect(status, stderr).toBe(2);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
    expect(full).toBeGreaterThan(0);
    expect(await listDifferences(run, whole)).toEqual([]);
  } finally {
    execFileSync('umount', [disk()]);
  }
});

test('a folder that is removed while it is worked in ends the run', patience, async () => {
  const run = join(folder, 'removed');
  const long = startArguments('train', run).map((word) => (word.startsWith('epochs=') ? 'epochs=400' : word));
  const { child, outcome } = startHitscan(long, folder);
  while (child.exitCode === null && !existsSync(join(run, 'checkpoint', 'mamba-tokens.safetensors'))) await wait(20);
  rmSync(run, { recursive: true, force: true });
  const { status, stdout, stderr } = await outcome;
  expect(stderr).toMatch(/^hitscan: .*was it removed or moved\?\n$/);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(existsSync(join(run, 'metrics.json'))).toBe(false);
});

test('a clock that jumps changes nothing that is found', patience, async () => {
  const [whole, jumped] = [join(folder, 'steady'), join(folder, 'jumped')];
  const clock = { NODE_OPTIONS: `--import=${new URL('./jumpingClock.ts', import.meta.url).href}` };
  const args = (out: string) => [...startArguments('tune', out), '--timeout', '3600'];
  expect((await runHitscan(args(whole), folder)).status).toBe(0);
  const { status, stderr } = await runHitscan(args(jumped), folder, clock);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(await listDifferences(jumped, whole)).toEqual([]);
});
