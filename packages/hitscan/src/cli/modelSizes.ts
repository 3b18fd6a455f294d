import type { MambaName } from '../models/catalogue.ts';
import { expectMambaFits } from '../models/mamba.ts';
import type { TrainingSize } from '../models/mambaMemory.ts';
import type { ModelName } from '../models/modelNames.ts';
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
