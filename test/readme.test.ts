import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHitscan } from './runHitscan.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Lines of the README's shell blocks. */
const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block.split('\n').filter(Boolean));
const commands = lines.filter((line) => line.startsWith('npx hitscan ')).map((line) => line.replace(/\s+#.*$/, ''));

/** What makes a command quick, where it does not say otherwise itself. */
function shorten(command: string, line: string): string[] {
  const epochs = line.includes('epochs=') ? [] : ['--set', 'epochs=2'];
  const folds = ['--folds', '2', '--repeats', '1'];
  if (command === 'evaluate') return [...epochs, ...folds, '--models', 'mean,linear,mamba-tokens'];
  if (command === 'investigate') return [...epochs, ...folds, '--set', 'dModel=8'];
  const little = ['--set', 'explain=20', '--set', 'intervalFolds=2', ...epochs];
  if (command === 'tune') return [...little, '--trials', '2', '--folds', '2'].filter((word) => word !== '100');
  return line.includes('--tune') ? little : [...little, '--tune', '2'];
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hitscan-readme-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the commands in README.md', () => {
  test('are there', () => {
    expect(commands.length).toBeGreaterThan(3);
    expect(lines).toContain('npm ci && npm start');
    expect(lines).toContain('npm ci && npm test');
    expect(manifest.scripts.start).toMatch(/main\.ts train$/);
  });

  // In their order, as one makes the file that the next reads; trained for two epochs, as the words are what is tested.
  test.each(commands)('%s', { timeout: 180_000 }, async (command) => {
    const args = command.split(/\s+/).slice(2);
    const short = ['train', 'tune', 'evaluate', 'investigate'].includes(args[0]) ? shorten(args[0], command) : [];
    const { status, stdout, stderr } = await runHitscan([...args, ...short], folder);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(0);
    expect(`${stdout}${stderr}`).not.toBe('');
  });
});
