import { MambaError, readSafetensors, writeSafetensors } from '@hitscan/mamba';
import { DataError } from '../errors.ts';
import type { SavedModel, SavedTensor } from './regressor.ts';
import { damaged, remedy } from './savedParts.ts';

/** A saved model, or the state of a training, as the bytes of a safetensors file; what is no tensor goes into its metadata. */
export function encodeModel({ tensors, metadata }: SavedModel): Uint8Array {
  return writeSafetensors(tensors, metadata);
}

/**
 * The inverse of `encodeModel`. `file` names the bytes in messages.
 * Throws: DataError where they are no safetensors file, or a tensor is neither F32 nor F64.
 */
export function decodeModel(file: string, bytes: Uint8Array): SavedModel {
  const { tensors, metadata } = readBytes(file, bytes);
  const floats = new Map<string, SavedTensor>();
  for (const [name, { shape, data }] of tensors) {
    if (!(data instanceof Float32Array || data instanceof Float64Array))
      throw damaged({ file }, `tensor "${name}"`, 'must be F32 or F64');
    floats.set(name, { shape, data });
  }
  return { tensors: floats, metadata, file };
}

function readBytes(file: string, bytes: Uint8Array): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(bytes);
  } catch (error) {
    if (error instanceof MambaError) throw new DataError(file, `${error.message}; ${remedy}`);
    throw error;
  }
}
