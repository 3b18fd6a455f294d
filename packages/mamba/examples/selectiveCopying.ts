/**
 * Selective copying (Gu & Dao 2023, §4.1.1), shortened: 4 of 8 tokens stand somewhere among 64 positions of noise, and are
 * asked for, in order, at 4 markers after them. A fixed filter cannot do it: what is kept has to be chosen by its content.
 *
 *   node examples/selectiveCopying.ts [rows to learn from]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createBackend,
  createStepper,
  createTraining,
  loadParameters,
  randomStream,
  readSafetensors,
  type SequenceNetworkConfig,
  sequenceNetwork,
  writeSafetensors,
} from '@hitscan/mamba';

const [tokens, copied, content] = [8, 4, 64];
const [noise, marker, length] = [tokens, tokens + 1, content + copied];

/** Sequences, and what each position is to answer: a token at the markers, −1, so nothing, elsewhere. */
function drawSequences(rows: number, seed: number) {
  const random = randomStream(seed, 'selective copying');
  const codes = new Float32Array(rows * length).fill(noise);
  const target = new Float32Array(rows * length).fill(-1);
  const places = Uint32Array.from({ length: content }, (_, i) => i);
  for (let r = 0; r < rows; r++) {
    random.shuffle(places);
    for (const [k, place] of places.slice(0, copied).sort().entries()) {
      const token = random.below(tokens);
      codes[r * length + place] = token;
      codes[r * length + content + k] = marker;
      target[r * length + content + k] = token;
    }
  }
  return { rows, inputs: { codes }, target };
}

// Define.
const backend = createBackend();
const blocks = { layers: 2, dModel: 32, dState: 16, dConv: 4, expand: 2 };
const sequences = { vocabulary: tokens + 2, length, outputs: tokens, pooling: 'none' } as const;
const network: SequenceNetworkConfig = { ...blocks, ...sequences, dropout: 0, seed: 1 };

// Train.
const training = createTraining({
  backend,
  model: sequenceNetwork(network),
  training: drawSequences(Number(process.argv[2] ?? 48_000), 1),
  config: {
    loss: { kind: 'crossEntropy', classes: tokens },
    epochs: 1,
    batchRows: 16,
    learningRate: 6e-3,
    weightDecay: 0,
  },
  threads: 2,
});
for await (const { step, steps, trainLoss } of training.run()) {
  if (step % 500 === 0) console.log(`step ${step} of ${steps}, mean loss so far ${trainLoss.toFixed(3)}`);
}
await training.dispose();

// Save.
const path = join(tmpdir(), 'selectiveCopying.safetensors');
writeFileSync(path, writeSafetensors(training.result(), { network: JSON.stringify(network) }));

// Load.
const file = readSafetensors(readFileSync(path));
const config: SequenceNetworkConfig = JSON.parse(file.metadata.network);
const stepper = createStepper(
  backend,
  loadParameters(backend, sequenceNetwork(config).parameters, file.tensors),
  config,
);

// Step: the noise and the tokens as a prompt, then marker by marker.
const test = drawSequences(250, 2);
let right = 0;
for (let r = 0; r < test.rows; r++) {
  stepper.reset();
  stepper.prefill(test.inputs.codes.subarray(r * length, r * length + content));
  for (let t = r * length + content; t < (r + 1) * length; t++) {
    const logits = stepper.step([marker]);
    if (logits.indexOf(Math.max(...logits)) === test.target[t]) right++;
  }
}
console.log(`copied right: ${(right / (test.rows * copied)).toFixed(3)}`);
