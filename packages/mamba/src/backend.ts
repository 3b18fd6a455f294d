import { createHostArena } from './arena.ts';
import { type Kernels, referenceKernels } from './kernels.ts';
import type { HostBackend } from './tape.ts';
import { hostMemory } from './tensor.ts';
import { chooseBackend, createWasmBackend, type WasmBuild } from './wasm/loader.ts';

export type BackendName = 'reference' | WasmBuild;

/**
 * A fresh backend with memory of its own; without a name, the fastest that this machine runs.
 *
 * `simd`: WebAssembly, the same bytes on every machine. `relaxed`: fused multiply-add where the machine has it, about
 * twice as fast and as exact, but its last bits depend on the machine. `reference`: the float64 definitions, slow.
 */
export function createBackend(name: BackendName = chooseBackend()): HostBackend<Kernels> {
  if (name === 'reference') {
    return { ...hostMemory, name, arena: createHostArena(), kernels: referenceKernels };
  }
  return createWasmBackend(name);
}
