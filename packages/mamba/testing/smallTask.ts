import type { Model } from '../src/blocks/model.ts';
import { sequenceNetwork } from '../src/blocks/sequenceNetwork.ts';
import { tokenNetwork } from '../src/blocks/tokenNetwork.ts';
import { goldenTensor } from '../src/golden/inputs.ts';
import type { Loss } from '../src/ops/losses.ts';
import type { HostParameters } from '../src/parameters.ts';
import type { Examples } from '../src/train/examples.ts';
import { type Training, type TrainingConfig, type TrainingStep, trainingDefaults } from '../src/train/train.ts';

/** Everything switched on, and small enough for thousands of steps a second. */
export const smallConfig: TrainingConfig = {
  ...trainingDefaults,
  epochs: 4,
  batchRows: 16,
  learningRate: 0.01,
  schedule: { kind: 'cosine', warmup: 0.1 },
  loss: 'meanSquaredError',
};

const categories = [2, 3];
const numeric = 3;

/** Five tokens a row, so shards of 32 rows. */
export function smallModel(dropout = 0.1, layers = 1, outputs = 1): Model {
  const edges = Array.from({ length: numeric }, () => Float32Array.of(-1, -0.5, 0, 0.5, 1));
  const size = { dModel: 4, dState: 2, dConv: 4, expand: 2, layers };
  return tokenNetwork({ ...size, edges, categories, dropout, hidden: dropout / 2, seed: 9, outputs });
}

/** Rows with some values missing, and a target that depends on them; the name is the seed. */
export function smallExamples(name: string, rows: number): Examples & { readonly target: Float32Array } {
  const values = goldenTensor(`${name} numeric`, [rows, numeric]);
  const noise = goldenTensor(`${name} noise`, [rows], 0.1);
  const draws = goldenTensor(`${name} codes`, [rows, 2], 0.5, 0.5);
  const codes = draws.map((draw, i) => Math.floor(draw * (categories[i % 2] + 1)));
  const target = noise.map((value, r) => value + values[3 * r] * values[3 * r + 1] + (codes[2 * r] === 1 ? 0.5 : 0));
  return {
    rows,
    inputs: { numeric: values.map((value, i) => (i % 11 === 5 ? Number.NaN : value)), codes },
    target,
  };
}

/** Every loss, two of them beside their names' defaults. */
export const everyLoss: readonly Loss[] = [
  'meanSquaredError',
  'huber',
  { kind: 'huber', delta: 0.25 },
  { kind: 'gaussian' },
  { kind: 'quantiles', levels: [0.1, 0.5, 0.9] },
  { kind: 'crossEntropy', classes: 3 },
];

/** The same rows with something to learn for a loss: for crossEntropy the sign of the target, or nothing. */
export function suitTarget(examples: Examples & { readonly target: Float32Array }, loss: Loss): typeof examples {
  if (typeof loss === 'string' || loss.kind !== 'crossEntropy') return examples;
  return { ...examples, target: examples.target.map((value, i) => (i % 7 === 3 ? -1 : value > 0 ? 1 : 0)) };
}

/** Sequences of unequal length, at each of whose positions the token before is asked for. */
export function smallSequences(name: string, rows: number): Examples & { readonly target: Float32Array } {
  const { vocabulary, length } = smallSequence;
  const codes = goldenTensor(`${name} codes`, [rows, length], vocabulary / 2, vocabulary / 2).map(Math.floor);
  const lengths = Float32Array.from({ length: rows }, (_, r) => 2 + (r % (length - 1)));
  const target = codes.map((_, i) =>
    i % length > 0 && i % length < lengths[Math.floor(i / length)] ? codes[i - 1] : -1,
  );
  return { rows, inputs: { codes, lengths }, target };
}

const smallSequence = { vocabulary: 3, length: 9 };

/** Nine tokens a row, so shards of 16 rows. */
export function smallSequenceModel(bidirectional = false): Model {
  const size = { dModel: 4, dState: 2, dConv: 4, expand: 2, layers: 1, bidirectional };
  return sequenceNetwork({
    ...size,
    ...smallSequence,
    outputs: 3,
    pooling: 'none',
    padded: true,
    dropout: 0.1,
    seed: 5,
  });
}

/** Trains to the end, or until `stop` says so. */
export async function train(training: Training, stop: (step: TrainingStep) => boolean = () => false): Promise<void> {
  for await (const step of training.run()) if (stop(step)) break;
}

/** All weights, bit for bit, as text. */
export function bitsOf(parameters: HostParameters): string {
  return [...parameters]
    .map(([name, { data }]) => `${name}: ${new Uint32Array(data.slice().buffer).join(' ')}`)
    .join('\n');
}
