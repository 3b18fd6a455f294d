import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { renderImportance } from '../sections/explanation.ts';
import { describeImportance, drawImportance, findImportanceDomain } from './importance.ts';

function makeImportance(means: readonly number[], reach: number | null = 1) {
  const factors = means.map((mean, i) => ({
    factor: `feature ${i}`,
    increase: {
      mean,
      standardError: reach,
      low: reach === null ? null : mean - reach,
      high: reach === null ? null : mean + reach,
    },
    permutationError: null,
  }));
  return { mse: 110, factors };
}

test('the most important factor is first, and named with its interval', () => {
  const importance = makeImportance([2, 5, -0.5]);
  const svg = expectFigure((document) => drawImportance(document, 'm', importance, findImportanceDomain([importance])));
  expect([...svg.matchAll(/>feature (\d)</g)].map(([, i]) => i)).toEqual(['1', '0', '2']);
  expect(describeImportance('m', importance)).toBe(
    'm: permuting feature 1 raises its MSE of 110.0 most, by 5.0 (4.0 to 6.0); 2 of 3 intervals lie above zero.',
  );
});

test('models share a scale; names are escaped; at most twenty factors are drawn', () => {
  const many = makeImportance(Array.from({ length: 30 }, (_, i) => i));
  expect(findImportanceDomain([many, makeImportance([100])])[1]).toBeGreaterThan(101);
  const html = renderImportance(makeDocument(), [{ name: hostileName, importance: many }]);
  expect(html).not.toContain('<b>');
  expect(html.match(/>feature \d+</g)).toHaveLength(20);
});

test('no importance at all and undefined intervals are drawn; no model is empty', () => {
  for (const importance of [makeImportance([0, 0], 0), makeImportance([1], null), makeImportance([])]) {
    expectFigure((document) => drawImportance(document, 'm', importance, findImportanceDomain([importance])));
  }
  expect(renderImportance(makeDocument(), [])).toBe('');
});
