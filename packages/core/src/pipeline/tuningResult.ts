import { z } from 'zod';
import { settingsSchemas } from '../models/tunable.ts';
import { tunableNames } from '../optionNames.ts';
import type { Trial } from '../tune/trial.ts';

/** What a finished search leaves in the run's folder, for the rest of the run and for people. */
export const tuningResultSchema = z
  .object({
    study: z.string(),
    /** An address, or the name of a file in the run's folder. */
    storage: z.string(),
    folds: z.int().min(0),
    trials: z.int().min(0),
    pruned: z.int().min(0),
    failed: z.int().min(0),
    /** Of the settings from which the search began, on the same folds; null where no trial of them is complete. */
    baseError: z.number().nullable(),
    bestTrial: z.int().min(0).nullable(),
    /** Mean squared error over the folds of the training rows. */
    bestError: z.number().nullable(),
    /** The trials that no other is better than in every objective; the best alone where there is one. */
    paretoFront: z
      .array(z.object({ trial: z.int().min(0), values: z.record(z.string(), z.number()).readonly() }).readonly())
      .readonly(),
    /** How much each setting had to do with being among the best tenth, as shares of 1, largest first (PED-ANOVA). */
    importances: z.record(z.string(), z.number().nullable()).readonly(),
    model: z.enum(tunableNames),
    settings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])).readonly(),
  })
  .superRefine(({ model, settings }, { addIssue }) => {
    const { error } = settingsSchemas[model].safeParse(settings);
    for (const issue of error?.issues ?? []) addIssue({ ...issue, path: ['settings', ...issue.path] });
  })
  .readonly();
export type TuningResult = z.infer<typeof tuningResultSchema>;

/** The trials of a study, and the number of the one with the settings from which the search began. */
export interface StudyTrials {
  readonly trials: readonly Trial[];
  readonly baseTrial: number | null;
}
