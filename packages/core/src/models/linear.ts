import { z } from 'zod';
import {
  type ContextEncoder,
  type ContextGroup,
  contextSchema,
  fitContext,
  gatherInputs,
  listGroups,
  nameInputs,
} from '../features/context.ts';
import { farthest, findUnit, fitScale } from '../features/standardise.ts';
import { leastSquares } from '../statistics/leastSquares.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { inferLinear, type LinearInference } from './inference.ts';
import type { FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { damaged, readPlain, readTensor } from './savedParts.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';

export interface FittedLinear extends FittedRegressor {
  readonly inference: LinearInference;
}

/** How tracks become columns as they are. */
interface Inputs {
  readonly context: ContextEncoder;
  /** (columns): what stands for a missing value. */
  readonly fill: Float64Array;
}

/** A fitted line. */
interface Line {
  readonly intercept: number;
  /** (columns). */
  readonly coefficients: Float64Array;
  readonly inference: LinearInference;
}

/**
 * Ordinary least squares on the 13 audio features as raw numbers; key, mode and time signature as integers, as the
 * seed had them; columns of the context likewise. Fitted on training and validation rows together. Predictions are not
 * clipped to 0–100; a value that is absurdly far from all that were fitted on counts as the `farthest`.
 *
 * A missing value is replaced by the mean of its column in those rows, in fitting and in predicting; a column without
 * any value there is constant. Constant and collinear columns are left out, the later one of a set: `aliased`.
 */
export function linearRegressor(groups: readonly ContextGroup[]): Regressor<FittedLinear> {
  return {
    name: 'linear',
    async fit(tracks, { train, validation, seed }) {
      const rows = joinRows(train, validation);
      const popularity = gatherPopularity(tracks, rows);
      const context = fitContext(tracks, rows, groups, seed);
      const columns = gatherInputs(context, tracks, rows);
      const names = nameInputs(context);
      const inputs: Inputs = { context, fill: Float64Array.from(names, (name) => fitScale(columns[name], rows).mean) };
      return fitted(inputs, fitLine(encode(inputs, tracks, rows), names, popularity));
    },
  };
}

/** Throws: DataError where the saved model is not whole. */
export function loadLinear(saved: SavedModel): FittedLinear {
  const context = readPlain(saved, 'context', contextSchema);
  const names = nameInputs(context);
  const features = readPlain(saved, 'features', z.array(z.string()));
  if (features.join() !== names.join()) {
    throw damaged(saved, 'features', `must be ${names.join(', ')}, got ${features.join(', ')}`);
  }
  const terms = ['intercept', ...names];
  const inference = readPlain(
    saved,
    'inference',
    inferenceSchema.refine((found) => found.terms.map(({ name }) => name).join() === terms.join(), {
      path: ['terms'],
      message: `must be ${terms.join(', ')}`,
    }),
  );
  const [intercept] = readTensor(saved, 'intercept', [1]);
  const coefficients = readTensor(saved, 'coefficients', [names.length]);
  return fitted({ context, fill: readTensor(saved, 'fill', [names.length]) }, { intercept, coefficients, inference });
}

/** Of each column, see `findUnit`. Shape: x (rows, width). */
function findUnits(x: Float64Array, width: number): Float64Array {
  const largest = new Float64Array(width);
  x.forEach((value, at) => {
    largest[at % width] = Math.max(largest[at % width], Math.abs(value));
  });
  return largest.map((value) => findUnit([value]));
}

/** Least squares on columns of any size: one of absurdly large numbers in a unit of its own. Shape: x (rows, names). */
function fitLine(x: Float64Array, names: readonly string[], y: Float64Array): Line {
  const width = names.length;
  const units = findUnits(x, width);
  const scaled = units.every((unit) => unit === 1) ? x : x.map((value, at) => value / units[at % width]);
  const fit = leastSquares(scaled, y.length, width, y);
  const inUnits = inferLinear(fit, names);
  const terms = inUnits.terms.map((term, i) => {
    const unit = i === 0 ? 1 : units[i - 1];
    const perUnit = (figure: number | null) => (figure === null ? null : figure / unit);
    return {
      ...term,
      coefficient: term.coefficient / unit,
      standardError: perUnit(term.standardError),
      low: perUnit(term.low),
      high: perUnit(term.high),
      deviation: term.deviation * unit,
    };
  });
  return {
    intercept: fit.intercept,
    coefficients: fit.coefficients.map((coefficient, j) => coefficient / units[j]),
    inference: { ...inUnits, terms },
  };
}

function fitted(inputs: Inputs, { intercept, coefficients, inference }: Line): FittedLinear {
  const width = coefficients.length;
  const reaches = inference.terms.slice(1).map(({ deviation }) => farthest * deviation);
  const limit = (value: number, j: number) =>
    Math.max(inputs.fill[j] - reaches[j], Math.min(inputs.fill[j] + reaches[j], value));
  return {
    name: 'linear',
    context: listGroups(inputs.context),
    inference,
    predict(tracks, rows) {
      const x = encode(inputs, tracks, rows);
      return Float64Array.from(rows, (_, i) => {
        let sum = intercept;
        for (let j = 0; j < width; j++) sum += coefficients[j] * limit(x[i * width + j], j);
        return sum;
      });
    },
    save: (): SavedModel => ({
      tensors: new Map([
        ['intercept', { shape: [1], data: Float64Array.of(intercept) }],
        ['coefficients', { shape: [width], data: coefficients.slice() }],
        ['fill', { shape: [width], data: inputs.fill.slice() }],
      ]),
      metadata: {
        model: 'linear',
        features: JSON.stringify(nameInputs(inputs.context)),
        context: JSON.stringify(inputs.context),
        inference: JSON.stringify(inference),
      },
    }),
  };
}

/** (rows, columns), row-major. */
function encode({ context, fill }: Inputs, tracks: Tracks, rows: Rows): Float64Array {
  const columns = gatherInputs(context, tracks, rows);
  const x = new Float64Array(rows.length * fill.length);
  nameInputs(context).forEach((name, j) => {
    const { values, missing } = columns[name];
    rows.forEach((row, i) => {
      x[i * fill.length + j] = missing[row] ? fill[j] : values[row];
    });
  });
  return x;
}

const figure = z.number().nullable();
const inferenceSchema: z.ZodType<LinearInference> = z.object({
  terms: z.array(
    z.object({
      name: z.string(),
      coefficient: z.number(),
      aliased: z.boolean(),
      standardError: figure,
      t: figure,
      p: figure,
      low: figure,
      high: figure,
      deviation: z.number().min(0),
    }),
  ),
  rows: z.number(),
  modelDegrees: z.number(),
  residualDegrees: z.number(),
  r2: figure,
  adjustedR2: figure,
  f: figure,
  fP: figure,
  residualStandardError: figure,
});
