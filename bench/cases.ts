import {
  allocateParameters,
  createBackend,
  createPredictor,
  createTraining,
  randomStream,
  vectorNetwork,
} from '@hitscan/mamba';
import { initialise } from '../packages/mamba/src/parameters.ts';
import { convert, type Measurement, type Sample, summarise, time } from './measure.ts';
import type { Roofline } from './roofline.ts';
import { buildTokens, countTokensWork, drawTokens, tokens, trainingConfig } from './tokensTask.ts';

export type Case = (roofline: Roofline) => Promise<Measurement[]>;

function report(name: string, unit: string, sample: Sample, shareOfPeak: number | null, note: string): Measurement {
  return { name, unit, ...sample, shareOfPeak, note, peers: {} };
}

/** The seed's training, 27,000 steps: measured over some, given for all. */
const seedTraining: Case = async () => {
  const rows = 3817;
  const random = randomStream(1, 'bench seed');
  const training = {
    rows,
    inputs: { features: Float32Array.from({ length: rows * 13 }, () => random.normal()) },
    target: Float32Array.from({ length: rows }, () => 66 + 11 * random.normal()),
  };
  const model = vectorNetwork({ dModel: 13, dState: 16, dConv: 4, expand: 2, outputScale: 100 });
  const config = trainingConfig({ batchRows: 64, learningRate: 1e-5, weightDecay: 0, clipNorm: null, epochs: 45 });
  const seconds: number[] = [];
  for (let run = 0; run < 5; run++) {
    const fit = createTraining({ backend: createBackend('relaxed'), model, config, training });
    const started = performance.now();
    for await (const _ of fit.run());
    // A tenth of the seed's 450 epochs.
    seconds.push((10 * (performance.now() - started)) / 1000);
  }
  return [
    report('seed-training', 's', summarise(seconds), null, '27,000 steps, batch 64, length 1, d_model 13; 1 thread'),
  ];
};

async function timeSteps(threads: number): Promise<Sample> {
  const rows = tokens.batch * 12;
  const backend = createBackend('relaxed');
  const config = trainingConfig({ epochs: 4 });
  const training = createTraining({ backend, model: buildTokens(), config, training: drawTokens(rows), threads });
  const milliseconds: number[] = [];
  let last = performance.now();
  for await (const { step } of training.run()) {
    const now = performance.now();
    // The first steps record, start threads and are compiled while they run.
    if (step > 12) milliseconds.push(now - last);
    last = now;
  }
  await training.dispose();
  return summarise(milliseconds);
}

const tokensStep: Case = async ({ flops, expNanoseconds }) => {
  const work = countTokensWork();
  const bound = (1000 * work.flops) / flops + (work.exponentials * expNanoseconds) / 1e6;
  const one = await timeSteps(1);
  const two = await timeSteps(2);
  const shape = '13 tokens, d_model 64, 4 layers, d_state 16, batch 128';
  return [
    report('tokens-step', 'ms', two, bound / 2 / two.median, `${shape}; 2 threads; bound: products and exponentials`),
    report('step-share', 'ms', one, bound / one.median, `${shape}; 1 thread; bound ${bound.toFixed(1)} ms`),
  ];
};

const tokensActivations: Case = async () => {
  const backend = createBackend('relaxed');
  const model = buildTokens();
  const config = trainingConfig({});
  const training = createTraining({ backend, model, config, training: drawTokens(tokens.batch) });
  const before = backend.arena.used;
  for await (const _ of training.run());
  const megabytes = (backend.arena.used - before) / 1e6;
  const sample = { median: megabytes, minimum: megabytes, maximum: megabytes, runs: 1 };
  return [report('tokens-activations', 'MB', sample, null, 'that step’s activations with their derivatives; 1 thread')];
};

const matmul: Case = async ({ flops }) => {
  const { arena, kernels } = createBackend('relaxed');
  const [rows, inputs, outputs] = [1664, 64, 256];
  const random = randomStream(1, 'bench matmul');
  const draw = (shape: readonly number[]) => {
    const tensor = arena.allocate(shape);
    for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = random.normal();
    return tensor;
  };
  const [x, weight] = [draw([rows, inputs]), draw([outputs, inputs])];
  const y = arena.allocate([rows, outputs]);
  const sample = time(() => kernels.linear.forward(x, weight, null, null, y));
  let expected = 0;
  for (let i = 0; i < inputs; i++) expected += x.data[777 * inputs + i] * weight.data[99 * inputs + i];
  if (!(Math.abs(y.data[777 * outputs + 99] - expected) < 1e-4)) throw new Error('matmul: the product is wrong');
  const rate = convert(sample, (ms) => (2 * rows * inputs * outputs) / ms / 1e6);
  return [report('matmul', 'GFLOP/s', rate, (rate.median * 1e9) / flops, '(1664×64)·(64×256); 1 thread')];
};

const exp: Case = async ({ expNanoseconds, expUlps }) => {
  const sample = { median: expNanoseconds, minimum: expNanoseconds, maximum: expNanoseconds, runs: 9 };
  return [
    report('exp', 'ns', sample, null, `the scan’s 2^x in a loop of its own; worst error ${expUlps.toFixed(2)} ulp`),
  ];
};

/** Forward and backward of one long sequence, at growing lengths. */
const longScan: Case = async () => {
  const { arena, kernels } = createBackend('relaxed');
  const [inner, state] = [512, 16];
  const results: Measurement[] = [];
  let before = 0;
  for (const length of [1024, 4096, 16384, 65536]) {
    const mark = arena.mark();
    const random = randomStream(1, 'bench scan');
    const draw = (shape: readonly number[], scale: number) => {
      const tensor = arena.allocate(shape);
      for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = scale * (2 * random.uniform() - 1);
      return tensor;
    };
    const sequence = [1, length, inner];
    const inputs = {
      u: draw(sequence, 1),
      dt: draw(sequence, 1),
      dtBias: draw([inner], 1),
      ALog: draw([inner, state], 1),
      B: draw([1, length, state], 1),
      C: draw([1, length, state], 1),
      D: draw([inner], 1),
      z: draw(sequence, 1),
    };
    const y = arena.allocate(sequence);
    const dy = draw(sequence, 1);
    const states = arena.allocate([1, Math.ceil(length / 64) - 1, Math.ceil(inner / 64), state, 64]);
    const place = (shape: readonly number[]) => ({ ...arena.allocate(shape), accumulate: false });
    const gradients = {
      u: place(sequence),
      dt: place(sequence),
      dtBias: place([inner]),
      ALog: place([inner, state]),
      B: place([1, length, state]),
      C: place([1, length, state]),
      D: place([inner]),
      z: place(sequence),
    };
    const sample = time(
      () => {
        kernels.selectiveScan.forward(inputs, y, states);
        kernels.selectiveScan.backward(inputs, states, dy, gradients);
      },
      { runs: 3, milliseconds: 1 },
    );
    const growth = before === 0 ? '' : `; ${(sample.median / before / 4).toFixed(2)} of linear growth`;
    before = sample.median;
    const memory = `${((states.data.byteLength / y.data.byteLength) * 100).toFixed(0)} % of y for states`;
    const note = `inner 512, state 16, forward and backward; ${memory}${growth}; 1 thread`;
    results.push(report(`long-scan-${length}`, 'ms', sample, null, note));
    arena.release(mark);
  }
  return results;
};

const inference: Case = async () => {
  const backend = createBackend('relaxed');
  const model = buildTokens();
  const { tensors } = allocateParameters(backend, model.parameters);
  initialise(model.parameters, tensors, 1);
  const predictor = createPredictor(backend, model, tensors);
  const row = drawTokens(1);
  const rows = drawTokens(2048);
  const one = convert(
    time(() => predictor.predict(row)),
    (ms) => ms * 1000,
  );
  const many = convert(
    time(() => predictor.predict(rows), { runs: 5 }),
    (ms) => (1000 * rows.rows) / ms,
  );
  return [
    report('inference-row', 'µs', one, null, 'one row at a time, the 4-layer model; 1 thread'),
    report('inference-batch', 'rows/s', many, null, '2,048 rows, the 4-layer model; 1 thread'),
  ];
};

/** By the name that `npm run bench -- <name>` takes. */
export const cases: Readonly<Record<string, Case>> = {
  'seed-training': seedTraining,
  'tokens-step': tokensStep,
  'tokens-activations': tokensActivations,
  'long-scan': longScan,
  matmul,
  exp,
  inference,
};
