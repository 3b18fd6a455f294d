import type { ContextGroup } from '../features/context.ts';
import { type MambaName, type ModelName, mambaPresets, modelNames } from '../optionNames.ts';
import { artist, loadArtist } from './artist.ts';
import { boostedRegressor } from './boosted.ts';
import { loadConstant, meanRegressor, medianRegressor } from './constant.ts';
import { era, loadEra } from './era.ts';
import { forestRegressor } from './forest.ts';
import { lassoRegressor } from './lasso.ts';
import { linearRegressor, loadLinear } from './linear.ts';
import { loadMamba, mambaRegressor } from './mamba.ts';
import type { MambaSettings } from './mambaSettings.ts';
import { migrateModel } from './migrations.ts';
import { loadNeighbours, neighboursRegressor } from './neighbours.ts';
import { loadPenalised } from './penalised.ts';
import type { FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { ridgeRegressor } from './ridge.ts';
import { readName } from './savedParts.ts';
import { type BoostedSettings, type ForestSettings, loadTrees } from './treeEnsemble.ts';

/** Settings of the models that have any. */
export type ModelSettings = Readonly<Record<MambaName, MambaSettings>> & {
  readonly forest?: ForestSettings;
  readonly boosted?: BoostedSettings;
};

/**
 * A model by name. With `context`, it is told of the song's artist or time too, which is not audio; `referenceBaselines` are as
 * they are with any.
 */
export function createRegressor(
  name: ModelName,
  settings: ModelSettings,
  context: readonly ContextGroup[] = [],
): Regressor {
  switch (name) {
    case 'mean':
      return meanRegressor;
    case 'median':
      return medianRegressor;
    case 'era':
      return era;
    case 'artist':
      return artist;
    case 'linear':
      return linearRegressor(context);
    case 'ridge':
    case 'ridge-quadratic':
      return ridgeRegressor(name, context);
    case 'lasso':
      return lassoRegressor(context);
    case 'neighbours':
      return neighboursRegressor(context);
    case 'forest':
      return forestRegressor(context, settings.forest);
    case 'boosted':
      return boostedRegressor(context, settings.boosted);
    case 'mamba-tokens':
    case 'mamba-untuned':
    case 'mamba-seed':
      return mambaRegressor(mambaPresets[name], settings[name], context, name);
  }
}

/** A model that was saved, of any version. */
export interface LoadedRegressor {
  readonly name: ModelName;
  readonly fitted: FittedRegressor;
  /** What it uses beside audio. */
  readonly context: readonly ContextGroup[];
}

/**
 * Loads a saved model, of this version or an older one, from what was saved and nothing else. It predicts as it did when it was
 * saved, to the bit. `expected`: which model it must be.
 * Throws: DataError naming the file and the field where it is not whole, or another model than expected.
 */
export function loadRegressor(saved: SavedModel, expected?: ModelName): LoadedRegressor {
  const migrated = migrateModel(saved);
  const name = readName(migrated, expected === undefined ? modelNames : [expected]);
  const fitted = loadFitted(name, migrated);
  return { name, fitted, context: fitted.context ?? [] };
}

function loadFitted(name: ModelName, saved: SavedModel): FittedRegressor {
  switch (name) {
    case 'mean':
    case 'median':
      return loadConstant(name, saved);
    case 'era':
      return loadEra(saved);
    case 'artist':
      return loadArtist(saved);
    case 'linear':
      return loadLinear(saved);
    case 'ridge':
    case 'ridge-quadratic':
    case 'lasso':
      return loadPenalised(name, saved);
    case 'neighbours':
      return loadNeighbours(saved);
    case 'forest':
    case 'boosted':
      return loadTrees(name, saved);
    case 'mamba-tokens':
    case 'mamba-untuned':
    case 'mamba-seed':
      return loadMamba(name, saved);
  }
}
