import type { z } from 'zod';
import { checkJson } from '../checked.ts';
import { DataError } from '../errors.ts';
import { quoteValue } from '../quoteValue.ts';
import type { SavedModel } from './regressor.ts';

/** What to do about a saved model, or the state of a fit, that is not as it was written. */
const remedy = 'put it back as the run wrote it, or remove it: --resume fits the model again';

/** The error of a saved model one of whose parts breaks a rule. */
export function damaged({ file = 'model' }: SavedModel, part: string, rule: string): DataError {
  return new DataError(`${file} ${part}`, `${rule}; ${remedy}`);
}

/** Throws: DataError where the saved model has another name. */
export function readName(saved: SavedModel, name: string): void {
  const { model } = saved.metadata;
  if (model === name) return;
  throw damaged(
    saved,
    'model',
    `must be a saved "${name}", got ${model === undefined ? 'no name' : quoteValue(model)}`,
  );
}

/** A part that was saved as JSON. Throws: DataError where it lacks or does not fit. */
export function readPlain<T>({ metadata, file = 'model' }: SavedModel, key: string, schema: z.ZodType<T>): T {
  return checkJson(`${file} ${key}`, metadata[key] ?? 'null', schema, remedy);
}

/** Throws: DataError where the tensor lacks, has another length or holds a value that is not finite. */
export function readTensor(saved: SavedModel, name: string, length: number): Float64Array {
  const data = saved.tensors.get(name)?.data;
  if (data instanceof Float64Array && data.length === length && data.every(Number.isFinite)) return data;
  throw damaged(saved, `tensor "${name}"`, `must hold ${length} finite float64 values`);
}
