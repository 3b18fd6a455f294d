import { expect, test } from 'vitest';
import { expectFigure } from '../../../../testing/expectFigure.ts';
import { makeTrials } from '../../../../testing/madeTrials.ts';
import type { Trial } from '../../../tune/trial.ts';
import { describeHistory, drawHistory } from './history.ts';
import { objectiveAt } from './objective.ts';

const error = objectiveAt(0, 'error', 'minimize');
const score = objectiveAt(0, 'score', 'maximize');

/** Complete trials with these values; a negative one is the last report of a pruned trial. */
function makeSeries(values: readonly number[]): Trial[] {
  const trials = makeTrials({ trials: values.length, stateOf: (i) => (values[i] < 0 ? 'pruned' : 'complete') });
  return trials.map((trial, i) => ({ ...trial, values: [Math.abs(values[i])] }));
}

test('the sentence names the best trial and counts those after it', () => {
  const describeSeries = (...values: number[]) => describeHistory(makeSeries(values), error);
  expect(describeSeries(9, 5, 6, 7)).toBe(
    'Trial 1 has the smallest error, 5.000; the 2 trials after it found nothing better.',
  );
  expect(describeSeries(9, 8, 5, -6)).toContain('; the one trial after it found nothing better.');
  expect(describeSeries(9, 8, 7)).toBe('Trial 2 has the smallest error, 7.000; it is the last of all.');
  expect(describeSeries(-9, 8)).toContain('and is the only one that was completed.');
  expect(describeSeries(9, 8, -3)).toContain('Marks of pruned trials beyond it are of fewer steps and not comparable.');
  expect(describeSeries(-9, -8)).toContain('No trial was completed');
  expect(describeSeries(9, 8, 9, 8, 9, 1e6)).toContain('One far worse value is drawn at the edge.');
  expect(describeHistory(makeSeries([9, 5, 6]), score)).toContain('Trial 0 has the largest score, 9.000');
});

test('the line goes down in steps at each better trial, and up where large is good', () => {
  const lineOf = (svg: string) => (svg.match(/aria-label="line"[^>]*><path d="([^"]+)"/)?.[1] ?? '').match(/[\d.]+/g);
  const trials = makeSeries([7, 9, 5, 8, 3, 4]);
  const heights = (svg: string) =>
    new Set(
      lineOf(svg)
        ?.map(Number)
        .filter((_, i) => i % 2 === 1),
    );
  expect(heights(expectFigure((document) => drawHistory(document, trials, error))).size).toBe(3);
  expect(heights(expectFigure((document) => drawHistory(document, trials, score))).size).toBe(2);
});

test('a dot for each complete trial, a cross for each pruned one; values that are no numbers are left out', () => {
  const svg = expectFigure((document) =>
    drawHistory(document, makeSeries([7, -9, 5, Number.NaN, Infinity, -8]), error),
  );
  const [crosses, dots] = [...svg.matchAll(/aria-label="dot"[^>]*>(.*?)<\/g>/gs)].map(([, marks]) => marks);
  expect(crosses.match(/<path/g)).toHaveLength(2);
  expect(dots.match(/<circle|<path/g)).toHaveLength(2);
});

test.each([[[5]], [[-5]], [[5, 5, 5]], [[0]], [[1e-12, 2e-12]], [[1e300, 1e-300]]])('values %j are drawn', (values) => {
  expectFigure((document) => drawHistory(document, makeSeries(values), error));
});
