import type { Model } from '../blocks/model.ts';
import { ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import type { Loss } from '../ops/losses.ts';
import type { ParameterBlock } from '../parameters.ts';
import type { Backend } from '../tape.ts';
import { sizeOf, type Tensor } from '../tensor.ts';
import { countShards, type ShardRunner, type ShardSource, shardHeights } from '../train/shards.ts';
import { isWasmBackend, regionBytes } from '../wasm/loader.ts';
import { countControlWords, type SharedNumbers } from './workerMessage.ts';
import { createWorkerPool, type WorkerPool } from './workerPool.ts';

export interface WorkerOptions {
  readonly backend: Backend<Kernels>;
  readonly model: Model;
  readonly weights: ParameterBlock;
  readonly source: ShardSource;
  readonly rows: number;
  readonly batchRows: number;
  readonly loss: Loss;
  /** The main thread's, to measure what a thread needs. */
  readonly runner: ShardRunner;
  readonly threads: number;
}

/** A pool and the memory that it shares with the main thread. */
export interface StartedWorkers {
  readonly pool: WorkerPool;
  /** Rows in the order of the epoch, to be filled before a batch begins. */
  readonly order: Uint32Array;
  /** Gradients and losses by shard. */
  readonly slots: readonly Tensor[];
  readonly losses: Float64Array;
}

function shareOf({ address, shape }: Tensor): SharedNumbers {
  return { address, length: sizeOf(shape) };
}

/** Room for what an arena rounds up, and for nothing else. */
export const spareBytes = 64 * 1024;

/**
 * Puts the examples into shared memory and starts `threads` − 1 workers.
 * Throws: ShapeError when the backend or the model cannot be shared.
 */
export function startWorkers(options: WorkerOptions): StartedWorkers {
  const { backend, model, weights, source, rows, batchRows, loss, runner, threads } = options;
  const { definition } = model;
  if (!isWasmBackend(backend)) throw new ShapeError('threads', 'the backend simd or relaxed', backend.name);
  if (!definition) throw new ShapeError('threads', 'a model with a definition', 'one without');
  const { arena, memory, name: build } = backend;

  const heights = shardHeights(model, rows, batchRows);
  const before = arena.used;
  for (const height of heights) runner.prepare(height);
  const bytes = regionBytes(arena.used - before + 4 * sizeOf(weights.all.shape) + spareBytes);

  const share = (values: Float32Array): SharedNumbers => {
    const tensor = arena.allocate([values.length]);
    backend.write(tensor, values);
    return shareOf(tensor);
  };
  const inputs = Object.fromEntries(Object.entries(source.inputs).map(([name, values]) => [name, share(values)]));
  const target = share(source.target);
  const slots = Array.from({ length: countShards(model, batchRows) }, () => arena.allocate(weights.all.shape));
  const order = shareOf(arena.allocate([rows]));
  // Two float32 places hold a float64.
  const losses = { address: arena.allocate([2 * slots.length]).address, length: slots.length };
  const control = shareOf(arena.allocate([countControlWords(threads - 1)]));
  const regions = Array.from({ length: threads - 1 }, () => ({ address: arena.allocate([bytes / 4]).address, bytes }));

  const messages = regions.map((region, i) => ({
    build,
    memory,
    region,
    definition,
    loss,
    heights,
    weights: shareOf(weights.all),
    gradients: slots.map(shareOf),
    losses,
    inputs,
    target,
    order,
    control,
    thread: i + 1,
    threads,
  }));
  return {
    pool: createWorkerPool(messages, new Int32Array(memory.buffer, control.address, control.length)),
    order: new Uint32Array(memory.buffer, order.address, rows),
    slots,
    losses: new Float64Array(memory.buffer, losses.address, losses.length),
  };
}
