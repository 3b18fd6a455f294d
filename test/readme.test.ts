import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { runHitscan } from './runHitscan.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Lines of the README's shell blocks. */
const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block.split('\n').filter(Boolean));
const commands = lines.filter((line) => line.startsWith('npx hitscan ')).map((line) => line.replace(/\s+#.*$/, ''));

/** A command's words with options that make it quick. Its own options stay as they are, but for the number of trials. */
function shorten(args: readonly string[]): string[] {
  const add = (name: string, value: string) => (args.includes(name) ? [] : [name, value]);
  const epochs = args.some((word) => word.startsWith('epochs=')) ? [] : ['--set', 'epochs=2'];
  const folds = [...add('--folds', '2'), ...add('--repeats', '1')];
  const little = [...args, '--set', 'explain=20', '--set', 'intervalFolds=2', ...epochs];
  switch (args[0]) {
    case 'evaluate':
      return [...args, ...epochs, ...folds, ...add('--models', 'mean,linear,mamba-tokens')];
    case 'investigate':
      return [...args, ...epochs, ...folds, '--set', 'dModel=8'];
    case 'tune': {
      const words = little.map((word, i) => (little[i - 1] === '--trials' ? '2' : word));
      return [...words, ...add('--trials', '2'), ...add('--folds', '2')];
    }
    case 'train':
      // The seed's network has no settings to look for.
      return args.includes('--preset') ? little : [...little, ...add('--tune', '2')];
    default:
      return [...args];
  }
}

const folder = makeTestFolder('readme');

describe('the commands in README.md', () => {
  test('are there', () => {
    expect(commands.length).toBeGreaterThan(3);
    expect(lines).toContain('npm ci && npm start');
    expect(lines).toContain('npm ci && npm test');
    expect(manifest.scripts.start).toMatch(/main\.ts train$/);
  });

  // In their order, as one makes the file that the next reads; trained for two epochs, as the words are what is tested.
  test.each(commands)('%s', { timeout: 180_000 }, async (command) => {
    const { status, stdout, stderr } = await runHitscan(shorten(command.split(/\s+/).slice(2)), folder);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status, stderr).toBe(0);
    expect(`${stdout}${stderr}`).not.toBe('');
  });
});
