import type { StackConfig } from '../src/blocks/stack.ts';
import { stack, stackParameters } from '../src/blocks/stack.ts';
import { createStepper } from '../src/blocks/step.ts';
import type { Kernels } from '../src/kernels.ts';
import { embedding } from '../src/ops/embedding.ts';
import { linear } from '../src/ops/linear.ts';
import { recordLoss } from '../src/ops/losses.ts';
import {
  allocateParameters,
  initialise,
  normal,
  type ParameterSpec,
  type Parameters,
  parameter,
  uniformByFanIn,
} from '../src/parameters.ts';
import { randomStream } from '../src/random.ts';
import { type Backend, createTape } from '../src/tape.ts';
import { reshape } from '../src/tensor.ts';
import { learningRateFactor } from '../src/train/schedule.ts';

/**
 * Selective copying (Gu & Dao 2023, §4.1.1), shortened: 4 of 8 tokens stand somewhere among 64 positions of noise, and
 * are asked for, in order, at 4 markers after them. Where they stand differs, so a fixed filter cannot do it: what is to
 * be kept has to be chosen by its content.
 */
export const task = { tokens: 8, copied: 4, content: 64 } as const;
const noise = task.tokens;
const marker = task.tokens + 1;
export const length = task.content + task.copied;

/** Codes (rows, length), and what each position is to answer: a token at the markers, −1 elsewhere. */
export function drawSequences(
  rows: number,
  seed: number,
  name: string,
): { codes: Float32Array; answers: Float32Array } {
  const random = randomStream(seed, name);
  const codes = new Float32Array(rows * length).fill(noise);
  const answers = new Float32Array(rows * length).fill(-1);
  const places = Uint32Array.from({ length: task.content }, (_, i) => i);
  for (let r = 0; r < rows; r++) {
    random.shuffle(places);
    const chosen = places.slice(0, task.copied).sort();
    chosen.forEach((place, k) => {
      const token = Math.floor(random.uniform() * task.tokens);
      codes[r * length + place] = token;
      codes[r * length + task.content + k] = marker;
      answers[r * length + task.content + k] = token;
    });
  }
  return { codes, answers };
}

export const network: StackConfig = { dModel: 32, dState: 16, dConv: 4, expand: 2, layers: 2 };

const specs: readonly ParameterSpec[] = [
  { name: 'embedding.weight', shape: [task.tokens + 2, network.dModel], decay: false, initialise: normal(1) },
  ...stackParameters('backbone', network),
  {
    name: 'head.weight',
    shape: [task.tokens, network.dModel],
    decay: true,
    initialise: uniformByFanIn(network.dModel),
  },
];

const adam = { weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const largestRate = 3e-3;
const schedule = { kind: 'cosine', warmup: 0.05 } as const;

/** Trains on fresh sequences at every step; yields each step's loss. */
export function* trainCopying(
  backend: Backend<Kernels>,
  steps: number,
  rows: number,
  seed: number,
): Generator<number, Parameters, void> {
  const gradients = allocateParameters(backend, specs);
  const weights = allocateParameters(backend, specs, gradients);
  const [first, second] = [allocateParameters(backend, specs), allocateParameters(backend, specs)];
  initialise(specs, weights.tensors, seed);
  const get = (name: string) => parameter(weights.tensors, name);

  const tape = createTape(backend, true);
  tape.moment.batchRows = rows * task.copied;
  const codes = backend.arena.allocate([rows, length]);
  const answers = backend.arena.allocate([rows * length, 1]);
  const embedded = tape.tensor([rows, length, network.dModel]);
  const positions = Array.from({ length }, (_, t) => t);
  embedding(tape, codes, get('embedding.weight'), positions, embedded);
  const mixed = stack(tape, weights.tensors, 'backbone', network, embedded);
  const logits = linear(tape, reshape(mixed, [rows * length, network.dModel]), get('head.weight'));
  const loss = recordLoss(tape, { kind: 'crossEntropy', classes: task.tokens }, logits, answers);

  const { adamW } = backend.kernels;
  for (let step = 1; step <= steps; step++) {
    const drawn = drawSequences(rows, seed, `batch ${step}`);
    codes.data.set(drawn.codes);
    answers.data.set(drawn.answers);
    tape.forward();
    tape.backward();
    // The norm is clipped to 1.
    const gradientScale = Math.min(1, 1 / (Math.sqrt(adamW.sumOfSquares(gradients.all)) + 1e-6));
    const learningRate = largestRate * learningRateFactor(schedule, step, steps);
    adamW.update(weights.all, gradients.all, first.all, second.all, { ...adam, learningRate, step, gradientScale });
    yield loss.data[0];
  }
  return weights.tensors;
}

/** Share of tokens copied right, read position by position: the content as a prompt, then marker by marker. */
export function scoreCopying(backend: Backend<Kernels>, weights: Parameters, rows: number, seed: number): number {
  const { codes, answers } = drawSequences(rows, seed, 'test');
  const { dModel } = network;
  const table = parameter(weights, 'embedding.weight').data;
  const head = parameter(weights, 'head.weight').data;
  const stepper = createStepper(backend, weights, 'backbone', network);
  const tokenOf = (code: number) => table.subarray(code * dModel, (code + 1) * dModel);
  let right = 0;
  for (let r = 0; r < rows; r++) {
    const sequence = Array.from(codes.subarray(r * length, (r + 1) * length));
    stepper.reset();
    stepper.prefill(sequence.slice(0, task.content).flatMap((code) => Array.from(tokenOf(code))));
    for (let t = task.content; t < length; t++) {
      const y = Float64Array.from(stepper.step(tokenOf(sequence[t])));
      const logits = Array.from({ length: task.tokens }, (_, o) =>
        y.reduce((sum, value, i) => sum + value * head[o * dModel + i], 0),
      );
      if (logits.indexOf(Math.max(...logits)) === answers[r * length + t]) right++;
    }
  }
  return right / (rows * task.copied);
}
