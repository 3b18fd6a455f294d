/** The names that options and settings may have; for command lines, which load nothing else. */

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

/** Models that use no audio, against which the others are held; they take no context. */
export const referenceBaselines: readonly string[] = ['mean', 'median', 'era', 'artist'] satisfies ModelName[];

/** Mamba as it comes: with one token a feature, or the seed project's network. */
export const presets = ['tokens', 'seed'] as const;
export type Preset = (typeof presets)[number];

/** The model that a preset describes. */
export const presetModel = <P extends Preset>(preset: P): `mamba-${P}` => `mamba-${preset}`;

/** The preset whose settings each Mamba has by default; `mamba-untuned` keeps those from which a search began. */
export const mambaPresets = {
  'mamba-tokens': 'tokens',
  'mamba-untuned': 'tokens',
  'mamba-seed': 'seed',
} as const satisfies Partial<Record<ModelName, Preset>>;
export type MambaName = keyof typeof mambaPresets;

export const isMamba = (name: string): name is MambaName => Object.hasOwn(mambaPresets, name);

/** Models whose settings can be looked for. */
export const tunableNames = ['mamba-tokens', 'forest', 'boosted'] as const satisfies readonly ModelName[];
export type TunableName = (typeof tunableNames)[number];

/** Ways to hold songs out, see planProtocol. */
export const protocolNames = ['holdout', 'kfold', 'artist', 'time'] as const;
export type ProtocolName = (typeof protocolNames)[number];

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
