import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { logNormalMass, logNormalShare, truncatedQuantile } from './truncatedNormal.ts';

/** Made by scripts/golden/truncatedNormal.py: the definitions in 60 digits, rounded to float64. */
const golden: Readonly<Record<'shares' | 'masses' | 'quantiles', readonly (readonly number[])[]>> = JSON.parse(
  readFileSync(new URL('golden/truncatedNormal.json', import.meta.url), 'utf8'),
);

/** Relative for large numbers; a logarithm near 0 is that of a float64 near 1, which has no digits left to be relative to. */
const distance = (found: number, expected: number): number =>
  Math.abs(found - expected) / Math.max(Math.abs(expected), 1);

test('ln Φ(x), from a thousand deviations below to thirty above', () => {
  for (const [x, expected] of golden.shares) expect(distance(logNormalShare(x), expected), `${x}`).toBeLessThan(1e-12);
});

test('the logarithm of the mass between two points, in both tails and across zero', () => {
  for (const [a, b, expected] of golden.masses) {
    expect(distance(logNormalMass(a, b), expected), `${a} to ${b}`).toBeLessThan(1e-12);
  }
});

test('the point that leaves a share of the mass below it', () => {
  for (const [q, a, b, expected] of golden.quantiles) {
    // The last billionth of the mass lies where the density is 1e-6 of its peak: 1e-16 of the mass is 1e-10 of the way.
    const bound = q > 0.999 ? 1e-10 : 1e-12;
    expect(distance(truncatedQuantile(q, a, b), expected), `${q} between ${a} and ${b}`).toBeLessThan(bound);
  }
});
