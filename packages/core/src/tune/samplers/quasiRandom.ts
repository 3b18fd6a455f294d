import { randomStream } from '@hitscan/mamba';
import type { Distribution } from '../distributions.ts';
import type { Sampler } from '../sampler.ts';
import { placeUniformly } from './random.ts';
import { mostDimensions, scrambleBits, sobolBits } from './sobol.ts';

function placeOf(distribution: Distribution, share: number): number {
  if (distribution.kind !== 'categorical') return placeUniformly(distribution, share);
  return Math.floor(share * distribution.choices.length);
}

/**
 * Sobol's sequence with Owen's scrambling: trials that leave no part of the space out for long. A trial's point is the one of
 * its number, so any number of processes share one sequence. `names`: all parameters, in a fixed order, at most 21 of which
 * have a dimension of their own; what is beyond shares one, scrambled otherwise.
 */
export function createQuasiRandomSampler({
  seed,
  names,
}: {
  readonly seed: number;
  readonly names: readonly string[];
}): Sampler {
  return {
    inferJointSpace: () => new Map(),
    drawJointly: () => ({ values: new Map(), systemAttributes: {} }),
    drawAlone(_study, { number }, name, distribution) {
      const place = Math.max(0, names.indexOf(name));
      const scramble = randomStream(seed, `quasi-random ${name}`).uint32();
      const bits = scrambleBits(sobolBits(number, place % mostDimensions), scramble);
      return placeOf(distribution, bits / 2 ** 32);
    },
  };
}
