import { createCountingArena } from '../arena.ts';
import type { BackendName } from '../backend.ts';
import type { Model } from '../blocks/model.ts';
import { type Kernels, referenceKernels } from '../kernels.ts';
import type { Loss } from '../ops/losses.ts';
import { allocateParameters } from '../parameters.ts';
import type { ImmediateBackend } from '../tape.ts';
import { holdOnHost, sizeOf } from '../tensor.ts';
import { spareBytes } from '../threads/startWorkers.ts';
import { regionBytes, wasmArenaBytes } from '../wasm/loader.ts';
import { recordParts } from './attribute.ts';
import { shardRows } from './examples.ts';
import { recordPrediction } from './predict.ts';
import { countShards, createShardRunner, shardHeights } from './shards.ts';
import { allocateTraining, trainingDefaults } from './train.ts';

export interface MemoryOptions {
  readonly backend: BackendName;
  /** Rows trained on. */
  readonly rows: number;
  readonly batchRows: number;
  readonly loss: Loss;
  readonly threads: number;
  /** Networks of this kind that predict together. */
  readonly networks: number;
}

/** What a model takes of one backend's memory, in bytes. */
export interface MemoryUse {
  /** Weights, gradients, moments and activations of a training, those of its threads included. */
  readonly training: number;
  /** Of networks that predict, and whose predictions are attributed where they can be. */
  readonly prediction: number;
  /** The most that there can be; infinite where only the machine's own memory bounds it. */
  readonly limit: number;
}

/**
 * Measures what a model will take, by recording it in a memory that only counts: nothing is allocated, and nothing computed.
 * Throws: SettingError and ShapeError as the recording itself does.
 */
export function measureMemory(model: Model, options: MemoryOptions): MemoryUse {
  const limit = options.backend === 'reference' ? Number.POSITIVE_INFINITY : wasmArenaBytes;
  return { training: measureTraining(model, options), prediction: measurePrediction(model, options), limit };
}

/** A backend whose memory counts; it is never run, so nothing is read and kernels are only named. */
function createCounter(name: BackendName): ImmediateBackend<Kernels> {
  const elementBytes = name === 'reference' ? 8 : 4;
  return {
    name,
    arena: createCountingArena(elementBytes),
    kernels: referenceKernels,
    write() {},
    read: () => new Float32Array(0),
    copy() {},
    hold: holdOnHost,
  };
}

function measureTraining(model: Model, { backend: name, rows, loss, threads, ...options }: MemoryOptions): number {
  const batchRows = Math.min(options.batchRows, rows);
  const backend = createCounter(name);
  const { arena } = backend;
  const { weights, total } = allocateTraining(backend, model.parameters, trainingDefaults);
  recordPrediction(backend, model, weights.tensors, shardRows(model.tokens));
  const none = new Float32Array(0);
  const source = { inputs: Object.fromEntries(Object.keys(model.inputs).map((name) => [name, none])), target: none };
  const runner = createShardRunner(backend, model, weights, source, loss);
  const before = arena.used;
  for (const height of shardHeights(model, rows, batchRows)) runner.prepare(height);
  const recorded = arena.used - before;
  const shards = countShards(model, batchRows);
  const running = Math.min(threads, shards);
  if (running > 1) {
    // What `startWorkers` shares: the examples and their order, a gradient a shard, and a region a thread.
    const width = Object.values(model.inputs).reduce((sum, columns) => sum + columns, model.targets);
    arena.allocate([rows, width + 1]);
    const gradient = sizeOf(total.all.shape) * total.all.elementBytes;
    arena.allocate([(shards * gradient + (running - 1) * regionBytes(recorded + gradient + spareBytes)) / 4]);
  }
  return arena.used;
}

function measurePrediction(model: Model, { backend: name, networks }: MemoryOptions): number {
  const backend = createCounter(name);
  const { tensors } = allocateParameters(backend, model.parameters);
  for (const rows of [shardRows(model.tokens), 1]) recordPrediction(backend, model, tensors, rows);
  if (model.parts) recordParts(backend, model, tensors);
  return networks * backend.arena.used;
}
