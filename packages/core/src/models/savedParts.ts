import type { z } from 'zod';
import { checkJson } from '../checked.ts';
import { DataError } from '../errors.ts';
import { quoteValue } from '../quoteValue.ts';
import type { SavedModel } from './regressor.ts';

/** What to do about a saved model, or the state of a fit, that is not as it was written. */
export const remedy = 'put it back as the run wrote it, or remove it: --resume fits the model again';

/** The error of a saved model one of whose parts breaks a rule. */
export function damaged({ file = 'model' }: Pick<SavedModel, 'file'>, part: string, rule: string): DataError {
  return new DataError(`${file} ${part}`, `${rule}; ${remedy}`);
}

/** The saved model's name. Throws: DataError where it has none of these. */
export function readName<Name extends string>(saved: SavedModel, names: readonly Name[]): Name {
  const { model } = saved.metadata;
  const found = names.find((name) => name === model);
  if (found !== undefined) return found;
  const rule = names.length === 1 ? `must be a saved "${names[0]}"` : `must be one of ${names.join(', ')}`;
  throw damaged(saved, 'model', `${rule}, got ${model === undefined ? 'no name' : quoteValue(model)}`);
}

/** A part that was saved as JSON. Throws: DataError naming the field, where it is missing or breaks the schema. */
export function readPlain<T>({ metadata, file = 'model' }: SavedModel, key: string, schema: z.ZodType<T>): T {
  return checkJson(`${file} ${key}`, metadata[key] ?? 'null', schema, remedy);
}

/**
 * A tensor's values, row-major: float64, or float32 for the nodes of trees.
 * Throws: DataError where it is missing, has another shape or type, or holds a value that is not finite.
 */
export function readTensor(saved: SavedModel, name: string, shape: readonly number[]): Float64Array;
export function readTensor(saved: SavedModel, name: string, shape: readonly number[], type: 'float32'): Float32Array;
export function readTensor(saved: SavedModel, name: string, shape: readonly number[], type = 'float64') {
  const found = saved.tensors.get(name);
  const array = type === 'float64' ? Float64Array : Float32Array;
  const fits = found?.shape.join() === shape.join() && found.data instanceof array && found.data.every(Number.isFinite);
  if (fits) return found.data;
  const got = found ? `(${found.shape.join(', ')})` : 'none';
  throw damaged(
    saved,
    `tensor "${name}"`,
    `must hold finite ${type} values of shape (${shape.join(', ')}), got ${got}`,
  );
}
