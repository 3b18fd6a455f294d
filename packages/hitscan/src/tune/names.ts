/** Of samplers and pruners, for options; they themselves load when they are needed. */
export const samplerNames = ['tpe', 'random', 'quasirandom', 'grid'] as const;
export type SamplerName = (typeof samplerNames)[number];

export const prunerNames = [
  'asha',
  'hyperband',
  'median',
  'percentile',
  'wilcoxon',
  'threshold',
  'patience',
  'none',
] as const;
export type PrunerName = (typeof prunerNames)[number];

/**
 * What a search may make small, in the order of a trial's values: the mean squared error over the folds, the seconds of a fit
 * with its predictions, and the numbers that the fitted model consists of.
 */
export const objectiveNames = ['error', 'time', 'size'] as const;
export type ObjectiveName = (typeof objectiveNames)[number];
