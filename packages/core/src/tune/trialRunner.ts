import type { ContextGroup } from '../features/context.ts';
import { createRegressor, type ModelSettings } from '../models/catalogue.ts';
import type { Settings } from '../models/tunable.ts';
import type { TunableName } from '../optionNames.ts';
import type { Fold } from '../tracks/folds.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { type CrossValidation, crossValidate, type Steps } from './crossValidation.ts';

/** What all trials of a study share. */
export interface TrialData {
  readonly tracks: Tracks;
  readonly folds: readonly Fold[];
  readonly model: TunableName;
  /** What the model is told beside audio. */
  readonly context: readonly ContextGroup[];
  readonly steps: Steps;
  /** Bytes that a fit may use; not limited where it is not there. */
  readonly memoryBytes?: number;
}

export interface TrialTask {
  readonly settings: Settings;
  readonly seed: number;
}

/** An error on the way, see Steps. */
export interface TrialReport {
  readonly step: number;
  readonly error: number;
}

/** How a trial ended. */
export type TrialMessage =
  | { readonly kind: 'done'; readonly result: CrossValidation }
  | { readonly kind: 'pruned' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Thrown through a fit whose trial is not worth going on with. */
class Pruned extends Error {}

/** `signal` ends a trial; what it returns then means nothing. */
export interface TrialResources {
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs one trial; `onReport` decides whether it goes on. */
export async function runTrial(
  { tracks, folds, model, context, steps, memoryBytes }: TrialData,
  { settings, seed }: TrialTask,
  onReport: (report: TrialReport) => Promise<boolean>,
  { threads, signal }: TrialResources,
): Promise<TrialMessage> {
  const regressor = createRegressor(model, { [model]: settings } as ModelSettings, context);
  try {
    const result = await crossValidate(tracks, folds, regressor, {
      seed,
      threads,
      memoryBytes,
      signal,
      watches: model === 'mamba-tokens',
      steps,
      async onStep(step, error) {
        if (!(await onReport({ step, error }))) throw new Pruned();
      },
    });
    return { kind: 'done', result };
  } catch (error) {
    if (error instanceof Pruned) return { kind: 'pruned' };
    return { kind: 'failed', reason: `${(error as Error).name}: ${(error as Error).message}` };
  }
}

/** Runs trials one after the other. */
export interface TrialThread {
  /** `onReport` decides whether the trial goes on. Resolves with how it ended. */
  run(task: TrialTask, onReport: (report: TrialReport) => Promise<boolean>): Promise<TrialMessage>;
  /** Ends the trial under way. */
  dispose(): Promise<void>;
}

/** Runs trials on the calling thread and as many more as are given: any number gives the same results. */
export function runTrialsHere(data: TrialData, threads: number): TrialThread {
  const controller = new AbortController();
  return {
    run: (task, onReport) => runTrial(data, task, onReport, { threads, signal: controller.signal }),
    async dispose() {
      controller.abort(new Error('the search has ended'));
    },
  };
}
