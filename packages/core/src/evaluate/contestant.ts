import type { ContextGroup } from '../features/context.ts';
import type { CrossFitOptions } from '../intervals/crossFit.ts';
import { createRegressor, type ModelSettings } from '../models/catalogue.ts';
import { type MambaSettings, presetSettings } from '../models/mambaSettings.ts';
import type { Regressor } from '../models/regressor.ts';
import type { ModelName } from '../optionNames.ts';
import { type NestedSearch, tunedRegressor } from './tunedRegressor.ts';

/** A model as it takes part in a contest. Plain data: it travels to threads and lies in files. */
export interface Contestant {
  /** In tables; different from all others'. */
  readonly name: string;
  readonly model: ModelName;
  /** Where they differ from the model's defaults; for Mamba only. */
  readonly settings: Partial<MambaSettings>;
  /** Its inputs beside audio. */
  readonly context: readonly ContextGroup[];
  /** Where `mamba-tokens` looks for settings before each fit. */
  readonly search: NestedSearch | null;
  /** Shares of the test rows' values that are masked before the model predicts them once more. */
  readonly maskedShares: readonly number[];
  /** Folds of the training rows from which intervals are made around its predictions; null for none. */
  readonly intervals: Pick<CrossFitOptions, 'folds' | 'kind'> | null;
}

/** A contestant that is the model as it comes, but for the changes. */
export function makeContestant(model: ModelName, changes: Partial<Contestant> = {}): Contestant {
  return { name: model, model, settings: {}, context: [], search: null, maskedShares: [], intervals: null, ...changes };
}

/** The regressor that a contestant stands for. */
export function makeRegressor(
  { name, model, settings, context, search }: Contestant,
  deterministic: boolean,
): Regressor {
  const tokens = { ...presetSettings('tokens', deterministic), ...settings };
  if (model === 'mamba-tokens' && search) return { ...tunedRegressor(tokens, { ...search, context }), name };
  const seed = { ...presetSettings('seed', deterministic), ...settings };
  const all: ModelSettings = { 'mamba-tokens': tokens, 'mamba-untuned': tokens, 'mamba-seed': seed };
  return { ...createRegressor(model, all, context), name };
}
