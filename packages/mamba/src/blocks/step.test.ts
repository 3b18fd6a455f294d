import { describe, expect, test } from 'vitest';
import { createBackends } from '../../testing/backends.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { parameterInputs } from '../../testing/networkCase.ts';
import { numbersOf, uniformInput } from '../../testing/operationCase.ts';
import { createBackend } from '../backend.ts';
import { SettingError, ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { allocateParameters, type Parameters, parameter } from '../parameters.ts';
import { type Backend, createTape } from '../tape.ts';
import { mixerOf } from './block.ts';
import { type MambaState, runMixer } from './mixer.ts';
import { type StackConfig, stack, stackParameters } from './stack.ts';
import { createMambaState, createStackStepper } from './step.ts';

const small = { dModel: 5, dState: 4, dConv: 4, expand: 2, layers: 2 };
const small2 = { ...small, block: 'mamba2' as const, headDim: 5, groups: 2 };

function parametersFor(backend: Backend<Kernels>, config: StackConfig): Parameters {
  const specs = [...stackParameters('backbone', config), ...mixerOf(config).parameters('block', 1)];
  const { tensors } = allocateParameters(backend, specs);
  for (const [name, { values }] of Object.entries(parameterInputs(specs)))
    backend.write(parameter(tensors, name), values);
  return tensors;
}

function inputOf(config: StackConfig, batch: number, length: number): Float32Array {
  return Float32Array.from(uniformInput('x', [batch, length, config.dModel], 1.5).values);
}

/** Positions from … to − 1 of every sequence of (batch, length, dModel). */
function positionsOf(values: ArrayLike<number>, [batch, dModel]: [number, number], from: number, to: number): number[] {
  const all = Array.from(values);
  const size = all.length / batch;
  return Array.from({ length: batch }, (_, b) => all.slice(b * size + from * dModel, b * size + to * dModel)).flat();
}

/** The stack's outputs on whole sequences. */
function parallel(backend: Backend<Kernels>, config: StackConfig, batch: number, length: number): Float64Array {
  const parameters = parametersFor(backend, config);
  const tape = createTape(backend, false);
  const x = tape.tensor([batch, length, config.dModel]);
  numbersOf(x).set(inputOf(config, batch, length));
  const y = stack(tape, parameters, 'backbone', config, x);
  tape.forward();
  return Float64Array.from(numbersOf(y));
}

function stateNumbers(states: readonly MambaState[]): number[] {
  return states.flatMap(({ window, h }) => [...numbersOf(window), ...numbersOf(h)]);
}

/** Of the largest: as far as the recurrent form may be from the parallel one. */
function allowance(backend: Backend<Kernels>, values: ArrayLike<number>): { absolute: number } {
  const largest = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { absolute: (backend.name === 'reference' ? 1e-12 : 1e-6) * largest };
}

describe('createStackStepper', () => {
  test.each<{ config: StackConfig; batch: number; length: number }>([
    { config: small, batch: 1, length: 70 },
    { config: { ...small, dModel: 13, dState: 16 }, batch: 3, length: 13 },
    { config: { ...small, dConv: 2, dState: 3, layers: 1 }, batch: 2, length: 5 },
    { config: { ...small, dConv: 1 }, batch: 1, length: 4 },
    { config: small2, batch: 1, length: 70 },
    { config: { ...small2, dModel: 12, dState: 16, headDim: 8, groups: 3 }, batch: 3, length: 13 },
    { config: { ...small2, dConv: 1, dState: 3, groups: 1, layers: 1 }, batch: 2, length: 5 },
  ])('steps, and a prompt and steps, are the parallel form at every position: %o', ({ config, batch, length }) => {
    const shape: [number, number] = [batch, config.dModel];
    const x = inputOf(config, batch, length);
    const reference = createBackend('reference');
    const truth = createStackStepper(reference, parametersFor(reference, config), 'backbone', config, batch);
    truth.prefill(x);
    for (const backend of createBackends()) {
      const expected = parallel(backend, config, batch, length);
      const stepper = createStackStepper(backend, parametersFor(backend, config), 'backbone', config, batch);
      const states: number[][] = [];
      for (const prompt of [0, 1, 2, 3, length - 1, length]) {
        const label = `${backend.name}, prompt of ${prompt}`;
        stepper.reset();
        if (prompt > 0) {
          const found = stepper.prefill(positionsOf(x, shape, 0, prompt));
          const part = positionsOf(expected, shape, 0, prompt);
          expectClose(label, found, part, allowance(backend, expected));
        }
        for (let t = prompt; t < length; t++) {
          const found = stepper.step(positionsOf(x, shape, t, t + 1));
          const part = positionsOf(expected, shape, t, t + 1);
          expectClose(`${label}, position ${t}`, found, part, allowance(backend, expected));
        }
        states.push(stateNumbers(stepper.state));
      }
      // A prompt is read with the same arithmetic as its positions one by one.
      for (const state of states) expect(state, backend.name).toEqual(states[0]);
      // Against the definition a second layer's state has gone through all of the first: as for a block's agreement.
      const { absolute } = allowance(backend, stateNumbers(truth.state));
      expectClose(`${backend.name}: state`, states[0], stateNumbers(truth.state), { absolute: 10 * absolute });
    }
  });

  test.each<StackConfig>([small, small2])('a prompt can come in parts, a state be taken up elsewhere: %o', (config) => {
    const x = inputOf(config, 1, 20);
    for (const backend of createBackends()) {
      const parameters = parametersFor(backend, config);
      const stepper = createStackStepper(backend, parameters, 'backbone', config);
      const whole = stepper.prefill(x);
      stepper.reset();
      const first = stepper.prefill(x.subarray(0, 35));
      const other = createStackStepper(backend, parameters, 'backbone', config);
      stepper.state.forEach(({ window, h }, layer) => {
        other.state[layer].window.data.set(window.data);
        other.state[layer].h.data.set(h.data);
      });
      expect([...first, ...other.prefill(x.subarray(35))], backend.name).toEqual([...whole]);
    }
  });

  test('neither steps nor prompts take more memory', () => {
    for (const backend of createBackends().slice(1)) {
      const stepper = createStackStepper(backend, parametersFor(backend, small), 'backbone', small);
      const { used } = backend.arena;
      for (const length of [1, 100, 3]) stepper.prefill(inputOf(small, 1, length));
      stepper.step(inputOf(small, 1, 1));
      expect(backend.arena.used, backend.name).toBe(used);
    }
  });

  test('a bidirectional stack, a position of another width and an empty prompt are refused', () => {
    const backend = createBackend('simd');
    for (const config of [small, small2]) {
      const both = { ...config, bidirectional: true };
      const parameters = parametersFor(backend, both);
      expect(() => createStackStepper(backend, parameters, 'backbone', both)).toThrow(SettingError);
    }
    const stepper = createStackStepper(backend, parametersFor(backend, small), 'backbone', small);
    for (const length of [0, 4, 10]) expect(() => stepper.step(new Float32Array(length))).toThrow(ShapeError);
    for (const length of [0, 4, 12]) expect(() => stepper.prefill(new Float32Array(length))).toThrow(ShapeError);
  });
});

test.each<StackConfig>([small, small2])('a block with a state is the block, at every position: %o', (config) => {
  const length = 9;
  const x = inputOf(config, 2, length);
  for (const backend of createBackends()) {
    const parameters = parametersFor(backend, config);
    const state = createMambaState(backend.arena, config, 2);
    const run = (values: ArrayLike<number>, state: MambaState | null): number[] => {
      const tape = createTape(backend, false);
      const tensor = tape.tensor([2, values.length / 10, 5]);
      numbersOf(tensor).set(values);
      const y = runMixer(tape, parameters, 'block', mixerOf(config), tensor, null, state);
      tape.forward();
      return [...numbersOf(y)];
    };
    const expected = run(x, null);
    for (let t = 0; t < length; t++) {
      const found = run(positionsOf(x, [2, 5], t, t + 1), state);
      const part = positionsOf(expected, [2, 5], t, t + 1);
      expectClose(`${backend.name}, position ${t}`, found, part, allowance(backend, expected));
    }
  }
});
