import type { Direction, Trial } from './trial.ts';

/** A point's coordinates, one an objective, all better when smaller. */
export type Losses = readonly number[];

/** A complete trial's values, turned so that smaller is better. */
export function toLosses({ values }: Trial, directions: readonly Direction[]): Losses {
  return (values as readonly number[]).map((value, i) => (directions[i] === 'maximize' ? -value : value));
}

/** Whether `a` is nowhere worse than `b` and somewhere better. */
export function dominates(a: Losses, b: Losses): boolean {
  return a.every((value, i) => value <= b[i]) && a.some((value, i) => value < b[i]);
}

/**
 * How many layers have to be taken away before nothing dominates a point: 0 for the Pareto front, 1 for the front of the rest,
 * and so on. Equal points have the same rank.
 */
export function rankByDominance(points: readonly Losses[]): number[] {
  const ranks = new Array<number>(points.length).fill(-1);
  let left = points.map((_, i) => i);
  for (let rank = 0; left.length > 0; rank++) {
    const front = new Set(left.filter((i) => !left.some((j) => dominates(points[j], points[i]))));
    for (const i of front) ranks[i] = rank;
    left = left.filter((i) => !front.has(i));
  }
  return ranks;
}

/** The complete trials that no other is better than in every objective, in order of their numbers. */
export function findParetoFront(trials: readonly Trial[], directions: readonly Direction[]): readonly Trial[] {
  const complete = trials.filter(({ state, values }) => state === 'complete' && values !== null);
  const points = complete.map((trial) => toLosses(trial, directions));
  return complete.filter((_, i) => !points.some((other) => dominates(other, points[i])));
}
