import { type SequenceNetworkConfig, sequenceNetwork } from '../src/blocks/sequenceNetwork.ts';
import { createStepper } from '../src/blocks/sequenceStepper.ts';
import type { Kernels } from '../src/kernels.ts';
import { loadParameters } from '../src/parameters.ts';
import { randomStream } from '../src/random.ts';
import { readSafetensors, writeSafetensors } from '../src/safetensors.ts';
import type { Backend } from '../src/tape.ts';
import type { Examples } from '../src/train/examples.ts';
import { createTraining } from '../src/train/train.ts';

/**
 * Selective copying (Gu & Dao 2023, §4.1.1), shortened: 4 of 8 tokens stand somewhere among 64 positions of noise, and
 * are asked for, in order, at 4 markers after them. Where they stand differs, so a fixed filter cannot do it: what is to
 * be kept has to be chosen by its content.
 */
export const task = { tokens: 8, copied: 4, content: 64 } as const;
const noise = task.tokens;
const marker = task.tokens + 1;
export const length = task.content + task.copied;

/** Sequences, and what each of their positions is to answer: a token at the markers, −1, so nothing, elsewhere. */
export function drawSequences(rows: number, seed: number): Examples & { readonly target: Float32Array } {
  const random = randomStream(seed, 'selective copying');
  const codes = new Float32Array(rows * length).fill(noise);
  const target = new Float32Array(rows * length).fill(-1);
  const places = Uint32Array.from({ length: task.content }, (_, i) => i);
  for (let r = 0; r < rows; r++) {
    random.shuffle(places);
    const chosen = places.slice(0, task.copied).sort();
    chosen.forEach((place, k) => {
      const token = random.below(task.tokens);
      codes[r * length + place] = token;
      codes[r * length + task.content + k] = marker;
      target[r * length + task.content + k] = token;
    });
  }
  return { rows, inputs: { codes }, target };
}

export const network: SequenceNetworkConfig = {
  layers: 2,
  dModel: 32,
  dState: 16,
  dConv: 4,
  expand: 2,
  vocabulary: task.tokens + 2,
  length,
  outputs: task.tokens,
  pooling: 'none',
  dropout: 0,
  seed: 1,
};

/** Trains on sequences of which each is seen once, and returns the network as a file; `report` hears each step's loss. */
export async function trainCopying(
  backend: Backend<Kernels>,
  { rows, seed, threads }: { rows: number; seed: number; threads: number },
  report: (trainLoss: number) => void,
): Promise<Uint8Array> {
  const training = createTraining({
    backend,
    model: sequenceNetwork(network),
    training: drawSequences(rows, seed),
    config: {
      loss: { kind: 'crossEntropy', classes: task.tokens },
      epochs: 1,
      batchRows: 16,
      learningRate: 6e-3,
      weightDecay: 0,
      seed,
    },
    threads,
  });
  for await (const { trainLoss } of training.run()) report(trainLoss);
  await training.dispose();
  return writeSafetensors(training.result(), { network: JSON.stringify(network) });
}

/** Share of tokens that a stored network copies right, position by position: the content as a prompt, then the markers. */
export function scoreCopying(backend: Backend<Kernels>, file: Uint8Array, rows: number, seed: number): number {
  const { tensors, metadata } = readSafetensors(file);
  const config: SequenceNetworkConfig = JSON.parse(metadata.network);
  const weights = loadParameters(backend, sequenceNetwork(config).parameters, tensors);
  const stepper = createStepper(backend, weights, config);
  const { inputs, target } = drawSequences(rows, seed);
  let right = 0;
  for (let r = 0; r < rows; r++) {
    stepper.reset();
    stepper.prefill(inputs.codes.subarray(r * length, r * length + task.content));
    for (let t = r * length + task.content; t < (r + 1) * length; t++) {
      const logits = stepper.step([inputs.codes[t]]);
      if (logits.indexOf(Math.max(...logits)) === target[t]) right++;
    }
  }
  return right / (rows * task.copied);
}
