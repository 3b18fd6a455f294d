import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** What an example prints, line by line. */
async function runExample(name: string): Promise<string[]> {
  const example = fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
  const child = spawn(process.execPath, [example], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const text of child.stdout.setEncoding('utf8')) output += text;
  return output.trim().split('\n');
}

/** Two layers learn it within half a minute. */
test('two Mamba layers learn selective copying, and copy position by position', { timeout: 300_000 }, async () => {
  const lines = await runExample('selectiveCopying.ts');
  const losses = lines.slice(0, -1).map((line) => Number(line.split(' ').at(-1)));
  // Of eight tokens one is as good as another before anything is learnt: ln 8 = 2.08.
  expect(losses[0]).toBeGreaterThan(1.5);
  expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
  // Seeds 1 to 7, 9 and 11 end at 0.996 and above.
  expect(Number(lines.at(-1)?.split(' ').at(-1))).toBeGreaterThanOrEqual(0.99);
});

test('a network of one’s own learns', { timeout: 60_000 }, async () => {
  const lines = await runExample('ownNetwork.ts');
  // Guessing the mean of 1 to 6 is 1.25 off on average.
  expect(Number(lines.at(-1)?.match(/[\d.]+/)?.[0])).toBeLessThan(0.2);
});

test.each([
  ['selectiveCopying.ts', /^\/\/ (Define|Train|Save|Load|Step)/],
  ['ownNetwork.ts', /^\/\/ Declare/],
])('the README shows %s as it is', (name, begins) => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = readFileSync(new URL(`../examples/${name}`, import.meta.url), 'utf8');
  const shown = code.split('\n\n').filter((part) => begins.test(part));
  expect(shown.length).toBeGreaterThan(0);
  for (const part of shown) expect(readme).toContain(part.trimEnd());
});
