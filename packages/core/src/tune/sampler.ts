import type { Distribution, SearchSpace } from './distributions.ts';
import type { Attributes, StudyView, Trial } from './trial.ts';

/** Parameters drawn together, as internal numbers, and what the trial is to remember about them. */
export interface JointDraw {
  readonly values: ReadonlyMap<string, number>;
  readonly systemAttributes: Attributes;
}

/** Chooses parameters. `trial` is the one that asks; it is among the study's, running. */
export interface Sampler {
  /** The parameters to be drawn together before the trial's program asks for any. */
  inferJointSpace(study: StudyView, trial: Trial): SearchSpace;
  drawJointly(study: StudyView, trial: Trial, space: SearchSpace): JointDraw;
  /** Draws a parameter that was not drawn together with others. */
  drawAlone(study: StudyView, trial: Trial, name: string, distribution: Distribution): number;
}

/**
 * A sampler that draws each trial from a seed of its own, so that a study draws the same whether or not it was interrupted. Of
 * several trials at a time each is drawn as its number says, but what it learns from depends on who was quicker.
 */
export function seedByTrial(makeSampler: (seed: number) => Sampler, seed: number): Sampler {
  const samplers = new Map<number, Sampler>();
  const samplerOf = ({ number }: Trial): Sampler => {
    // Spread, so that the trials of one seed are not those of the next.
    const sampler = samplers.get(number) ?? makeSampler((Math.imul(seed, 0x9e3779b1) + number) >>> 0);
    samplers.set(number, sampler);
    return sampler;
  };
  return {
    inferJointSpace: (study, trial) => samplerOf(trial).inferJointSpace(study, trial),
    drawJointly: (study, trial, space) => samplerOf(trial).drawJointly(study, trial, space),
    drawAlone: (study, trial, name, distribution) => samplerOf(trial).drawAlone(study, trial, name, distribution),
  };
}
