import { measure } from '../metrics/metrics.ts';
import { actualOf } from '../metrics/pairs.ts';
import type { Regressor } from '../models/regressor.ts';
import { average } from '../statistics/moments.ts';
import type { Fold } from '../tracks/folds.ts';
import type { Tracks } from '../tracks/tracks.ts';

/** What a report is about: an epoch of a fold, or a fold. */
export type Steps = 'epochs' | 'folds';

export interface CrossValidationOptions {
  readonly seed: number;
  readonly memoryBytes?: number | undefined;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether fits measure the rows held out after each epoch. */
  readonly watches: boolean;
  /** What onStep is told about. */
  readonly steps: Steps;
  /**
   * After every epoch of every fold, the mean squared error so far, over the folds that are done and the one at hand; or after
   * every fold, that fold's mean squared error. May end the whole by throwing.
   */
  onStep(step: number, error: number): Promise<void>;
}

export interface CrossValidation {
  /** Mean over folds of the held-out rows' mean squared error. */
  readonly meanError: number;
  readonly foldErrors: readonly number[];
  /** Wall time of all fits, with their predictions. */
  readonly seconds: number;
  /** Numbers that a fitted model consists of. */
  readonly size: number;
}

/**
 * Fits a regressor once a fold and measures it on the rows that the fold holds out. Where these are watched, they choose no
 * epoch: what is measured are the last one's weights. What is held out to the end is in no fold.
 */
export async function crossValidate(
  tracks: Tracks,
  folds: readonly Fold[],
  regressor: Regressor,
  { seed, threads, memoryBytes, signal, watches, steps, onStep }: CrossValidationOptions,
): Promise<CrossValidation> {
  const started = performance.now();
  const foldErrors: number[] = [];
  let epochs = 0;
  let size = 0;
  const meanWith = (error: number) =>
    (foldErrors.reduce((sum, done) => sum + done, 0) + error) / (foldErrors.length + 1);
  for (const { train, heldOut } of folds) {
    const fitted = await regressor.fit(tracks, {
      seed,
      threads,
      memoryBytes,
      ...(signal && { signal }),
      train,
      validation: new Uint32Array(0),
      ...(watches && { watched: heldOut }),
      async onEpoch({ validationLoss }) {
        if (steps === 'epochs' && validationLoss !== null) await onStep(epochs++, meanWith(validationLoss));
      },
    });
    const { mse } = measure(actualOf(tracks, heldOut), fitted.predict(tracks, heldOut));
    foldErrors.push(mse);
    size = [...fitted.save().tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
    if (steps === 'folds') await onStep(foldErrors.length - 1, mse);
  }
  const meanError = average(foldErrors);
  return { meanError, foldErrors, seconds: (performance.now() - started) / 1000, size };
}
