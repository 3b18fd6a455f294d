/** Predictions of the tokens' network: one row as soon as possible, and many. */
import { createBackend, createPredictor, loadParameters, randomStream } from '@hitscan/mamba';
import { createTimer } from './measure.ts';
import type { Case } from './measureCase.ts';
import type { Roofline } from './roofline.ts';
import { buildTokens, countTokensWork, drawTokens, tokens } from './tokensTask.ts';

/** Milliseconds that a row's products and exponentials take at least: a training step's without the way back. */
function boundOfRow({ flops, expNanoseconds }: Roofline): number {
  const work = countTokensWork();
  return ((1000 * work.flops) / 3 / flops + (work.exponentials * expNanoseconds) / 2 / 1e6) / tokens.batch;
}

function preparePrediction(rows: number): () => number {
  const backend = createBackend('relaxed');
  const model = buildTokens();
  const drawn = model.parameters.map(({ name, shape, initialise }) => {
    const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
    initialise(data, randomStream(1, name));
    return [name, { shape, data }] as const;
  });
  const weights = loadParameters(backend, model.parameters, new Map(drawn));
  const predictor = createPredictor(backend, model, weights);
  const examples = drawTokens(rows);
  return createTimer(() => predictor.predict(examples), 100);
}

export const inferenceRow: Case = {
  name: 'inference-row',
  unit: 'µs',
  rounds: 9,
  prepare(roofline) {
    const time = preparePrediction(1);
    return {
      round: () => 1000 * time(),
      remark: ({ median }) => ({
        shareOfPeak: (1000 * boundOfRow(roofline)) / median,
        note: 'one row, the 4-layer model; 1 thread; bound: products and exponentials',
      }),
    };
  },
};

export const inferenceBatch: Case = {
  name: 'inference-batch',
  unit: 'rows/s',
  rounds: 9,
  prepare(roofline) {
    const rows = 2048;
    const time = preparePrediction(rows);
    return {
      round: () => (1000 * rows) / time(),
      remark: ({ median }) => ({
        shareOfPeak: (median * boundOfRow(roofline)) / 1000,
        note: '2,048 rows, the 4-layer model; 1 thread; bound: products and exponentials',
      }),
    };
  },
};
