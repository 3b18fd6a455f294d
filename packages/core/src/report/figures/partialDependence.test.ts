import { expect, test } from 'vitest';
import { expectFigure, makeDocument } from '../../../testing/expectFigure.ts';
import { renderDependence } from '../sections/explanation.ts';
import { type Dependence, describeDependence, drawDependence, findDependenceDomain } from './partialDependence.ts';

function makeDependence(grid: readonly number[], kind: Dependence['kind'] = 'numeric', songs = 3): Dependence {
  return {
    feature: 'loudness',
    kind,
    grid,
    mean: grid.map((value) => ({ mean: 60 + value, standardError: 1, low: 58 + value, high: 62 + value })),
    curves: Array.from({ length: songs }, (_, song) => grid.map((value) => 55 + song + value)),
    unlike: grid.map((_, g) => (g === 0 ? 0.9 : 0)),
  };
}

test('a line with a band over curves of songs, few enough; far values are hollow', () => {
  const dependence = makeDependence([-20, -10, -5], 'numeric', 300);
  const svg = expectFigure((document) => drawDependence(document, dependence, findDependenceDomain([dependence])));
  // 30 songs, the band, the mean.
  expect(svg.match(/<path d="M[^"]*L[^"]*L/g)?.length).toBe(32);
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(describeDependence(dependence)).toBe(
    'loudness: the mean prediction goes from 40.0 at −20.0 to 55.0 at −5.00, all other features unchanged.',
  );
});

test('categories have intervals instead of a band; the widest feature is named', () => {
  const category = makeDependence([0, 1], 'category');
  const html = renderDependence(makeDocument(), [category, makeDependence([-9, 0])]);
  expect(html.match(/<svg/g)).toHaveLength(2);
  expect(html).toContain('The largest effect is that of loudness: the mean prediction goes from 51.0');
  expectFigure((document) => drawDependence(document, category, findDependenceDomain([category])));
});

test('one value, no songs and no interval are drawn; no feature is empty', () => {
  const single = makeDependence([4], 'numeric', 0);
  const bare = { ...single, mean: [{ mean: 5, standardError: null, low: null, high: null }] };
  for (const dependence of [single, bare]) {
    expectFigure((document) => drawDependence(document, dependence, findDependenceDomain([dependence])));
  }
  expect(renderDependence(makeDocument(), [])).toBe('');
});
