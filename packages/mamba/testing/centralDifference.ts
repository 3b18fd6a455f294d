import { createBackend } from '../src/backend.ts';
import { randomStream } from '../src/random.ts';
import { columnsOf, type Tensor } from '../src/tensor.ts';
import { expectClose } from './expectClose.ts';
import { cotangentOf, type OperationCase, packed, recordCase } from './operationCase.ts';

/** Half the distance between the two points of a difference. */
const step = 1e-5;
/**
 * Of a derivative's largest element. The difference itself is wrong by step²·f‴/6 ≈ 1e-10 and by the rounding of the
 * sum, 1e-16·|sum| / step ≈ 1e-10; a wrong derivative is off by about its own size.
 */
const tolerance = 1e-6;

/** Position in `data` of the i-th element, row-major, of a tensor that may be a column view. */
function positionOf(tensor: Tensor, i: number): number {
  const columns = columnsOf(tensor);
  return Math.floor(i / columns) * tensor.stride + (i % columns);
}

/**
 * The float64 definition's derivative by every input against central differences of Σ output·cotangent.
 * Of tensors with more than `samples` elements, so many drawn elements are checked.
 */
export function expectGradient(label: string, operation: OperationCase, samples = Number.POSITIVE_INFINITY): void {
  const { tape, inputs, output, beginBackward } = recordCase(createBackend('reference'), operation);
  const cotangent = cotangentOf(output);
  const evaluate = (): number => {
    tape.forward();
    return packed(output).reduce((sum, value, i) => sum + value * cotangent[i], 0);
  };
  tape.forward();
  beginBackward();
  tape.backward();
  for (const [name, input] of Object.entries(inputs)) {
    if (!input.gradient) continue;
    const gradient = packed(input.gradient);
    const elements = Uint32Array.from(gradient.keys());
    if (elements.length > samples) randomStream(1, name).shuffle(elements);
    const drawn = elements.subarray(0, Math.min(samples, elements.length));
    const differences = Array.from(drawn, (i) => {
      const at = positionOf(input, i);
      const held = input.data[at];
      input.data[at] = held + step;
      const above = evaluate();
      input.data[at] = held - step;
      const below = evaluate();
      input.data[at] = held;
      return (above - below) / (2 * step);
    });
    const found = Array.from(drawn, (i) => gradient[i]);
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // The floor is for derivatives that are zero throughout.
    expectClose(`${label}: derivative by ${name}`, found, differences, { absolute: tolerance * largest + 1e-9 });
  }
}
