import type { Model } from '../blocks/model.ts';
import { DivergenceError, FormatError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import type { LossName } from '../ops/losses.ts';
import { allocateParameters, fingerprint, initialise, type Parameters } from '../parameters.ts';
import { randomStream } from '../random.ts';
import type { Backend } from '../tape.ts';
import type { Floats, Tensor } from '../tensor.ts';
import { type Recruits, recruit } from '../threads/recruit.ts';
import { checkTargets, type Examples } from './examples.ts';
import { createOptimiser, type OptimiserConfig } from './optimiser.ts';
import { createPredictor } from './predict.ts';
import { type Batch, countShards, createShardRunner } from './shards.ts';

export interface TrainingConfig extends OptimiserConfig {
  readonly epochs: number;
  readonly batchRows: number;
  readonly loss: LossName;
  /** Epochs without a better validation loss after which training ends; null to go through all epochs. */
  readonly patience: number | null;
  readonly seed: number;
}

/** One epoch's mean losses; `validationLoss` is null without validation rows. */
export interface EpochLosses {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validationLoss: number | null;
}

/** Where training stands after an optimiser step. */
export interface TrainingStep {
  /** Optimiser steps done, and how many there can be. */
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  /** Mean loss of the epoch so far. */
  readonly trainLoss: number;
  /** Set on the step that ends an epoch. */
  readonly epochEnd: EpochLosses | null;
}

/** A training between two steps; can be stored as a safetensors file. */
export interface TrainingState {
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Floats }>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Training {
  /** Trains to the end, one optimiser step at a time; may be left at any step and taken up again from `state`. */
  run(): AsyncGenerator<TrainingStep, void, void>;
  /** All that is needed to go on bit for bit, as it stands between two steps. */
  state(): TrainingState;
  /** The weights to use: of the best validation loss, else the last. */
  result(): Parameters;
  readonly history: readonly EpochLosses[];
  /** Ends the threads, if there are any; without it the process stays alive. */
  dispose(): Promise<void>;
}

export interface TrainingOptions {
  readonly backend: Backend<Kernels>;
  readonly model: Model;
  readonly config: TrainingConfig;
  readonly training: Examples;
  readonly validation?: Examples | null;
  /** A state to go on from. */
  readonly resume?: TrainingState | null;
  /**
   * Threads to run shards on, this one included; default 1. Any number gives the same bytes. More than one need a
   * WebAssembly backend and a model that has a definition; no more are started than a batch has shards.
   */
  readonly threads?: number;
}

/** Numbers that change as training goes, beside the tensors. */
interface Position {
  step: number;
  epoch: number;
  /** Batches done in this epoch. */
  batch: number;
  /** Loss × rows, summed over this epoch. */
  lossSum: number;
  bestLoss: number | null;
  bestEpoch: number;
  history: EpochLosses[];
}

/**
 * Trains a model. The batch is cut into the same shards whatever runs them, and their gradients are summed in order;
 * order and dropout come from counters, so the same seed gives the same bytes, interrupted or not.
 * Throws: ShapeError on examples that do not fit; FormatError on a state of another model or configuration;
 * DivergenceError when the loss is no longer finite.
 */
export function createTraining(options: TrainingOptions): Training {
  const { backend, model, config, training, validation, resume } = options;
  const target = checkTargets(training, model.inputs);
  const validationTarget = validation && checkTargets(validation, model.inputs);
  const specs = model.parameters;
  const identity = `${fingerprint(specs)} ${JSON.stringify(config)} ${training.rows} ${validation?.rows ?? 0}`;

  const gradients = allocateParameters(backend, specs);
  const weights = allocateParameters(backend, specs, gradients);
  const optimiser = createOptimiser(backend, specs, weights, config);
  // Named as they are stored.
  const blocks = {
    weights,
    first: optimiser.first,
    second: optimiser.second,
    best: allocateParameters(backend, specs),
  };
  const total = allocateParameters(backend, specs);
  let summed = total;
  const { best } = blocks;
  const { adamW } = backend.kernels;
  const predictor = createPredictor(backend, model, weights.tensors);
  const runner = createShardRunner(backend, model, weights, { inputs: training.inputs, target }, config.loss);
  const threads = Math.min(options.threads ?? 1, countShards(model, Math.min(config.batchRows, training.rows)));
  let recruits: Recruits | null = null;
  const batches = Math.ceil(training.rows / config.batchRows);
  const steps = batches * config.epochs;
  let position: Position = { step: 0, epoch: 0, batch: 0, lossSum: 0, bestLoss: null, bestEpoch: -1, history: [] };

  if (resume) restore(resume);
  else initialise(specs, weights.tensors, config.seed);

  function restore({ tensors, metadata }: TrainingState): void {
    if (metadata.training !== identity)
      throw new FormatError('training state: it belongs to another model or configuration');
    try {
      position = JSON.parse(metadata.position);
    } catch {
      throw new FormatError('training state: its position must be JSON');
    }
    for (const [kind, block] of Object.entries(blocks)) {
      for (const [name, tensor] of block.tensors) {
        const stored = tensors.get(`${kind}/${name}`);
        if (!stored || stored.data.length !== tensor.data.length) {
          throw new FormatError(`training state: it lacks ${kind}/${name}`);
        }
        tensor.data.set(stored.data);
      }
    }
  }

  /** Adds a shard's gradient to the batch's; the first replaces what was there. */
  function addGradient(gradient: Tensor, shard: number): void {
    if (shard === 0) total.all.data.set(gradient.data);
    else adamW.add(gradient, total.all);
  }

  /** The batch's loss; its gradient is left in `total`, or where the only shard's is. */
  function differentiate(batch: Batch): number {
    const count = countShards(model, batch.rows);
    if (count === 1) {
      summed = gradients;
      return runner.run(batch, 0);
    }
    let loss = 0;
    for (let shard = 0; shard < count; shard++) {
      loss += runner.run(batch, shard);
      addGradient(gradients.all, shard);
    }
    summed = total;
    return loss;
  }

  /** The same sums in the same order, with shards run side by side. */
  async function differentiateTogether(batch: Batch, { crew, slots, losses }: Recruits): Promise<number> {
    crew.begin(batch);
    const count = countShards(model, batch.rows);
    for (let shard = 0; shard < count; shard += threads) {
      losses[shard] = runner.run(batch, shard);
      slots[shard].data.set(gradients.all.data);
    }
    await crew.finish();
    let loss = 0;
    for (let shard = 0; shard < count; shard++) {
      loss += losses[shard];
      addGradient(slots[shard], shard);
    }
    summed = total;
    return loss;
  }

  /** Mean loss on the validation rows, in float64. */
  function validate(examples: Examples, actual: Float32Array): number {
    const predicted = predictor.predict(examples);
    let sum = 0;
    for (let i = 0; i < predicted.length; i++) {
      const error = Math.abs(predicted[i] - actual[i]);
      if (config.loss === 'meanSquaredError') sum += error * error;
      else sum += error <= 1 ? 0.5 * error * error : error - 0.5;
    }
    return sum / predicted.length;
  }

  function endEpoch(): EpochLosses {
    const validationLoss = validation && validationTarget ? validate(validation, validationTarget) : null;
    if (validationLoss !== null && !Number.isFinite(validationLoss)) {
      throw new DivergenceError(position.step, validationLoss);
    }
    const losses = { epoch: position.epoch, trainLoss: position.lossSum / training.rows, validationLoss };
    if (validationLoss !== null && (position.bestLoss === null || validationLoss < position.bestLoss)) {
      position.bestLoss = validationLoss;
      position.bestEpoch = position.epoch;
      best.all.data.set(weights.all.data);
    }
    position.history.push(losses);
    position.epoch++;
    position.batch = 0;
    position.lossSum = 0;
    return losses;
  }

  function isFinished(): boolean {
    const waited = position.epoch - 1 - position.bestEpoch;
    const impatient = config.patience !== null && position.bestLoss !== null && waited >= config.patience;
    return position.epoch >= config.epochs || (position.batch === 0 && impatient);
  }

  async function* run(): AsyncGenerator<TrainingStep, void, void> {
    if (threads > 1) {
      const task = { backend, model, weights, source: { inputs: training.inputs, target }, rows: training.rows };
      recruits ??= recruit({ ...task, batchRows: config.batchRows, loss: config.loss, runner, threads });
    }
    const order = recruits?.order ?? new Uint32Array(training.rows);
    while (!isFinished()) {
      const { epoch } = position;
      order.forEach((_, i) => {
        order[i] = i;
      });
      randomStream(config.seed, `order of epoch ${epoch}`).shuffle(order);
      while (position.epoch === epoch) {
        const from = position.batch * config.batchRows;
        const batchRows = Math.min(config.batchRows, training.rows - from);
        const batch = { order, from, rows: batchRows, step: position.step };
        const loss = recruits ? await differentiateTogether(batch, recruits) : differentiate(batch);
        if (!Number.isFinite(loss)) throw new DivergenceError(position.step + 1, loss);
        optimiser.apply(summed, ++position.step, steps);
        position.batch++;
        position.lossSum += loss * batchRows;
        const trainLoss = position.lossSum / (from + batchRows);
        const epochEnd = position.batch === batches ? endEpoch() : null;
        yield { step: position.step, steps, epoch, trainLoss, epochEnd };
      }
    }
  }

  return {
    run,
    state() {
      const tensors = new Map<string, { shape: readonly number[]; data: Floats }>();
      for (const [kind, block] of Object.entries(blocks)) {
        for (const [name, { shape, data }] of block.tensors) {
          tensors.set(`${kind}/${name}`, { shape, data: data.slice() });
        }
      }
      return { tensors, metadata: { training: identity, position: JSON.stringify(position) } };
    },
    result: () => (position.bestLoss === null ? weights : best).tensors,
    get history() {
      return position.history;
    },
    async dispose() {
      await recruits?.crew.dispose();
      recruits = null;
    },
  };
}
