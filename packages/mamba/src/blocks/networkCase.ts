import { createBackend } from '../backend.ts';
import { goldenTensor } from '../golden/inputs.ts';
import type { Kernels } from '../kernels.ts';
import type { CaseInput, OperationCase } from '../ops/operationCase.ts';
import { allocateParameters, initialise, type ParameterSpec } from '../parameters.ts';
import { createTape, type Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import type { Model } from './model.ts';

/** For tests: a block's parameters as inputs of a case, at their initial values moved a little, so that none is special. */
export function parameterInputs(specs: readonly ParameterSpec[]): Record<string, CaseInput> {
  const { tensors } = allocateParameters(createBackend('reference'), specs);
  initialise(specs, tensors, 1);
  const inputs: Record<string, CaseInput> = {};
  for (const [name, { shape, data }] of tensors) {
    const moved = goldenTensor(`moved ${name}`, shape, 0.2);
    inputs[name] = { shape, values: Float32Array.from(data, (value, i) => value + moved[i]) };
  }
  return inputs;
}

/** For tests: a model on given inputs, differentiated by every parameter. */
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

/** For tests: a tape that only predicts gives this for the same inputs. */
export function predictCase(operation: OperationCase, backendName: 'reference' | 'simd' | 'relaxed'): Float64Array {
  const backend = createBackend(backendName);
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape, values }] of Object.entries(operation.inputs)) {
    tensors[name] = backend.arena.allocate(shape);
    tensors[name].data.set(values);
  }
  const tape = createTape(backend, false);
  const output = operation.record(tape, tensors);
  tape.forward();
  return Float64Array.from(output.data);
}
