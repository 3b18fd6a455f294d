import erfc from '@stdlib/math-base-special-erfc';

// The standard normal distribution cut off at both ends, in logarithms, so that tails keep their digits.

const logRootTwoPi = 0.5 * Math.log(2 * Math.PI);

/** Φ(x). */
function normalShare(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/** ln Φ(x). */
export function logNormalShare(x: number): number {
  if (x > 6) return -normalShare(-x);
  if (x > -20) return Math.log(normalShare(x));
  // The asymptotic series of Mills' ratio.
  const inverseSquare = 1 / (x * x);
  let sum = 1;
  let term = 1;
  for (let i = 1; ; i++) {
    term *= -(2 * i - 1) * inverseSquare;
    if (sum + term === sum) break;
    sum += term;
  }
  return -0.5 * x * x - Math.log(-x) - logRootTwoPi + Math.log(sum);
}

/** ln(e^a − e^b), a ≥ b. */
function logDifference(a: number, b: number): number {
  return a + Math.log1p(-Math.exp(b - a));
}

/** ln(e^a + e^b). */
function logSum(a: number, b: number): number {
  const larger = Math.max(a, b);
  return larger === Number.NEGATIVE_INFINITY ? larger : larger + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** ln(Φ(b) − Φ(a)), a ≤ b; on whichever side of zero digits are not lost. */
export function logNormalMass(a: number, b: number): number {
  if (b <= 0) return logDifference(logNormalShare(b), logNormalShare(a));
  if (a > 0) return logDifference(logNormalShare(-a), logNormalShare(-b));
  return Math.log1p(-normalShare(a) - normalShare(-b));
}

/** Newton's steps at most; a handful are needed. */
const steps = 100;
/** A step below this share of x is the last: the next would be its square. */
const tolerance = 1e-8;

/** The x with ln Φ(x) = y, by Newton's method from the tail's or the logistic approximation. */
function quantileOfLogShare(y: number): number {
  // Near Φ = 1 the other tail has the digits.
  const flipped = y > -1e-2;
  const z = flipped ? Math.log(-Math.expm1(y)) : y;
  let x = z < -5 ? -Math.sqrt(-2 * (z + logRootTwoPi)) : (-Math.sqrt(3) / Math.PI) * Math.log(Math.expm1(-z));
  for (let i = 0; i < steps; i++) {
    const found = logNormalShare(x);
    const step = (found - z) * Math.exp(found + 0.5 * x * x + logRootTwoPi);
    x -= step;
    if (Math.abs(step) < tolerance * Math.abs(x)) break;
  }
  return flipped ? -x : x;
}

/** The quantile q of the standard normal distribution cut off at a and b, a < b. Accurate to some units in 1e-13. */
export function truncatedQuantile(q: number, a: number, b: number): number {
  if (q === 0) return a;
  if (q === 1) return b;
  const logMass = logNormalMass(a, b);
  if (a < 0) return quantileOfLogShare(logSum(logNormalShare(a), Math.log(q) + logMass));
  return -quantileOfLogShare(logSum(logNormalShare(-b), Math.log1p(-q) + logMass));
}

/** Logarithm of the density at x, within a … b; mean and deviation are those before cutting. */
export function logTruncatedDensity(x: number, mean: number, deviation: number, logMass: number): number {
  const t = (x - mean) / deviation;
  return -0.5 * t * t - logRootTwoPi - logMass - Math.log(deviation);
}
