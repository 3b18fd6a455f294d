import {
  correlateColumns,
  describeCorrelations,
  drawCorrelations,
  type NamedColumn,
} from '../figures/correlationHeatmap.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { describePairs, drawPairs, selectStrongest } from '../figures/pairPlot.ts';
import { renderWideFigure } from '../renderFigure.ts';

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
