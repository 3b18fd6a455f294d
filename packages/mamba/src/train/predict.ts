import type { Model } from '../blocks/model.ts';
import type { Kernels } from '../kernels.ts';
import type { Parameters } from '../parameters.ts';
import { type Backend, createTape, type HostBackend } from '../tape.ts';
import { expectContiguous, expectShape, type Tensor } from '../tensor.ts';
import { type AttributionOptions, type Attributions, createAttribution } from './attribute.ts';
import { allocateInputs, checkExamples, type Examples, fillInputs, shardRows } from './examples.ts';

export interface Predictor {
  /**
   * (rows, the model's targets, its outputs), row-major. A row's predictions do not depend on the rows beside it, to the
   * last bit. Throws: ShapeError.
   */
  predict(examples: Examples): Float32Array;
  /** What each token adds to a prediction; see `Attributions`. Throws: ShapeError; SettingError for a model without tokens. */
  attribute(examples: Examples, options: AttributionOptions): Attributions;
}

interface Recording {
  readonly rows: number;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly prediction: Tensor;
  replay(): void;
}

/** Records the prediction of so many rows. Throws: ShapeError where the model's is of another shape. */
export function recordPrediction(
  backend: Backend<Kernels>,
  model: Model,
  parameters: Parameters,
  rows: number,
): Recording {
  const tape = createTape(backend, false);
  const inputs = allocateInputs(backend, model, rows);
  const prediction = model.record(tape, parameters, inputs);
  expectShape('model prediction', prediction, [rows * model.targets, model.outputs]);
  expectContiguous('model prediction', prediction);
  return { rows, inputs, prediction, replay: tape.forward };
}

/** Records a model for prediction, once for chunks and once for single rows. Throws: ShapeError on wrong inputs. */
export function createPredictor(backend: HostBackend<Kernels>, model: Model, parameters: Parameters): Predictor {
  const recordings = new Map<number, Recording>();
  const attribute = createAttribution(backend, model, parameters);

  function record(rows: number): Recording {
    const recording = recordings.get(rows) ?? recordPrediction(backend, model, parameters, rows);
    recordings.set(rows, recording);
    return recording;
  }

  return {
    attribute,
    predict(examples) {
      checkExamples(examples, model);
      const recording = record(examples.rows === 1 ? 1 : shardRows(model.tokens));
      const width = model.targets * model.outputs;
      const result = new Float32Array(examples.rows * width);
      for (let first = 0; first < examples.rows; first += recording.rows) {
        fillInputs(backend, recording.inputs, examples, first);
        recording.replay();
        const count = Math.min(recording.rows, examples.rows - first);
        result.set(backend.read(recording.prediction).subarray(0, count * width), first * width);
      }
      return result;
    },
  };
}
