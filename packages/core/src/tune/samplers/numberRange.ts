import type { Distribution } from '../distributions.ts';

/** A parameter that is a number. */
export type NumberDistribution = Exclude<Distribution, { kind: 'categorical' }>;

/** Rounding that decimal bounds and steps may suffer, as a share of a step. */
const rounding = 1e-8;

/** The largest value that can be drawn: `high`, or the last step before it. */
export function lastValue({ low, high, step, log }: NumberDistribution): number {
  if (step === null || log) return high;
  const steps = Math.floor((high - low) / step + rounding);
  const last = low + steps * step;
  return Math.abs(high - last) < rounding * step ? high : last;
}

const bits = new DataView(new ArrayBuffer(8));

/** The next smaller float64 of a positive or negative number. */
function nextBelow(x: number): number {
  if (x === 0) return -Number.MIN_VALUE;
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) - (x > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}

/** A value of a range without steps; the upper end, which rounding can reach, is left out. */
export function clipContinuous(value: number, { low, high }: NumberDistribution): number {
  return low === high ? low : Math.max(low, Math.min(value, nextBelow(high)));
}

/** The whole number next to x, the even one of two, as NumPy rounds. */
function roundToEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** The value of a stepped range next to x. */
export function clipStepped(x: number, distribution: NumberDistribution, step: number): number {
  const { low } = distribution;
  return Math.max(low, Math.min(low + roundToEven((x - low) / step) * step, lastValue(distribution)));
}
