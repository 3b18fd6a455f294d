import { randomStream } from '@hitscan/mamba';
import { ConfigError } from '../../errors.ts';
import type { Distribution, SearchSpace } from '../distributions.ts';
import type { Sampler } from '../sampler.ts';
import type { Trial } from '../trial.ts';
import { lastValue } from './numberRange.ts';

/** Optuna's, in which a trial remembers its point. */
const gridAttribute = 'grid_id';
const mostPoints = 1_000_000;

/** All that a parameter can be, as internal numbers. Throws: ConfigError on a range without steps. */
function listValues(name: string, distribution: Distribution): readonly number[] {
  if (distribution.kind === 'categorical') return distribution.choices.map((_, i) => i);
  const { low, log, step } = distribution;
  if (step === null || log)
    throw new ConfigError('--sampler grid', `must have choices or steps for every setting, got none for ${name}`);
  const count = Math.round((lastValue(distribution) - low) / step) + 1;
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? lastValue(distribution) : low + i * step));
}

/** A grid over a space: every combination once, in an order that the seed shuffles. */
export interface GridSampler extends Sampler {
  /** Combinations there are; after as many trials there is nothing left to try. */
  readonly points: number;
}

/**
 * Tries every combination once, whatever the number of processes: a trial takes the first point that no other has, and
 * remembers it. Throws: ConfigError on a range without steps, and on more than a million combinations.
 */
export function createGridSampler({
  seed,
  space,
}: {
  readonly seed: number;
  readonly space: SearchSpace;
}): GridSampler {
  const values = [...space].map(([name, distribution]) => [name, listValues(name, distribution)] as const);
  const points = values.reduce((product, [, list]) => product * list.length, 1);
  if (points > mostPoints)
    throw new ConfigError('--sampler grid', `must have at most ${mostPoints} points, got ${points}`);
  const order = Uint32Array.from({ length: points }, (_, i) => i);
  randomStream(seed, 'grid').shuffle(order);

  const pointOf = ({ systemAttributes }: Trial): number | null => {
    const point = systemAttributes[gridAttribute];
    return typeof point === 'number' ? point : null;
  };

  return {
    points,
    inferJointSpace: () => space,
    drawJointly({ trials }, asking) {
      const taken = new Set(trials.filter(({ state }) => state !== 'fail').map(pointOf));
      const point =
        pointOf(asking) ?? order.find((candidate) => !taken.has(candidate)) ?? order[asking.number % points];
      let rest = point;
      const drawn = values.map(([name, list]): [string, number] => {
        const value = list[rest % list.length];
        rest = Math.floor(rest / list.length);
        return [name, value];
      });
      return { values: new Map(drawn), systemAttributes: { [gridAttribute]: point } };
    },
    drawAlone(_study, _trial, name) {
      throw new ConfigError('--sampler grid', `must know every setting before, got ${name}`);
    },
  };
}
