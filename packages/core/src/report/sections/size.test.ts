import { expect, test } from 'vitest';
import { makeDocument } from '../../../testing/expectFigure.ts';
import { makeOutcome } from '../../../testing/madeOutcome.ts';
import { makeRandom } from '../../../testing/madeTracks.ts';
import { findDeciles, measureCoverage, measureGroups } from '../../intervals/coverage.ts';
import { intervalMethods } from '../../intervals/intervalForecast.ts';
import { measureHits, sweepThresholds } from '../../metrics/classification.ts';
import { countByThreshold } from '../../metrics/curves.ts';
import { featureNames } from '../../tracks/schema.ts';
import { renderDependence, renderImportance } from './explanation.ts';
import { renderCorrelations, renderPairs } from './features.ts';
import { renderConfusions, renderHitCurves, renderThresholds } from './hits.ts';
import { renderCoverageByDecile, renderIntervalReliability } from './intervals.ts';
import { renderComparison } from './models.ts';
import {
  renderCalibration,
  renderDecileErrors,
  renderPredictedActual,
  renderResidualQuantiles,
  renderResiduals,
} from './predictions.ts';
import { renderLearningCurves, renderLossBands } from './training.ts';

test('954 test rows and 12 models: all figures together take less than 1.5 MB', () => {
  const names = Array.from({ length: 12 }, (_, i) => `model-${i}`);
  const history = Array.from({ length: 300 }, (_, i) => ({
    epoch: i + 1,
    trainLoss: 1 + 1 / (i + 1),
    validationLoss: 2,
  }));
  const outcome = makeOutcome({ rows: 954, names, history });
  const { testActual: actual, predictions, standings } = outcome;
  const document = makeDocument();
  const random = makeRandom(3);
  const draw = (count: number) => Float64Array.from({ length: count }, () => random());
  const estimate = { mean: 60, standardError: 1, low: 58, high: 62 };
  const dependence = featureNames.map((feature) => ({
    feature,
    kind: 'numeric' as const,
    grid: [...draw(20)].sort(),
    mean: new Array(20).fill(estimate),
    curves: Array.from({ length: 300 }, () => [...draw(20)].map((value) => 50 + 10 * value)),
    unlike: new Array(20).fill(0),
  }));
  const factors = featureNames.map((factor) => ({ factor, increase: estimate, permutationError: null }));
  const [{ predicted }] = predictions;
  const intervals = { low: predicted.map((value) => value - 30), high: predicted.map((value) => value + 30) };
  const measureAt = (coverage: number) => {
    const whole = { coverage, ...measureCoverage(actual, intervals, coverage) };
    const deciles = measureGroups(actual, intervals, coverage, findDeciles(predicted), 10);
    return { ...whole, deciles, seen: whole, unseen: whole };
  };
  const levels = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
  const methods = intervalMethods.map((method) => {
    return { method, reliability: levels.map(measureAt), reported: [measureAt(0.9)] };
  });
  const features = featureNames.map((name) => ({ name, values: draw(954) }));
  const sweeps = predictions.map(({ name, predicted: scores }) => {
    return { name, sweep: sweepThresholds(actual, scores, { cutoff: 70 }), threshold: 70 };
  });
  const hits = predictions.map(({ name, predicted: scores }) => {
    const metrics = measureHits(actual, scores, { cutoff: 70, scale: 'popularity' });
    return { name, metrics, counts: countByThreshold(actual, scores, 70) };
  });
  const points = [400, 800, 1600, 3300].map((trainRows) => ({ trainRows, error: 100, low: 90, high: 110 }));

  const page = [
    renderPredictedActual(document, outcome),
    renderResiduals(document, outcome),
    renderComparison(document, standings),
    renderCalibration(document, actual, predictions),
    renderResidualQuantiles(document, actual, predictions),
    renderImportance(
      document,
      names.map((name) => ({ name, importance: { mse: 100, factors } })),
    ),
    renderDependence(document, dependence),
    renderHitCurves(document, hits),
    renderConfusions(document, hits),
    renderThresholds(document, sweeps),
    renderIntervalReliability(document, methods),
    renderCoverageByDecile(document, methods, 0.9),
    renderCorrelations(document, features, { name: 'popularity', values: actual }),
    renderPairs(document, features, { name: 'popularity', values: actual }),
    renderDecileErrors(document, actual, predictions, 'popularity'),
    renderDecileErrors(document, actual, predictions, 'prediction'),
    renderLearningCurves(
      document,
      'MSE',
      names.map((name) => ({ name, points })),
    ),
    renderLossBands(
      document,
      names.map((name) => ({ name, histories: [history, history] })),
    ),
  ];
  for (const figure of page) expect(figure).toMatch(/^<(figure|div)/);
  const bytes = page.reduce((sum, figure) => sum + Buffer.byteLength(figure), 0);
  expect(bytes).toBeLessThan(1.5e6);
});
