import type { LearningCurveFigures } from '../../evaluate/learning.ts';
import type { ModelResult, TrainingOutcome } from '../../evaluate/results.ts';
import type { Epoch } from '../../models/regressor.ts';
import type { Parts } from '../../parts.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import {
  describeLearning,
  drawLearningCurve,
  findLearningDomain,
  type LearningCurve,
} from '../figures/learningCurve.ts';
import { describeLossBand, drawLossBand, drawLossCurve, findBestEpoch } from '../figures/lossCurve.ts';
import { splitSeries } from '../figures/series.ts';
import { renderFigure } from '../html.ts';

export function renderTraining(
  document: DrawingDocument,
  outcome: TrainingOutcome,
  learning: readonly LearningCurveFigures[],
  parts: Parts,
): string {
  const isEnsemble = ({ history }: ModelResult) => history.some(({ member }) => member !== undefined);
  const singles = { ...outcome, models: outcome.models.filter((model) => !isEnsemble(model)) };
  const ensembles = outcome.models
    .filter(isEnsemble)
    .map(({ name, history }) => ({ name, histories: partByMember(history) }));
  return [
    parts.attempt('figure of losses', '', () => renderLossCurves(document, singles)),
    parts.attempt('figure of losses of an ensemble', '', () => renderLossBands(document, ensembles)),
    parts.attempt('figure of learning curves', '', () =>
      renderLearningCurves(document, 'mean squared error', learning),
    ),
  ].join('\n');
}

/** The epochs of each network of an ensemble, counted from 0 again. */
function partByMember(history: readonly Epoch[]): Epoch[][] {
  const members = Map.groupBy(history, ({ member }) => member ?? 0);
  return [...members.values()].map((epochs) =>
    epochs.map((epoch) => ({ ...epoch, epoch: epoch.epoch - epochs[0].epoch })),
  );
}

/** A panel for each iterative model; empty where there is none. */
export function renderLossCurves(document: DrawingDocument, { models }: TrainingOutcome): string {
  const iterative = models.filter((model) => model.history.length > 0);
  if (iterative.length === 0) return '';
  const watched = iterative.some(({ history }) => findBestEpoch(history) !== null);
  const keys = [{ sign: 'first', label: 'training loss' }];
  if (watched) {
    keys.push({ sign: 'second dashed', label: 'validation loss' });
    keys.push({ sign: 'dotted', label: 'lowest validation loss' });
  }
  return renderFigure(
    keys,
    iterative.map(({ name, history }) => ({ title: name, svg: drawLossCurve(document, name, history) })),
    watched
      ? 'Where training loss keeps falling and validation loss does not, the model overfits.'
      : 'Training loss alone cannot show whether a model overfits.',
  );
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
