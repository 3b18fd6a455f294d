import type { TrainingOutcome } from '../../evaluate/results.ts';
import type { Parts } from '../../parts.ts';
import { quantile } from '../../statistics/quantiles.ts';
import { listFeatures } from '../../tracks/schema.ts';
import type { Column, Rows, Tracks } from '../../tracks/tracks.ts';
import {
  correlateColumns,
  describeCorrelations,
  drawCorrelations,
  type NamedColumn,
} from '../figures/correlationHeatmap.ts';
import { drawPopularity, drawSpread } from '../figures/distribution.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { describePairs, drawPairs, selectStrongest } from '../figures/pairPlot.ts';
import { renderFigure, renderWideFigure } from '../html.ts';
import { formatNumber } from '../text/format.ts';

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
    `Nine in ten test songs have a popularity of ${range(findMiddle(testActual))}.`,
  );
  const spread = renderFigure(
    [
      { sign: 'thin', label: '5 % to 95 % of songs' },
      { sign: 'bar', label: 'middle half' },
      { sign: 'upright', label: 'median' },
    ],
    [{ title: 'Spread of the predictions', svg: drawSpread(document, series) }],
    widest
      ? `The widest predictions are those of ${widest.name}: ${range(widest.middle)} for nine in ten songs. The less a model can explain, the closer its predictions stay to the mean.`
      : 'No model was fitted.',
  );
  return `<div class="pair">\n${popularity}\n${spread}\n</div>`;
}

/** The ends of the middle nine tenths. */
function findMiddle(values: Float64Array): [number, number] {
  const sorted = values.toSorted();
  return [quantile(sorted, 0.05), quantile(sorted, 0.95)];
}

function readKnown({ values, missing }: Column, rows: Rows): Float64Array {
  return Float64Array.from(rows, (row) => (missing[row] ? Number.NaN : values[row]));
}

/** How the features that are known go with each other and with popularity, over all rows of the split. */
export function renderFeatures(
  document: DrawingDocument,
  tracks: Tracks,
  { split, data }: TrainingOutcome,
  parts: Parts,
): string {
  const rows = Uint32Array.from([...split.train, ...split.validation, ...split.test]).sort();
  const numeric = listFeatures(tracks.schema, 'numeric').filter((name) => !data.unknown.includes(name));
  const columns = numeric.map((name) => ({ name, values: readKnown(tracks.features[name], rows) }));
  const target = { name: 'popularity', values: readKnown(tracks.popularity, rows) };
  return [
    parts.attempt('figure of correlations', '', () => renderCorrelations(document, columns, target)),
    parts.attempt('figure of features in pairs', '', () => renderPairs(document, columns, target)),
  ].join('\n');
}

/** Features in the pair plot beside the target. */
const pairedFeatures = 4;

/** How features go with one another and with the target; empty without two columns or without songs. */
export function renderCorrelations(
  document: DrawingDocument,
  features: readonly NamedColumn[],
  target: NamedColumn,
): string {
  if (features.length === 0 || target.values.length === 0) return '';
  const table = correlateColumns([...features, target]);
  const keys = [
    { sign: 'bar', label: 'positive' },
    { sign: 'bar second', label: 'negative' },
  ];
  const panel = { title: 'Rank correlations (Spearman)', svg: drawCorrelations(document, table) };
  return renderWideFigure(keys, panel, describeCorrelations(table));
}

/** The features most strongly correlated with the target, and the target, in pairs. */
export function renderPairs(document: DrawingDocument, features: readonly NamedColumn[], target: NamedColumn): string {
  if (features.length === 0 || target.values.length === 0) return '';
  const columns = selectStrongest(features, target, pairedFeatures);
  const keys = [
    { sign: 'dot', label: 'one song' },
    { sign: 'bar', label: 'songs by value' },
  ];
  const panel = { title: 'Features most strongly correlated, in pairs', svg: drawPairs(document, columns) };
  return renderWideFigure(keys, panel, describePairs(columns));
}
