import * as Plot from '@observablehq/plot';
import type { Coverage } from '../../intervals/coverage.ts';
import type { CoverageFigures, GroupedCoverage } from '../../intervals/measureIntervals.ts';
import { formatCount, formatNumber } from '../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, widen } from './draw.ts';

/** A coverage in percent, and by how much the songs covered differ from it. */
interface Point {
  readonly nominal: number;
  readonly off: number;
  readonly low: number;
  readonly high: number;
}

function listPoints(reliability: readonly CoverageFigures[]): Point[] {
  return reliability.flatMap(({ coverage, covered, coveredLow, coveredHigh }) => {
    if (covered === null || coveredLow === null || coveredHigh === null) return [];
    const off = (share: number) => 100 * (share - coverage);
    return [{ nominal: 100 * coverage, off: off(covered), low: off(coveredLow), high: off(coveredHigh) }];
  });
}

/** The range of differences, zero included, that holds those of several methods. */
export function findReliabilityDomain(methods: readonly (readonly CoverageFigures[])[]): [number, number] {
  return widen(
    findExtent(
      methods.map((method) => listPoints(method).flatMap(({ low, high }) => [low, high])),
      0,
      0,
    ),
  );
}

/**
 * Measured less nominal coverage (upwards, in points of percent) against the nominal one, with the 95 % band of the
 * measured one: as a difference, since on a diagonal from 0 to 100 nothing is seen.
 */
export function drawIntervalReliability(
  document: DrawingDocument,
  name: string,
  reliability: readonly CoverageFigures[],
  domain: readonly [number, number],
): string {
  const points = listPoints(reliability);
  return drawPlot(document, describeReliability(name, reliability), {
    width: plotWidth,
    height: 250,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: 'nominal coverage, %', domain: [0, 100], ticks: 5 },
    y: { label: 'measured − nominal, %', domain: [...domain], ticks: 5, grid: true },
    marks: [
      Plot.areaY(points, { x: 'nominal', y1: 'low', y2: 'high', fill: palette.first, fillOpacity: 0.25 }),
      Plot.ruleY([0], { stroke: 'currentColor', strokeDasharray: '4,3' }),
      Plot.line(points, { x: 'nominal', y: 'off', stroke: palette.first, strokeWidth: 2 }),
      Plot.dot(points, { x: 'nominal', y: 'off', fill: palette.first, r: 2.5 }),
    ],
  });
}

/** By how much the coverage that is furthest off differs from the nominal one, in points of percent. */
export function findWorstCoverage(reliability: readonly CoverageFigures[]): number {
  return Math.max(0, ...listPoints(reliability).map(({ off }) => Math.abs(off)));
}

/** The coverage that is furthest from what was measured, and how many bands leave out what was nominal. */
export function describeReliability(name: string, reliability: readonly CoverageFigures[]): string {
  const points = listPoints(reliability);
  if (points.length === 0) return `${name}: no song was measured.`;
  const worst = points.reduce((most, point) => (Math.abs(point.off) > Math.abs(most.off) ? point : most));
  const missed = points.filter(({ low, high }) => low > 0 || high < 0).length;
  const measured = formatNumber(worst.nominal + worst.off, 1);
  return `${name}: the ${formatNumber(worst.nominal, 0)} % intervals are furthest off and cover ${measured} % of songs; ${missed} of ${points.length} bands exclude the nominal coverage.`;
}

/** Lowest and highest share, in percent, that holds the intervals of all deciles and the nominal coverages. */
export function findDecileDomain(methods: readonly Pick<GroupedCoverage, 'coverage' | 'deciles'>[]): [number, number] {
  const shares = methods.flatMap(({ coverage, deciles }) => [
    coverage,
    ...deciles.flatMap(({ coveredLow, coveredHigh }) => [coveredLow, coveredHigh]),
  ]);
  const [low, high] = widen(findExtent([shares.filter((share) => share !== null)]));
  return [Math.max(0, 100 * low), Math.min(100, 100 * high)];
}

/** Share of songs covered in each decile of the prediction with 95 % intervals, and the nominal coverage as a line. */
export function drawCoverageByDecile(
  document: DrawingDocument,
  name: string,
  figures: Pick<GroupedCoverage, 'coverage' | 'deciles'>,
  domain: readonly [number, number],
): string {
  const points = listDeciles(figures.deciles);
  return drawPlot(document, describeDeciles(name, figures), {
    width: plotWidth,
    height: 250,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: 'decile of the prediction, lowest first', domain: [0.5, 10.5], ticks: 10, tickFormat: 'd' },
    y: { label: '% of songs covered', domain: [...domain], ticks: 5, grid: true },
    marks: [
      Plot.ruleY([100 * figures.coverage], { stroke: 'currentColor', strokeDasharray: '4,3' }),
      Plot.ruleX(points, { x: 'decile', y1: 'low', y2: 'high', stroke: palette.first, strokeWidth: 2 }),
      Plot.dot(points, { x: 'decile', y: 'covered', fill: palette.first, r: 4 }),
    ],
  });
}

function listDeciles(deciles: readonly Coverage[]) {
  return deciles.flatMap(({ rows, covered, coveredLow, coveredHigh }, i) => {
    if (covered === null || coveredLow === null || coveredHigh === null) return [];
    return [{ decile: i + 1, rows, covered: 100 * covered, low: 100 * coveredLow, high: 100 * coveredHigh }];
  });
}

/** The decile in which coverage is furthest from the nominal one. */
export function describeDeciles(
  name: string,
  { coverage, deciles }: Pick<GroupedCoverage, 'coverage' | 'deciles'>,
): string {
  const points = listDeciles(deciles);
  if (points.length === 0) return `${name}: no song was measured.`;
  const off = ({ covered }: { readonly covered: number }) => Math.abs(covered - 100 * coverage);
  const worst = points.reduce((most, point) => (off(point) > off(most) ? point : most));
  return `${name}: the ${formatNumber(100 * coverage, 0)} % intervals are furthest off in decile ${worst.decile} of the prediction, where they cover ${formatNumber(worst.covered, 1)} % of ${formatCount(worst.rows)} songs.`;
}
