import type { TestPredictions } from '../../evaluate/results.ts';
import {
  type CalibrationGroup,
  describeCalibration,
  drawCalibration,
  findCalibrationDomain,
  findFurthest,
  groupByPrediction,
} from '../figures/calibration.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import {
  describeQuantiles,
  drawResidualQuantiles,
  findResidualDomain,
  type ResidualQuantiles,
  sortResiduals,
} from '../figures/qq.ts';
import { renderFigure } from '../renderFigure.ts';

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
    const found = findFurthest(groups);
    return found ? Math.abs(found.actual - found.predicted) : 0;
  };
  const worst = models.reduce((most, model) => (distance(model.groups) > distance(most.groups) ? model : most));
  const keys = [
    { sign: 'dot', label: 'songs with like predictions' },
    { sign: 'first', label: '95 % interval of their mean, songs taken as independent' },
    { sign: 'plain', label: 'as popular as predicted' },
  ];
  return renderFigure(keys, panels, `Furthest off of all is ${describeCalibration(worst.name, worst.groups)}`);
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
    { sign: 'plain', label: 'normal distribution of the same mean and deviation' },
  ];
  return renderFigure(keys, panels, `Narrowest of all is ${describeQuantiles(narrowest.name, narrowest.found)}`);
}
