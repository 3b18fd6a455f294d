import { average } from '../statistics/moments.ts';
import { median } from '../statistics/quantiles.ts';
import type { FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { readTensor } from './savedParts.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';

/** A constant that was fitted. */
export interface FittedConstant extends FittedRegressor {
  /** Popularity, 0–100. */
  readonly value: number;
}

/** Predicts the mean popularity of the training and validation rows for every song: the floor for mean squared error. */
export const meanRegressor: Regressor<FittedConstant> = defineConstant('mean', average);

/** Predicts the median popularity of the training and validation rows for every song: the floor for mean absolute error. */
export const medianRegressor: Regressor<FittedConstant> = defineConstant('median', median);

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
