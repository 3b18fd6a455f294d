import type { Model } from '../blocks/model.ts';
import { DivergenceError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { countAnswers, type Loss, measureLoss } from '../ops/losses.ts';
import {
  allocateParameters,
  type HostParameters,
  initialise,
  type ParameterBlock,
  type ParameterSpec,
  replaceParameters,
  type StoredValues,
} from '../parameters.ts';
import { randomStream } from '../random.ts';
import type { Backend, HostBackend } from '../tape.ts';
import type { Floats, Tensor } from '../tensor.ts';
import { type StartedWorkers, startWorkers } from '../threads/startWorkers.ts';
import { checkOutputs, checkTargets, type Examples } from './examples.ts';
import { createOptimiser, type OptimiserConfig } from './optimiser.ts';
import { createPredictor } from './predict.ts';
import { type Batch, countShards, createShardRunner } from './shards.ts';
import { type EpochLosses, identify, type Position, restoreState, saveState, type TrainingState } from './state.ts';

export type { EpochLosses, TrainingState } from './state.ts';

export interface TrainingConfig extends OptimiserConfig {
  readonly epochs: number;
  readonly batchRows: number;
  /** The model must predict the numbers that it takes. */
  readonly loss: Loss;
  /** What is measured on the validation rows and ends training; `loss` where it is not given. It must take as many numbers. */
  readonly watch?: Loss;
  /** Epochs without a better validation loss after which training ends; null to go through all epochs. */
  readonly patience: number | null;
  /** Which weights to use where there are validation rows: those of the best epoch, or the last. Default best. */
  readonly keep?: 'best' | 'last';
  readonly seed: number;
}

/** What a setting is where it is not given. */
export const trainingDefaults: Omit<TrainingConfig, 'loss' | 'watch'> = {
  epochs: 20,
  batchRows: 128,
  learningRate: 1e-3,
  schedule: { kind: 'cosine', warmup: 0.05 },
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: 1,
  patience: null,
  seed: 1,
};

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

export interface Training {
  /** Trains to the end, one optimiser step at a time; may be left at any step and taken up again from `state`. */
  run(): AsyncGenerator<TrainingStep, void, void>;
  /** All that is needed to go on bit for bit, as it stands between two steps. */
  state(): TrainingState;
  /** The weights to use: of the best validation loss, else the last. */
  result(): HostParameters;
  readonly history: readonly EpochLosses[];
  /** Ends the threads, if there are any; without it the process stays alive. */
  dispose(): Promise<void>;
}

export interface TrainingOptions {
  readonly backend: HostBackend<Kernels>;
  readonly model: Model;
  /** The loss, and whatever is not to be as in trainingDefaults. */
  readonly config: Pick<TrainingConfig, 'loss'> & Partial<TrainingConfig>;
  readonly training: Examples;
  readonly validation?: Examples | null;
  /** Weights to begin with, by the names of parameters; the others are drawn. */
  readonly initial?: StoredValues;
  /** A state to go on from. */
  readonly resume?: TrainingState | null;
  /**
   * Threads to run shards on, this one included; default 1. Any number gives the same bytes. More than one need a
   * WebAssembly backend and a model that has a definition; no more are started than a batch has shards.
   */
  readonly threads?: number;
}

/** All numbers of a training that are as many as the parameters. */
export function allocateTraining<Handle extends Tensor>(
  backend: Backend<Kernels, Handle>,
  specs: readonly ParameterSpec[],
  config: OptimiserConfig,
) {
  const gradients = allocateParameters(backend, specs);
  const weights = allocateParameters(backend, specs, gradients);
  const optimiser = createOptimiser(backend, specs, weights, config);
  const { first, second } = optimiser;
  return {
    gradients,
    weights,
    optimiser,
    /** Named as they are stored. */
    blocks: { weights, first, second, best: allocateParameters(backend, specs) },
    total: allocateParameters(backend, specs),
  };
}

/**
 * Trains a model. The batch is cut into the same shards whatever runs them, and their gradients are summed in order;
 * order and dropout come from counters, so the same seed gives the same bytes, interrupted or not.
 * Throws: SettingError on a loss that does not fit the model; ShapeError on examples that do not; FormatError on a state of
 * another model or configuration, and initial weights that are not the model's; DivergenceError when the loss is no longer finite.
 */
export function createTraining(options: TrainingOptions): Training {
  const { backend, model, training, validation, resume } = options;
  const config: TrainingConfig = { ...trainingDefaults, ...options.config };
  const watch = config.watch ?? config.loss;
  for (const each of [config.loss, watch]) checkOutputs(model, each);
  const target = checkTargets(training, model, config.loss);
  const validationTarget = validation && checkTargets(validation, model, watch);
  const answers = countAnswers(config.loss, target, model.targets);
  const specs = model.parameters;
  const identity = identify(model, [config, training.rows, validation?.rows ?? 0]);

  const { gradients, weights, optimiser, blocks, total } = allocateTraining(backend, specs, config);
  let summed: ParameterBlock = total;
  const { best } = blocks;
  const { adamW } = backend.kernels;
  const predictor = createPredictor(backend, model, weights.tensors);
  const runner = createShardRunner(backend, model, weights, { inputs: training.inputs, target }, config.loss);
  const threads = Math.min(options.threads ?? 1, countShards(model, Math.min(config.batchRows, training.rows)));
  let workers: StartedWorkers | null = null;
  const batches = Math.ceil(training.rows / config.batchRows);
  const steps = batches * config.epochs;
  let position: Position = {
    step: 0,
    epoch: 0,
    batch: 0,
    answers: 0,
    lossSum: 0,
    bestLoss: null,
    bestEpoch: -1,
    history: [],
  };

  if (resume) position = restoreState(backend, resume, identity, { epochs: config.epochs, batches }, blocks);
  else {
    initialise(backend, specs, weights.tensors, config.seed);
    replaceParameters(backend, 'initial weights', weights.tensors, options.initial ?? new Map());
  }

  /** All that is read back in a step; on the host it is there at once. */
  function readLoss(loss: Tensor): number | Promise<number> {
    const read: Floats | Promise<Floats> = backend.read(loss);
    return read instanceof Promise ? read.then(([value]) => value) : read[0];
  }

  /** Adds a shard's gradient to the batch's; the first replaces what was there. */
  function addGradient(gradient: Tensor, shard: number): void {
    if (shard === 0) backend.copy(gradient, total.all);
    else adamW.add(gradient, total.all);
  }

  /** The batch's loss; its gradient is left in `total`, or where the only shard's is. */
  function differentiate(batch: Batch): number | Promise<number> {
    const count = countShards(model, batch.rows);
    summed = count === 1 ? gradients : total;
    return count === 1 ? readLoss(runner.run(batch, 0)) : sumShards(batch, count);
  }

  async function sumShards(batch: Batch, count: number): Promise<number> {
    let loss = 0;
    for (let shard = 0; shard < count; shard++) {
      loss += await readLoss(runner.run(batch, shard));
      addGradient(gradients.all, shard);
    }
    return loss;
  }

  /** The same sums in the same order, with shards run side by side. */
  async function differentiateTogether(batch: Batch, { pool, slots, losses }: StartedWorkers): Promise<number> {
    const count = countShards(model, batch.rows);
    await pool.share(batch, () => {
      for (let shard = 0; shard < count; shard += threads) {
        // Threads share the host's memory, where all can be read at once.
        [losses[shard]] = backend.read(runner.run(batch, shard));
        backend.copy(gradients.all, slots[shard]);
      }
    });
    let loss = 0;
    for (let shard = 0; shard < count; shard++) {
      loss += losses[shard];
      addGradient(slots[shard], shard);
    }
    summed = total;
    return loss;
  }

  function endEpoch(): EpochLosses {
    const validationLoss =
      validation && validationTarget ? measureLoss(watch, predictor.predict(validation), validationTarget) : null;
    if (validationLoss !== null && !Number.isFinite(validationLoss)) {
      throw new DivergenceError(position.step, validationLoss);
    }
    const losses = { epoch: position.epoch, trainLoss: position.lossSum / position.answers, validationLoss };
    if (validationLoss !== null && (position.bestLoss === null || validationLoss < position.bestLoss)) {
      position.bestLoss = validationLoss;
      position.bestEpoch = position.epoch;
      backend.copy(weights.all, best.all);
    }
    position.history.push(losses);
    position.epoch++;
    position.batch = 0;
    position.answers = 0;
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
      const batchRows = Math.min(config.batchRows, training.rows);
      workers ??= startWorkers({ ...task, batchRows, loss: config.loss, runner, threads });
    }
    const order = workers?.order ?? new Uint32Array(training.rows);
    while (!isFinished()) {
      const { epoch } = position;
      order.forEach((_, i) => {
        order[i] = i;
      });
      randomStream(config.seed, `order of epoch ${epoch}`).shuffle(order);
      while (position.epoch === epoch) {
        const from = position.batch * config.batchRows;
        const batchRows = Math.min(config.batchRows, training.rows - from);
        let asked = 0;
        for (let i = from; i < from + batchRows; i++) asked += answers[order[i]];
        const batch = { order, from, rows: batchRows, answers: asked, step: position.step };
        const loss = await (workers ? differentiateTogether(batch, workers) : differentiate(batch));
        if (!Number.isFinite(loss)) throw new DivergenceError(position.step + 1, loss);
        optimiser.apply(summed, ++position.step, steps);
        position.batch++;
        position.answers += asked;
        position.lossSum += loss * asked;
        const trainLoss = position.lossSum / Math.max(1, position.answers);
        const epochEnd = position.batch === batches ? endEpoch() : null;
        yield { step: position.step, steps, epoch, trainLoss, epochEnd };
      }
    }
  }

  return {
    run,
    state: () => saveState(backend, identity, position, blocks),
    result: () => (position.bestLoss === null || config.keep === 'last' ? weights : best).tensors,
    get history() {
      return position.history;
    },
    async dispose() {
      await workers?.pool.dispose();
      workers = null;
    },
  };
}
