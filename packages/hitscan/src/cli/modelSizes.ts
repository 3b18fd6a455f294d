import type { MambaName, TrainingSize } from '@hitscan/core/models';
import { expectMambaFits } from '@hitscan/core/models';
import type { ModelName } from '@hitscan/core/optionNames';
import { type RunConfig, settingsOf } from './config.ts';

/**
 * Refuses settings with which a model cannot fit in memory, before a run's folder is made.
 * Throws: ConfigError with the estimate and the limit.
 */
export function expectModelsFit(models: readonly ModelName[], config: RunConfig, size: TrainingSize): void {
  const settings = settingsOf(config);
  for (const name of models) {
    if (!name.startsWith('mamba-')) continue;
    const preset = name === 'mamba-seed' ? 'seed' : 'tokens';
    expectMambaFits(preset, settings[name as MambaName], config.context, size);
  }
}
