import type { SamplerName } from '../optionNames.ts';
import { nameParameters } from './parameterNames.ts';
import type { Sampler } from './sampler.ts';
import { seedByTrial } from './sampler.ts';
import { createGridSampler } from './samplers/grid.ts';
import { createQuasiRandomSampler } from './samplers/quasiRandom.ts';
import { createRandomSampler } from './samplers/random.ts';
import { createTpeSampler } from './samplers/tpe.ts';
import type { SpaceDeclaration } from './searchSpace.ts';

/** A sampler for a space, and how many trials it has something to try for. Throws: ConfigError. */
export function chooseSampler(
  name: SamplerName,
  { seed, space }: { readonly seed: number; readonly space: SpaceDeclaration },
): { readonly sampler: Sampler; readonly mostTrials: number } {
  const endless = (sampler: Sampler) => ({ sampler, mostTrials: Number.POSITIVE_INFINITY });
  switch (name) {
    case 'tpe':
      return endless(seedByTrial((trialSeed) => createTpeSampler({ seed: trialSeed }), seed));
    case 'random':
      return endless(seedByTrial((trialSeed) => createRandomSampler({ seed: trialSeed }), seed));
    case 'quasirandom':
      return endless(createQuasiRandomSampler({ seed, names: Object.keys(nameParameters(space)) }));
    case 'grid': {
      const dimensions = Object.entries(nameParameters(space)).map(
        ([key, { when: _, ...distribution }]) => [key, distribution] as const,
      );
      const sampler = createGridSampler({ seed, space: new Map(dimensions) });
      return { sampler, mostTrials: sampler.points };
    }
  }
}
