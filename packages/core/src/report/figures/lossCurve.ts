import * as Plot from '@observablehq/plot';
import type { Epoch } from '../../models/regressor.ts';
import { quantile } from '../../statistics/quantiles.ts';
import { formatSignificant } from '../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, thin } from './draw.ts';

/** Points of one line: more than a panel has pixels. */
const mostEpochs = 400;

/** Points of one band, which has two edges and a line. */
const mostBandEpochs = 150;

/**
 * 1, 2 and 5 times the powers of ten (powers alone over more than three decades), from the last one at or below `low` to
 * `high`. The library's own choice has many lines without a number.
 */
function listLogarithmicTicks(low: number, high: number): number[] {
  const digits = high > 1e3 * low ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const digit of digits) ticks.push(Number(`${digit}e${power}`));
  }
  const first = ticks.findLastIndex((tick) => tick <= low);
  return ticks.slice(Math.max(0, first)).filter((tick) => tick <= high);
}

/** The epoch with the lowest validation loss, or null where no epoch has one. */
export function findBestEpoch(history: readonly Epoch[]): Epoch | null {
  let best: Epoch | null = null;
  let lowest = Infinity;
  for (const epoch of history) {
    if (epoch.validationLoss === null || !(epoch.validationLoss < lowest)) continue;
    best = epoch;
    lowest = epoch.validationLoss;
  }
  return best;
}

/**
 * Loss on training rows (first colour) and validation rows (second, dashed) by epoch, with a vertical line at the
 * lowest validation loss. The scale is logarithmic where the losses are positive and more than eightfold apart.
 * Losses that are not finite leave a gap.
 */
export function drawLossCurve(document: DrawingDocument, name: string, history: readonly Epoch[]): string {
  const epochs = thin(history.length, mostEpochs).map((i) => history[i]);
  const lines = [epochs.map((epoch) => epoch.trainLoss), epochs.map((epoch) => epoch.validationLoss ?? Number.NaN)];
  const best = findBestEpoch(history);
  const label =
    `Loss of ${name} over ${history.length} epochs` +
    (best ? `; the lowest validation loss is at epoch ${best.epoch}.` : '.');
  return drawPlot(document, label, {
    ...panel(lines, history.length),
    marks: [
      ...(best
        ? [Plot.ruleX([best.epoch], { stroke: 'currentColor', strokeOpacity: 0.5, strokeDasharray: '2,3' })]
        : []),
      Plot.line(epochs, { x: 'epoch', y: lines[0], stroke: palette.first, strokeWidth: 1.75 }),
      Plot.line(epochs, { x: 'epoch', y: lines[1], stroke: palette.second, strokeWidth: 1.75, strokeDasharray: '5,3' }),
      // A line of one point is not seen.
      ...(epochs.length === 1
        ? [
            Plot.dot(epochs, { x: 'epoch', y: lines[0], fill: palette.first }),
            Plot.dot(epochs, { x: 'epoch', y: lines[1], fill: palette.second }),
          ]
        : []),
    ],
  });
}

/** A panel by epoch, for losses of which those that are finite are shown. */
function panel(lines: readonly (readonly number[])[], epochs: number): Plot.PlotOptions {
  const [low, high] = findExtent(lines.map((line) => line.filter(Number.isFinite)));
  const logarithmic = low > 0 && high > 8 * low;
  const ticks = logarithmic ? listLogarithmicTicks(low, high) : [];
  return {
    width: plotWidth,
    height: 260,
    marginLeft: 52,
    marginTop: 28,
    marginBottom: 42,
    x: {
      label: 'epoch',
      ticks: Math.max(1, Math.min(5, epochs - 1)),
      tickFormat: (epoch: number) => (Number.isInteger(epoch) ? String(epoch) : ''),
    },
    y: {
      label: 'loss',
      grid: true,
      ...(logarithmic
        ? { type: 'log', domain: [Math.min(low, ...ticks), high], ticks, tickFormat: '~r' }
        : { type: 'linear', ticks: 5, nice: true }),
    },
  };
}

/** A loss over several fits at one epoch; NaN where none of them has one. */
export interface LossBand {
  readonly epoch: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/**
 * Median and extent of a loss over the fits, up to the last epoch that half of them reached; a fit that stopped before keeps
 * its last loss, as the median would else jump to those that go on. Losses that are not finite do not count.
 */
export function bandLosses(histories: readonly (readonly Epoch[])[], kind: 'trainLoss' | 'validationLoss'): LossBand[] {
  const fits = histories.filter((history) => history.length > 0);
  const lengths = fits.map((history) => history.length).sort((a, b) => b - a);
  const longest = fits.find((history) => history.length === lengths[0]) ?? [];
  return longest.slice(0, lengths[Math.ceil(fits.length / 2) - 1]).map(({ epoch }, i): LossBand => {
    const losses = fits.map((history) => history[Math.min(i, history.length - 1)][kind]);
    const sorted = Float64Array.from(
      losses.filter((loss) => loss !== null && Number.isFinite(loss)) as number[],
    ).sort();
    if (sorted.length === 0) return { epoch, low: Number.NaN, median: Number.NaN, high: Number.NaN };
    return { epoch, low: sorted[0], median: quantile(sorted, 0.5), high: sorted[sorted.length - 1] };
  });
}

/**
 * Losses of several fits of one model, of which each saw other rows or another seed: medians as lines, in the manner of
 * `drawLossCurve`, and bands from the lowest to the highest.
 */
export function drawLossBand(
  document: DrawingDocument,
  name: string,
  histories: readonly (readonly Epoch[])[],
): string {
  const bands = (['trainLoss', 'validationLoss'] as const).map((kind) => {
    const band = bandLosses(histories, kind);
    return thin(band.length, mostBandEpochs).map((i) => band[i]);
  });
  const styles = [{ stroke: palette.first }, { stroke: palette.second, strokeDasharray: '5,3' }] as const;
  return drawPlot(document, describeLossBand(name, histories), {
    ...panel(
      bands.map((band) => band.flatMap(({ low, high }) => [low, high])),
      bands[0].length,
    ),
    marks: bands.flatMap((band, i) => [
      Plot.areaY(band, { x: 'epoch', y1: 'low', y2: 'high', fill: styles[i].stroke, fillOpacity: 0.2 }),
      Plot.line(band, { x: 'epoch', y: 'median', strokeWidth: 1.75, ...styles[i] }),
      // A line of one point is not seen.
      ...(band.length === 1 ? [Plot.dot(band, { x: 'epoch', y: 'median', fill: styles[i].stroke })] : []),
    ]),
  });
}

/** How many fits there are, and where the median validation loss is lowest. */
export function describeLossBand(name: string, histories: readonly (readonly Epoch[])[]): string {
  const best = bandLosses(histories, 'validationLoss').reduce<LossBand | null>((least, at) => {
    return Number.isNaN(at.median) || (least && least.median <= at.median) ? least : at;
  }, null);
  const lead = `Loss of ${name} over ${histories.length} fits`;
  if (!best) return `${lead}.`;
  const [low, median, high] = [best.low, best.median, best.high].map((loss) => formatSignificant(loss));
  return `${lead}; the median validation loss is lowest at epoch ${best.epoch}, ${median} (from ${low} to ${high}).`;
}
