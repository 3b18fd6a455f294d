import { createWasmArena } from '../arena.ts';
import type { Kernels } from '../kernels.ts';
import type { Backend } from '../tape.ts';
import relaxedKernels from './build/relaxed.ts';
import simdKernels from './build/simd.ts';
import { bindKernels, type WasmExports } from './kernels.ts';

export type WasmBuild = 'simd' | 'relaxed';

const pageBytes = 65536;
/** WebAssembly's 32-bit addresses reach 4 GiB. The machine gives only what is used. */
const maximumPages = 65536;
/** Kernels keep intermediate results of one call here: after the compiler's own data, before the arena. */
const scratchStart = pageBytes;
const scratchBytes = 2 * 1024 * 1024;

function decode(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Whether this machine's WebAssembly has relaxed SIMD. */
export function supportsRelaxed(): boolean {
  return WebAssembly.validate(decode(relaxedKernels));
}

export function createWasmBackend(name: WasmBuild): Backend<Kernels> {
  const start = scratchStart + scratchBytes;
  const memory = new WebAssembly.Memory({ initial: start / pageBytes, maximum: maximumPages, shared: true });
  const module = new WebAssembly.Module(decode(name === 'relaxed' ? relaxedKernels : simdKernels));
  const instance = new WebAssembly.Instance(module, {
    env: {
      memory,
      abort() {
        throw new Error('a kernel stopped');
      },
    },
  });
  const scratchWords = new Int32Array(memory.buffer, scratchStart, scratchBytes / 4);
  const kernels = bindKernels(instance.exports as WasmExports, scratchStart, scratchWords);
  return { name, arena: createWasmArena(memory, start), kernels };
}
