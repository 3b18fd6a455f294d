/**
 * A network of one's own: how fast a noisy wave swings, from its measurements.
 *
 *   node examples/ownNetwork.ts
 */
import { createBackend, createPredictor, createTraining, type Model, randomStream } from '@hitscan/mamba';
import { linear, mamba, mambaParameters, parameter, pool, reshape, uniformByFanIn } from '@hitscan/mamba/blocks';

const length = 48;

/** Waves of random phase, and the swings in each. */
function drawWaves(rows: number, seed: number) {
  const random = randomStream(seed, 'waves');
  const values = new Float32Array(rows * length);
  const target = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    target[r] = 1 + 5 * random.uniform();
    const phase = random.uniform();
    for (let t = 0; t < length; t++) {
      values[r * length + t] = Math.sin(2 * Math.PI * ((target[r] * t) / length + phase)) + 0.1 * random.normal();
    }
  }
  return { rows, inputs: { values }, target };
}

// Declare the parameters, and record what is done with them; derivatives follow from the recording.
const block = { dModel: 16, dState: 8, dConv: 4, expand: 2 };
const model: Model = {
  parameters: [
    { name: 'in.weight', shape: [block.dModel, 1], decay: true, initialise: uniformByFanIn(1) },
    ...mambaParameters('block', block),
    { name: 'out.weight', shape: [1, block.dModel], decay: true, initialise: uniformByFanIn(block.dModel) },
  ],
  tokens: length,
  inputs: { values: length },
  targets: 1,
  outputs: 1,
  record(tape, parameters, { values }) {
    const sequence = reshape(values, [values.shape[0], length, 1]);
    const x = linear(tape, sequence, parameter(parameters, 'in.weight'));
    const y = mamba(tape, parameters, 'block', block, x);
    return linear(tape, pool(tape, y), parameter(parameters, 'out.weight'));
  },
};

const backend = createBackend();
const config = { loss: 'meanSquaredError', epochs: 30, batchRows: 32, learningRate: 5e-3 } as const;
const training = createTraining({ backend, model, training: drawWaves(2000, 1), config });
for await (const { epochEnd } of training.run()) {
  if (epochEnd && epochEnd.epoch % 5 === 4)
    console.log(`epoch ${epochEnd.epoch + 1}: ${epochEnd.trainLoss.toFixed(3)}`);
}

const test = drawWaves(500, 2);
const predicted = createPredictor(backend, model, training.result()).predict(test);
const error = predicted.reduce((sum, value, r) => sum + Math.abs(value - test.target[r]), 0) / test.rows;
console.log(`mean error: ${error.toFixed(2)} of 1 to 6 swings`);
