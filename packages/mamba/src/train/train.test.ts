import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/expectClose.ts';
import {
  everyLoss,
  smallConfig,
  smallExamples,
  smallModel,
  smallSequenceModel,
  smallSequences,
  suitTarget,
  train,
} from '../../testing/smallTask.ts';
import { finish, outcomeOf, type SmallTraining, start, training, validation } from '../../testing/smallTraining.ts';
import { createBackend } from '../backend.ts';
import type { Model } from '../blocks/model.ts';
import { DivergenceError, FormatError, SettingError, ShapeError } from '../errors.ts';
import { predictionColumns } from '../ops/losses.ts';
import type { ParameterSpec } from '../parameters.ts';
import { readSafetensors, writeSafetensors } from '../safetensors.ts';
import { createPredictor } from './predict.ts';
import { createTraining, type Training, type TrainingState, trainingDefaults } from './train.ts';

/** The same network, its head's weights zero at the beginning. */
function withoutHead({ parameters, ...model }: Model): Model {
  const silence = (spec: ParameterSpec) => (spec.name === 'head.weight' ? { ...spec, initialise() {} } : spec);
  return { ...model, parameters: parameters.map(silence) };
}

/** Through a file and back. */
function store(state: TrainingState): TrainingState {
  return readSafetensors(writeSafetensors(state.tensors, state.metadata)) as TrainingState;
}

describe('the same seed', () => {
  test.each(['reference', 'simd', 'relaxed'] as const)(
    '%s: gives the same bytes, and another one others',
    async (build) => {
      const first = await finish({ build });
      expect(await finish({ build })).toBe(first);
      expect(await finish({ build, config: { seed: 2 } })).not.toBe(first);
      expect(await finish({ build, model: smallModel(0.2) })).not.toBe(first);
    },
  );

  test('gives the same bytes wherever in memory a training lies', async () => {
    const backend = createBackend('simd');
    const outcomes: string[] = [];
    for (let round = 0; round < 2; round++) {
      const finished = createTraining({ backend, model: smallModel(), config: smallConfig, training, validation });
      await train(finished);
      outcomes.push(outcomeOf(finished));
      backend.arena.allocate([7]);
    }
    expect(outcomes[1]).toBe(outcomes[0]);
  });

  test('gives trainings that agree from build to build', async () => {
    const losses: number[][] = [];
    for (const build of ['reference', 'simd', 'relaxed'] as const) {
      const finished = start({ build });
      await train(finished);
      losses.push(finished.history.flatMap(({ trainLoss, validationLoss }) => [trainLoss, validationLoss ?? 0]));
    }
    // Sixteen steps amplify float32 roundings of 1e-6 a little.
    expectClose('simd', losses[1], losses[0], { relative: 1e-4 });
    expectClose('relaxed', losses[2], losses[0], { relative: 1e-4 });
  });
});

describe('leaving and resuming', () => {
  // 50 rows in batches of 16: four steps an epoch, four epochs.
  const steps = 16;

  test.each(['simd', 'relaxed', 'reference'] as const)('%s: at any step, bit for bit', async (build) => {
    const whole = await finish({ build });
    for (let stop = 0; stop <= steps; stop++) {
      const left = start({ build });
      if (stop > 0) await train(left, ({ step }) => step === stop);
      const resumed = start({ build, resume: store(left.state()) });
      expect(resumed.history).toEqual(left.history);
      await train(resumed);
      expect(outcomeOf(resumed), `left after step ${stop}`).toBe(whole);
    }
  });

  test('twice, and with early stopping', async () => {
    const options = { config: { patience: 1, learningRate: 0.1, epochs: 12 } };
    const whole = await finish(options);
    for (const [first, second] of [
      [1, 2],
      [3, 9],
      [4, 8],
    ]) {
      const once = start(options);
      await train(once, ({ step }) => step === first);
      const twice = start({ ...options, resume: store(once.state()) });
      await train(twice, ({ step }) => step === second);
      const last = start({ ...options, resume: store(twice.state()) });
      await train(last);
      expect(outcomeOf(last), `left after ${first} and ${second}`).toBe(whole);
    }
  });

  test('a finished training takes no further step', async () => {
    const finished = start();
    await train(finished);
    const resumed = start({ resume: store(finished.state()) });
    await train(resumed, () => expect.fail('a step'));
    expect(outcomeOf(resumed)).toBe(outcomeOf(finished));
  });

  test('a state is a copy, which later steps do not change', async () => {
    const left = start();
    await train(left, ({ step }) => step === 2);
    const state = left.state();
    const before = writeSafetensors(state.tensors, state.metadata);
    await train(left);
    expect(writeSafetensors(state.tensors, state.metadata)).toEqual(before);
  });

  test('a state of something else is refused', async () => {
    const left = start();
    await train(left, ({ step }) => step === 2);
    const state = store(left.state());
    const refused = (options: SmallTraining): void => {
      expect(() => start({ ...options, resume: options.resume ?? state })).toThrow(FormatError);
    };
    refused({ model: smallModel(0.1, 2) });
    refused({ config: { learningRate: 0.02 } });
    refused({ config: { seed: 2 } });
    refused({ rows: 51 });
    refused({ validated: false });
    // Networks of the same shapes.
    refused({ model: smallModel(0.2) });
    refused({ config: { loss: 'huber' } });
    refused({ resume: { ...state, metadata: {} } });
    refused({ resume: { ...state, metadata: { ...state.metadata, position: '{' } } });
    const tensors = new Map(state.tensors);
    tensors.delete('first/head.bias');
    refused({ resume: { ...state, tensors } });
    tensors.set('first/head.bias', { shape: [2], data: Float32Array.of(1, 2) });
    refused({ resume: { ...state, tensors } });
  });

  test('a state of another version says that it is one', async () => {
    const { tensors, metadata } = start().state();
    const { version, ...older } = metadata;
    expect(version).toBe('2');
    const resume = (metadata: Record<string, string>) => () => start({ resume: { tensors, metadata } });
    expect(resume(older)).toThrow(
      new FormatError('training state', 'must be of version 2, got none; begin the training anew'),
    );
    expect(resume({ ...metadata, version: '3' })).toThrow(/version 2, got 3/);
  });
});

describe('the loop', () => {
  test('reports steps, epochs and losses', async () => {
    const seen: [number, number, boolean][] = [];
    const reporting = start();
    for await (const { step, steps, epoch, epochEnd, trainLoss } of reporting.run()) {
      expect(steps).toBe(16);
      seen.push([step, epoch, epochEnd !== null]);
      if (epochEnd) expect(epochEnd.trainLoss).toBe(trainLoss);
    }
    expect(seen).toEqual(Array.from({ length: 16 }, (_, i) => [i + 1, Math.floor(i / 4), i % 4 === 3]));
    expect(reporting.history.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
  });

  test.each(['simd', 'relaxed'] as const)('%s: eight rows are learnt by heart', async (build) => {
    const learning = createTraining({
      backend: createBackend(build),
      model: smallModel(0),
      config: { ...smallConfig, epochs: 600, batchRows: 8, learningRate: 0.02, weightDecay: 0 },
      training: smallExamples('overfit', 8),
    });
    await train(learning);
    const { target } = smallExamples('overfit', 8);
    const mean = target.reduce((sum, value) => sum + value, 0) / 8;
    const variance = target.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 8;
    // Far from what a constant would reach.
    expect(variance).toBeGreaterThan(0.05);
    expect(learning.history[599].trainLoss).toBeLessThan(1e-3);
    expect(learning.history[0].trainLoss).toBeGreaterThan(0.05);
  });

  test('memory does not grow in the steady state', async () => {
    const backend = createBackend('simd');
    const config = { ...smallConfig, epochs: 5, batchRows: 40 };
    const used: number[] = [];
    const measured = createTraining({ backend, model: smallModel(), config, training, validation });
    await train(measured, ({ epochEnd }) => {
      if (epochEnd) used.push(backend.arena.used);
      return false;
    });
    expect(used.length).toBe(5);
    expect(used[4]).toBe(used[1]);
    expect(used[1]).toBe(used[0]);
  });

  test('early stopping waits its patience and keeps the best weights', async () => {
    const patience = 3;
    const backend = createBackend('simd');
    const model = smallModel(0);
    const config = { ...smallConfig, epochs: 200, learningRate: 0.05, patience };
    const stopped = createTraining({ backend, model, config, training, validation });
    await train(stopped);
    const losses = stopped.history.map(({ validationLoss }) => validationLoss ?? Number.NaN);
    const best = losses.indexOf(Math.min(...losses));
    expect(losses.length).toBeLessThan(200);
    expect(losses.length).toBe(best + 1 + patience);
    const predicted = createPredictor(backend, model, stopped.result()).predict(validation);
    const loss = predicted.reduce((sum, value, i) => sum + (value - validation.target[i]) ** 2, 0) / predicted.length;
    expect(loss).toBe(losses[best]);
    const { tensors } = stopped.state();
    expect(tensors.get('weights/head.weight')?.data).not.toEqual(tensors.get('best/head.weight')?.data);
    expect(stopped.result().get('head.weight')?.data).toEqual(tensors.get('best/head.weight')?.data);
  });

  test.each(everyLoss)('%o: training and validation measure alike', async (loss) => {
    const examples = { ...training, target: training.target.map((value) => 3 * value) };
    const suited = suitTarget(examples, loss);
    const still = createTraining({
      backend: createBackend('simd'),
      model: smallModel(0, 1, predictionColumns(loss)),
      config: { ...smallConfig, epochs: 1, learningRate: 0, weightDecay: 0, loss },
      training: suited,
      validation: suited,
    });
    await train(still);
    const [{ trainLoss, validationLoss }] = still.history;
    // Nothing is learnt, so it is the same sum in another order and precision.
    expectClose('loss', [trainLoss], [validationLoss ?? 0], { relative: 1e-6 });
  });

  test.each(everyLoss)('%o: is learnt, on every build alike', async (loss) => {
    const final: number[] = [];
    for (const build of ['reference', 'simd', 'relaxed'] as const) {
      const learning = createTraining({
        backend: createBackend(build),
        model: smallModel(0, 1, predictionColumns(loss)),
        config: { ...smallConfig, epochs: 15, loss },
        training: suitTarget(training, loss),
      });
      await train(learning);
      const losses = learning.history.map(({ trainLoss }) => trainLoss);
      final.push(losses[14]);
      // At the least by a tenth of what it was; a Gaussian's can go below 0.
      expect(losses[14], build).toBeLessThan(losses[0] - 0.1 * Math.abs(losses[0]));
    }
    // Sixty steps amplify float32 roundings of 1e-6.
    expectClose('builds', final.slice(1), [final[0], final[0]], { relative: 1e-3 });
  });

  test('a loss over positions is the mean over those asked for, whatever the shards and batches', async () => {
    const examples = smallSequences('positions', 41);
    const asked = examples.target.filter((value) => value >= 0).length;
    expect(asked).toBeLessThan(examples.target.length / 2);
    for (const batchRows of [41, 16]) {
      const still = createTraining({
        backend: createBackend('simd'),
        model: withoutHead(smallSequenceModel()),
        config: {
          ...smallConfig,
          batchRows,
          epochs: 1,
          learningRate: 0,
          weightDecay: 0,
          loss: { kind: 'crossEntropy', classes: 3 },
        },
        training: examples,
        validation: examples,
      });
      await train(still);
      const [{ trainLoss, validationLoss }] = still.history;
      // With a head of zeros each of three is as likely: ln 3 a position asked for.
      expectClose(`${batchRows}`, [trainLoss, validationLoss ?? 0], [Math.log(3), Math.log(3)], { relative: 1e-6 });
    }
  });

  test('what is watched need not be what is learnt', async () => {
    const watched = start({ config: { loss: 'huber', watch: 'meanSquaredError', epochs: 3 }, validated: true });
    for await (const _ of watched.run());
    const plain = start({ config: { loss: 'huber', epochs: 3 }, validated: true });
    for await (const _ of plain.run());
    const lossesOf = ({ history }: Training, name: 'trainLoss' | 'validationLoss') =>
      history.map((epoch) => epoch[name]);
    expect(lossesOf(watched, 'trainLoss')).toEqual(lossesOf(plain, 'trainLoss'));
    // Huber's loss is half the square where errors are below 1, and less where they are above.
    lossesOf(watched, 'validationLoss').forEach((loss, epoch) => {
      expect(loss).toBeGreaterThanOrEqual(2 * Number(lossesOf(plain, 'validationLoss')[epoch]) * (1 - 1e-6));
    });
  });

  test('a diverging training says so, with the step', async () => {
    const diverging = start({ config: { learningRate: 1e30, clipNorm: null } });
    const found = await train(diverging).then(
      () => null,
      (error: unknown) => error,
    );
    expect(found).toBeInstanceOf(DivergenceError);
    expect((found as DivergenceError).step).toBeGreaterThan(1);
    expect((found as DivergenceError).message).toMatch(/^training: the loss must stay finite, got .+ at step \d+;/);
  });

  test('diverging on the last step before validation is seen too', async () => {
    const diverging = start({ config: { learningRate: 1e30, epochs: 1, batchRows: 50, clipNorm: null } });
    await expect(train(diverging)).rejects.toThrow(DivergenceError);
  });

  test('a loss that takes other numbers than the model gives is refused', () => {
    for (const loss of everyLoss) {
      const outputs = predictionColumns(loss);
      const options = { backend: createBackend('simd'), training: suitTarget(training, loss), config: { loss } };
      expect(() => createTraining({ ...options, model: smallModel(0, 1, outputs + 1) })).toThrow(
        new SettingError(
          'model outputs',
          `be ${outputs} for the loss ${typeof loss === 'string' ? loss : loss.kind}`,
          outputs + 1,
        ),
      );
    }
    const levels = { kind: 'quantiles', levels: [0.5, 2] } as const;
    expect(() => start({ config: { loss: levels }, model: smallModel(0, 1, 2) })).toThrow(SettingError);
  });

  test('settings that are not given are the defaults', async () => {
    const steps = { epochs: 2, batchRows: 25 };
    const config = { loss: 'huber', ...steps } as const;
    const options = { backend: createBackend('simd'), model: smallModel(), training };
    const brief = createTraining({ ...options, config });
    const full = createTraining({ ...options, config: { ...trainingDefaults, ...config } });
    await train(brief);
    await train(full);
    expect(outcomeOf(brief)).toBe(outcomeOf(full));
    expect(brief.state().metadata.training).toBe(full.state().metadata.training);
  });

  test('examples that cannot be learnt from are refused', () => {
    const refused = (change: object): void => {
      const options = {
        backend: createBackend('simd'),
        model: smallModel(),
        config: smallConfig,
        training,
        validation,
      };
      expect(() => createTraining({ ...options, ...change })).toThrow(ShapeError);
    };
    const { target: _, ...withoutTarget } = training;
    const none = { rows: 0, inputs: { numeric: new Float32Array(0), codes: new Float32Array(0) } };
    refused({ training: withoutTarget });
    refused({ validation: withoutTarget });
    refused({ training: { ...none, target: new Float32Array(0) } });
    refused({ validation: { ...none, target: new Float32Array(0) } });
    refused({ training: { ...training, rows: 49 } });
  });
});
