/** Training: the seed's network of length 1, and a step of 13 tokens. */
import { createBackend, createTraining, type Model, randomStream, vectorNetwork } from '@hitscan/mamba';
import type { Case } from './measureCase.ts';
import { buildTokens, countTokensWork, drawTokens, tokens, tokensConfig } from './tokensTask.ts';

const seed: Model = vectorNetwork({ dModel: 13, dState: 16, dConv: 4, expand: 2, outputScale: 100 });

/** Trainable numbers, embeddings left out, as peers have none. */
function countParameters({ parameters }: Model): number {
  const own = parameters.filter(({ name }) => !name.startsWith('tokens.'));
  return own.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
}

/** All 27,000 steps, from a tenth of them. */
export const seedTraining: Case = {
  name: 'seed-training',
  unit: 's',
  rounds: 7,
  parameters: countParameters(seed),
  prepare() {
    const rows = 3817;
    const random = randomStream(1, 'bench seed');
    const training = {
      rows,
      inputs: { features: Float32Array.from({ length: rows * 13 }, () => random.normal()) },
      target: Float32Array.from({ length: rows }, () => 66 + 11 * random.normal()),
    };
    const own = { batchRows: 64, learningRate: 1e-5, weightDecay: 0, clipNorm: null, epochs: 45 };
    const config = { ...tokensConfig, ...own };
    return {
      async round() {
        const fit = createTraining({ backend: createBackend('relaxed'), model: seed, config, training });
        const started = performance.now();
        for await (const _ of fit.run());
        return (10 * (performance.now() - started)) / 1000;
      },
      remark: () => ({ shareOfPeak: null, note: '27,000 steps, batch 64, length 1, d_model 13; 1 thread' }),
    };
  },
};

const shape = '13 tokens, d_model 64, 4 layers, d_state 16, batch 128';

/** A step of the tokens' network, in a training that goes on from round to round. */
function stepCase(name: string, threads: number): Case {
  const model = buildTokens();
  return {
    name,
    unit: 'ms',
    rounds: 9,
    parameters: countParameters(model),
    async prepare({ flops, expNanoseconds }) {
      const config = { ...tokensConfig, epochs: 1000 };
      const backend = createBackend('relaxed');
      const training = createTraining({ backend, model, config, training: drawTokens(tokens.batch * 12), threads });
      const steps = training.run();
      // The first steps record, start threads and are compiled while they run.
      for (let step = 0; step < 12; step++) await steps.next();
      const work = countTokensWork();
      const bound = (1000 * work.flops) / flops + (work.exponentials * expNanoseconds) / 1e6;
      return {
        async round() {
          // Wakes the threads.
          await steps.next();
          const started = performance.now();
          for (let step = 0; step < 6; step++) await steps.next();
          return (performance.now() - started) / 6;
        },
        remark: ({ median }) => ({
          shareOfPeak: bound / threads / median,
          note: `${shape}; ${threads === 1 ? '1 thread' : `${threads} threads`}; bound, products and exponentials: ${(bound / threads).toFixed(1)} ms`,
        }),
        async dispose() {
          await steps.return();
          await training.dispose();
        },
      };
    },
  };
}

export const tokensStep = stepCase('tokens-step', 2);
export const stepShare = stepCase('step-share', 1);

export const tokensActivations: Case = {
  name: 'tokens-activations',
  unit: 'MB',
  rounds: 1,
  prepare() {
    return {
      async round() {
        const backend = createBackend('relaxed');
        const examples = drawTokens(tokens.batch);
        const training = createTraining({ backend, model: buildTokens(), config: tokensConfig, training: examples });
        const before = backend.arena.used;
        for await (const _ of training.run());
        return (backend.arena.used - before) / 1e6;
      },
      remark: () => ({ shareOfPeak: null, note: 'that step’s activations with their derivatives; 1 thread' }),
    };
  },
};
