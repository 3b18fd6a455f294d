import { createWasmArena } from '../arena.ts';
import type { Kernels } from '../kernels.ts';
import type { Backend, HostBackend } from '../tape.ts';
import { hostMemory } from '../tensor.ts';
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
/** The most that a backend's arena can hold. */
export const wasmArenaBytes = maximumPages * pageBytes - scratchStart - scratchBytes;

function decode(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** A module with one function, which multiplies and adds four numbers as relaxed SIMD does (`f32x4.relaxed_madd`). */
const relaxedModule = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x10, 0x01, 0x0e, 0x01, 0x01, 0x7b, 0x20, 0x00, 0x20, 0x00, 0x20, 0x00, 0xfd, 0x85, 0x02, 0x1a, 0x0b],
);

/** The fastest build that this machine's WebAssembly runs. Compiles nothing. */
export function chooseBackend(): WasmBuild {
  return WebAssembly.validate(relaxedModule) ? 'relaxed' : 'simd';
}

/** A backend whose memory other threads can join. */
export interface WasmBackend extends HostBackend<Kernels> {
  readonly name: WasmBuild;
  readonly memory: WebAssembly.Memory;
}

/** Whether other threads can join a backend's memory. */
export function isWasmBackend(backend: Backend<Kernels>): backend is WasmBackend {
  return 'memory' in backend;
}

function openBackend(name: WasmBuild, memory: WebAssembly.Memory, scratch: number, limit: number): WasmBackend {
  const module = new WebAssembly.Module(decode(name === 'relaxed' ? relaxedKernels : simdKernels));
  const instance = new WebAssembly.Instance(module, {
    env: {
      memory,
      abort() {
        throw new Error('a kernel stopped');
      },
    },
  });
  const scratchWords = new Int32Array(memory.buffer, scratch, scratchBytes / 4);
  const kernels = bindKernels(instance.exports as WasmExports, scratch, scratchWords);
  return { ...hostMemory, name, memory, arena: createWasmArena(memory, scratch + scratchBytes, limit), kernels };
}

export function createWasmBackend(name: WasmBuild): WasmBackend {
  const initial = (scratchStart + scratchBytes) / pageBytes;
  const memory = new WebAssembly.Memory({ initial, maximum: maximumPages, shared: true });
  return openBackend(name, memory, scratchStart, maximumPages * pageBytes);
}

/** Bytes that a thread needs for an arena of so many, its scratch memory included. */
export function regionBytes(arenaBytes: number): number {
  return scratchBytes + arenaBytes;
}

/** A backend in another thread's memory, kept to a region of it: scratch memory first, then an arena that cannot grow. */
export function joinWasmBackend(
  name: WasmBuild,
  memory: WebAssembly.Memory,
  region: { readonly address: number; readonly bytes: number },
): WasmBackend {
  return openBackend(name, memory, region.address, region.address + region.bytes);
}
