/** What a tuning thread executes: one trial after the other, asking after every epoch whether to go on. */
import { parentPort, workerData } from 'node:worker_threads';
import { createRegressor, type MambaName, type ModelSettings } from '../models/catalogue.ts';
import type { MambaSettings } from '../models/mambaSettings.ts';
import type { Fold } from '../tracks/folds.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { type CrossValidation, crossValidate, type Steps } from './crossValidation.ts';

/** What all trials of a study share. */
export interface TrialData {
  readonly tracks: Tracks;
  readonly folds: readonly Fold[];
  readonly model: MambaName;
  readonly steps: Steps;
}

export interface TrialTask {
  readonly settings: MambaSettings;
  readonly seed: number;
}

export type TrialMessage =
  | { readonly kind: 'step'; readonly step: number; readonly error: number }
  | { readonly kind: 'done'; readonly result: CrossValidation }
  | { readonly kind: 'pruned' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Thrown through a fit whose trial is not worth going on with. */
class Pruned extends Error {}

/** `signal` ends a trial; what it returns then means nothing. */
export interface TrialSurroundings {
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs one trial; `onStep` decides whether it goes on. */
export async function runTrial(
  { tracks, folds, model, steps }: TrialData,
  { settings, seed }: TrialTask,
  onStep: (step: number, error: number) => Promise<boolean>,
  { threads, signal }: TrialSurroundings,
): Promise<TrialMessage> {
  const regressor = createRegressor(model, { [model]: settings } as ModelSettings);
  try {
    const result = await crossValidate(tracks, folds, regressor, {
      seed,
      threads,
      signal,
      steps,
      async onStep(step, error) {
        if (!(await onStep(step, error))) throw new Pruned();
      },
    });
    return { kind: 'done', result };
  } catch (error) {
    if (error instanceof Pruned) return { kind: 'pruned' };
    return { kind: 'failed', reason: `${(error as Error).name}: ${(error as Error).message}` };
  }
}

function serve(port: NonNullable<typeof parentPort>, data: TrialData): void {
  let answer: (goOn: boolean) => void = () => {};
  const send = (message: TrialMessage) => port.postMessage(message);
  const ask = (step: number, error: number): Promise<boolean> => {
    const answered = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    send({ kind: 'step', step, error });
    return answered;
  };
  port.on('message', async (message: boolean | TrialTask) => {
    if (typeof message === 'boolean') answer(message);
    else send(await runTrial(data, message, ask, { threads: 1 }));
  });
}

if (parentPort && workerData?.trialData) serve(parentPort, workerData.trialData);
