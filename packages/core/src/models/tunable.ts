import type { z } from 'zod';
import type { TunableName } from '../optionNames.ts';
import { mambaSettingsSchema } from './mambaSettings.ts';
import { boostedSettingsSchema, forestSettingsSchema } from './treeEnsemble.ts';

/** A model's settings by name, whichever model it is. */
export type Settings = Readonly<Record<string, number | string | boolean | null>>;

/** The rules of every setting of the models that can be tuned. */
export const settingsSchemas: Readonly<Record<TunableName, z.ZodObject>> = {
  'mamba-tokens': mambaSettingsSchema,
  forest: forestSettingsSchema,
  boosted: boostedSettingsSchema,
};
