import { z } from 'zod';
import { DataError } from '../errors.ts';
import type { SavedModel } from './regressor.ts';

/** Throws: DataError where the saved model has another name. */
export function readName({ metadata }: SavedModel, name: string): void {
  if (metadata.model === name) return;
  throw new DataError('model', `must be a saved "${name}", got "${metadata.model ?? 'no name'}"`);
}

/** A part that was saved as JSON. Throws: DataError where it lacks or does not fit. */
export function readPlain<T>({ metadata }: SavedModel, key: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(metadata[key] ?? 'null'));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', '; ') : String(error);
    throw new DataError('model', `"${key}" of "${metadata.model}" must be complete JSON, got: ${reason}`);
  }
}

/** Throws: DataError where the tensor lacks, has another length or holds a value that is not finite. */
export function readTensor({ tensors, metadata }: SavedModel, name: string, length: number): Float64Array {
  const data = tensors.get(name)?.data;
  if (!(data instanceof Float64Array) || data.length !== length || !data.every(Number.isFinite)) {
    throw new DataError('model', `tensor "${name}" of "${metadata.model}" must hold ${length} finite float64 values`);
  }
  return data;
}
