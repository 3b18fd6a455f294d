import erfc from '@stdlib/math-base-special-erfc';
import { rank } from '../../statistics/ranks.ts';

/** Up to here SciPy counts every assignment of signs where ranks are tied. */
const longestCounted = 13;
/** Up to here SciPy takes the exact distribution where no ranks are tied. */
const longestExact = 50;
/** SciPy's allowance for values that are equal but for rounding, as a share of the observed one. */
const rounding = 100 * Number.EPSILON;

/**
 * The probability that differences which are as likely to be negative as positive have a sum of positive ranks as large as
 * these (Wilcoxon's signed-rank test, one-sided); the ranks of zeros count half.
 *
 * Source: SciPy 1.17, `wilcoxon(alternative='greater', zero_method='zsplit', method='auto')`: exact up to 50 differences
 * without ties, all signs counted up to 13 with ties, the normal approximation without correction otherwise.
 * Accuracy: 1e-12 beside SciPy.
 */
export function testSignedRanks(differences: ArrayLike<number>): number {
  const count = differences.length;
  const magnitudes = Float64Array.from(differences, Math.abs);
  const ranks = rank(magnitudes);
  const tieCorrection = measureTies(magnitudes);
  let sum = 0;
  let hasZero = false;
  for (let i = 0; i < count; i++) {
    if (differences[i] > 0) sum += ranks[i];
    else if (differences[i] === 0) sum += ranks[i] / 2;
    hasZero ||= differences[i] === 0;
  }
  const tied = tieCorrection > 0 || hasZero;
  if (!tied && count <= longestExact) return sumTail(countRankSums(count), sum);
  if (count <= longestCounted) return countSigns(differences, ranks, sum);
  const mean = (count * (count + 1)) / 4;
  const deviation = Math.sqrt((count * (count + 1) * (2 * count + 1) - tieCorrection / 2) / 24);
  return erfc((sum - mean) / deviation / Math.SQRT2) / 2;
}

/** The sum of t³ − t over groups of t equal values. */
function measureTies(values: Float64Array): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let sum = 0;
  for (const count of counts.values()) sum += count ** 3 - count;
  return sum;
}

/** How probable each sum of the ranks 1 … count is, where every rank is in it with probability 1/2. */
function countRankSums(count: number): Float64Array {
  let probabilities = Float64Array.of(1);
  for (let rank = 1; rank <= count; rank++) {
    const next = new Float64Array(probabilities.length + rank);
    for (let sum = 0; sum < probabilities.length; sum++) {
      next[sum] += probabilities[sum] / 2;
      next[sum + rank] += probabilities[sum] / 2;
    }
    probabilities = next;
  }
  return probabilities;
}

function sumTail(probabilities: Float64Array, from: number): number {
  return probabilities.subarray(from).reduce((sum, probability) => sum + probability, 0);
}

function countSigns(differences: ArrayLike<number>, ranks: Float64Array, observed: number): number {
  const limit = observed - rounding * Math.abs(observed);
  const assignments = 2 ** ranks.length;
  let reached = 0;
  for (let signs = 0; signs < assignments; signs++) {
    let sum = 0;
    for (let i = 0; i < ranks.length; i++) {
      if (differences[i] === 0) sum += ranks[i] / 2;
      else if (signs & (1 << i)) sum += ranks[i];
    }
    if (sum >= limit) reached++;
  }
  return reached / assignments;
}
