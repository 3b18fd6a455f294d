import type { TestPredictions } from '../../evaluate/results.ts';
import {
  type DecileKind,
  describeDecileError,
  drawDecileError,
  findDecileErrorDomain,
  measureDeciles,
} from '../figures/decileError.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { renderFigure } from '../renderFigure.ts';

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
