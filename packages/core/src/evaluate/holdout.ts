import { z } from 'zod';
import { measure } from '../metrics/metrics.ts';
import { actualOf } from '../metrics/pairs.ts';
import type { Checkpoints, Epoch, FitProgress, FittedRegressor, Regressor } from '../models/regressor.ts';
import { readPlain } from '../models/savedParts.ts';
import { joinRows } from '../models/trainingRows.ts';
import type { Split } from '../tracks/split.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import type { ModelResult } from './results.ts';

/** A fitted model with its result. */
export interface KeptModel {
  readonly fitted: FittedRegressor;
  readonly result: ModelResult;
}

export interface EvaluatedModel extends KeptModel {
  /** For every row of the table, in order: the source of all figures of the model. */
  readonly predicted: Float64Array;
}

/** Where evaluations are kept, so that an interrupted one resumes where it was. */
export interface EvaluationStore {
  /** A model evaluated before the interruption. */
  load(name: string): KeptModel | null;
  save(model: KeptModel): void;
  /** The state of a fit under way. */
  checkpoints(name: string): Checkpoints;
}

export interface HoldoutOptions {
  readonly seed: number;
  readonly store: EvaluationStore;
  readonly signal: AbortSignal;
  readonly checkpointSeconds: number;
  readonly threads: number;
  readonly memoryBytes: number;
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
        before = state?.metadata.seconds === undefined ? 0 : readPlain(state, 'seconds', z.number().min(0));
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
  { seed, store, signal, checkpointSeconds, threads, memoryBytes, onStart, onProgress, onFinish }: HoldoutOptions,
): Promise<EvaluatedModel[]> {
  const trainRows = joinRows(split.train, split.validation);
  const everyRow = Uint32Array.from({ length: tracks.count }, (_, row) => row);
  const measureRows = (predicted: Float64Array, rows: Rows) =>
    measure(
      actualOf(tracks, rows),
      Float64Array.from(rows, (row) => predicted[row]),
    );
  const evaluated: EvaluatedModel[] = [];
  for (const regressor of regressors) {
    const { name } = regressor;
    const known = store.load(name);
    if (known) {
      evaluated.push({ ...known, predicted: known.fitted.predict(tracks, everyRow) });
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
      memoryBytes,
      onEpoch(epoch) {
        history.push(epoch);
      },
      onProgress: (progress) => onProgress?.(name, progress),
    });
    const trained = seconds();
    const predicted = fitted.predict(tracks, everyRow);
    const result: ModelResult = {
      name,
      seconds: trained,
      train: measureRows(predicted, trainRows),
      test: measureRows(predicted, split.test),
      history,
    };
    store.save({ fitted, result });
    evaluated.push({ fitted, result, predicted });
    onFinish?.(result);
  }
  return evaluated;
}
