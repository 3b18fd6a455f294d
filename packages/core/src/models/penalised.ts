import { type ContextGroup, listGroups } from '../features/context.ts';
import { countTerms, encodeTerms, fitTerms, type Terms, termsSchema } from '../features/quadraticTerms.ts';
import { type Covariances, measureCovariances } from '../statistics/covariance.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import type { FitOptions, FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { readPlain, readTensor } from './savedParts.ts';
import { cutInnerFolds, gatherPopularity, joinRows } from './trainingRows.ts';

/** A linear model with a penalty on its coefficients. */
export interface PenalisedFit {
  readonly intercept: number;
  /** (terms), per standard deviation of the term. */
  readonly coefficients: Float64Array;
  /** As the model's objective has it. */
  readonly penalty: number;
}

export interface FittedPenalised extends FittedRegressor, PenalisedFit {}

/** What makes a penalised model ridge or lasso. */
export interface PenalisedKind {
  readonly name: 'ridge' | 'ridge-quadratic' | 'lasso';
  /** Whether squares and products of the columns are terms too. */
  readonly quadratic: boolean;
  /** The penalties that are tried, falling. */
  listPenalties(covariances: Covariances): Float64Array;
  /** The coefficients under each penalty. */
  solvePath(covariances: Covariances, penalties: Float64Array): readonly Float64Array[];
}

/**
 * A penalised linear model on standardised terms; the intercept goes free. Fitted on training and validation rows
 * together. Predictions are not clipped to 0–100.
 *
 * The penalty is the one of least squared error over five folds of those rows, in which repeats of a song stay together
 * and every encoder is fitted anew; of equal ones the greatest. Missing values count as the training mean.
 */
export function penalisedRegressor(kind: PenalisedKind, groups: readonly ContextGroup[]): Regressor<FittedPenalised> {
  const { name, quadratic } = kind;

  function encode(tracks: Tracks, rows: Rows, seed: number): { terms: Terms; covariances: Covariances } {
    const terms = fitTerms(tracks, rows, { groups, quadratic, seed });
    return { terms, covariances: measureCovariances(encodeTerms(terms, tracks, rows), gatherPopularity(tracks, rows)) };
  }

  /** The index of the best penalty. */
  function choosePenalty(tracks: Tracks, rows: Rows, seed: number, penalties: Float64Array): number {
    const errors = new Float64Array(penalties.length);
    for (const { train, heldOut } of cutInnerFolds(tracks, rows, seed)) {
      const { terms, covariances } = encode(tracks, train, seed);
      const x = encodeTerms(terms, tracks, heldOut);
      const actual = gatherPopularity(tracks, heldOut);
      kind.solvePath(covariances, penalties).forEach((coefficients, k) => {
        const predicted = evaluate(x, coefficients, findIntercept(covariances, coefficients));
        for (let i = 0; i < actual.length; i++) errors[k] += (predicted[i] - actual[i]) ** 2;
      });
    }
    return errors.indexOf(Math.min(...errors));
  }

  return {
    name,
    async fit(tracks: Tracks, { train, validation, seed }: FitOptions) {
      const rows = joinRows(train, validation);
      const { terms, covariances } = encode(tracks, rows, seed);
      const penalties = kind.listPenalties(covariances);
      const best = choosePenalty(tracks, rows, seed, penalties);
      const coefficients = kind.solvePath(covariances, penalties.subarray(0, best + 1))[best];
      return fitted(name, terms, {
        coefficients,
        intercept: findIntercept(covariances, coefficients),
        penalty: penalties[best],
      });
    },
  };
}

/** Throws: DataError where the saved model is not whole. */
export function loadPenalised(name: PenalisedKind['name'], saved: SavedModel): FittedPenalised {
  const terms = readPlain(saved, 'terms', termsSchema);
  const [intercept, penalty] = readTensor(saved, 'line', [2]);
  return fitted(name, terms, {
    coefficients: readTensor(saved, 'coefficients', [countTerms(terms)]),
    intercept,
    penalty,
  });
}

function fitted(name: string, terms: Terms, fit: PenalisedFit): FittedPenalised {
  const { coefficients, intercept, penalty } = fit;
  return {
    name,
    context: listGroups(terms.design.context),
    ...fit,
    predict: (tracks, rows) => evaluate(encodeTerms(terms, tracks, rows), coefficients, intercept),
    save: () => ({
      tensors: new Map([
        ['coefficients', { shape: [coefficients.length], data: coefficients.slice() }],
        ['line', { shape: [2], data: Float64Array.of(intercept, penalty) }],
      ]),
      metadata: { model: name, terms: JSON.stringify(terms) },
    }),
  };
}

function findIntercept({ means, targetMean }: Covariances, coefficients: Float64Array): number {
  return coefficients.reduce((left, coefficient, j) => left - coefficient * means[j], targetMean);
}

/** Shapes: x (rows, columns), row-major; coefficients (columns). */
function evaluate(x: Float64Array, coefficients: Float64Array, intercept: number): Float64Array {
  const columns = coefficients.length;
  return Float64Array.from({ length: x.length / columns }, (_, row) => {
    let sum = intercept;
    for (let j = 0; j < columns; j++) sum += coefficients[j] * x[row * columns + j];
    return sum;
  });
}
