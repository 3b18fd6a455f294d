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
