import { DataError } from '../errors.ts';
import type { FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';

/** A constant that was fitted. */
export interface FittedConstant extends FittedRegressor {
  /** Popularity, 0–100. */
  readonly value: number;
}

/** Predicts the mean popularity of the training and validation rows for every song: the floor for mean squared error. */
export const mean: Regressor<FittedConstant> = defineConstant('mean', (values) => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
});

/** Predicts the median popularity of the training and validation rows for every song: the floor for mean absolute error. */
export const median: Regressor<FittedConstant> = defineConstant('median', (values) => {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
});

function defineConstant(name: string, summarise: (values: Float64Array) => number): Regressor<FittedConstant> {
  return {
    name,
    async fit(tracks, { train, validation }) {
      return fitted(name, summarise(gatherPopularity(tracks, joinRows(train, validation))));
    },
    load(saved: SavedModel) {
      const value = saved.tensors.get('value')?.data;
      if (saved.metadata.model !== name || value?.length !== 1 || !Number.isFinite(value[0])) {
        const found = saved.metadata.model ?? 'no name';
        throw new DataError(
          'model',
          `must be a saved "${name}" with a finite tensor "value" of length 1, got "${found}"`,
        );
      }
      return fitted(name, value[0]);
    },
  };
}

function fitted(name: string, value: number): FittedConstant {
  return {
    name,
    value,
    predict: (_tracks, rows) => new Float64Array(rows.length).fill(value),
    save: () => ({
      tensors: new Map([['value', { shape: [1], data: Float64Array.of(value) }]]),
      metadata: { model: name },
    }),
  };
}
