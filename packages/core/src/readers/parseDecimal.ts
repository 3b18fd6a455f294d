/** Powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/** Whole numbers below this are held exactly, and so is each step of reading one digit by digit. */
const exactBelow = 2 ** 53;

/** Longer numbers are padded or worse; a double needs at most 24 characters. */
const longestPlain = 32;

/**
 * A plain decimal number from its ASCII bytes, equal to `Number(text)` to the bit; NaN for whatever is none or takes
 * more care: blanks around it, more digits than a double holds, a far exponent.
 *
 * Digits below 2^53 and a power of ten up to 22 are both exact, so that one multiplication or division rounds once
 * and correctly.
 * Source: Clinger 1990, "How to read floating point numbers accurately".
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > longestPlain) return Number.NaN;
  let at = start;
  const sign = bytes[at];
  if (at < end && (sign === 45 || sign === 43)) at++;
  let digits = 0;
  let mantissa = 0;
  let exponent = 0;
  for (; at < end; at++, digits++) {
    const digit = bytes[at] - 48;
    if (digit < 0 || digit > 9) break;
    mantissa = 10 * mantissa + digit;
  }
  if (at < end && bytes[at] === 46) {
    const point = ++at;
    for (; at < end; at++, digits++) {
      const digit = bytes[at] - 48;
      if (digit < 0 || digit > 9) break;
      mantissa = 10 * mantissa + digit;
    }
    exponent = point - at;
  }
  if (digits === 0 || !(mantissa < exactBelow)) return Number.NaN;
  if (at < end) {
    if ((bytes[at] | 32) !== 101) return Number.NaN;
    at++;
    const exponentSign = at < end ? bytes[at] : 0;
    if (exponentSign === 45 || exponentSign === 43) at++;
    // Three digits hold every exponent of a double.
    if (at === end || end - at > 3) return Number.NaN;
    let written = 0;
    for (; at < end; at++) {
      const digit = bytes[at] - 48;
      if (digit < 0 || digit > 9) return Number.NaN;
      written = 10 * written + digit;
    }
    exponent += exponentSign === 45 ? -written : written;
  }
  if (exponent < -22 || exponent > 22) return mantissa === 0 ? (sign === 45 ? -0 : 0) : Number.NaN;
  const value = exponent < 0 ? mantissa / powers[-exponent] : mantissa * powers[exponent];
  return sign === 45 ? -value : value;
}
