import type { ContextGroup } from '../features/context.ts';
import type { MambaName, ModelName } from '../optionNames.ts';
import { artist } from './artist.ts';
import { boostedRegressor } from './boosted.ts';
import { mean, median } from './constant.ts';
import { era } from './era.ts';
import { forestRegressor } from './forest.ts';
import { lassoRegressor } from './lasso.ts';
import { linearRegressor } from './linear.ts';
import { mambaRegressor } from './mamba.ts';
import type { MambaSettings } from './mambaSettings.ts';
import { neighboursRegressor } from './neighbours.ts';
import type { Regressor } from './regressor.ts';
import { ridgeRegressor } from './ridge.ts';
import type { BoostedSettings, ForestSettings } from './treeSettings.ts';

/** Settings of the models that have any. */
export type ModelSettings = Readonly<Record<MambaName, MambaSettings>> & {
  readonly forest?: ForestSettings;
  readonly boosted?: BoostedSettings;
};

/** Models of whose inputs none is audio; they take no context. */
export const referenceBaselines: readonly ModelName[] = ['mean', 'median', 'era', 'artist'];

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
      return mean;
    case 'median':
      return median;
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
      return mambaRegressor('tokens', settings[name], context);
    case 'mamba-untuned':
      return { ...mambaRegressor('tokens', settings[name], context), name };
    case 'mamba-seed':
      return mambaRegressor('seed', settings[name], context);
  }
}
