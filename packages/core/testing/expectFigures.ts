import { expect } from 'vitest';

/**
 * For tests: two documents have the same keys and lengths, the same texts and nulls, and numbers within 1e-10: the sums
 * behind them are of few hundred terms, and off by 1e-13 or so. Relative where numbers are above 1.
 */
export function expectFigures(found: unknown, expected: unknown, path = 'figures'): void {
  if (typeof expected === 'number') {
    expect(found, path).toBeTypeOf('number');
    const off = Math.abs((found as number) - expected);
    expect(off, `${path}: ${found} for ${expected}`).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(expected)));
  } else if (typeof expected === 'object' && expected !== null) {
    expect(found, path).toBeTypeOf('object');
    expect(Object.keys(found as object).sort(), path).toEqual(Object.keys(expected).sort());
    for (const [key, value] of Object.entries(expected)) {
      expectFigures((found as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else {
    expect(found, path).toBe(expected);
  }
}
