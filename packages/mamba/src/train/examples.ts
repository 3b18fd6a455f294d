import { ShapeError } from '../errors.ts';

/** Rows to learn from or to predict, as dense float32 rows. */
export interface Examples {
  readonly rows: number;
  /** By input name: row-major (rows, width). */
  readonly inputs: Readonly<Record<string, Float32Array>>;
  /** (rows); absent where there is nothing to learn. */
  readonly target?: Float32Array;
}

/** Throws ShapeError unless every input that a model names is there in full. */
export function checkExamples(examples: Examples, widths: Readonly<Record<string, number>>): void {
  for (const [name, width] of Object.entries(widths)) {
    const values = examples.inputs[name];
    if (values?.length !== examples.rows * width) {
      throw new ShapeError(`examples input "${name}"`, `(${examples.rows}, ${width})`, `${values?.length} numbers`);
    }
  }
  if (examples.target && examples.target.length !== examples.rows) {
    throw new ShapeError('examples target', `(${examples.rows})`, [examples.target.length]);
  }
}

/** Checks examples to learn from, and returns what is to be learnt. Throws ShapeError, without rows or targets too. */
export function checkTargets(examples: Examples, widths: Readonly<Record<string, number>>): Float32Array {
  checkExamples(examples, widths);
  if (!(examples.rows > 0)) throw new ShapeError('examples', 'at least one row', [examples.rows]);
  if (!examples.target) throw new ShapeError('examples target', `(${examples.rows})`, 'none');
  return examples.target;
}

/** The rows of a shard or chunk: fixed by the shape of the problem alone, so that no number of threads changes it. */
export function shardRows(tokensPerRow: number): number {
  const tokens = 256;
  return Math.max(1, 2 ** Math.floor(Math.log2(tokens / tokensPerRow)));
}
