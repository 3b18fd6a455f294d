import type { SamplerName } from './names.ts';
import type { Sampler } from './sampler.ts';
import { createRandomSampler } from './samplers/random.ts';
import { createTpeSampler } from './samplers/tpe.ts';

/** A sampler from a seed; only its low 32 bits count. */
export function chooseSampler(name: SamplerName, seed: number): Sampler {
  const options = { seed: seed >>> 0 };
  switch (name) {
    case 'tpe':
      return createTpeSampler(options);
    case 'random':
      return createRandomSampler(options);
  }
}
