import { mean, median } from './constant.ts';
import { linear } from './linear.ts';
import { mambaRegressor } from './mamba.ts';
import type { MambaSettings } from './mambaSettings.ts';
import type { Regressor } from './regressor.ts';

/** Every model there is, in the order of tables and reports. */
export const modelNames = ['mean', 'median', 'linear', 'mamba-tokens', 'mamba-untuned', 'mamba-seed'] as const;
export type ModelName = (typeof modelNames)[number];

/** `mamba-untuned` is mamba-tokens with the settings from which the search for better ones began. */
export type MambaName = 'mamba-tokens' | 'mamba-untuned' | 'mamba-seed';

/** Settings of the models that have any. */
export type ModelSettings = Readonly<Record<MambaName, MambaSettings>>;

export function createRegressor(name: ModelName, settings: ModelSettings): Regressor {
  switch (name) {
    case 'mean':
      return mean;
    case 'median':
      return median;
    case 'linear':
      return linear;
    case 'mamba-tokens':
      return mambaRegressor('tokens', settings[name]);
    case 'mamba-untuned':
      return { ...mambaRegressor('tokens', settings[name]), name };
    case 'mamba-seed':
      return mambaRegressor('seed', settings[name]);
  }
}
