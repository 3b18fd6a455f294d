import { expect, test } from 'vitest';
import { measure } from '../evaluate/metrics.ts';
import type { TrainingOutcome } from '../evaluate/results.ts';
import { makeOutcome, rankHoldout } from './madeOutcome.ts';
import { describeVerdict } from './verdict.ts';

/** Linear is off by 2 everywhere; the other by 2 plus the given amount, in turn. */
function makePair(changes: readonly number[]): TrainingOutcome {
  const base = makeOutcome({ rows: 40, names: ['linear', 'mamba'] });
  const predictions = [
    { name: 'linear', predicted: base.testActual.map((value) => value + 2) },
    { name: 'mamba', predicted: base.testActual.map((value, i) => value + 2 + changes[i % changes.length]) },
  ];
  const models = base.models.map((model, i) => ({
    ...model,
    test: measure(base.testActual, predictions[i].predicted),
  }));
  return { ...base, models, predictions, standings: rankHoldout(base.testActual, predictions) };
}

test('a difference whose interval holds 0 is not shown', () => {
  // Squared errors 1 and 7.84 beside 4: 0.42 higher on average, with a standard error of 0.55.
  const [sentence] = describeVerdict(makePair([-1, 0.8])).comparisons;
  expect(sentence).toMatch(
    /^mamba: test MSE 0\.42 higher than linear \(95 % interval −0\.6\d to \+1\.5\d\): no difference/,
  );
});

test('a difference above that is better or worse, on these songs', () => {
  expect(describeVerdict(makePair([-1, -0.5])).comparisons[0]).toMatch(
    /2\.38 lower than linear .*: better on these songs/,
  );
  expect(describeVerdict(makePair([1, 0.5])).comparisons[0]).toMatch(
    /3\.63 higher than linear .*: worse on these songs/,
  );
  expect(describeVerdict(makePair([0])).comparisons[0]).toBe(
    'mamba: test MSE equal to that of linear: no difference shown.',
  );
});

test('the lead names the lowest test MSE with its interval', () => {
  const { lead, caution } = describeVerdict(makePair([1, -1]));
  expect(lead).toMatch(
    /^On 40 held-out songs the lowest test MSE is that of linear: 4\.00 \(95 % interval 4\.0 to 4\.0\)\. Its R² is 0\.99/,
  );
  expect(caution).toContain('the 40 test songs');
});

test('what tuning has changed is told where both are there', () => {
  const names = ['linear', 'mamba-tokens', 'mamba-untuned'];
  const { comparisons } = describeVerdict(makeOutcome({ rows: 40, names }));
  expect(comparisons).toHaveLength(3);
  expect(comparisons[2]).toMatch(/^mamba-tokens: test MSE .* than mamba-untuned /);
});

test('no R² above zero is claimed where there is none', () => {
  expect(describeVerdict(makePair([200])).lead).not.toContain('no better');
  const { models, ...rest } = makeOutcome({ names: ['mean'] });
  const worse = models.map((model) => ({ ...model, test: { ...model.test, r2: -0.004 } }));
  expect(describeVerdict({ ...rest, models: worse }).lead).toContain('R² is −0.004: no better than the mean');
});

test('one row, no linear regression, no model', () => {
  expect(describeVerdict(makeOutcome({ rows: 1 })).comparisons[0]).toBe(
    'mean against linear: songs of one artist cannot show a difference.',
  );
  expect(describeVerdict(makeOutcome({ names: ['mean', 'forest'] })).comparisons[0]).toMatch(/^forest: .* than mean /);
  expect(describeVerdict(makeOutcome({ names: [] })).lead).toBe('No model was fitted.');
});
