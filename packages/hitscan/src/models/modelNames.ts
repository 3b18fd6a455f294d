/** Every model there is, in the order of tables and reports. */
export const modelNames = [
  'mean',
  'median',
  'era',
  'artist',
  'linear',
  'ridge',
  'ridge-quadratic',
  'lasso',
  'neighbours',
  'forest',
  'boosted',
  'mamba-tokens',
  'mamba-untuned',
  'mamba-seed',
] as const;
export type ModelName = (typeof modelNames)[number];

/** Models whose settings can be looked for. */
export const tunableNames = ['mamba-tokens', 'forest', 'boosted'] as const satisfies readonly ModelName[];
export type TunableName = (typeof tunableNames)[number];
