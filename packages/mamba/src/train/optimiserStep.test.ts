import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/expectClose.ts';
import { smallConfig, smallExamples, smallModel, train } from '../../testing/smallTask.ts';
import { type BuildName, finish, start } from '../../testing/smallTraining.ts';
import { createBackend } from '../backend.ts';
import { recordLoss } from '../ops/losses.ts';
import { allocateParameters } from '../parameters.ts';
import { randomStream } from '../random.ts';
import { createTape } from '../tape.ts';
import type { TrainingConfig, TrainingState } from './train.ts';

describe('one optimiser step', () => {
  const rows = 80;
  const whole: Partial<TrainingConfig> = { batchRows: rows, epochs: 1, schedule: { kind: 'constant', warmup: 0 } };

  /** The state after the first step, which takes in all rows, in shards of 32, 32 and 16. */
  async function firstStep(build: BuildName, config: Partial<TrainingConfig>, model = smallModel()) {
    const stepping = start({ build, config: { ...whole, ...config }, model, rows, validated: false });
    const before = stepping.state();
    await train(stepping);
    return { before, after: stepping.state() };
  }

  /** All of one kind, as one row of numbers, by parameter. */
  const numbersOf = ({ tensors }: TrainingState, kind: string): number[] =>
    [...tensors].filter(([name]) => name.startsWith(`${kind}/`)).flatMap(([, { data }]) => Array.from(data));
  const normOf = (values: number[]): number => Math.hypot(...values);

  test.each(['reference', 'simd', 'relaxed'] as const)('%s: shards add up to the batch’s gradient', async (build) => {
    const model = smallModel(0.3);
    // Without β₁ the first moment is the gradient itself.
    const { before, after } = await firstStep(build, { beta1: 0, clipNorm: null }, model);
    const reference = createBackend('reference');
    const gradients = allocateParameters(reference, model.parameters);
    const weights = allocateParameters(reference, model.parameters, gradients);
    for (const [name, { data }] of weights.tensors) data.set(before.tensors.get(`weights/${name}`)?.data ?? []);
    const order = Uint32Array.from({ length: rows }, (_, r) => r);
    randomStream(smallConfig.seed, 'order of epoch 0').shuffle(order);
    const examples = smallExamples('training', rows);
    const tape = createTape(reference, true);
    Object.assign(tape.context, { step: 0, firstRow: 0, batchRows: rows });
    const inputs = Object.fromEntries(
      Object.entries(model.inputs).map(([name, width]) => {
        const tensor = reference.arena.allocate([rows, width]);
        tensor.data.forEach((_, i) => {
          tensor.data[i] = examples.inputs[name][order[Math.floor(i / width)] * width + (i % width)];
        });
        return [name, tensor];
      }),
    );
    const target = reference.arena.allocate([rows, 1]);
    target.data.set(Array.from(order, (r) => examples.target[r]));
    recordLoss(tape, 'meanSquaredError', model.record(tape, weights.tensors, inputs), target);
    tape.forward();
    tape.backward();
    for (const [name, { data }] of gradients.tensors) {
      const found = after.tensors.get(`first/${name}`)?.data ?? [];
      const largest = Math.max(...Array.from(data, Math.abs));
      // The reference sums the same float64 numbers in another order; float32 rounds 80 rows' terms.
      expectClose(name, found, data, { absolute: (build === 'reference' ? 1e-12 : 3e-6) * largest });
    }
  });

  test('clipping scales the gradient to its largest norm and changes what is learnt', async () => {
    const free = numbersOf((await firstStep('simd', { beta1: 0, clipNorm: null })).after, 'first');
    const norm = normOf(free);
    const clipped = numbersOf((await firstStep('simd', { beta1: 0, clipNorm: norm / 4 })).after, 'first');
    // float32's rounding, and the 1e-6 that PyTorch adds to the norm.
    expectClose(
      'clipped',
      clipped,
      free.map((value) => value / 4),
      { relative: 1e-5 },
    );
    const loose = numbersOf((await firstStep('simd', { beta1: 0, clipNorm: 2 * norm })).after, 'first');
    expect(loose).toEqual(free);
    // Adam's first step hides the scale; from the second on it shows.
    expect(await finish({ config: { clipNorm: norm / 4 } })).not.toBe(await finish({ config: { clipNorm: null } }));
  });

  test('a parameter’s own rate scales its step and its decay, and no other’s', async () => {
    const model = smallModel();
    const slowed = {
      ...model,
      parameters: model.parameters.map((spec, i) => (i === 1 ? { ...spec, rate: 0.25 } : spec)),
    };
    const config = { weightDecay: 0.5 };
    const plain = (await firstStep('simd', config, model)).after.tensors;
    const { before, after } = await firstStep('simd', config, slowed);
    model.parameters.forEach(({ name }, i) => {
      const [start, without, found] = [before.tensors, plain, after.tensors].map((tensors) =>
        Array.from(tensors.get(`weights/${name}`)?.data ?? []),
      );
      const rate = i === 1 ? 0.25 : 1;
      const expected = without.map((value, j) => start[j] + rate * (value - start[j]));
      // Float32 weights of about 1.
      expectClose(name, found, expected, { absolute: i === 1 ? 2e-7 : 0 });
    });
  });

  test('weight decay shrinks what declares it and nothing else', async () => {
    const model = smallModel();
    const plain = (await firstStep('simd', { weightDecay: 0 }, model)).after.tensors;
    const { before, after } = await firstStep('simd', { weightDecay: 0.5 }, model);
    for (const { name, decay } of model.parameters) {
      const [start, without, found] = [before.tensors, plain, after.tensors].map((tensors) =>
        Array.from(tensors.get(`weights/${name}`)?.data ?? []),
      );
      // The step is the same; decay takes 0.01·0.5 of the weight.
      const expected = without.map((value, i) => value - (decay ? 0.005 * start[i] : 0));
      expectClose(name, found, expected, { absolute: decay ? 2e-7 : 0 });
    }
    expect(model.parameters.some(({ decay }) => decay)).toBe(true);
  });
});
