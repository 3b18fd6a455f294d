import { expect, test } from 'vitest';
import type { Distribution, SearchSpace } from '../distributions.ts';
import type { Sampler } from '../sampler.ts';
import type { Trial } from '../trial.ts';
import { createGridSampler } from './grid.ts';
import { createQuasiRandomSampler } from './quasiRandom.ts';
import { mostDimensions, scrambleBits, sobolBits } from './sobol.ts';

const unit: Distribution = { kind: 'float', low: 0, high: 1, log: false, step: null };

/** What trials 0 … count − 1 are given, one after the other. */
function drawTrials(sampler: Sampler, space: SearchSpace, count: number): Record<string, number>[] {
  const trials: Trial[] = [];
  const view = { name: 'made', directions: ['minimize'] as const, trials };
  return Array.from({ length: count }, (_, number) => {
    const none = { values: null, parameters: new Map(), intermediate: new Map(), userAttributes: {}, started: null };
    const asking: Trial = { ...none, id: number, number, state: 'running', systemAttributes: {}, ended: null };
    trials.push(asking);
    const { values, systemAttributes } = sampler.drawJointly(view, asking, sampler.inferJointSpace(view, asking));
    trials[number] = { ...asking, state: 'complete', systemAttributes };
    const drawn = [...space].map(([name, distribution]) => {
      return [name, values.get(name) ?? sampler.drawAlone(view, asking, name, distribution)] as const;
    });
    return Object.fromEntries(drawn);
  });
}

test('Sobol’s points are those of SciPy', () => {
  // scipy.stats.qmc.Sobol(21, scramble=False, bits=32): points 1, 2, 3, 7, 33, 63, some of their coordinates.
  const points = [1, 2, 3, 7, 33, 63];
  const dimensions = [0, 1, 2, 5, 10, 15, 20];
  const expected = [
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    [0.75, 0.25, 0.25, 0.75, 0.75, 0.25, 0.25],
    [0.25, 0.75, 0.75, 0.25, 0.25, 0.75, 0.75],
    [0.125, 0.625, 0.375, 0.375, 0.625, 0.125, 0.875],
    [0.546875, 0.765625, 0.203125, 0.421875, 0.890625, 0.609375, 0.828125],
    [0.015625, 0.796875, 0.359375, 0.140625, 0.421875, 0.765625, 0.234375],
  ];
  expect(points.map((index) => dimensions.map((d) => sobolBits(index, d) / 2 ** 32))).toEqual(expected);
});

test('scrambled or not, each of 64 equal parts of every dimension has one of 64 points', () => {
  for (let d = 0; d < mostDimensions; d++) {
    for (const seed of [0, 1, 12345]) {
      const parts = Array.from({ length: 64 }, (_, index) => {
        const bits = sobolBits(index, d);
        return Math.floor((seed === 0 ? bits : scrambleBits(bits, seed)) / 2 ** 26);
      });
      expect(new Set(parts).size).toBe(64);
    }
  }
});

test('in two dimensions, every square of a board of 8 × 8 has one of 64 scrambled points', () => {
  const space = new Map([
    ['x', unit],
    ['y', unit],
  ]);
  const sampler = createQuasiRandomSampler({ seed: 3, names: ['x', 'y'] });
  const squares = drawTrials(sampler, space, 64).map(({ x, y }) => Math.floor(8 * x) * 8 + Math.floor(8 * y));
  expect(new Set(squares).size).toBe(64);
});

test('quasi-random settings are in their ranges, all categories come, and another seed gives others', () => {
  const space: SearchSpace = new Map<string, Distribution>([
    ['c', { kind: 'categorical', choices: ['a', 'b', 'c'] }],
    ['n', { kind: 'int', low: 4, high: 64, log: false, step: 4 }],
    ['r', { kind: 'float', low: 1e-4, high: 1e-1, log: true, step: null }],
  ]);
  const draw = (seed: number) => drawTrials(createQuasiRandomSampler({ seed, names: [...space.keys()] }), space, 48);
  const drawn = draw(1);
  expect(new Set(drawn.map(({ c }) => c))).toEqual(new Set([0, 1, 2]));
  expect(new Set(drawn.map(({ n }) => n)).size).toBe(16);
  for (const { n, r } of drawn) expect(n % 4 === 0 && n >= 4 && n <= 64 && r >= 1e-4 && r < 1e-1).toBe(true);
  // Half of them lie below the middle of the logarithm.
  expect(drawn.filter(({ r }) => r < 10 ** -2.5)).toHaveLength(24);
  expect(draw(2)).not.toEqual(drawn);
});

test('a grid tries every combination once', () => {
  const space: SearchSpace = new Map<string, Distribution>([
    ['c', { kind: 'categorical', choices: ['a', 'b', 'c'] }],
    ['n', { kind: 'int', low: 1, high: 4, log: false, step: 1 }],
    ['s', { kind: 'float', low: 0, high: 0.3, log: false, step: 0.1 }],
  ]);
  const sampler = createGridSampler({ seed: 1, space });
  expect(sampler.points).toBe(48);
  const drawn = drawTrials(sampler, space, 48);
  expect(new Set(drawn.map((values) => JSON.stringify(values))).size).toBe(48);
  expect(new Set(drawn.map(({ s }) => s))).toEqual(new Set([0, 0.1, 0.2, 0.3]));
});

test('a grid needs steps', () => {
  const space = new Map([['x', unit]]);
  expect(() => createGridSampler({ seed: 1, space })).toThrow(
    'must have choices or steps for every setting, got none for x',
  );
});
