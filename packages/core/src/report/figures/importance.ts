import * as Plot from '@observablehq/plot';
import type { FactorImportance, PermutationImportance } from '../../explain/permutationImportance.ts';
import { formatNumber, typeset } from '../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, shorten, widen } from './draw.ts';

/** Factors drawn at most, the most important. */
const mostFactors = 20;

/** The factors, the most important first. */
export function rankFactors({ factors }: Pick<PermutationImportance, 'factors'>): FactorImportance[] {
  return [...factors].sort((a, b) => b.increase.mean - a.increase.mean);
}

/** The range of increases, zero and intervals included, that holds all models. */
export function findImportanceDomain(models: readonly Pick<PermutationImportance, 'factors'>[]): [number, number] {
  const ends = models.flatMap(({ factors }) =>
    factors.flatMap(({ increase: { mean, low, high } }) => [mean, low, high]),
  );
  const [low, high] = findExtent([ends.filter((end) => end !== null)], 0, 0);
  const [first, last] = widen([low, high]);
  return [low === 0 && high > 0 ? 0 : first, last];
}

/** By how much a model's mean squared error rises when a factor is another song's: bars with 95 % intervals. */
export function drawImportance(
  document: DrawingDocument,
  name: string,
  importance: Pick<PermutationImportance, 'factors' | 'mse'>,
  domain: readonly [number, number],
): string {
  const bars = rankFactors(importance)
    .slice(0, mostFactors)
    .map(({ factor, increase }, i) => ({ i, factor, ...increase }));
  return drawPlot(document, describeImportance(name, importance), {
    width: plotWidth,
    height: 60 + 23 * bars.length,
    marginLeft: 118,
    marginTop: 10,
    marginBottom: 42,
    x: { label: 'increase of the MSE, squared points', domain: [...domain], ticks: 4, grid: true },
    y: {
      label: null,
      type: 'band',
      domain: bars.map(({ i }) => i),
      tickFormat: (i: number) => shorten(bars[i].factor, 17),
      tickSize: 0,
      padding: 0.3,
    },
    marks: [
      Plot.barX(bars, { x1: 0, x2: 'mean', y: 'i', fill: palette.first, fillOpacity: 0.6 }),
      Plot.link(
        bars.filter(({ low }) => low !== null),
        { x1: 'low', x2: 'high', y1: 'i', y2: 'i', stroke: 'currentColor', strokeWidth: 1.5 },
      ),
      Plot.ruleX([0], { stroke: 'currentColor' }),
    ],
  });
}

/** The most important factor, and how many have intervals above zero. */
export function describeImportance(name: string, importance: Pick<PermutationImportance, 'factors' | 'mse'>): string {
  const [first] = rankFactors(importance);
  if (!first) return `${name} has no factors.`;
  const { mean, low, high } = first.increase;
  const range =
    low === null || high === null ? '' : ` (${typeset(formatNumber(low, 1))} to ${typeset(formatNumber(high, 1))})`;
  const shown = importance.factors.filter(({ increase }) => increase.low !== null && increase.low > 0).length;
  return `${name}: permuting ${first.factor} raises its MSE of ${formatNumber(importance.mse, 1)} most, by ${formatNumber(mean, 1)}${range}; ${shown} of ${importance.factors.length} intervals lie above zero.`;
}
