import type { HitMetrics, ThresholdMetrics } from '../../metrics/classification.ts';
import type { ReliabilityBin } from '../../metrics/reliability.ts';
import { describeConfusion, drawConfusion } from '../figures/confusion.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { describePrecisionRecall, drawPrecisionRecall } from '../figures/precisionRecall.ts';
import { describeProbabilityReliability, drawProbabilityReliability } from '../figures/probabilityReliability.ts';
import { describeRoc, drawRoc, type HitScores } from '../figures/roc.ts';
import { mostSeries, splitSeries } from '../figures/series.ts';
import { describeThresholdSweep, drawThresholdSweep } from '../figures/thresholdSweep.ts';
import { renderFigure } from '../renderFigure.ts';

/** Both curves of calls at every threshold; up to four models a panel. */
export function renderHitCurves(document: DrawingDocument, models: readonly HitScores[]): string {
  if (models.length === 0 || models.every(({ counts }) => counts.hits === 0)) return '';
  const panels = splitSeries(models);
  const title = (curve: string, i: number) => (models.length <= mostSeries ? curve : `${curve}, part ${i + 1}`);
  const chance = [{ sign: 'plain', label: 'chance' }];
  const roc = renderFigure(
    chance,
    panels.map((some, i) => ({ title: title('ROC curve', i), svg: drawRoc(document, some) })),
    describeRoc(models),
  );
  const precision = renderFigure(
    chance,
    panels.map((some, i) => ({ title: title('Precision and recall', i), svg: drawPrecisionRecall(document, some) })),
    describePrecisionRecall(models),
  );
  return panels.length === 1 ? `<div class="pair">\n${roc}\n${precision}\n</div>` : `${roc}\n${precision}`;
}

/** Right and wrong calls: a panel a model. */
export function renderConfusions(
  document: DrawingDocument,
  models: readonly { readonly name: string; readonly metrics: Pick<HitMetrics, 'confusion' | 'cutoff'> }[],
): string {
  if (models.length === 0) return '';
  const panels = models.map(({ name, metrics }) => ({
    title: name,
    svg: drawConfusion(document, name, metrics.confusion),
  }));
  const keys = [
    { sign: 'bar', label: 'called right' },
    { sign: 'bar second', label: 'called wrong' },
  ];
  const [{ metrics }] = models;
  const best = models.reduce((most, model) =>
    model.metrics.confusion.truePositives > most.metrics.confusion.truePositives ? model : most,
  );
  const cutoff = `A song is a hit from a popularity of ${metrics.cutoff} on; shares are of the row.`;
  return renderFigure(keys, panels, `${cutoff} ${describeConfusion(best.name, best.metrics.confusion)}`);
}

/** What other thresholds would be worth: a panel a model. */
export function renderThresholds(
  document: DrawingDocument,
  models: readonly {
    readonly name: string;
    readonly sweep: readonly ThresholdMetrics[];
    readonly threshold: number;
  }[],
): string {
  if (models.length === 0) return '';
  const panels = models.map(({ name, sweep, threshold }) => ({
    title: name,
    svg: drawThresholdSweep(document, name, sweep, threshold),
  }));
  const last = models[models.length - 1];
  return renderFigure(
    [{ sign: 'dotted', label: 'threshold in use' }],
    panels,
    describeThresholdSweep(last.name, last.sweep, last.threshold),
  );
}

/** Whether probabilities can be taken at their word: a panel a model. */
export function renderProbabilities(
  document: DrawingDocument,
  models: readonly { readonly name: string; readonly bins: readonly ReliabilityBin[] }[],
): string {
  if (models.length === 0) return '';
  const keys = [
    { sign: 'dot', label: 'a tenth of the songs, by probability' },
    { sign: 'first', label: '95 % interval (Wilson)' },
    { sign: 'plain', label: 'as said' },
  ];
  const panels = models.map(({ name, bins }) => ({
    title: name,
    svg: drawProbabilityReliability(document, name, bins),
  }));
  const [{ name, bins }] = models;
  return renderFigure(keys, panels, describeProbabilityReliability(name, bins));
}
