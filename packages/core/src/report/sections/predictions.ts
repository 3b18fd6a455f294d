import type { TestPredictions, TrainingOutcome } from '../../evaluate/results.ts';
import type { Parts } from '../../parts.ts';
import {
  type CalibrationGroup,
  describeCalibration,
  drawCalibration,
  findCalibrationDomain,
  findFurthestGroup,
  groupByPrediction,
} from '../figures/calibration.ts';
import {
  type DecileKind,
  describeDecileError,
  drawDecileError,
  findDecileErrorDomain,
  measureDeciles,
} from '../figures/decileError.ts';
import { type DrawingDocument, findExtent, mostPoints } from '../figures/draw.ts';
import {
  describeQuantiles,
  drawResidualQuantiles,
  findResidualDomain,
  type ResidualQuantiles,
  sortResiduals,
} from '../figures/qq.ts';
import { drawPredictedActual, drawResiduals } from '../figures/scatter.ts';
import { renderFigure } from '../html.ts';
import { formatCount } from '../text/format.ts';

/** A panel for each model, all on one scale. */
export function renderPredictedActual(document: DrawingDocument, outcome: TrainingOutcome): string {
  const { testActual, predictions } = outcome;
  if (testActual.length === 0 || predictions.length === 0) return '';
  const domain = findExtent(
    predictions.map(({ predicted }) => predicted),
    0,
    100,
  );
  const panels = predictions.map(({ name, predicted }) => ({
    title: name,
    svg: drawPredictedActual(document, name, testActual, predicted, { x: [0, 100], y: domain }),
  }));
  const keys = [
    { sign: 'dot', label: 'one test song' },
    { sign: 'plain', label: 'perfect prediction' },
  ];
  const caption =
    'The closer the songs are to the line, the better. A cloud flatter than the line means predictions near the mean, which miss both hits and flops.';
  return renderFigure(keys, panels, caption + describeThinning(testActual.length));
}

/** Whether songs of each height of prediction are as popular as predicted: a panel a model, all on one scale. */
export function renderCalibration(
  document: DrawingDocument,
  actual: Float64Array,
  predictions: readonly TestPredictions[],
): string {
  if (actual.length === 0 || predictions.length === 0) return '';
  const models = predictions.map(({ name, predicted }) => ({ name, groups: groupByPrediction(actual, predicted) }));
  const domain = findCalibrationDomain(models.map(({ groups }) => groups));
  const panels = models.map(({ name, groups }) => ({
    title: name,
    svg: drawCalibration(document, name, groups, domain),
  }));
  const distance = (groups: readonly CalibrationGroup[]) => {
    const found = findFurthestGroup(groups);
    return found ? Math.abs(found.actual - found.predicted) : 0;
  };
  const worst = models.reduce((most, model) => (distance(model.groups) > distance(most.groups) ? model : most));
  const keys = [
    { sign: 'dot', label: 'songs with similar predictions' },
    { sign: 'first', label: '95 % interval of their mean, songs treated as independent' },
    { sign: 'plain', label: 'as popular as predicted' },
  ];
  return renderFigure(keys, panels, `Worst calibrated is ${describeCalibration(worst.name, worst.groups)}`);
}

export function renderErrors(document: DrawingDocument, outcome: TrainingOutcome, parts: Parts): string {
  const { testActual, predictions } = outcome;
  const byDecile = (by: DecileKind) => renderDecileErrors(document, testActual, predictions, by);
  return [
    parts.attempt('figure of residuals', '', () => renderResiduals(document, outcome)),
    parts.attempt('figure of residual quantiles', '', () => renderResidualQuantiles(document, testActual, predictions)),
    parts.attempt('figure of errors by popularity', '', () => byDecile('popularity')),
    parts.attempt('figure of errors by prediction', '', () => byDecile('prediction')),
  ].join('\n');
}

/** A panel for each model, all on one scale. */
export function renderResiduals(document: DrawingDocument, outcome: TrainingOutcome): string {
  const { testActual, predictions } = outcome;
  if (testActual.length === 0 || predictions.length === 0) return '';
  const lists = predictions.map(({ predicted }) => predicted);
  const [low, high] = findExtent(lists);
  const y = findExtent(
    lists.map((predicted) => testActual.map((value, i) => value - predicted[i])),
    0,
    0,
  );
  // Room around predictions that are all but equal.
  const x = [low - 1, high + 1] as const;
  const panels = predictions.map(({ name, predicted }) => ({
    title: name,
    svg: drawResiduals(document, name, testActual, predicted, { x, y }),
  }));
  const keys = [
    { sign: 'dot', label: 'one test song' },
    { sign: 'second', label: 'mean of songs with similar predictions' },
  ];
  const caption =
    'Above zero a song is more popular than predicted. Where the mean leaves zero, predictions of that size are too low (above) or too high (below).';
  return renderFigure(keys, panels, caption + describeThinning(testActual.length));
}

function describeThinning(rows: number): string {
  return rows > mostPoints ? ` ${formatCount(mostPoints)} of ${formatCount(rows)} songs are drawn, evenly spaced.` : '';
}

/** How the residuals of each model are distributed, beside the normal distribution: a panel a model, all on one scale. */
export function renderResidualQuantiles(
  document: DrawingDocument,
  actual: Float64Array,
  predictions: readonly TestPredictions[],
): string {
  if (actual.length === 0 || predictions.length === 0) return '';
  const models = predictions.map(({ name, predicted }) => ({ name, found: sortResiduals(actual, predicted) }));
  const domain = findResidualDomain(models.map(({ found }) => found));
  const panels = models.map(({ name, found }) => ({
    title: name,
    svg: drawResidualQuantiles(document, name, found, domain),
  }));
  const width = ({ middle: [low, high] }: ResidualQuantiles) => high - low;
  const narrowest = models.reduce((least, model) => (width(model.found) < width(least.found) ? model : least));
  const keys = [
    { sign: 'dot', label: 'one test song' },
    { sign: 'plain', label: 'normal distribution with the same mean and standard deviation' },
  ];
  return renderFigure(
    keys,
    panels,
    `The narrowest residuals are those of ${describeQuantiles(narrowest.name, narrowest.found)}`,
  );
}

/** Where errors are large, by popularity or by prediction: a panel a model, all on one scale. */
export function renderDecileErrors(
  document: DrawingDocument,
  actual: Float64Array,
  predictions: readonly TestPredictions[],
  by: DecileKind,
): string {
  if (actual.length === 0 || predictions.length === 0) return '';
  const models = predictions.map(({ name, predicted }) => ({ name, groups: measureDeciles(actual, predicted, by) }));
  const domain = findDecileErrorDomain(models.map(({ groups }) => groups));
  const panels = models.map(({ name, groups }) => ({
    title: name,
    svg: drawDecileError(document, name, by, groups, domain),
  }));
  const keys = [
    { sign: 'dot', label: 'mean absolute error' },
    { sign: 'square', label: 'bias: predicted − actual' },
  ];
  const last = models[models.length - 1];
  return renderFigure(keys, panels, describeDecileError(last.name, by, last.groups));
}
