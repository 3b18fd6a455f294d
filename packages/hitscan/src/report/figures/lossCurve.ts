import * as Plot from '@observablehq/plot';
import type { Epoch } from '../../models/regressor.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, thin } from './draw.ts';

/** Points of one line: more than a panel has pixels. */
const mostEpochs = 400;

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
  const [low, high] = findExtent(lines.map((line) => line.filter(Number.isFinite)));
  const best = findBestEpoch(history);
  const label =
    `Loss of ${name} over ${history.length} epochs` +
    (best ? `; the lowest validation loss is at epoch ${best.epoch}.` : '.');
  const logarithmic = low > 0 && high > 8 * low;
  const ticks = logarithmic ? listLogarithmicTicks(low, high) : [];
  return drawPlot(document, label, {
    width: plotWidth,
    height: 260,
    marginLeft: 52,
    marginTop: 28,
    marginBottom: 42,
    x: {
      label: 'epoch',
      ticks: Math.max(1, Math.min(5, history.length - 1)),
      tickFormat: (epoch: number) => (Number.isInteger(epoch) ? String(epoch) : ''),
    },
    y: {
      label: 'loss',
      grid: true,
      ...(logarithmic
        ? { type: 'log', domain: [Math.min(low, ...ticks), high], ticks, tickFormat: '~r' }
        : { type: 'linear', ticks: 5, nice: true }),
    },
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
