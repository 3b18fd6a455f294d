import { expect, test } from 'vitest';
import { expectFigure } from '../../../../testing/expectFigure.ts';
import { makeTrials } from '../../../../testing/madeTrials.ts';
import type { Trial, TrialState } from '../../../tune/trial.ts';
import { describeIntermediateValues, drawIntermediateValues, selectReporting } from './intermediateValues.ts';
import { objectiveAt } from './objective.ts';

const error = objectiveAt(0, 'error', 'minimize');

function makeReports(reports: readonly (readonly [TrialState, readonly number[]])[]): Trial[] {
  return makeTrials({ trials: reports.length, stateOf: (i) => reports[i][0] }).map((trial, i) => {
    const values = trial.state === 'fail' ? null : [reports[i][1].at(-1) ?? 7];
    return { ...trial, values, intermediate: new Map(reports[i][1].entries()) };
  });
}

test('the sentence says how early trials were pruned', () => {
  const trials = makeReports([
    ['complete', [9, 8, 7, 6]],
    ['complete', [9, 8, 7, 5]],
    ['pruned', [9]],
    ['pruned', [9, 8, 9]],
    ['fail', [1]],
  ]);
  expect(describeIntermediateValues(trials, error)).toBe(
    'Trial 1, the best, ended at 5.000. 2 of 4 trials were pruned, after 1 to 3 (median 2) reports; complete ones have 4.',
  );
  expect(describeIntermediateValues(trials.slice(0, 2), error)).toContain('None of 2 trials with reports was pruned.');
  expect(describeIntermediateValues(trials.slice(2, 3), error)).toBe('1 of 1 trials were pruned, after 1 reports.');
});

test('pruned lines end in a cross; reports that are no numbers leave a gap', () => {
  const trials = makeReports([
    ['complete', [9, Number.NaN, 7, 6, 6]],
    ['complete', [9, 8, 7, 5, 5]],
    ['pruned', [9, 8]],
    ['pruned', [9, Infinity, 8]],
    ['complete', [Number.NaN, -Infinity]],
    ['pruned', []],
  ]);
  expect(selectReporting(trials, 'complete')).toHaveLength(2);
  const svg = expectFigure((document) => drawIntermediateValues(document, trials, error));
  const crosses = svg.match(/aria-label="dot"[^>]*>(.*?)<\/g>/s)?.[1] as string;
  expect(crosses.match(/<path/g)).toHaveLength(2);
});

test('one report, long trials and many trials are drawn in little', () => {
  expectFigure((document) => drawIntermediateValues(document, makeReports([['complete', [5]]]), error));
  expectFigure((document) => drawIntermediateValues(document, makeReports([['pruned', [5]]]), error));
  const long = Array.from({ length: 5000 }, (_, i) => 1 / (i + 1));
  const many = makeReports(Array.from({ length: 200 }, (_, i) => [i % 2 ? 'pruned' : 'complete', long] as const));
  const svg = expectFigure((document) => drawIntermediateValues(document, many, error));
  expect(svg.length).toBeLessThan(160_000);
});
