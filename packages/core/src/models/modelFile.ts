import { MambaError, readSafetensors, writeSafetensors } from '@hitscan/mamba';
import { DataError } from '../errors.ts';
import type { SavedModel, SavedTensor } from './regressor.ts';

/** A fitted model, or a training's state, as the bytes of a safetensors file; what is no tensor is among its metadata. */
export function encodeModel({ tensors, metadata }: SavedModel): Uint8Array {
  return writeSafetensors(tensors, metadata);
}

/** The inverse. Throws: DataError, naming the file and the remedy, where the bytes are no safetensors of float numbers. */
export function decodeModel(file: string, bytes: Uint8Array, remedy: string): SavedModel {
  try {
    const { tensors, metadata } = readSafetensors(bytes);
    const floats = new Map<string, SavedTensor>();
    for (const [key, { shape, data }] of tensors) {
      if (!(data instanceof Float32Array || data instanceof Float64Array))
        throw new DataError(file, `"${key}" must be F32 or F64; ${remedy}`);
      floats.set(key, { shape, data });
    }
    return { tensors: floats, metadata, file };
  } catch (error) {
    if (error instanceof MambaError) throw new DataError(file, `${error.message}; ${remedy}`);
    throw error;
  }
}
