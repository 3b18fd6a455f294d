import { z } from 'zod';
import { DataError } from '../errors.ts';
import { featureNames } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { inferLinear, type LinearInference } from './inference.ts';
import { leastSquares } from './leastSquares.ts';
import type { FittedRegressor, Regressor, SavedModel, SavedTensor } from './regressor.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';

const width = featureNames.length;

export interface FittedLinear extends FittedRegressor {
  readonly inference: LinearInference;
}

/**
 * Ordinary least squares on the 13 audio features as raw numbers; key, mode and time signature as integers, as the
 * seed had them. Fitted on training and validation rows together. Predictions are not clipped to 0–100.
 *
 * A missing value is replaced by the mean of its column in those rows, in fitting and in predicting; a column without
 * any value there is constant. Constant and collinear columns are left out, the later one of a set: `aliased`.
 */
export const linear: Regressor<FittedLinear> = {
  name: 'linear',
  async fit(tracks, { train, validation }) {
    const rows = joinRows(train, validation);
    const popularity = gatherPopularity(tracks, rows);
    const fill = meanFeatures(tracks, rows);
    const fit = leastSquares(gatherFeatures(tracks, rows, fill), rows.length, width, popularity);
    return fitted(fit.intercept, fit.coefficients, fill, inferLinear(fit, featureNames));
  },
  load(saved) {
    const { features, inference } = readMetadata(saved);
    if (features.join() !== featureNames.join()) {
      throw new DataError('model', `features must be ${featureNames.join(', ')}, got ${features.join(', ')}`);
    }
    const [intercept] = readTensor(saved, 'intercept', 1);
    return fitted(intercept, readTensor(saved, 'coefficients', width), readTensor(saved, 'fill', width), inference);
  },
};

function fitted(
  intercept: number,
  coefficients: Float64Array,
  fill: Float64Array,
  inference: LinearInference,
): FittedLinear {
  return {
    name: 'linear',
    inference,
    predict(tracks, rows) {
      const x = gatherFeatures(tracks, rows, fill);
      return Float64Array.from(rows, (_, i) => {
        let sum = intercept;
        for (let j = 0; j < width; j++) sum += coefficients[j] * x[i * width + j];
        return sum;
      });
    },
    save: () => ({
      tensors: new Map<string, SavedTensor>([
        ['intercept', { shape: [1], data: Float64Array.of(intercept) }],
        ['coefficients', { shape: [width], data: coefficients.slice() }],
        ['fill', { shape: [width], data: fill.slice() }],
      ]),
      metadata: { model: 'linear', features: JSON.stringify(featureNames), inference: JSON.stringify(inference) },
    }),
  };
}

/** (13): each feature's mean over the rows where it is known; 0 where it never is. */
function meanFeatures(tracks: Tracks, rows: Rows): Float64Array {
  return Float64Array.from(featureNames, (name) => {
    const { values, missing } = tracks.features[name];
    let sum = 0;
    let known = 0;
    for (const row of rows) {
      if (missing[row]) continue;
      sum += values[row];
      known++;
    }
    return known > 0 ? sum / known : 0;
  });
}

/** (rows, 13), row-major. */
function gatherFeatures(tracks: Tracks, rows: Rows, fill: Float64Array): Float64Array {
  const x = new Float64Array(rows.length * width);
  featureNames.forEach((name, j) => {
    const { values, missing } = tracks.features[name];
    rows.forEach((row, i) => {
      x[i * width + j] = missing[row] ? fill[j] : values[row];
    });
  });
  return x;
}

const figure = z.number().nullable();
const inferenceSchema = z.object({
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
      deviation: z.number(),
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

function readMetadata(saved: SavedModel): { features: string[]; inference: LinearInference } {
  if (saved.metadata.model !== 'linear') {
    throw new DataError('model', `must be a saved "linear", got "${saved.metadata.model ?? 'no name'}"`);
  }
  try {
    return {
      features: z.array(z.string()).parse(JSON.parse(saved.metadata.features)),
      inference: inferenceSchema.parse(JSON.parse(saved.metadata.inference)),
    };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', '; ') : String(error);
    throw new DataError('model', `metadata of "linear" must be complete JSON, got: ${reason}`);
  }
}

function readTensor(saved: SavedModel, name: string, length: number): Float64Array {
  const data = saved.tensors.get(name)?.data;
  if (!(data instanceof Float64Array) || data.length !== length || !data.every(Number.isFinite)) {
    throw new DataError('model', `tensor "${name}" of "linear" must hold ${length} finite float64 values`);
  }
  return data;
}
