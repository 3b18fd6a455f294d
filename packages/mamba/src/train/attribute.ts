import type { Model } from '../blocks/model.ts';
import { SettingError, ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import type { Parameters } from '../parameters.ts';
import { createTape, type HostBackend, type ImmediateBackend } from '../tape.ts';
import { columnsOf, createValues, expectShape, type Tensor } from '../tensor.ts';
import { allocateInputs, checkExamples, type Examples, fillInputs, shardRows } from './examples.ts';
import { gaussLegendre } from './gaussLegendre.ts';

export interface AttributionOptions {
  /** Where the line begins: the mean of the tokens of these rows; one row is itself. */
  readonly baseline: Examples;
  /** Which of the numbers predicted for a row; 0 where it is not given. */
  readonly output?: number;
  /** Largest error that more points on the line are taken against, in units of the output; 1e-4 where it is not given. */
  readonly tolerance?: number;
  /** Points on the line at most; 1024 where it is not given. */
  readonly maximumPoints?: number;
}

/**
 * Integrated gradients: what each token adds to an output, along the straight line from the baseline's tokens to the row's,
 * `Σ (e − e₀)·∫ ∂f/∂e dα` at `e₀ + α·(e − e₀)`.
 *
 * A row's values sum to its output less the baseline's, but for `errors`: of the quadrature and of float32.
 * Source: Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks".
 */
export interface Attributions {
  /** (rows, the model's tokens), row-major, in units of the output. */
  readonly values: Float64Array;
  /** (rows). */
  readonly outputs: Float64Array;
  /** The output at the baseline's tokens. */
  readonly baseline: number;
  /** (rows): the sum of a row's values, less its output, plus the baseline's. */
  readonly errors: Float64Array;
  /** (rows): points on each row's line. */
  readonly points: Uint32Array;
}

/** The output at points of a line, and how fast each token changes it there. */
interface LinePoints {
  /** (points). */
  readonly outputs: Float64Array;
  /** (points, tokens). */
  readonly slopes: Float64Array;
}

const fewestPoints = 8;

/** Makes tokens of rows, as float64. */
type Embed = (examples: Examples) => Float64Array;
type Read = (start: Float64Array, way: Float64Array, points: Float64Array, output: number) => LinePoints;

/** Records a model in its two parts, the second differentiable. Throws: SettingError for a model that cannot be cut. */
export function recordParts(
  backend: ImmediateBackend<Kernels>,
  model: Model,
  parameters: Parameters,
): { readonly embed: Embed; readonly read: Read } {
  if (!model.parts) throw new SettingError('attribute', 'be asked of a model that can be cut at its tokens', 'another');
  const rows = shardRows(model.tokens);

  const embedding = createTape(backend, false);
  const inputs = allocateInputs(backend, model, rows);
  const embedded = model.parts.embed(embedding, parameters, inputs);

  const reading = createTape(backend, false, true);
  const tokens = reading.tensor(embedded.shape);
  // Kernels want a place for every parameter's derivative; nothing reads these.
  const withGradients = new Map<string, Tensor>(
    [...parameters].map(([name, tensor]) => [name, { ...tensor, gradient: backend.arena.allocate(tensor.shape) }]),
  );
  const prediction = model.parts.read(reading, withGradients, tokens);
  expectShape('model prediction', prediction, [rows, model.outputs]);
  const size = model.tokens * columnsOf(embedded);
  // What begins the way back is written by `read`; others that reach the prediction add to it.
  reading.record({ inputs: [prediction], forward() {}, backward() {} });
  const values = createValues(tokens);
  const cotangent = createValues(prediction);

  return {
    embed(examples) {
      const all = new Float64Array(examples.rows * size);
      for (let first = 0; first < examples.rows; first += rows) {
        fillInputs(backend, inputs, examples, first);
        embedding.forward();
        all.set(backend.read(embedded).subarray(0, Math.min(rows, examples.rows - first) * size), first * size);
      }
      return all;
    },
    read(start, way, points, output) {
      cotangent.forEach((_, i) => {
        cotangent[i] = i % model.outputs === output ? 1 : 0;
      });
      const outputs = new Float64Array(points.length);
      const slopes = new Float64Array(points.length * model.tokens);
      for (let first = 0; first < points.length; first += rows) {
        const count = Math.min(rows, points.length - first);
        for (let i = 0; i < count * size; i++) {
          values[i] = start[i % size] + points[first + Math.floor(i / size)] * way[i % size];
        }
        backend.write(tokens, values);
        reading.forward();
        backend.write(prediction.gradient as Tensor, cotangent);
        reading.backward();
        const predicted = backend.read(prediction);
        const gradient = backend.read(tokens.gradient as Tensor);
        for (let r = 0; r < count; r++) outputs[first + r] = predicted[r * model.outputs + output];
        for (let i = 0; i < count * size; i++) {
          slopes[first * model.tokens + Math.floor((i * model.tokens) / size)] += gradient[i] * way[i % size];
        }
      }
      return { outputs, slopes };
    },
  };
}

/** (size): the mean of rows of tokens. */
function meanRow(rows: Float64Array, count: number): Float64Array {
  const size = rows.length / count;
  const mean = new Float64Array(size);
  rows.forEach((value, i) => {
    mean[i % size] += value / count;
  });
  return mean;
}

/** One row's values by quadrature, its points doubled until their sum is as it should be or there are as many as may be. */
function integrate(
  slopesAt: (points: Float64Array) => Float64Array,
  rise: number,
  { tolerance, maximumPoints }: { readonly tolerance: number; readonly maximumPoints: number },
): { readonly values: Float64Array; readonly error: number; readonly points: number } {
  for (let count = Math.min(fewestPoints, maximumPoints); ; count *= 2) {
    const { points, weights } = gaussLegendre(count);
    const slopes = slopesAt(points);
    const tokens = slopes.length / count;
    const values = new Float64Array(tokens);
    slopes.forEach((slope, i) => {
      values[i % tokens] += weights[Math.floor(i / tokens)] * slope;
    });
    const error = values.reduce((sum, value) => sum + value, 0) - rise;
    if (Math.abs(error) <= tolerance || 2 * count > maximumPoints) return { values, error, points: count };
  }
}

/**
 * Attributions of a model's predictions; recorded when first asked for.
 * Throws: ShapeError on wrong inputs; SettingError for a model that cannot be cut at its tokens, or an output it has not.
 */
export function createAttribution(
  backend: HostBackend<Kernels>,
  model: Model,
  parameters: Parameters,
): (examples: Examples, options: AttributionOptions) => Attributions {
  let parts: ReturnType<typeof recordParts> | null = null;
  return (examples, { baseline, output = 0, tolerance = 1e-4, maximumPoints = 1024 }) => {
    checkExamples(examples, model);
    checkExamples(baseline, model);
    if (!(baseline.rows > 0)) throw new ShapeError('attribute baseline', 'at least one row', [baseline.rows]);
    if (!(output >= 0 && output < model.outputs)) {
      throw new SettingError('attribute output', `be below ${model.outputs}`, output);
    }
    parts ??= recordParts(backend, model, parameters);
    const { embed, read } = parts;
    const start = meanRow(embed(baseline), baseline.rows);
    const nowhere = new Float64Array(start.length);
    const outputAt = (tokens: Float64Array) => read(tokens, nowhere, Float64Array.of(0), output).outputs[0];
    const found = {
      values: new Float64Array(examples.rows * model.tokens),
      outputs: new Float64Array(examples.rows),
      baseline: outputAt(start),
      errors: new Float64Array(examples.rows),
      points: new Uint32Array(examples.rows),
    };
    const ends = embed(examples);
    for (let row = 0; row < examples.rows; row++) {
      const end = ends.subarray(row * start.length, (row + 1) * start.length);
      const way = end.map((value, i) => value - start[i]);
      found.outputs[row] = outputAt(end);
      const { values, error, points } = integrate(
        (points) => read(start, way, points, output).slopes,
        found.outputs[row] - found.baseline,
        { tolerance, maximumPoints },
      );
      found.values.set(values, row * model.tokens);
      found.errors[row] = error;
      found.points[row] = points;
    }
    return found;
  };
}
