import type { TrainingOutcome } from '../evaluate/results.ts';
import type { LinearInference } from '../models/inference.ts';
import { quantile } from '../statistics/quantiles.ts';
import { drawPopularity, drawSpread } from './figures/distribution.ts';
import { type DrawingDocument, findExtent, mostPoints } from './figures/draw.ts';
import { drawEffects } from './figures/effects.ts';
import { drawLossCurve, findBestEpoch } from './figures/lossCurve.ts';
import { drawPredictedActual, drawResiduals } from './figures/scatter.ts';
import { formatCount, formatNumber } from './numbers.ts';
import { renderFigure } from './renderFigure.ts';

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
      ? 'Where training loss goes on falling and validation loss does not, the model learns its training songs by heart.'
      : 'Training loss alone cannot show whether a model learns its training songs by heart.',
  );
}

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
    'The nearer the songs are to the line the better; a cloud that lies flatter than the line keeps to the middle and misses hits and flops alike.';
  return renderFigure(keys, panels, caption + describeThinning(testActual.length));
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
    { sign: 'second', label: 'mean of songs with like predictions' },
  ];
  const caption =
    'Above zero the song is more popular than predicted; where the mean leaves zero, predictions of that height are too low (above) or too high (below).';
  return renderFigure(keys, panels, caption + describeThinning(testActual.length));
}

/** The actual popularity, and how much of its spread each model's predictions have. */
export function renderDistribution(
  document: DrawingDocument,
  { testActual, predictions }: TrainingOutcome,
  trainActual?: Float64Array,
): string {
  if (testActual.length === 0) return '';
  const series = [
    { name: 'actual', values: testActual },
    ...predictions.map(({ name, predicted }) => ({ name, values: predicted })),
  ];
  const widths = predictions.map(({ name, predicted }) => ({ name, middle: findMiddle(predicted) }));
  const widest = widths.reduce<(typeof widths)[number] | null>((most, entry) => {
    return most && most.middle[1] - most.middle[0] >= entry.middle[1] - entry.middle[0] ? most : entry;
  }, null);
  const range = ([from, to]: readonly [number, number]) => `${formatNumber(from, 0)} to ${formatNumber(to, 0)}`;
  const popularity = renderFigure(
    [{ sign: 'bar', label: 'test songs' }, ...(trainActual ? [{ sign: 'second', label: 'training songs' }] : [])],
    [{ title: 'Songs by popularity', svg: drawPopularity(document, testActual, trainActual) }],
    `Nine test songs in ten have a popularity of ${range(findMiddle(testActual))}.`,
  );
  const spread = renderFigure(
    [
      { sign: 'thin', label: '5 % to 95 % of songs' },
      { sign: 'bar', label: 'middle half' },
      { sign: 'upright', label: 'median' },
    ],
    [{ title: 'Spread of the predictions', svg: drawSpread(document, series) }],
    widest
      ? `The widest predictions, those of ${widest.name}, go from ${range(widest.middle)} for nine songs in ten: a model that knows little stays near the middle.`
      : 'No model was fitted.',
  );
  return `<div class="pair">\n${popularity}\n${spread}\n</div>`;
}

/** The coefficients of the linear regression, on one scale. */
export function renderEffects(document: DrawingDocument, inference: LinearInference): string {
  if (inference.terms.slice(1).every((term) => term.aliased)) return '';
  const keys = [
    { sign: 'dot', label: 'coefficient × standard deviation' },
    { sign: 'first', label: '95 % confidence interval' },
  ];
  const panels = [{ title: 'Effect of each feature', svg: drawEffects(document, inference) }];
  const caption =
    'An interval that crosses zero leaves open whether the feature goes with more popularity or with less, the other features being equal.';
  return renderFigure(keys, panels, caption);
}

function describeThinning(rows: number): string {
  return rows > mostPoints ? ` ${formatCount(mostPoints)} of ${formatCount(rows)} songs are drawn, evenly spaced.` : '';
}

/** The ends of the middle nine tenths. */
function findMiddle(values: Float64Array): [number, number] {
  const sorted = values.toSorted();
  return [quantile(sorted, 0.05), quantile(sorted, 0.95)];
}
