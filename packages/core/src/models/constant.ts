import type { FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { readTensor } from './savedParts.ts';
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
  };
}

/** Throws: DataError where the saved model is not whole. */
export function loadConstant(name: 'mean' | 'median', saved: SavedModel): FittedConstant {
  return fitted(name, readTensor(saved, 'value', [1])[0]);
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
