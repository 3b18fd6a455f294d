import { createBackend } from '../src/backend.ts';
import type { Model } from '../src/blocks/model.ts';
import { goldenTensor } from '../src/golden/inputs.ts';
import type { Kernels } from '../src/kernels.ts';
import { allocateParameters, initialise, type ParameterSpec } from '../src/parameters.ts';
import { createTape, type Tape } from '../src/tape.ts';
import type { Tensor } from '../src/tensor.ts';
import type { CaseInput, OperationCase } from './operationCase.ts';
import { numbersOf } from './operationCase.ts';

/** A block's parameters as inputs of a case, at their initial values moved a little, so that none is special. */
export function parameterInputs(specs: readonly ParameterSpec[]): Record<string, CaseInput> {
  const backend = createBackend('reference');
  const { tensors } = allocateParameters(backend, specs);
  initialise(backend, specs, tensors, 1);
  const inputs: Record<string, CaseInput> = {};
  for (const [name, { shape, data }] of tensors) {
    const moved = goldenTensor(`moved ${name}`, shape, 0.2);
    inputs[name] = { shape, values: Float32Array.from(data, (value, i) => value + moved[i]) };
  }
  return inputs;
}

/** A model on given inputs, differentiated by every parameter. */
export function modelCase(model: Model, inputs: Readonly<Record<string, CaseInput>>): OperationCase {
  const parameters = parameterInputs(model.parameters);
  const plain = Object.entries(inputs).map(([name, input]) => [name, { ...input, differentiable: false }] as const);
  return {
    inputs: { ...parameters, ...Object.fromEntries(plain) },
    record(tape: Tape<Kernels>, tensors: Readonly<Record<string, Tensor>>) {
      const byName = new Map(Object.keys(parameters).map((name) => [name, tensors[name]]));
      return model.record(tape, byName, tensors);
    },
  };
}

/** A tape that only predicts gives this for the same inputs. */
export function predictCase(operation: OperationCase, backendName: 'reference' | 'simd' | 'relaxed'): Float64Array {
  const backend = createBackend(backendName);
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape, values }] of Object.entries(operation.inputs)) {
    tensors[name] = backend.arena.allocate(shape);
    numbersOf(tensors[name]).set(values);
  }
  const tape = createTape(backend, false);
  const output = operation.record(tape, tensors);
  tape.forward();
  return Float64Array.from(numbersOf(output));
}
