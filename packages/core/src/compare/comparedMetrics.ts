/**
 * Figures that models are compared by: those that follow from a sum over rows. That makes a resample of whole artists a
 * matter of adding up; a correlation of ranks would have to rank every resample anew.
 */
export type ComparedMetric = 'mse' | 'rmse' | 'mae' | 'r2' | 'within5' | 'within10';

/**
 * Where a figure can lie, which its interval has to respect: `share` is 0 to 1; others follow from a number above 0, and are
 * turned into it and back.
 */
export type FigureRange =
  | 'share'
  | { readonly toPositive: (figure: number) => number; readonly fromPositive: (positive: number) => number };

interface MetricRule {
  readonly better: 'lower' | 'higher';
  readonly range: FigureRange;
  /** What a row adds to the sum, from its error (predicted − actual). */
  readonly contribute: (error: number) => number;
  /**
   * The figure of some rows: from the sum over them, their number, and the sum of their actual values' squared deviations
   * from their own mean. Null where undefined.
   */
  readonly figure: (sum: number, rows: number, squaredDeviations: number) => number | null;
}

const square = (error: number) => error * error;
const mean = (sum: number, rows: number) => sum / rows;

const itself = (value: number) => value;
const positive: FigureRange = { toPositive: itself, fromPositive: itself };
/** R² falls short of 1 by a ratio of two sums of squares. */
const belowOne: FigureRange = { toPositive: (r2) => 1 - r2, fromPositive: (ratio) => 1 - ratio };

/** As `measure` defines these figures. */
export const comparedMetrics: Readonly<Record<ComparedMetric, MetricRule>> = {
  mse: { better: 'lower', range: positive, contribute: square, figure: mean },
  rmse: {
    better: 'lower',
    range: { toPositive: square, fromPositive: Math.sqrt },
    contribute: square,
    figure: (sum, rows) => Math.sqrt(sum / rows),
  },
  mae: { better: 'lower', range: positive, contribute: Math.abs, figure: mean },
  r2: {
    better: 'higher',
    range: belowOne,
    contribute: square,
    figure: (sum, _, squaredDeviations) => (squaredDeviations > 0 ? 1 - sum / squaredDeviations : null),
  },
  within5: { better: 'higher', range: 'share', contribute: (error) => (Math.abs(error) <= 5 ? 1 : 0), figure: mean },
  within10: { better: 'higher', range: 'share', contribute: (error) => (Math.abs(error) <= 10 ? 1 : 0), figure: mean },
};

/**
 * a − b, and 0 where the two are equal but for rounding: a model and the same one written another way differ in the
 * thirteenth digit, always in one direction, and no test may call that better.
 */
export function subtract(a: number, b: number): number {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) ? 0 : a - b;
}
