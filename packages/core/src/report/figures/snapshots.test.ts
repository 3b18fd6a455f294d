import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { expectFigure } from '../../../testing/expectFigure.ts';
import { makeRandom } from '../../../testing/madeTracks.ts';
import { makeTrials } from '../../../testing/madeTrials.ts';
import { summariseModels } from '../../compare/summariseModels.ts';
import { findDeciles, measureCoverage, measureGroups } from '../../intervals/coverage.ts';
import { measureHits, sweepThresholds } from '../../metrics/classification.ts';
import { countByThreshold } from '../../metrics/curves.ts';
import { measureReliability } from '../../metrics/reliability.ts';
import { inferLinear } from '../../models/inference.ts';
import { leastSquares } from '../../statistics/leastSquares.ts';
import { drawCalibration, findCalibrationDomain, groupByPrediction } from './calibration.ts';
import { drawDifferences, drawErrors } from './comparison.ts';
import { drawConfusion } from './confusion.ts';
import { drawContributions } from './contributions.ts';
import { correlateColumns, drawCorrelations } from './correlationHeatmap.ts';
import { drawDecileError, findDecileErrorDomain, measureDeciles } from './decileError.ts';
import { drawPopularity, drawSpread } from './distribution.ts';
import type { DrawingDocument } from './draw.ts';
import { drawEffects } from './effects.ts';
import { drawImportance, findImportanceDomain } from './importance.ts';
import {
  drawCoverageByDecile,
  drawIntervalReliability,
  findDecileDomain,
  findReliabilityDomain,
} from './intervalReliability.ts';
import { drawLearningCurve, findLearningDomain } from './learningCurve.ts';
import { drawLossBand, drawLossCurve } from './lossCurve.ts';
import { drawPairs } from './pairPlot.ts';
import { drawDependence, findDependenceDomain } from './partialDependence.ts';
import { drawPrecisionRecall } from './precisionRecall.ts';
import { drawProbabilityReliability } from './probabilityReliability.ts';
import { drawResidualQuantiles, findResidualDomain, sortResiduals } from './qq.ts';
import { drawRoc } from './roc.ts';
import { drawPredictedActual, drawResiduals } from './scatter.ts';
import { drawContour } from './study/contour.ts';
import { drawHistory } from './study/history.ts';
import { drawParameterImportance } from './study/importance.ts';
import { drawIntermediateValues } from './study/intermediateValues.ts';
import { objectiveAt } from './study/objective.ts';
import { drawParallelCoordinates } from './study/parallelCoordinates.ts';
import { drawParetoFront } from './study/paretoFront.ts';
import { drawSlice } from './study/slice.ts';
import { drawTimeline } from './study/timeline.ts';
import { drawThresholdSweep } from './thresholdSweep.ts';

/** Songs whose popularity two models predict, the second better than the first. Sums and products alone: the same everywhere. */
const songs = 120;
const random = makeRandom(7);
const draw = (low: number, high: number, count = songs) =>
  Float64Array.from({ length: count }, () => low + (high - low) * random());
const [loudness, energy, tempo, noise] = [draw(-20, -2), draw(0, 1), draw(70, 180), draw(-30, 30)];
const actual = loudness.map((value, i) => Math.round(Math.max(0, Math.min(100, 75 + 2.5 * value + noise[i]))));
const linear = loudness.map((value, i) => 70 + 1.5 * value + 8 * energy[i]);
const mamba = loudness.map((value, i) => 74 + 2 * value + 0.15 * noise[i]);
const models = [
  { name: 'linear', predicted: linear },
  { name: 'mamba-tokens', predicted: mamba },
  { name: 'forest', predicted: loudness.map((_, i) => 50 + 0.3 * noise[(i + 7) % songs]) },
];

/** The models on five folds. */
const summaries = summariseModels(
  models.map(({ name, predicted }) => ({
    name,
    folds: Array.from({ length: 5 }, (_, fold) => {
      const rows = Uint32Array.from({ length: songs / 5 }, (_, i) => 5 * i + fold);
      const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]);
      return {
        repeat: 0,
        fold,
        rows,
        trainCount: songs - rows.length,
        actual: pick(actual),
        predicted: pick(predicted),
      };
    }),
  })),
  { clusters: Uint32Array.from(actual.keys()), seed: 1 },
);

const features = Float64Array.from(
  { length: 3 * songs },
  (_, k) => [loudness, energy, tempo][k % 3][Math.floor(k / 3)],
);
const columns = Object.entries({ loudness, energy, tempo, popularity: actual }).map(([name, values]) => ({
  name,
  values,
}));

const cutoff = 65;
const hits = models.map(({ name, predicted }) => ({ name, counts: countByThreshold(actual, predicted, cutoff) }));

const measureAt = (coverage: number) => {
  const intervals = {
    low: mamba.map((value) => value - 25 * coverage),
    high: mamba.map((value) => value + 25 * coverage),
  };
  const deciles = measureGroups(actual, intervals, coverage, findDeciles(mamba), 10);
  return { coverage, ...measureCoverage(actual, intervals, coverage), deciles };
};
const coverages = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map(measureAt);

const factors = ['loudness', 'energy', 'tempo', 'key', 'artist'].map((factor, i) => {
  const mean = 24 - 6 * i;
  return { factor, increase: { mean, standardError: 2, low: mean - 4, high: mean + 4 }, permutationError: null };
});
const grid = [-20, -16, -12, -8, -4, -2];
const dependence = {
  feature: 'loudness' as const,
  kind: 'numeric' as const,
  grid,
  mean: grid.map((at) => ({ mean: 74 + 2 * at, standardError: 1.5, low: 71 + 2 * at, high: 77 + 2 * at })),
  curves: Array.from({ length: 12 }, (_, song) => grid.map((at) => 70 + 0.7 * song + (1.5 + song / 12) * at)),
  unlike: grid.map((_, g) => (g === 0 ? 0.8 : 0)),
};
const contributions = ['loudness', 'energy', 'artist', 'tempo', 'key'].map((factor, i) => ({
  factor,
  contribution: (i % 2 === 0 ? 1 : -1) * (9 - 2 * i),
  ...(factor === 'loudness' && { value: '-4.2 dB' }),
}));
const histories = [0, 1, 2].map((fit) =>
  Array.from({ length: 30 }, (_, i) => {
    return {
      epoch: i + 1,
      trainLoss: 90 + 9 * fit + 900 / (i + 1),
      validationLoss: 125 + 15 * fit + 800 / (i + 1) + i,
    };
  }),
);
const curves = ['linear', 'mamba-tokens'].map((name, i) => ({
  name,
  points: [500, 1000, 2000, 4000].map((trainRows, k) => {
    const error = 130 - 4 * i - (5 + 3 * i) * k;
    return { trainRows, error, low: error - 6, high: error + 6 };
  }),
}));

const trials = makeTrials({ trials: 24, objectives: 2 });
const [error, time] = [objectiveAt(0, 'error', 'minimize'), objectiveAt(1, 'time', 'minimize', 's')];
const parameters = [...trials[0].parameters.keys()];
const shares = new Map(parameters.map((name, i) => [name, (parameters.length - i) / 28]));

const groups = groupByPrediction(actual, mamba);
const deciles = measureDeciles(actual, mamba, 'popularity');
const residuals = sortResiduals(actual, mamba);
const domain = { x: [0, 100], y: [0, 100] } as const;
const residualDomain = { x: [20, 80], y: [-60, 60] } as const;

/** Every function that draws a figure. */
const figures: Readonly<Record<string, (document: DrawingDocument) => string>> = {
  drawCalibration: (to) => drawCalibration(to, 'mamba-tokens', groups, findCalibrationDomain([groups])),
  drawDifferences: (to) => drawDifferences(to, summaries),
  drawErrors: (to) => drawErrors(to, summaries),
  drawConfusion: (to) =>
    drawConfusion(to, 'linear', measureHits(actual, linear, { cutoff, scale: 'popularity' }).confusion),
  drawContributions: (to) => drawContributions(to, 'A song', { base: 48, prediction: 53, contributions }),
  drawCorrelations: (to) => drawCorrelations(to, correlateColumns(columns)),
  drawDecileError: (to) => drawDecileError(to, 'mamba-tokens', 'popularity', deciles, findDecileErrorDomain([deciles])),
  drawPopularity: (to) => drawPopularity(to, actual.slice(0, 40), actual.slice(40)),
  drawSpread: (to) =>
    drawSpread(to, [
      { name: 'actual', values: actual },
      ...models.map((one) => ({ name: one.name, values: one.predicted })),
    ]),
  drawEffects: (to) =>
    drawEffects(to, inferLinear(leastSquares(features, songs, 3, actual), ['loudness', 'energy', 'tempo'])),
  drawImportance: (to) =>
    drawImportance(to, 'mamba-tokens', { mse: 240, factors }, findImportanceDomain([{ factors }])),
  drawCoverageByDecile: (to) => drawCoverageByDecile(to, 'split', coverages[8], findDecileDomain([coverages[8]])),
  drawIntervalReliability: (to) => drawIntervalReliability(to, 'split', coverages, findReliabilityDomain([coverages])),
  drawLearningCurve: (to) => drawLearningCurve(to, 'MSE', curves, findLearningDomain(curves)),
  drawLossBand: (to) => drawLossBand(to, 'mamba-tokens', histories),
  drawLossCurve: (to) => drawLossCurve(to, 'mamba-tokens', histories[0]),
  drawPairs: (to) => drawPairs(to, columns),
  drawDependence: (to) => drawDependence(to, dependence, findDependenceDomain([dependence])),
  drawPrecisionRecall: (to) => drawPrecisionRecall(to, hits),
  drawProbabilityReliability: (to) =>
    drawProbabilityReliability(
      to,
      'logistic',
      measureReliability(
        actual,
        mamba.map((value) => value / 100),
        { cutoff },
      ),
    ),
  drawResidualQuantiles: (to) => drawResidualQuantiles(to, 'mamba-tokens', residuals, findResidualDomain([residuals])),
  drawRoc: (to) => drawRoc(to, hits),
  drawPredictedActual: (to) => drawPredictedActual(to, 'mamba-tokens', actual, mamba, domain),
  drawResiduals: (to) => drawResiduals(to, 'mamba-tokens', actual, mamba, residualDomain),
  drawContour: (to) => drawContour(to, trials, ['learningRate', 'dropout'], error),
  drawHistory: (to) => drawHistory(to, trials, error),
  drawParameterImportance: (to) => drawParameterImportance(to, shares, 60),
  drawIntermediateValues: (to) => drawIntermediateValues(to, trials.slice(0, 8), error),
  drawParallelCoordinates: (to) => drawParallelCoordinates(to, trials, parameters, error),
  drawParetoFront: (to) => drawParetoFront(to, trials, [time, error]),
  drawSlice: (to) => drawSlice(to, trials, 'pooling', error),
  drawTimeline: (to) => drawTimeline(to, trials),
  drawThresholdSweep: (to) =>
    drawThresholdSweep(to, 'linear', sweepThresholds(actual, linear, { cutoff, atMost: 30 }), cutoff),
};

/** Files of what figures are drawn with, which draw none themselves. */
const tools = ['cloud', 'draw', 'series', 'study/signs'];

const folder = import.meta.dirname;

test.each(Object.entries(figures))('%s equals its snapshot', async (name, drawFigure) => {
  const picture = indentSvg(expectFigure(drawFigure));
  expect(Buffer.byteLength(picture)).toBeLessThan(40_000);
  await expect(picture).toMatchFileSnapshot(join(folder, 'snapshots', `${name}.svg`));
});

test('every function that draws a figure is among them, and no snapshot is of none', async () => {
  const files = ['', 'study/'].flatMap((under) =>
    readdirSync(join(folder, under))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => under + basename(file, '.ts')),
  );
  const found = await Promise.all(
    files
      .filter((file) => !tools.includes(file))
      .map(async (file) => {
        const names = Object.keys(await import(/* @vite-ignore */ join(folder, `${file}.ts`)));
        return names.filter((name) => name.startsWith('draw'));
      }),
  );
  const names = Object.keys(figures).sort();
  expect(found.flat().sort()).toEqual(names);
  const snapshots = readdirSync(join(folder, 'snapshots')).map((file) => basename(file, '.svg'));
  expect(snapshots.filter((name) => !names.includes(name))).toEqual([]);
});

/** One element a line, so that a change is seen where it is; texts stay whole, since space within them would be drawn. */
function indentSvg(svg: string): string {
  let depth = 0;
  const lines = (svg.match(/<text[^>]*>.*?<\/text>|<[^>]+>|[^<]+/gs) ?? []).map((piece) => {
    if (piece.startsWith('</')) depth--;
    const line = '  '.repeat(depth) + piece;
    if (/^<(?!\/|text)[^>]*[^/]>$/.test(piece)) depth++;
    return line;
  });
  expect(depth).toBe(0);
  return `${lines.join('\n')}\n`;
}
