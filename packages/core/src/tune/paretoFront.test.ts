import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dominates, findParetoFront, type Losses, rankByDominance } from './paretoFront.ts';
import { measureHypervolume, selectByHypervolume } from './samplers/hypervolume.ts';
import type { Trial, TrialState } from './trial.ts';

/** Whole numbers, so that equal points and equal coordinates occur. */
const pointsOf = (objectives: number, maxLength = 12) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: objectives, maxLength: objectives }), {
    minLength: 1,
    maxLength,
  });
const anyPoints = fc.integer({ min: 1, max: 3 }).chain((objectives) => pointsOf(objectives));

const makeTrial = (number: number, state: TrialState, values: readonly number[] | null): Trial => ({
  id: number,
  number,
  state,
  values,
  parameters: new Map(),
  intermediate: new Map(),
  userAttributes: {},
  systemAttributes: {},
  started: null,
  ended: null,
});

describe('ranks', () => {
  test('nothing dominates a point of its own rank, and a point of each better rank does', () => {
    fc.assert(
      fc.property(anyPoints, (points) => {
        const ranks = rankByDominance(points);
        points.forEach((point, i) => {
          points.forEach((other, j) => {
            if (dominates(other, point)) expect(ranks[j]).toBeLessThan(ranks[i]);
          });
          if (ranks[i] > 0)
            expect(points.some((other, j) => ranks[j] === ranks[i] - 1 && dominates(other, point))).toBe(true);
        });
      }),
    );
  });
});

describe('the Pareto front', () => {
  test('is of complete trials alone, in each objective’s direction', () => {
    const trials = [
      makeTrial(0, 'complete', [1, 5]),
      makeTrial(1, 'complete', [2, 5]),
      makeTrial(2, 'complete', [2, 9]),
      makeTrial(3, 'pruned', [0, 0]),
      makeTrial(4, 'fail', null),
    ];
    const numbers = (directions: readonly ('minimize' | 'maximize')[]) =>
      findParetoFront(trials, directions).map(({ number }) => number);
    expect(numbers(['minimize', 'minimize'])).toEqual([0]);
    expect(numbers(['minimize', 'maximize'])).toEqual([0, 2]);
    expect(numbers(['maximize', 'maximize'])).toEqual([2]);
  });
});

describe('the hypervolume', () => {
  test('counts the unit cells that some point dominates', () => {
    fc.assert(
      fc.property(anyPoints, (points) => {
        const corner = points[0].map(() => 7);
        const cells = points[0].reduce<number[][]>(
          (all) => all.flatMap((cell) => Array.from({ length: 7 }, (_, i) => [...cell, i])),
          [[]],
        );
        const covered = cells.filter((cell) => points.some((point) => point.every((value, k) => value <= cell[k])));
        expect(measureHypervolume(points, corner)).toBe(covered.length);
      }),
    );
  });

  test('of the chosen is at least 1 − 1/e of the most that as many can have', () => {
    const chooseAll = (points: readonly Losses[], count: number): Losses[][] =>
      count === 0
        ? [[]]
        : points.flatMap((point, i) => chooseAll(points.slice(i + 1), count - 1).map((rest) => [point, ...rest]));
    const fronts = fc.integer({ min: 2, max: 3 }).chain((objectives) => pointsOf(objectives, 9));
    fc.assert(
      fc.property(fronts, fc.integer({ min: 1, max: 3 }), (points, count) => {
        const front = points.filter((point) => !points.some((other) => dominates(other, point)));
        fc.pre(front.length > count);
        const chosen = selectByHypervolume(front, count);
        expect(new Set(chosen).size).toBe(count);
        const corner = front[0].map((_, k) => 1.1 * Math.max(...front.map((point) => point[k])) || 1e-12);
        const volumeOf = (some: readonly Losses[]) => measureHypervolume(some, corner);
        const most = Math.max(...chooseAll(front, count).map(volumeOf));
        expect(volumeOf(chosen.map((i) => front[i]))).toBeGreaterThanOrEqual((1 - 1 / Math.E) * most - 1e-12);
      }),
    );
  });
});
