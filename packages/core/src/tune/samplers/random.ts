import type { Distribution } from '../distributions.ts';
import type { Sampler } from '../sampler.ts';
import { createMersenneTwister, type MersenneTwister } from './mersenneTwister.ts';
import { clipContinuous, clipStepped, lastValue, type NumberDistribution } from './numberRange.ts';

/** The number at a share (0 … 1) of a range, of its logarithm with `log`; steps have equal parts. */
export function placeUniformly(distribution: NumberDistribution, share: number): number {
  const { kind, low, log, step } = distribution;
  const last = lastValue(distribution);
  const between = (from: number, to: number) => from + (to - from) * share;
  if (kind === 'int' && log) {
    const value = Math.round(Math.exp(between(Math.log(low - 0.5 * step), Math.log(last + 0.5 * step))));
    return Math.max(low, Math.min(value, last));
  }
  if (log) return clipContinuous(Math.exp(between(Math.log(low), Math.log(last))), distribution);
  if (step === null) return clipContinuous(between(low, last), distribution);
  const drawn = between(low - 0.5 * step, last + 0.5 * step);
  if (kind === 'float') return clipStepped(drawn, distribution, step);
  return Math.max(low, Math.min(Math.floor((drawn - low) / step + 0.5) * step + low, last));
}

/** Uniform over the values; draw for draw as Optuna 5's RandomSampler. */
export function drawUniformly(random: MersenneTwister, distribution: Distribution): number {
  if (distribution.kind !== 'categorical') return placeUniformly(distribution, random.uniform());
  // The largest of as many numbers as there are choices.
  const draws = distribution.choices.map(() => random.uniform());
  return draws.indexOf(Math.max(...draws));
}

/** Draws every parameter for itself. The same seed draws the same. */
export function createRandomSampler({ seed }: { readonly seed: number }): Sampler {
  const random = createMersenneTwister(seed);
  return {
    inferJointSpace: () => new Map(),
    drawJointly: () => ({ values: new Map(), systemAttributes: {} }),
    drawAlone: (_study, _trial, _name, distribution) => drawUniformly(random, distribution),
  };
}
