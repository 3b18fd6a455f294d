import * as Plot from '@observablehq/plot';
import type { LinearInference } from '../../models/inference.ts';
import { type DrawingDocument, drawPlot, palette, plotWidth } from './draw.ts';

/**
 * Coefficients of the linear regression, each per standard deviation of its feature so that they share one scale
 * (points of popularity), with 95 % intervals; the largest on top. Aliased terms and the intercept are left out.
 */
export function drawEffects(document: DrawingDocument, inference: LinearInference): string {
  const effects = inference.terms
    .slice(1)
    .filter((term) => !term.aliased)
    .map(({ name, coefficient, deviation, low, high }) => ({
      name,
      effect: coefficient * deviation,
      low: (low ?? coefficient) * deviation,
      high: (high ?? coefficient) * deviation,
    }))
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  const label = `Effect of each of ${effects.length} features on predicted popularity, with 95 % confidence intervals.`;
  return drawPlot(document, label, {
    width: plotWidth,
    height: 60 + 23 * effects.length,
    marginLeft: 112,
    marginTop: 10,
    marginBottom: 42,
    x: { label: 'points of popularity per standard deviation', ticks: 5, grid: true, nice: true },
    y: { label: null, type: 'band', domain: effects.map((effect) => effect.name), tickSize: 0 },
    marks: [
      Plot.ruleX([0], { stroke: 'currentColor' }),
      Plot.link(effects, { x1: 'low', x2: 'high', y1: 'name', y2: 'name', stroke: palette.first, strokeWidth: 2 }),
      Plot.dot(effects, { x: 'effect', y: 'name', fill: palette.first, r: 4 }),
    ],
  });
}
