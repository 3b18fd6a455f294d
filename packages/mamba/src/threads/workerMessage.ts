import type { NetworkDefinition } from '../blocks/model.ts';
import type { Loss } from '../ops/losses.ts';
import type { WasmBuild } from '../wasm/loader.ts';

/** Numbers in the shared memory, by byte address and count. */
export interface SharedNumbers {
  readonly address: number;
  readonly length: number;
}

/** What a worker is started with: all that it needs to run shards; plain data beside the memory. */
export interface WorkerMessage {
  readonly build: WasmBuild;
  readonly memory: WebAssembly.Memory;
  /** The worker's own memory: scratch and arena. */
  readonly region: { readonly address: number; readonly bytes: number };
  readonly definition: NetworkDefinition;
  readonly loss: Loss;
  /** Rows of the shards to record. */
  readonly heights: readonly number[];
  readonly weights: SharedNumbers;
  /** A gradient for each shard of a batch. */
  readonly gradients: readonly SharedNumbers[];
  /** Float64: a loss for each shard. */
  readonly losses: SharedNumbers;
  readonly inputs: Readonly<Record<string, SharedNumbers>>;
  readonly target: SharedNumbers;
  /** Uint32: rows in the order of the epoch. */
  readonly order: SharedNumbers;
  /** Int32, see Control. */
  readonly control: SharedNumbers;
  /** This worker takes the shards whose number leaves `thread` when divided by `threads`; the main thread is 0. */
  readonly thread: number;
  readonly threads: number;
}

/**
 * Words of the control block. Batches are numbered by generations, which begin at 1 and wrap round. Being woken says nothing, as
 * a notify may come late, for what is past; who waits looks at these words, and waits on until they say what it waits for.
 */
export const Control = {
  /** Of the batch that is handed out; written last of all that describes it. */
  generation: 0,
  stop: 1,
  from: 2,
  rows: 3,
  answers: 4,
  step: 5,
  /** The first of a word for each worker: the generation that it has finished, by thread − 1. */
  finished: 8,
} as const;

/** Length of the control block of so many workers. */
export function countControlWords(workers: number): number {
  return Control.finished + workers;
}
