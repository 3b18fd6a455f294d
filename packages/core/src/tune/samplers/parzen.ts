import type { Distribution, SearchSpace } from '../distributions.ts';
import type { MersenneTwister } from './mersenneTwister.ts';
import { clipStepped, lastValue, type NumberDistribution } from './numberRange.ts';
import { logNormalMass, logTruncatedDensity, truncatedQuantile } from './truncatedNormal.ts';

/** Candidates or observations: one column of internal numbers for each parameter of a space, in its order. */
export type Columns = readonly Float64Array[];

/** A density over a space: a mixture of products, one for each observation and one that is spread over everything. */
export interface ParzenEstimator {
  draw(random: MersenneTwister, count: number): Columns;
  /** ln of the density at each candidate. */
  measure(candidates: Columns): Float64Array;
}

/** One parameter's factor in every product. */
interface Factor {
  /** Draws one value from the kernel of each index. */
  draw(kernels: Int32Array, quantiles: Float64Array): Float64Array;
  /** Adds ln density of every candidate under every kernel; row-major (candidates, kernels). */
  add(candidates: Float64Array, sums: Float64Array): void;
}

/** Observations that all count the same; older ones count less and less. */
const newest = 25;

/** Weights of n observations, oldest first. */
function weigh(n: number): Float64Array {
  const ramp = n - newest;
  return Float64Array.from({ length: n }, (_, i) => {
    if (i >= ramp || ramp <= 0) return 1;
    return ramp === 1 ? 1 / n : i === ramp - 1 ? 1 : 1 / n + (i * (1 - 1 / n)) / (ramp - 1);
  });
}

function categoricalFactor(choices: number, observed: Float64Array): Factor {
  const kernels = observed.length + 1;
  const shares = new Float64Array(kernels * choices).fill(1 / (observed.length === 0 ? choices : kernels));
  for (let k = 0; k < kernels && observed.length > 0; k++) {
    const row = shares.subarray(k * choices, (k + 1) * choices);
    if (k < observed.length) row[observed[k]] += 1;
    const total = row.reduce((sum, share) => sum + share, 0);
    for (let c = 0; c < choices; c++) row[c] /= total;
  }
  return {
    draw: (indices, quantiles) =>
      Float64Array.from(indices, (k, i) => {
        let chosen = 0;
        let sum = shares[k * choices];
        // The last share ends at 1, whatever rounding says.
        while (chosen < choices - 1 && sum < quantiles[i]) sum += shares[k * choices + ++chosen];
        return chosen;
      }),
    add(candidates, sums) {
      const logs = shares.map(Math.log);
      for (let i = 0, at = 0; i < candidates.length; i++) {
        for (let k = 0; k < kernels; k++) sums[at++] += logs[k * choices + candidates[i]];
      }
    },
  };
}

/** Deviations: the larger gap to a neighbour, the ends of the range being neighbours unless an observation is outermost. */
function fitDeviations(observed: Float64Array, low: number, high: number): Float64Array {
  const count = observed.length;
  const order = Uint32Array.from(observed, (_, i) => i).sort((a, b) => observed[a] - observed[b]);
  const at = (place: number) => (place < 0 ? low : place >= count ? high : observed[order[place]]);
  const largest = high - low;
  const smallest = largest / Math.min(100, count + 2);
  const deviations = new Float64Array(count);
  for (let place = 0; place < count; place++) {
    const below = at(place) - at(place - 1);
    const above = at(place + 1) - at(place);
    let gap = Math.max(below, above);
    if (count >= 2 && place === 0) gap = above;
    else if (count >= 2 && place === count - 1) gap = below;
    deviations[order[place]] = Math.min(largest, Math.max(smallest, gap));
  }
  return deviations;
}

/** A sum in NumPy's order, so that candidates that are as good as each other to Optuna are so here. */
function sumPairwise(values: Float64Array): number {
  const { length } = values;
  if (length < 8) return values.reduce((sum, value) => sum + value, 0);
  if (length > 128) {
    const half = Math.floor(length / 16) * 8;
    return sumPairwise(values.subarray(0, half)) + sumPairwise(values.subarray(half));
  }
  const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, (_, lane) => {
    let sum = values[lane];
    for (let i = lane + 8; i < length - (length % 8); i += 8) sum += values[i];
    return sum;
  });
  const rest = values.subarray(length - (length % 8));
  return rest.reduce((sum, value) => sum + value, a + b + (c + d) + (e + f + (g + h)));
}

/** Remembers a function of two numbers, for arguments that repeat. */
function remember(compute: (a: number, b: number) => number): (a: number, b: number) => number {
  const known = new Map<number, Map<number, number>>();
  return (a, b) => {
    const row = known.get(a) ?? new Map<number, number>();
    known.set(a, row);
    const found = row.get(b) ?? compute(a, b);
    row.set(b, found);
    return found;
  };
}

function numberFactor(distribution: NumberDistribution, values: Float64Array): Factor {
  const { step, log, low } = distribution;
  const last = lastValue(distribution);
  const half = (step ?? 0) / 2;
  const scale = log ? Math.log : (x: number) => x;
  const [lowest, highest] = [scale(low - half), scale(last + half)];
  const observed = values.map(scale);
  const kernels = observed.length + 1;
  const means = Float64Array.of(...observed, 0.5 * (lowest + highest));
  const deviations = Float64Array.of(...fitDeviations(observed, lowest, highest), highest - lowest);
  const logMasses = means.map((mean, k) =>
    logNormalMass((lowest - mean) / deviations[k], (highest - mean) / deviations[k]),
  );

  function addContinuous(candidates: Float64Array, sums: Float64Array): void {
    for (let i = 0, at = 0; i < candidates.length; i++) {
      const x = scale(candidates[i]);
      for (let k = 0; k < kernels; k++) sums[at++] += logTruncatedDensity(x, means[k], deviations[k], logMasses[k]);
    }
  }

  /** Of a value that stands for all within half a step. */
  function addStepped(candidates: Float64Array, sums: Float64Array): void {
    const masses = new Map<number, (mean: number, deviation: number) => number>();
    for (let i = 0, at = 0; i < candidates.length; i++) {
      const x = candidates[i];
      const [left, right] = [scale(x - half), scale(x + half)];
      const massOf =
        masses.get(x) ??
        remember((mean, deviation) => logNormalMass((left - mean) / deviation, (right - mean) / deviation));
      masses.set(x, massOf);
      for (let k = 0; k < kernels; k++) sums[at++] += massOf(means[k], deviations[k]) - logMasses[k];
    }
  }

  return {
    draw: (indices, quantiles) =>
      Float64Array.from(indices, (k, i) => {
        const [mean, deviation] = [means[k], deviations[k]];
        const t = truncatedQuantile(quantiles[i], (lowest - mean) / deviation, (highest - mean) / deviation);
        const drawn = t * deviation + mean;
        const value = log ? Math.exp(drawn) : drawn;
        return step === null ? value : clipStepped(value, distribution, step);
      }),
    add: step === null ? addContinuous : addStepped,
  };
}

function makeFactor(distribution: Distribution, observed: Float64Array): Factor {
  if (distribution.kind === 'categorical') return categoricalFactor(distribution.choices.length, observed);
  return numberFactor(distribution, observed);
}

/**
 * The estimator that Optuna 5's TPE makes of observations, oldest first: normal kernels cut off at the range, on the
 * logarithm where the parameter is drawn on it, as wide as the gap to the next observation; for categories, the one observed
 * and a little of every other. Draws go parameter by parameter, categories first. `forgets`: whether old observations count
 * less than new ones. Source: Watanabe 2023.
 */
export function estimateDensity(
  space: SearchSpace,
  observations: Columns,
  { forgets = true }: { readonly forgets?: boolean } = {},
): ParzenEstimator {
  const distributions = [...space.values()];
  const count = observations[0]?.length ?? 0;
  const weights = Float64Array.of(...(forgets ? weigh(count) : new Float64Array(count).fill(1)), 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  const factors = distributions.map((distribution, i) => makeFactor(distribution, observations[i]));

  return {
    draw(random, size) {
      const kernels = random.choose(shares, size);
      const columns = new Array<Float64Array>(factors.length);
      for (const categories of [true, false]) {
        distributions.forEach(({ kind }, i) => {
          if ((kind === 'categorical') !== categories) return;
          const quantiles = Float64Array.from({ length: size }, () => random.uniform());
          columns[i] = factors[i].draw(kernels, quantiles);
        });
      }
      return columns;
    },
    measure(candidates) {
      const size = candidates[0].length;
      const sums = new Float64Array(size * shares.length);
      const logShares = shares.map(Math.log);
      for (let at = 0; at < sums.length; at++) sums[at] = logShares[at % shares.length];
      factors.forEach((factor, i) => {
        factor.add(candidates[i], sums);
      });
      return Float64Array.from({ length: size }, (_, i) => {
        const row = sums.subarray(i * shares.length, (i + 1) * shares.length);
        const largest = row.reduce((most, sum) => Math.max(most, sum), Number.NEGATIVE_INFINITY);
        if (largest === Number.NEGATIVE_INFINITY) return largest;
        return Math.log(sumPairwise(row.map((value) => Math.exp(value - largest)))) + largest;
      });
    },
  };
}
