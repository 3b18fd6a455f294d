import type { ContextGroup } from '../features/context.ts';
import { createRegressor } from '../models/catalogue.ts';
import type { MambaSettings } from '../models/mambaSettings.ts';
import type { Regressor } from '../models/regressor.ts';
import { joinRows } from '../models/trainingRows.ts';
import { cutFolds, type FoldKind } from '../tracks/folds.ts';
import { choosePruner } from '../tune/choosePruner.ts';
import { chooseSampler } from '../tune/chooseSampler.ts';
import { soleProcess } from '../tune/processes.ts';
import { quickSpace } from '../tune/searchSpace.ts';
import { createMemoryStorage } from '../tune/storages/memory.ts';
import { runTrialsHere } from '../tune/trialRunner.ts';
import { tuneModel } from '../tune/tuneModel.ts';

export interface NestedSearch {
  readonly trials: number;
  readonly folds: number;
  /** That of the protocol, so that what is held out inside is as new as what is held out outside. */
  readonly kind: FoldKind;
}

/**
 * `mamba-tokens` that looks for its settings before every fit, on folds of the rows it is given: nested validation, so that a
 * protocol's test rows have no part in the choice.
 */
export function tunedRegressor(
  settings: MambaSettings,
  { trials, folds, kind, context }: NestedSearch & { readonly context: readonly ContextGroup[] },
): Regressor {
  const make = (found: MambaSettings) =>
    createRegressor('mamba-tokens', { 'mamba-tokens': found, 'mamba-untuned': found, 'mamba-seed': found }, context);
  return {
    name: 'mamba-tokens',
    async fit(tracks, options) {
      const { seed, threads = 1, signal = new AbortController().signal } = options;
      const rows = joinRows(options.train, options.validation);
      const data = {
        tracks,
        folds: cutFolds(tracks, rows, { kind, folds, seed }),
        model: 'mamba-tokens',
        context,
        steps: 'epochs',
      } as const;
      const { settings: found } = await tuneModel({
        data,
        space: quickSpace,
        base: { ...settings, ensemble: 1 },
        seed,
        objectives: ['error'],
        trials,
        timeoutSeconds: Number.POSITIVE_INFINITY,
        storage: createMemoryStorage(),
        study: 'nested',
        sampler: chooseSampler('tpe', { seed, space: quickSpace }).sampler,
        pruner: choosePruner('asha', { ignorantError: Number.POSITIVE_INFINITY, steps: data.steps }),
        threads: [runTrialsHere(data, threads)],
        processes: soleProcess,
        signal,
      });
      return make({ ...(found as MambaSettings), ensemble: settings.ensemble }).fit(tracks, options);
    },
  };
}
