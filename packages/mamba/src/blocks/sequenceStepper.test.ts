import { describe, expect, test } from 'vitest';
import { createBackends } from '../../testing/backends.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { parameterInputs } from '../../testing/networkCase.ts';
import { uniformInput } from '../../testing/operationCase.ts';
import { SettingError, ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { loadParameters, type StoredValues } from '../parameters.ts';
import type { Backend } from '../tape.ts';
import { createPredictor } from '../train/predict.ts';
import { type SequenceNetworkConfig, sequenceNetwork } from './sequenceNetwork.ts';
import { createStepper } from './sequenceStepper.ts';

const [batch, length] = [2, 7];
const config: SequenceNetworkConfig = {
  dModel: 5,
  dState: 4,
  dConv: 4,
  expand: 2,
  layers: 2,
  vocabulary: 6,
  length,
  outputs: 3,
  pooling: 'none',
  dropout: 0,
  seed: 1,
};
const model = sequenceNetwork(config);
const codes = Float32Array.from(uniformInput('codes', [batch, length], 3, 3).values, Math.floor);

function loadWeights(backend: Backend<Kernels>) {
  const stored: StoredValues = new Map(
    Object.entries(parameterInputs(model.parameters)).map(([name, { shape, values }]) => [
      name,
      { shape, data: Float32Array.from(values) },
    ]),
  );
  return loadParameters(backend, model.parameters, stored);
}

/** Positions from … to − 1 of (batch, length, width). */
function positionsOf(values: ArrayLike<number>, width: number, from: number, to: number): number[] {
  const all = Array.from(values);
  return Array.from({ length: batch }, (_, b) =>
    all.slice((b * length + from) * width, (b * length + to) * width),
  ).flat();
}

describe('createStepper', () => {
  test('steps, and a prompt and steps, predict what the network predicts at every position', () => {
    for (const backend of createBackends()) {
      const weights = loadWeights(backend);
      const expected = createPredictor(backend, model, weights).predict({ rows: batch, inputs: { codes } });
      const stepper = createStepper(backend, weights, config, batch);
      // The stack's allowance, see step.test.ts; the predictor rounds to float32 on any backend.
      const tolerance = { absolute: 1e-6 * Math.max(...expected.map(Math.abs)) };
      for (const prompt of [0, 1, 3, length]) {
        stepper.reset();
        if (prompt > 0) {
          const found = stepper.prefill(positionsOf(codes, 1, 0, prompt));
          expectClose(`prompt of ${prompt}`, found, positionsOf(expected, 3, 0, prompt), tolerance);
        }
        for (let t = prompt; t < length; t++) {
          const found = stepper.step(positionsOf(codes, 1, t, t + 1));
          expectClose(`position ${t}`, found, positionsOf(expected, 3, t, t + 1), tolerance);
        }
      }
    }
  });

  test('with the last position pooled, a step predicts what the network predicts for the sequence so far', () => {
    const [backend] = createBackends();
    const weights = loadWeights(backend);
    const stepper = createStepper(backend, weights, { ...config, pooling: 'last' }, batch);
    for (let t = 0; t < length; t++) {
      const found = stepper.step(positionsOf(codes, 1, t, t + 1));
      const shorter = sequenceNetwork({ ...config, pooling: 'last', length: t + 1 });
      const given = { rows: batch, inputs: { codes: Float32Array.from(positionsOf(codes, 1, 0, t + 1)) } };
      const expected = createPredictor(backend, shorter, weights).predict(given);
      // The predictor rounds to float32.
      expectClose(`position ${t}`, found, expected, { relative: 1e-7 });
    }
  });

  test('a network that has to see the whole is refused, and codes that are none', () => {
    const [backend] = createBackends();
    const weights = loadWeights(backend);
    for (const changed of [{ pooling: 'mean' }, { pooling: 'first' }, { bidirectional: true }] as const) {
      expect(() => createStepper(backend, weights, { ...config, ...changed })).toThrow(SettingError);
    }
    const stepper = createStepper(backend, weights, config, batch);
    for (const wrong of [[0, 6], [0, -1], [0, 0.5], [0]]) expect(() => stepper.step(wrong)).toThrow(ShapeError);
    for (const wrong of [[], [0, 1, 2]]) expect(() => stepper.prefill(wrong)).toThrow(ShapeError);
  });
});
