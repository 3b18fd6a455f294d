import { expect, test } from 'vitest';
import { makeOutcome, rankHoldout } from '../../../testing/madeOutcome.ts';
import type { TrainingOutcome } from '../../evaluate/results.ts';
import { measure } from '../../metrics/metrics.ts';
import { describeVerdict } from './models.ts';

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

test('a difference whose interval holds 0 is not significant', () => {
  // Squared errors 1 and 7.84 beside 4: 0.42 higher on average, with a standard error of 0.55.
  const [sentence] = describeVerdict(makePair([-1, 0.8])).comparisons;
  expect(sentence).toMatch(
    /^mamba: test MSE 0\.42 higher than linear \(95 % interval −0\.6\d to \+1\.5\d\); not significant/,
  );
});

test('a difference above that is better or worse, on these songs', () => {
  expect(describeVerdict(makePair([-1, -0.5])).comparisons[0]).toMatch(
    /2\.38 lower than linear .*; significantly better on these songs/,
  );
  expect(describeVerdict(makePair([1, 0.5])).comparisons[0]).toMatch(
    /3\.63 higher than linear .*; significantly worse on these songs/,
  );
  expect(describeVerdict(makePair([0])).comparisons[0]).toBe(
    'mamba: test MSE equal to that of linear; not significant.',
  );
});

test('the lead names the lowest test MSE with its interval, to as many digits', () => {
  const { lead, caution } = describeVerdict(makePair([1, -1]));
  expect(lead).toMatch(
    /^On 40 held-out songs linear has the lowest test MSE: 4\.00 \(95 % interval 4\.00 to 4\.00\)\. Its R² is 0\.99/,
  );
  expect(caution).toContain('these 40 test songs');
});

test('tuned and untuned settings are compared where both are there', () => {
  const names = ['linear', 'mamba-tokens', 'mamba-untuned'];
  const { comparisons } = describeVerdict(makeOutcome({ rows: 40, names }));
  expect(comparisons).toHaveLength(3);
  expect(comparisons[2]).toMatch(/^mamba-tokens: test MSE .* than mamba-untuned /);
  // With that of mamba-untuned it makes two that are corrected for one another; the primary one stands alone.
  expect(comparisons[1]).toContain('(95 % interval');
  expect(comparisons[0]).toMatch(/\((95|97\.5) % interval/);
});

test('no R² above zero is claimed where there is none', () => {
  expect(describeVerdict(makePair([200])).lead).not.toContain('no better');
  const { models, ...rest } = makeOutcome({ names: ['mean'] });
  const worse = models.map((model) => ({ ...model, test: { ...model.test, r2: -0.004 } }));
  expect(describeVerdict({ ...rest, models: worse }).lead).toContain(
    'R² is −0.004: no better than predicting the mean',
  );
});

test('no linear regression, no model', () => {
  expect(describeVerdict(makeOutcome({ names: ['mean', 'forest'] })).comparisons[0]).toMatch(/^forest: .* than mean /);
  expect(describeVerdict(makeOutcome({ names: [] })).lead).toBe('No model was fitted.');
});

test('what is compared is said: which question is asked, what is corrected, and how words follow', () => {
  const { caution } = describeVerdict(makeOutcome({ names: ['mean', 'linear', 'forest', 'mamba-tokens'] }));
  expect(caution).toContain(
    'mamba-tokens − linear is the primary comparison, chosen in advance and tested alone at the 95 % level. The 2 other comparisons are corrected for multiple testing (Holm), each at the level of its interval.',
  );
  expect(caution).toContain('if and only if its interval excludes 0.');
  const { caution: without } = describeVerdict(makeOutcome({ names: ['linear', 'forest'] }));
  expect(without).not.toMatch(/primary|Holm/);
});

test.each([1, 4, 29])('of %i songs nothing is claimed', (rows) => {
  const { lead, comparisons, caution } = describeVerdict(makeOutcome({ rows }));
  expect(lead).toBe(
    `Only ${rows} ${rows === 1 ? 'song was' : 'songs were'} held out: from fewer than 30 nothing can be told of which model is better.`,
  );
  expect(comparisons).toEqual([]);
  expect(caution).toBe('');
});

test('that artists’ songs are alike is said only where artists are named', () => {
  expect(describeVerdict(makeOutcome()).caution).toContain(
    'No artist is named, so intervals treat songs as independent',
  );
  const outcome = makeOutcome();
  const named = { ...outcome.standings, heldOut: { songs: 40, named: 40, clusters: 35 } };
  expect(describeVerdict({ ...outcome, standings: named }).caution).toContain('the similarity of songs by one artist');
});
