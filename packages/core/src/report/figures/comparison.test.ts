import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { makeOutcome } from '../../../testing/madeOutcome.ts';
import type { Comparison } from '../../compare/comparison.ts';
import type { ModelSummaries, ModelSummary } from '../../compare/summariseModels.ts';
import { renderComparison } from '../sections/models.ts';
import { describeComparison, drawDifferences, drawErrors } from './comparison.ts';

function makeSummaries(verdicts: readonly Comparison['verdict'][], name = 'model'): ModelSummaries {
  const figure = (mean: number) => ({ mean, low: mean - 4, high: mean + 4 });
  const [overFolds] = makeOutcome().models.map(({ test }) => test);
  const models = ['linear', ...verdicts.map((_, i) => `${name} ${i}`)].map((own, i): ModelSummary => {
    const mse = figure(100 + i);
    return {
      name: own,
      mse,
      rmse: mse,
      mae: mse,
      r2: null,
      within5: null,
      within10: null,
      overFolds,
      foldErrors: [99, 101, 103],
      foldR2: [],
    };
  });
  const comparisons = verdicts.map((verdict, i): Comparison => {
    const difference = { better: -9, worse: 9, 'no difference shown': 1 }[verdict];
    return {
      a: `${name} ${i}`,
      b: 'linear',
      metric: 'mse',
      difference,
      low: difference - 3,
      high: difference + 3,
      level: 0.975,
      p: 0.01,
      verdict,
      family: 'secondary',
      rawP: 0.01,
      superiority: { resamples: 0.9, rows: 0.6 },
      resampledT: null,
      bootstrap: null,
    };
  });
  return { heldOut: { songs: 100, named: 100, clusters: 80 }, reference: 'linear', models, comparisons };
}

test('each verdict has its own sign and its words; every fold is a dot', () => {
  const standings = makeSummaries(['better', 'worse', 'no difference shown']);
  const svg = expectFigure((document) => drawDifferences(document, standings));
  for (const word of ['better', 'worse', 'no difference shown']) expect(svg).toContain(`>${word}<`);
  // Nine folds, a filled and a hollow dot; the square is a path.
  expect(svg.match(/<circle/g)).toHaveLength(11);
  expect(describeComparison(standings)).toBe(
    'Compared with linear: 1 of 3 models significantly better, 1 significantly worse, 1 not significantly different. linear has the lowest MSE: 100.0 (96.0 to 104.0).',
  );
  const html = renderComparison(makeDocument(), standings);
  expect(html.match(/<svg/g)).toHaveLength(2);
  expect(html).toContain('one fold');
});

test('names are escaped, and long ones cut', () => {
  const html = renderComparison(makeDocument(), makeSummaries(['better'], hostileName));
  expect(html).not.toContain('<b>');
  expect(html).toContain('&lt;b&gt;');
  const svg = expectFigure((document) => drawErrors(document, makeSummaries(['worse'], 'x'.repeat(200))));
  expect(svg).toContain(`${'x'.repeat(17)}…`);
});

test('one model, equal models and undefined intervals are drawn; none is empty', () => {
  const nothing = { heldOut: { songs: 0, named: 0, clusters: 0 }, reference: '', models: [], comparisons: [] };
  expect(renderComparison(makeDocument(), nothing)).toBe('');
  expect(renderComparison(makeDocument(), makeSummaries([])).match(/<svg/g)).toHaveLength(1);
  const { models, comparisons, ...rest } = makeSummaries(['no difference shown']);
  const undefinedSummaries: ModelSummaries = {
    ...rest,
    models: models.map((model) => ({ ...model, mse: null, foldErrors: [5] })),
    comparisons: comparisons.map((entry) => ({
      ...entry,
      difference: null,
      low: null,
      high: null,
      level: null,
      p: null,
    })),
  };
  expectFigure((document) => drawDifferences(document, undefinedSummaries));
  expectFigure((document) => drawErrors(document, undefinedSummaries));
  expect(describeComparison(undefinedSummaries)).toContain('no interval');
});

test('of too few songs no word is drawn and none is said', () => {
  const { comparisons, ...rest } = makeSummaries(['no difference shown', 'no difference shown']);
  const few: ModelSummaries = {
    ...rest,
    heldOut: { songs: 100, named: 100, clusters: 12 },
    comparisons: comparisons.map((entry) => ({ ...entry, low: null, high: null, level: null, p: null })),
  };
  const html = renderComparison(makeDocument(), few);
  expect(html).toContain('nothing can be told of which model is better');
  expect(html).not.toMatch(/no difference shown|significant|worse|better than|>better</);
});
