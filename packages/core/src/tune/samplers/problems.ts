import type { Distribution, SearchSpace } from '../distributions.ts';
import type { Sampler } from '../sampler.ts';
import type { Trial } from '../trial.ts';

/** For tests and measurements: a function to be minimised. */
export interface Problem {
  readonly space: SearchSpace;
  evaluate(x: readonly number[]): number;
}

const float = (low: number, high: number): Distribution => ({ kind: 'float', low, high, log: false, step: null });

/** `x0`, `x1`, … of one range. */
const cube = (dimensions: number, low: number, high: number): SearchSpace =>
  new Map(Array.from({ length: dimensions }, (_, i) => [`x${i}`, float(low, high)]));

const sum = (x: readonly number[], term: (value: number, i: number) => number): number =>
  x.reduce((total, value, i) => total + term(value, i), 0);

const hartmannA = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannP = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];
const hartmannAlpha = [1, 1.2, 3, 3.2];

/** The usual test functions, in ten dimensions where they can have any number. Source: Surjanovic & Bingham. */
export const problems = {
  branin: {
    space: new Map([
      ['x0', float(-5, 10)],
      ['x1', float(0, 15)],
    ]),
    evaluate: ([x, y]) =>
      (y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2 +
      10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
      10,
  },
  hartmann6: {
    space: cube(6, 0, 1),
    evaluate: (x) =>
      -hartmannAlpha.reduce((total, alpha, i) => {
        return total + alpha * Math.exp(-sum(x, (value, j) => hartmannA[i][j] * (value - hartmannP[i][j] / 1e4) ** 2));
      }, 0),
  },
  ackley10: {
    space: cube(10, -32.768, 32.768),
    evaluate: (x) =>
      -20 * Math.exp(-0.2 * Math.sqrt(sum(x, (value) => value * value) / x.length)) -
      Math.exp(sum(x, (value) => Math.cos(2 * Math.PI * value)) / x.length) +
      20 +
      Math.E,
  },
  rosenbrock10: {
    space: cube(10, -5, 10),
    evaluate: (x) => sum(x.slice(1), (next, i) => 100 * (next - x[i] * x[i]) ** 2 + (1 - x[i]) ** 2),
  },
  rastrigin10: {
    space: cube(10, -5.12, 5.12),
    evaluate: (x) => 10 * x.length + sum(x, (value) => value * value - 10 * Math.cos(2 * Math.PI * value)),
  },
  styblinskiTang10: {
    space: cube(10, -5, 5),
    evaluate: (x) => sum(x, (value) => value ** 4 - 16 * value * value + 5 * value) / 2,
  },
} as const satisfies Readonly<Record<string, Problem>>;

/** The smallest value of so many trials, one after the other. */
export function findSmallest(sampler: Sampler, { space, evaluate }: Problem, count: number): number {
  const trials: Trial[] = [];
  const view = { name: 'problem', directions: ['minimize'] as const, trials };
  let smallest = Number.POSITIVE_INFINITY;
  for (let number = 0; number < count; number++) {
    const none = { values: null, intermediate: new Map(), userAttributes: {}, systemAttributes: {}, started: null };
    const asking: Trial = { ...none, id: number, number, state: 'running', parameters: new Map(), ended: null };
    trials.push(asking);
    const { values } = sampler.drawJointly(view, asking, sampler.inferJointSpace(view, asking));
    const parameters = new Map(
      [...space].map(([name, distribution]) => {
        const internal = values.get(name) ?? sampler.drawAlone(view, asking, name, distribution);
        return [name, { distribution, internal }];
      }),
    );
    const value = evaluate([...parameters.values()].map(({ internal }) => internal));
    trials[number] = { ...asking, state: 'complete', values: [value], parameters };
    smallest = Math.min(smallest, value);
  }
  return smallest;
}
