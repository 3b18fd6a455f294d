import { actualOf } from '../evaluate/holdout.ts';
import { measure } from '../evaluate/metrics.ts';
import type { Regressor } from '../models/regressor.ts';
import type { Fold } from '../tracks/folds.ts';
import type { Tracks } from '../tracks/tracks.ts';

export interface CrossValidationOptions {
  readonly seed: number;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * Told after every epoch of every fold: the mean squared error so far, over the folds that are done and the one at hand.
   * May end the whole by throwing.
   */
  onStep(step: number, error: number): Promise<void>;
}

export interface CrossValidation {
  /** Mean over folds of the held-out rows' mean squared error. */
  readonly meanError: number;
  readonly foldErrors: readonly number[];
  readonly seconds: number;
}

/**
 * Fits a regressor once a fold and measures it on the rows that the fold holds out. These rows are also watched for early
 * stopping, so the error is a little too good, alike for all settings; what is held out to the end is in no fold.
 */
export async function crossValidate(
  tracks: Tracks,
  folds: readonly Fold[],
  regressor: Regressor,
  { seed, threads, signal, onStep }: CrossValidationOptions,
): Promise<CrossValidation> {
  const started = performance.now();
  const foldErrors: number[] = [];
  let step = 0;
  const meanWith = (error: number) =>
    (foldErrors.reduce((sum, done) => sum + done, 0) + error) / (foldErrors.length + 1);
  for (const { train, heldOut } of folds) {
    const fitted = await regressor.fit(tracks, {
      seed,
      threads,
      ...(signal && { signal }),
      train,
      validation: heldOut,
      onEpoch: ({ validationLoss }) => (validationLoss === null ? undefined : onStep(step++, meanWith(validationLoss))),
    });
    foldErrors.push(measure(actualOf(tracks, heldOut), fitted.predict(tracks, heldOut)).mse);
  }
  const meanError = foldErrors.reduce((sum, error) => sum + error, 0) / foldErrors.length;
  return { meanError, foldErrors, seconds: (performance.now() - started) / 1000 };
}
