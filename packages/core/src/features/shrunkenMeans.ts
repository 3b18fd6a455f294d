import { z } from 'zod';

/** What a one-way random-effects model says of groups: y = mean + (effect of the group) + (rest). */
export interface GroupEffects {
  /** Of a group that is not known. */
  readonly mean: number;
  /** Variance of the groups' effects. */
  readonly between: number;
  /** Variance within a group. */
  readonly within: number;
}

export const groupEffectsSchema: z.ZodType<GroupEffects> = z.object({
  mean: z.number(),
  between: z.number().min(0),
  within: z.number().min(0),
});

/** Of values that nothing groups: each is one more draw around their mean. */
export function withoutGroups(values: ArrayLike<number>): GroupEffects {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return { mean: sum / values.length, between: 0, within: 1 };
}

/**
 * Estimates the two variances by the method of moments, and from them the mean.
 *
 * With N values in g groups of n values each, `within` is the mean square within groups and
 * `between` = (mean square between groups − within) / n₀, n₀ = (N − Σn²/N) / (g − 1); negative estimates count as 0.
 * The mean weights each group's mean by 1 / (between + within / n), so that a group of many values is one draw of an
 * effect and not many. Where no group holds two values, `between` is 0: nothing tells effects from noise.
 * Shapes: groups and values (rows), equal numbers of one group.
 * Source: Searle, Casella & McCulloch 1992, "Variance Components", §3.6.
 * Throws: RangeError for no values.
 */
export function fitGroupEffects(groups: ArrayLike<number>, values: ArrayLike<number>): GroupEffects {
  const rows = values.length;
  if (rows === 0) throw new RangeError('fitGroupEffects: needs at least one value, got 0');
  const sums = new Map<number, { sum: number; count: number }>();
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const group = sums.get(groups[i]) ?? { sum: 0, count: 0 };
    group.sum += values[i];
    group.count++;
    sums.set(groups[i], group);
    total += values[i];
  }
  const grand = total / rows;
  let squaresWithin = 0;
  for (let i = 0; i < rows; i++) {
    const { sum, count } = sums.get(groups[i]) as { sum: number; count: number };
    squaresWithin += (values[i] - sum / count) ** 2;
  }
  let squaresBetween = 0;
  let squaredCounts = 0;
  for (const { sum, count } of sums.values()) {
    squaresBetween += count * (sum / count - grand) ** 2;
    squaredCounts += count * count;
  }
  const degreesWithin = rows - sums.size;
  const degreesBetween = sums.size - 1;
  if (degreesWithin === 0 || degreesBetween === 0) return { mean: grand, between: 0, within: 1 };

  const within = squaresWithin / degreesWithin;
  const typicalCount = (rows - squaredCounts / rows) / degreesBetween;
  const between = Math.max(0, (squaresBetween / degreesBetween - within) / typicalCount);
  let weighted = 0;
  let weights = 0;
  for (const { sum, count } of sums.values()) {
    const weight = between + within > 0 ? count / (count * between + within) : count;
    weighted += weight * (sum / count);
    weights += weight;
  }
  return { mean: weighted / weights, between, within };
}

/**
 * The group's mean, drawn towards the mean of all by as much as its few values are uncertain: the best linear
 * prediction of a further value of the group. With no values it is the mean of all.
 */
export function shrinkMean({ mean, between, within }: GroupEffects, sum: number, count: number): number {
  const weight = count * between + within;
  return weight > 0 ? mean + (between * (sum - count * mean)) / weight : mean;
}
