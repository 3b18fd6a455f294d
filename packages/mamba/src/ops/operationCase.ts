import type { Arena } from '../arena.ts';
import { goldenTensor } from '../golden/inputs.ts';
import type { Kernels } from '../kernels.ts';
import { type Backend, createTape, type Moment, type Tape } from '../tape.ts';
import { columnsOf, rowsOf, sizeOf, type Tensor, viewColumns } from '../tensor.ts';

/** For tests: one tensor that an operation reads. */
export interface CaseInput {
  readonly shape: readonly number[];
  /** Row-major, exact in float32, so that every backend begins from the same numbers. */
  readonly values: ArrayLike<number>;
  /** Columns of a wider tensor to the left and right of this one, which is then a column view. */
  readonly margins?: readonly [number, number];
  /** False where the operation gives no derivative. */
  readonly differentiable?: boolean;
}

/** For tests: an operation, or a whole network, on given inputs. */
export interface OperationCase {
  readonly inputs: Readonly<Record<string, CaseInput>>;
  readonly moment?: Partial<Moment>;
  record(tape: Tape<Kernels>, inputs: Readonly<Record<string, Tensor>>): Tensor;
}

/** What a case computes; views are packed, so that every array is row-major. */
export interface Outcome {
  readonly output: Float64Array;
  readonly gradients: Readonly<Record<string, Float64Array>>;
}

/** Stands around every tensor; large, so that reading it spoils a result, and small enough that adding to it shows. */
const guard = Math.fround(12345.678);
const guardElements = 16;
/** What lies in a gradient before anything is written. */
const stale = -777;

/** Uniform multiples of 2⁻²³ in [−scale, scale) + shift; the name is the seed. */
export function uniformInput(name: string, shape: readonly number[], scale = 1, shift = 0): CaseInput {
  return { shape, values: goldenTensor(name, shape, scale, shift) };
}

/** An arena whose every tensor lies between guards, with no slack. */
function guardedArena(arena: Arena): { arena: Arena; expectIntact(label: string): void } {
  const blocks: Tensor[] = [];
  const guarded: Arena = {
    allocate(shape, gradient = null) {
      const size = sizeOf(shape);
      const block = arena.allocate([size + 2 * guardElements]);
      const data = block.data.subarray(guardElements, guardElements + size);
      block.data.fill(guard);
      data.fill(0);
      blocks.push(block);
      const address = block.address + guardElements * block.data.BYTES_PER_ELEMENT;
      return { shape, stride: shape[shape.length - 1], address, data, gradient };
    },
    mark: arena.mark,
    release: arena.release,
    get used() {
      return arena.used;
    },
  };
  function expectIntact(label: string): void {
    for (const { data } of blocks) {
      const around = [...data.subarray(0, guardElements), ...data.subarray(data.length - guardElements)];
      if (around.some((value) => value !== guard)) throw new Error(`${label}: wrote outside a tensor`);
    }
  }
  return { arena: guarded, expectIntact };
}

/** The elements of a tensor that may be a column view, row-major. */
export function packed(tensor: Tensor): Float64Array {
  const rows = rowsOf(tensor);
  const columns = columnsOf(tensor);
  const values = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) values[r * columns + c] = tensor.data[r * tensor.stride + c];
  }
  return values;
}

function write(tensor: Tensor, values: ArrayLike<number>): void {
  const columns = columnsOf(tensor);
  for (let r = 0; r < rowsOf(tensor); r++) {
    for (let c = 0; c < columns; c++) tensor.data[r * tensor.stride + c] = values[r * columns + c];
  }
}

function expectMarginsIntact(label: string, wide: Tensor, from: number, to: number): void {
  const columns = columnsOf(wide);
  wide.data.forEach((value, i) => {
    const column = i % columns;
    if ((column < from || column >= to) && value !== guard) throw new Error(`${label}: wrote beside a column view`);
  });
}

/** A recorded case, to be replayed. */
export interface RecordedCase {
  readonly tape: Tape<Kernels>;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly output: Tensor;
  expectIntact(): void;
}

/** The derivative from which the backward pass of a case begins; a loss begins it itself. */
export function cotangentOf(output: Tensor): Float32Array {
  return output.gradient ? goldenTensor('cotangent', output.shape) : Float32Array.of(1);
}

/** What another consumer is taken to have put into an input's derivative. */
export function earlierDerivative(name: string, shape: readonly number[]): Float32Array {
  return goldenTensor(`earlier ${name}`, shape);
}

/**
 * Records a case between guards. With `earlier`, another consumer of every input writes its derivative first, so that
 * the case has to add to it; without, it has to replace what is there.
 */
export function recordCase(backend: Backend<Kernels>, operation: OperationCase, earlier = false): RecordedCase {
  const { arena, expectIntact } = guardedArena(backend.arena);
  const checks: (() => void)[] = [() => expectIntact(backend.name)];
  const inputs: Record<string, Tensor> = {};
  for (const [name, { shape, values, margins = [0, 0], differentiable = true }] of Object.entries(operation.inputs)) {
    const to = margins[0] + shape[shape.length - 1];
    const wideShape = [...shape.slice(0, -1), to + margins[1]];
    const gradient = differentiable ? arena.allocate(wideShape) : null;
    const wide = arena.allocate(wideShape, gradient);
    wide.data.fill(guard);
    gradient?.data.fill(guard);
    const input = viewColumns(wide, margins[0], to);
    write(input, values);
    if (input.gradient) write(input.gradient, new Float64Array(values.length).fill(stale));
    inputs[name] = input;
    checks.push(() => {
      expectMarginsIntact(`${backend.name} ${name}`, wide, margins[0], to);
      if (gradient) expectMarginsIntact(`${backend.name} ${name}'s gradient`, gradient, margins[0], to);
    });
  }
  const tape = createTape({ ...backend, arena }, true);
  Object.assign(tape.moment, operation.moment);
  const output = operation.record(tape, inputs);
  tape.record({
    inputs: [output],
    forward() {},
    backward: ([d]) => d && write(d, cotangentOf(output)),
  });
  if (earlier) {
    // A residual shares its derivative with the output, which the cotangent has filled.
    const others = Object.entries(inputs).filter(([, { gradient }]) => {
      return gradient && gradient.address !== output.gradient?.address;
    });
    tape.record({
      inputs: others.map(([, input]) => input),
      forward() {},
      backward(places) {
        places.forEach((place, i) => {
          if (place) write(place, earlierDerivative(others[i][0], place.shape));
        });
      },
    });
  }
  return { tape, inputs, output, expectIntact: () => checks.forEach((check) => void check()) };
}

/** Records and runs a case forwards and backwards, and sees that nothing was written where it should not be. */
export function runCase(backend: Backend<Kernels>, operation: OperationCase, earlier = false): Outcome {
  const mark = backend.arena.mark();
  const { tape, inputs, output, expectIntact } = recordCase(backend, operation, earlier);
  tape.forward();
  const result = packed(output);
  tape.backward();
  expectIntact();
  const gradients: Record<string, Float64Array> = {};
  for (const [name, input] of Object.entries(inputs)) {
    const { values } = operation.inputs[name];
    if (packed(input).some((value, i) => !Object.is(value, values[i])))
      throw new Error(`${backend.name}: changed ${name}`);
    if (input.gradient) gradients[name] = packed(input.gradient);
  }
  backend.arena.release(mark);
  return { output: result, gradients };
}
