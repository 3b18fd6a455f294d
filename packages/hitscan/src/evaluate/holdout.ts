import type { Checkpoints, Epoch, FitProgress, FittedRegressor, Regressor } from '../models/regressor.ts';
import { joinRows } from '../models/trainingRows.ts';
import type { Split } from '../tracks/split.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { actualOf } from './actual.ts';
import { measure } from './metrics.ts';
import type { ModelResult } from './results.ts';

export interface EvaluatedModel {
  readonly fitted: FittedRegressor;
  readonly result: ModelResult;
}

/** Where evaluations are kept, so that an interrupted one goes on where it was. */
export interface EvaluationStore {
  /** A model evaluated before the interruption. */
  load(name: string): EvaluatedModel | null;
  save(evaluated: EvaluatedModel): void;
  /** The state of a fit under way. */
  checkpoints(name: string): Checkpoints;
}

export interface HoldoutOptions {
  readonly seed: number;
  readonly store: EvaluationStore;
  readonly signal: AbortSignal;
  readonly checkpointSeconds: number;
  readonly threads: number;
  onStart?(name: string): void;
  onProgress?(name: string, progress: FitProgress): void;
  onFinish?(result: ModelResult): void;
}

/** Adds up the wall time of a fit over its interruptions, by keeping it with the checkpoints. */
function timeCheckpoints(checkpoints: Checkpoints): { timed: Checkpoints; seconds(): number } {
  const started = performance.now();
  let before = 0;
  const seconds = () => before + (performance.now() - started) / 1000;
  return {
    seconds,
    timed: {
      load() {
        const state = checkpoints.load();
        before = Number(state?.metadata.seconds ?? 0);
        return state;
      },
      save: (state) => checkpoints.save({ ...state, metadata: { ...state.metadata, seconds: String(seconds()) } }),
    },
  };
}

/**
 * Fits each model on the training rows and measures it once on the test rows, one model after the other.
 *
 * `train` metrics are over training and validation rows together, `test` over rows that no fit has seen.
 */
export async function evaluateHoldout(
  tracks: Tracks,
  split: Split,
  regressors: readonly Regressor[],
  { seed, store, signal, checkpointSeconds, threads, onStart, onProgress, onFinish }: HoldoutOptions,
): Promise<EvaluatedModel[]> {
  const trainRows = joinRows(split.train, split.validation);
  const trainActual = actualOf(tracks, trainRows);
  const testActual = actualOf(tracks, split.test);
  const evaluated: EvaluatedModel[] = [];
  for (const regressor of regressors) {
    const { name } = regressor;
    const known = store.load(name);
    if (known) {
      evaluated.push(known);
      onFinish?.(known.result);
      continue;
    }
    onStart?.(name);
    const history: Epoch[] = [];
    const { timed, seconds } = timeCheckpoints(store.checkpoints(name));
    const fitted = await regressor.fit(tracks, {
      seed,
      train: split.train,
      validation: split.validation,
      signal,
      checkpoints: timed,
      checkpointSeconds,
      threads,
      onEpoch(epoch) {
        history.push(epoch);
      },
      onProgress: (progress) => onProgress?.(name, progress),
    });
    const result: ModelResult = {
      name,
      seconds: seconds(),
      train: measure(trainActual, fitted.predict(tracks, trainRows)),
      test: measure(testActual, fitted.predict(tracks, split.test)),
      history,
    };
    const entry = { fitted, result };
    store.save(entry);
    evaluated.push(entry);
    onFinish?.(result);
  }
  return evaluated;
}
