import { checkPairs } from '../metrics/pairs.ts';
import type { Rows } from '../tracks/tracks.ts';

/** What a model, fitted on the other rows, predicts for the rows that one fold holds out. */
export interface FoldPredictions {
  readonly repeat: number;
  readonly fold: number;
  /** The rows held out, by their index in the table of songs. */
  readonly rows: Rows;
  /** How many rows the model was fitted on. */
  readonly trainCount: number;
  /** Shapes: actual and predicted (rows), in the order of `rows`. */
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
}

/** A model's predictions in every fold of every repeat; a single fold for a holdout. */
export interface ModelPredictions {
  readonly name: string;
  readonly folds: readonly FoldPredictions[];
}

/**
 * Refuses models that were not measured on the same rows of the same folds: they cannot be paired.
 * Throws: RangeError for no model, no fold, an empty fold, folds that differ, or values that are not finite.
 */
export function checkPaired(models: readonly ModelPredictions[]): void {
  const [first] = models;
  if (!first) throw new RangeError('comparison: needs at least one model, got 0');
  if (first.folds.length === 0) throw new RangeError(`comparison: ${first.name} must have at least one fold, got 0`);
  for (const { name, folds } of models) {
    if (folds.length !== first.folds.length) {
      throw new RangeError(`comparison: ${name} must have ${first.folds.length} folds, got ${folds.length}`);
    }
    folds.forEach((fold, i) => {
      const where = `comparison: ${name}, repeat ${fold.repeat}, fold ${fold.fold}`;
      checkPairs(where, fold.actual, fold.predicted);
      if (fold.rows.length !== fold.actual.length) {
        throw new RangeError(`${where}: rows must hold ${fold.actual.length} values, got ${fold.rows.length}`);
      }
      if (!(fold.trainCount > 0)) throw new RangeError(`${where}: trainCount must be above 0, got ${fold.trainCount}`);
      const other = first.folds[i];
      const same =
        fold.repeat === other.repeat &&
        fold.fold === other.fold &&
        equalValues(fold.rows, other.rows) &&
        equalValues(fold.actual, other.actual);
      if (!same) throw new RangeError(`${where}: must hold out the rows that it does for ${first.name}, got others`);
    });
  }
}

function equalValues(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
