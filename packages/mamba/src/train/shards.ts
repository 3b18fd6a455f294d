import type { Model } from '../blocks/model.ts';
import type { Kernels } from '../kernels.ts';
import { type Loss, recordLoss } from '../ops/losses.ts';
import type { ParameterBlock } from '../parameters.ts';
import { type Backend, createTape, type Tape } from '../tape.ts';
import { reshape, type Tensor } from '../tensor.ts';
import { allocateInputs, shardRows } from './examples.ts';

/** A batch: the examples' rows `order[from]` … `order[from + rows − 1]`, in the optimiser step `step`. */
export interface Batch {
  readonly order: Uint32Array;
  readonly from: number;
  readonly rows: number;
  /** Targets of these rows that the loss counts. */
  readonly answers: number;
  /** Optimiser steps done before it. */
  readonly step: number;
}

/** What a batch's rows are read from; float32 rows by input name. */
export interface ShardSource {
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly target: Float32Array;
}

/** Differentiates one shard of a batch after the other, on one thread. */
export interface ShardRunner {
  /**
   * Leaves the shard's gradient where the weights' gradients are, and returns the tensor (1) that holds its share of the
   * batch's loss until the next run.
   */
  run(batch: Batch, shard: number): Tensor;
  /** Records a shard of so many rows before it is needed. */
  prepare(rows: number): void;
}

interface Recording {
  readonly tape: Tape<Kernels>;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly target: Tensor;
  readonly loss: Tensor;
}

/** Shards that a batch is cut into. */
export function countShards(model: Model, batchRows: number): number {
  return Math.ceil(batchRows / shardRows(model.tokens));
}

/** The numbers of rows that shards can have when examples are cut into batches. */
export function shardHeights(model: Model, rows: number, batchRows: number): number[] {
  const height = shardRows(model.tokens);
  const heights = new Set<number>();
  for (const batch of [Math.min(batchRows, rows), rows % batchRows]) {
    if (batch >= height) heights.add(height);
    if (batch % height > 0) heights.add(batch % height);
  }
  return [...heights];
}

/** The source's rows, where a batch's are gathered from. */
function holdSource(backend: Backend<Kernels>, model: Model, { inputs, target }: ShardSource) {
  const held: Record<string, Tensor> = {};
  for (const [name, width] of Object.entries(model.inputs)) {
    held[name] = backend.hold(inputs[name], [inputs[name].length / width, width]);
  }
  return { inputs: held, target: backend.hold(target, [target.length / model.targets, model.targets]) };
}

export function createShardRunner(
  backend: Backend<Kernels>,
  model: Model,
  weights: ParameterBlock,
  source: ShardSource,
  loss: Loss,
): ShardRunner {
  const height = shardRows(model.tokens);
  const recordings = new Map<number, Recording>();
  const { gatherRows } = backend.kernels;
  const held = holdSource(backend, model, source);

  function record(rows: number): Recording {
    const known = recordings.get(rows);
    if (known) return known;
    const tape = createTape(backend, true);
    const inputs = allocateInputs(backend, model, rows);
    const target = backend.arena.allocate([rows, model.targets]);
    const column = reshape(target, [rows * model.targets, 1]);
    const prediction = model.record(tape, weights.tensors, inputs);
    const recording = { tape, inputs, target, loss: recordLoss(tape, loss, prediction, column) };
    recordings.set(rows, recording);
    return recording;
  }

  function gather({ inputs, target }: Recording, order: Uint32Array, from: number): void {
    for (const name in inputs) gatherRows.forward(held.inputs[name], order, from, inputs[name]);
    gatherRows.forward(held.target, order, from, target);
  }

  return {
    prepare: record,
    run({ order, from, rows: batchRows, answers, step }, shard) {
      const firstRow = shard * height;
      const rows = Math.min(height, batchRows - firstRow);
      const recording = record(rows);
      gather(recording, order, from + firstRow);
      const { context } = recording.tape;
      context.step = step;
      context.firstRow = firstRow;
      // Nothing is learnt where nothing is asked; but not divided by zero either.
      context.batchRows = Math.max(1, answers);
      recording.tape.forward();
      recording.tape.backward();
      return recording.loss;
    },
  };
}
