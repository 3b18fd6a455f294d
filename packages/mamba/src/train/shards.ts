import type { Model } from '../blocks/model.ts';
import type { Kernels } from '../kernels.ts';
import { type Loss, recordLoss } from '../ops/losses.ts';
import type { ParameterBlock } from '../parameters.ts';
import { type Backend, createTape, type Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import { shardRows } from './examples.ts';

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
  /** Leaves the shard's gradient where the weights' gradients are, and returns its share of the batch's loss. */
  run(batch: Batch, shard: number): number;
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

export function createShardRunner(
  backend: Backend<Kernels>,
  model: Model,
  weights: ParameterBlock,
  source: ShardSource,
  loss: Loss,
): ShardRunner {
  const height = shardRows(model.tokens);
  const recordings = new Map<number, Recording>();

  function record(rows: number): Recording {
    const known = recordings.get(rows);
    if (known) return known;
    const tape = createTape(backend, true);
    const inputs: Record<string, Tensor> = {};
    for (const [name, width] of Object.entries(model.inputs)) inputs[name] = backend.arena.allocate([rows, width]);
    const target = backend.arena.allocate([rows * model.targets, 1]);
    const prediction = model.record(tape, weights.tensors, inputs);
    const recording = { tape, inputs, target, loss: recordLoss(tape, loss, prediction, target) };
    recordings.set(rows, recording);
    return recording;
  }

  function gather({ inputs, target }: Recording, order: Uint32Array, from: number, rows: number): void {
    const copy = ({ data }: Tensor, values: Float32Array, width: number): void => {
      for (let r = 0; r < rows; r++) {
        const first = order[from + r] * width;
        for (let c = 0; c < width; c++) data[r * width + c] = values[first + c];
      }
    };
    for (const [name, tensor] of Object.entries(inputs)) copy(tensor, source.inputs[name], tensor.shape[1]);
    copy(target, source.target, model.targets);
  }

  return {
    prepare: record,
    run({ order, from, rows: batchRows, answers, step }, shard) {
      const firstRow = shard * height;
      const rows = Math.min(height, batchRows - firstRow);
      const recording = record(rows);
      gather(recording, order, from + firstRow, rows);
      const { moment } = recording.tape;
      moment.step = step;
      moment.firstRow = firstRow;
      // Nothing is learnt where nothing is asked; but not divided by zero either.
      moment.batchRows = Math.max(1, answers);
      recording.tape.forward();
      recording.tape.backward();
      return recording.loss.data[0];
    },
  };
}
