import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoteArgument } from './run.ts';

const names = [
  'plain',
  'with space',
  "it's",
  'a\\b$HOME`x`"!*',
  'line\nbreak\t1\r',
  '\u001b[31mred\u001b[0m7',
  'turned\u202eround\u2066\u2069\u200f',
  'zero\u200bwidth\ufeff\u2028',
  "both ' and \u0007\\",
];

test.each(names)('a shell reads a quoted argument as it was, and a terminal shows it harmlessly: %j', (name) => {
  const quoted = quoteArgument(name);
  expect(quoted).toMatch(/^\P{C}+$/u);
  expect(quoted).not.toMatch(/[\u2028\u2029]/);
  expect(execFileSync('bash', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })).toBe(name);
});
