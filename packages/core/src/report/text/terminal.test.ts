import { expect, test } from 'vitest';
import { makeOutcome } from '../../../testing/madeOutcome.ts';
import { formatTable, wrapText } from './terminal.ts';

const metrics = { ...makeOutcome().models[0].test, mse: 110.4, rmse: 10.507, mae: 8.34, r2: -0.0001, spearman: null };
const outcome = {
  ...makeOutcome(),
  models: [
    { name: 'mean', train: metrics, test: metrics, seconds: 0.004, history: [] },
    { name: 'mamba-tokens', train: { ...metrics, r2: 0.156, spearman: 0.4 }, test: metrics, seconds: 185, history: [] },
  ],
};

test('columns are aligned, numbers right', () => {
  expect(formatTable(outcome)).toBe(
    [
      '              ── test ────────────────────────────  ── train ───────────────────────────',
      'model            MSE   RMSE   MAE     R²  Spearman     MSE   RMSE   MAE     R²  Spearman        time',
      'mean          110.40  10.51  8.34  0.000         –  110.40  10.51  8.34  0.000         –      0.00 s',
      'mamba-tokens  110.40  10.51  8.34  0.000         –  110.40  10.51  8.34  0.156     0.400  3 min 05 s',
    ].join('\n'),
  );
});

test('no line is longer than 110 characters, and no name moves the cursor', () => {
  const bad = { ...metrics, mse: 10_000, rmse: 100, mae: 100, r2: -125.123 };
  const name = `\u001b[31m${'x'.repeat(80)}`;
  const lines = formatTable({ ...outcome, models: [{ ...outcome.models[0], name, train: bad, test: bad }] }).split(
    '\n',
  );
  for (const line of lines) expect([...line].length).toBeLessThanOrEqual(110);
  expect(lines[2]).toMatch(/^\[31mx+… /);
});

test('synthetic data are called synthetic', () => {
  expect(formatTable(makeOutcome({ synthetic: true }))).toMatch(/\nsynthetic data: .*$/);
});

test('lines have at most 100 letters, all as far in as the first', () => {
  const word = 'x'.repeat(9);
  const text = Array.from({ length: 25 }, () => word).join(' ');
  const lines = wrapText(text, '- ').split('\n');
  // Two letters in, nine words of nine and their spaces are 91 letters, ten would be 101.
  expect(lines.map((line) => line.length)).toEqual([91, 91, 71]);
  expect(lines.map((line) => line.slice(0, 3))).toEqual(['- x', '  x', '  x']);
  expect(lines.map((line) => line.slice(2)).join(' ')).toBe(text);
});

test('a word that is longer than a line has one of its own', () => {
  const long = 'y'.repeat(120);
  expect(wrapText(`a ${long} b`, '')).toBe(`a\n${long}\nb`);
  expect(wrapText('', '- ')).toBe('- ');
});
