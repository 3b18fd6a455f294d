import * as Plot from '@observablehq/plot';
import type { PartialDependence } from '../../explain/partialDependence.ts';
import { quantile } from '../../statistics/quantiles.ts';
import { formatNumber, formatSignificant, typeset } from '../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, thin, widen } from './draw.ts';

/** Curves of single songs drawn at most. */
const mostCurves = 30;

/** Share of unlike songs from which a value is marked as far from what is known. */
const farShare = 0.5;

export type Dependence = Pick<PartialDependence, 'feature' | 'kind' | 'grid' | 'mean' | 'curves' | 'unlike'>;

/**
 * The range of predictions that holds the means with their intervals and the middle 95 % of the single songs' curves, over
 * several features, so that their panels can be compared.
 */
export function findDependenceDomain(features: readonly Dependence[]): [number, number] {
  const curves = Float64Array.from(features.flatMap((feature) => feature.curves.flat())).sort();
  const ends = features.flatMap(({ mean }) => mean.flatMap((at) => [at.mean, at.low, at.high]));
  const middle = curves.length > 0 ? [quantile(curves, 0.025), quantile(curves, 0.975)] : [];
  return widen(findExtent([ends.filter((end) => end !== null), middle]));
}

/**
 * The mean prediction by the value of one feature with its pointwise 95 % band, over thin curves of single songs; dots with
 * upright intervals for categories. Hollow where most songs are unlike any known song of that value. Curves that leave
 * the domain run along its edge.
 */
export function drawDependence(
  document: DrawingDocument,
  dependence: Dependence,
  domain: readonly [number, number],
): string {
  const { feature, kind, grid, mean, curves, unlike } = dependence;
  const points = grid.map((value, g) => ({
    value,
    mean: mean[g].mean,
    low: mean[g].low ?? mean[g].mean,
    high: mean[g].high ?? mean[g].mean,
    far: unlike[g] > farShare,
  }));
  const [low, high] = domain;
  const songs = thin(curves.length, mostCurves).flatMap((song) =>
    grid.map((value, g) => ({ song, value, predicted: Math.max(low, Math.min(high, curves[song][g])) })),
  );
  const category = kind === 'category';
  const ends = widen(findExtent([grid]), category ? 0.1 : 0.02);
  return drawPlot(document, describeDependence(dependence), {
    width: plotWidth,
    height: 260,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: {
      label: feature,
      domain: ends,
      ...(category
        ? { ticks: [...grid], tickFormat: String }
        : { ticks: 5, ...(Math.max(...grid) >= 1e4 ? { tickFormat: '~s' } : {}) }),
    },
    y: { label: 'prediction', domain: [...domain], ticks: 5, grid: true },
    marks: [
      Plot.line(songs, {
        x: 'value',
        y: 'predicted',
        z: 'song',
        stroke: 'currentColor',
        strokeOpacity: 0.16,
        strokeWidth: 0.8,
      }),
      ...(category
        ? [Plot.ruleX(points, { x: 'value', y1: 'low', y2: 'high', stroke: palette.first, strokeWidth: 2.5 })]
        : [
            Plot.areaY(points, { x: 'value', y1: 'low', y2: 'high', fill: palette.first, fillOpacity: 0.25 }),
            Plot.line(points, { x: 'value', y: 'mean', stroke: palette.first, strokeWidth: 2 }),
          ]),
      Plot.dot(
        points.filter(({ far }) => !far),
        { x: 'value', y: 'mean', fill: palette.first, r: category ? 4 : 2.2 },
      ),
      Plot.dot(
        points.filter(({ far }) => far),
        { x: 'value', y: 'mean', stroke: palette.second, strokeWidth: 1.5, r: 3 },
      ),
    ],
  });
}

/** Between which values the mean prediction lies, and where. */
export function describeDependence({ feature, grid, mean }: Dependence): string {
  const order = [...mean.keys()].sort((a, b) => mean[a].mean - mean[b].mean);
  const [lowest, highest] = [order[0], order[order.length - 1]];
  const at = (g: number) => `${formatNumber(mean[g].mean, 1)} at ${typeset(formatSignificant(grid[g]))}`;
  return `${feature}: the mean prediction goes from ${at(lowest)} to ${at(highest)}, all other features unchanged.`;
}
