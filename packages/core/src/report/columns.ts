import type { ModelResult } from '../evaluate/results.ts';
import { formatNumber, formatSeconds } from './numbers.ts';

/** One column of the table of models, in the terminal and in the report alike. */
export interface ModelColumn {
  readonly group: 'test' | 'train' | undefined;
  readonly label: string;
  readonly format: (model: ModelResult) => string;
}

const figures = [
  { key: 'mse', label: 'MSE', decimals: 2 },
  { key: 'rmse', label: 'RMSE', decimals: 2 },
  { key: 'mae', label: 'MAE', decimals: 2 },
  { key: 'r2', label: 'R²', decimals: 3 },
  { key: 'spearman', label: 'Spearman', decimals: 3 },
] as const;

/** The figures after the model's name: held-out rows first, as they are what counts. */
export const figureColumns: readonly ModelColumn[] = (['test', 'train'] as const).flatMap((group) =>
  figures.map(({ key, label, decimals }) => ({
    group,
    label,
    format: (model: ModelResult) => formatNumber(model[group][key], decimals),
  })),
);

/** The figures, and how long the fit took. */
export const modelColumns: readonly ModelColumn[] = [
  ...figureColumns,
  { group: undefined, label: 'time', format: (model) => formatSeconds(model.seconds) },
];
