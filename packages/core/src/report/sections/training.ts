import type { Epoch } from '../../models/regressor.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import {
  describeLearning,
  drawLearningCurve,
  findLearningDomain,
  type LearningCurve,
} from '../figures/learningCurve.ts';
import { describeLossBand, drawLossBand } from '../figures/lossCurve.ts';
import { splitSeries } from '../figures/series.ts';
import { renderFigure } from '../renderFigure.ts';

/** Errors after training on fewer and on more songs; up to four models a panel, all on one scale. */
export function renderLearningCurves(
  document: DrawingDocument,
  measure: string,
  curves: readonly LearningCurve[],
): string {
  if (curves.length === 0) return '';
  const domain = findLearningDomain(curves);
  const panels = splitSeries(curves).map((some, i, all) => ({
    title: all.length === 1 ? 'Learning curves' : `Learning curves, part ${i + 1}`,
    svg: drawLearningCurve(document, measure, some, domain),
  }));
  return renderFigure([{ sign: 'upright', label: '95 % interval' }], panels, describeLearning(measure, curves));
}

/** Losses of models that were fitted several times: a panel a model. */
export function renderLossBands(
  document: DrawingDocument,
  models: readonly { readonly name: string; readonly histories: readonly (readonly Epoch[])[] }[],
): string {
  const iterative = models.filter(({ histories }) => histories.some((history) => history.length > 0));
  if (iterative.length === 0) return '';
  const panels = iterative.map(({ name, histories }) => ({
    title: name,
    svg: drawLossBand(document, name, histories),
  }));
  const keys = [
    { sign: 'first', label: 'training loss, median' },
    { sign: 'second dashed', label: 'validation loss, median' },
    { sign: 'band', label: 'from the lowest to the highest' },
  ];
  const last = iterative[iterative.length - 1];
  return renderFigure(keys, panels, describeLossBand(last.name, last.histories));
}
