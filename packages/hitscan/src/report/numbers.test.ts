import { expect, test } from 'vitest';
import { formatCount, formatNumber, formatProbability, formatSeconds, formatSignificant, typeset } from './numbers.ts';

test.each([
  [formatNumber(-0.0001, 3), '0.000'],
  [formatNumber(-0.0006, 3), '-0.001'],
  [formatNumber(null, 2), '–'],
  [formatSignificant(-0.00002717, 4), '-2.717e-5'],
  [formatSignificant(102, 4), '102.0'],
  [formatSignificant(9999.7, 4), '1.000e+4'],
  [formatSignificant(0), '0'],
  [formatProbability(0.0421), '0.042'],
  [formatProbability(3.1e-12), '3e-12'],
  [formatProbability(0), '< 1e-300'],
  [formatSeconds(0.012), '0.01 s'],
  [formatSeconds(9.999), '10.0 s'],
  [formatSeconds(59.96), '1 min 00 s'],
  [formatSeconds(3599.6), '1 h 00 min'],
  [formatCount(1234567), '1,234,567'],
  [formatCount(955), '955'],
  [typeset('-1.5e-3'), '−1.5e-3'],
  [typeset('-0.1 [-0.2, 3e-4]'), '−0.1 [−0.2, 3e-4]'],
])('%s', (found, expected) => {
  expect(found).toBe(expected);
});
