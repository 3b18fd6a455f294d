import { expect, test } from 'vitest';
import { expectFigure, makeDocument } from '../../../testing/expectFigure.ts';
import { findDeciles, measureCoverage, measureGroups } from '../../intervals/coverage.ts';
import { renderCoverageByDecile, renderIntervalReliability } from '../sections/intervals.ts';
import {
  describeDeciles,
  describeReliability,
  drawCoverageByDecile,
  drawIntervalReliability,
  findDecileDomain,
  findReliabilityDomain,
} from './intervalReliability.ts';

/** Residuals 0 to 99 at random places; intervals of c reach 100·c + `extra`. */
function makeMethod(rows: number, extra = 0) {
  const predicted = Float64Array.from({ length: rows }, (_, i) => i);
  const actual = predicted.map((value, i) => value + ((37 * i) % 100));
  const measure = (coverage: number) => {
    const reach = 100 * coverage + extra - 0.5;
    const intervals = { low: predicted.map((value) => value - reach), high: predicted.map((value) => value + reach) };
    const deciles = measureGroups(actual, intervals, coverage, findDeciles(predicted), 10);
    const whole = measureCoverage(actual, intervals, coverage);
    return { coverage, ...whole, deciles, seen: whole, unseen: whole };
  };
  return { method: 'split' as const, reliability: [0.2, 0.5, 0.8].map(measure), reported: [0.8].map(measure) };
}

test('honest intervals lie at zero, wide ones above; the worst is named', () => {
  const honest = makeMethod(200).reliability;
  expect(describeReliability('m', honest)).toContain('; 0 of 3 bands exclude');
  const wide = makeMethod(200, 10).reliability;
  expect(describeReliability('m', wide)).toBe(
    'm: the 20 % intervals are furthest off and cover 30.0 % of songs; 3 of 3 bands exclude the nominal coverage.',
  );
  const svg = expectFigure((document) =>
    drawIntervalReliability(document, 'm', wide, findReliabilityDomain([honest, wide])),
  );
  expect(svg.match(/<circle/g)).toHaveLength(3);
});

test('a dot for each tenth that has songs', () => {
  const [figures] = makeMethod(1000).reported;
  const svg = expectFigure((document) => drawCoverageByDecile(document, 'm', figures, findDecileDomain([figures])));
  expect(svg.match(/<circle/g)).toHaveLength(10);
  expect(describeDeciles('m', figures)).toMatch(/^m: the 80 % intervals are furthest off in decile \d+ of/);
  const [single] = makeMethod(1).reported;
  const few = expectFigure((document) => drawCoverageByDecile(document, 'm', single, findDecileDomain([single])));
  expect(few.match(/<circle/g)).toHaveLength(1);
});

test('sections have a panel a method; no rows are drawn, no method is empty', () => {
  const methods = [makeMethod(200), makeMethod(200, 5)];
  expect(renderIntervalReliability(makeDocument(), methods).match(/<svg/g)).toHaveLength(2);
  expect(renderCoverageByDecile(makeDocument(), methods, 0.8).match(/<svg/g)).toHaveLength(2);
  expect(renderCoverageByDecile(makeDocument(), methods, 0.3)).toBe('');
  expect(renderIntervalReliability(makeDocument(), [])).toBe('');
  const { reliability, reported } = makeMethod(0);
  expectFigure((document) => drawIntervalReliability(document, 'm', reliability, findReliabilityDomain([reliability])));
  expectFigure((document) => drawCoverageByDecile(document, 'm', reported[0], findDecileDomain(reported)));
});
