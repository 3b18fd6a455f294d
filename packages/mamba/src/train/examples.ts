import type { Model } from '../blocks/model.ts';
import { SettingError, ShapeError } from '../errors.ts';
import { countAnswers, expectTargets, type Loss, predictionColumns } from '../ops/losses.ts';
import type { Backend } from '../tape.ts';
import { createValues, expectWhole, type Tensor } from '../tensor.ts';

/** Rows to learn from or to predict, as dense float32 rows. */
export interface Examples {
  readonly rows: number;
  /** By input name: row-major (rows, width). */
  readonly inputs: Readonly<Record<string, Float32Array>>;
  /** (rows, the model's targets); absent where there is nothing to learn. */
  readonly target?: Float32Array;
}

/** What a model asks of examples. */
export type ExampleShape = Pick<Model, 'inputs' | 'ranges' | 'targets'>;

/** Throws ShapeError unless every input that a model names is there in full, and within its range. */
export function checkExamples(examples: Examples, { inputs, ranges = {}, targets }: ExampleShape): void {
  const { rows, target } = examples;
  for (const [name, width] of Object.entries(inputs)) {
    const values = examples.inputs[name];
    if (values?.length !== rows * width) {
      throw new ShapeError(`examples input "${name}"`, `(${rows}, ${width})`, `${values?.length} numbers`);
    }
    if (ranges[name]) expectWhole(`examples input "${name}"`, values, ranges[name]);
  }
  if (target && target.length !== rows * targets) {
    throw new ShapeError('examples target', `(${rows}, ${targets})`, `${target.length} numbers`);
  }
}

/** A place for so many rows of each input of a model. */
export function allocateInputs(
  { arena }: Backend<unknown>,
  { inputs }: Pick<Model, 'inputs'>,
  rows: number,
): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(Object.entries(inputs).map(([name, width]) => [name, arena.allocate([rows, width])]));
}

/** Copies rows `first` … into the inputs; rows beyond the last repeat it, as a recording has a fixed height. */
export function fillInputs(
  backend: Backend<unknown>,
  inputs: Readonly<Record<string, Tensor>>,
  examples: Examples,
  first: number,
): void {
  for (const [name, tensor] of Object.entries(inputs)) {
    const [rows, width] = tensor.shape;
    const there = Math.min(rows, examples.rows - first);
    const values = examples.inputs[name].subarray(first * width, (first + there) * width);
    if (there === rows) {
      backend.write(tensor, values);
      continue;
    }
    const filled = createValues(tensor);
    filled.set(values);
    for (let r = there; r < rows; r++) filled.set(values.subarray((there - 1) * width), r * width);
    backend.write(tensor, filled);
  }
}

/** Throws SettingError unless the model predicts as many numbers as the loss takes. */
export function checkOutputs({ outputs }: Pick<Model, 'outputs'>, loss: Loss): void {
  const columns = predictionColumns(loss);
  const name = typeof loss === 'string' ? loss : loss.kind;
  if (outputs !== columns) throw new SettingError('model outputs', `be ${columns} for the loss ${name}`, outputs);
}

/** Checks examples to learn from, and returns what is to be learnt. Throws ShapeError, without rows or targets too. */
export function checkTargets(examples: Examples, model: ExampleShape, loss: Loss): Float32Array {
  checkExamples(examples, model);
  const { rows, target } = examples;
  if (!(rows > 0)) throw new ShapeError('examples', 'at least one row', [rows]);
  if (!target) throw new ShapeError('examples target', `(${rows}, ${model.targets})`, 'none');
  expectTargets('examples target', loss, target);
  if (countAnswers(loss, target, target.length)[0] === 0) {
    throw new ShapeError('examples target', 'at least one that is not left out', 'none');
  }
  return target;
}

/** The rows of a shard or chunk: fixed by the shape of the problem alone, so that no number of threads changes it. */
export function shardRows(tokensPerRow: number): number {
  const tokens = 256;
  return Math.max(1, 2 ** Math.floor(Math.log2(tokens / tokensPerRow)));
}
