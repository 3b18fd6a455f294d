import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@hitscan/core/errors';
import type { SavedModel, SavedTensor } from '@hitscan/core/models';
import { MambaError, readSafetensors, writeSafetensors } from '@hitscan/mamba';
import { writeAtomically } from './atomicFile.ts';
import { makeAgain, readRunFile } from './readRunFile.ts';

/** Stores a fitted model, or a training's state, as a safetensors file; what is no tensor goes into its metadata. */
export function writeModelFile(folder: string, name: string, { tensors, metadata }: SavedModel): void {
  writeAtomically(folder, name, writeSafetensors(tensors, metadata));
}

/** Null where there is no such file. Throws: DataError when it is no safetensors file of float numbers. */
export function readModelFile(folder: string, name: string): SavedModel | null {
  const path = join(folder, name);
  if (!existsSync(path)) return null;
  try {
    const { tensors, metadata } = readSafetensors(readRunFile(path, makeAgain));
    const floats = new Map<string, SavedTensor>();
    for (const [key, { shape, data }] of tensors) {
      if (!(data instanceof Float32Array || data instanceof Float64Array)) {
        throw new DataError(path, `"${key}" must be F32 or F64; ${makeAgain}`);
      }
      floats.set(key, { shape, data });
    }
    return { tensors: floats, metadata, file: path };
  } catch (error) {
    if (error instanceof MambaError) throw new DataError(path, `${error.message}; ${makeAgain}`);
    throw error;
  }
}
