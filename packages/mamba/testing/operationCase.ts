import type { Arena } from '../src/arena.ts';
import { goldenTensor } from '../src/golden/inputs.ts';
import type { Kernels } from '../src/kernels.ts';
import { type Backend, createTape, type HostBackend, type StepContext, type Tape } from '../src/tape.ts';
import {
  columnsOf,
  createValues,
  type Floats,
  type HostTensor,
  hostMemory,
  sizeOf,
  type Tensor,
  viewColumns,
  viewPart,
} from '../src/tensor.ts';

/** One tensor that an operation reads. */
export interface CaseInput {
  readonly shape: readonly number[];
  /** Row-major, exact in float32, so that every backend begins from the same numbers. */
  readonly values: ArrayLike<number>;
  /** Columns of a wider tensor to the left and right of this one, which is then a column view. */
  readonly margins?: readonly [number, number];
  /** False where the operation gives no derivative. */
  readonly differentiable?: boolean;
}

/** An operation, or a whole network, on given inputs. */
export interface OperationCase {
  readonly inputs: Readonly<Record<string, CaseInput>>;
  readonly context?: Partial<StepContext>;
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

/** Yields tensors and is given their numbers, so that it serves backends that are waited for and others. */
type Reading<Result> = Generator<Tensor, Result, Floats>;

/** An arena whose every tensor lies between guards, with no slack. */
function guardedArena<Handle extends Tensor>(backend: Backend<Kernels, Handle>) {
  const { arena } = backend;
  const blocks: Handle[] = [];
  const guarded: Arena<Handle> = {
    allocate(shape, gradient = null) {
      const size = sizeOf(shape);
      const block = arena.allocate([size + 2 * guardElements]);
      backend.write(
        block,
        createValues(block)
          .fill(guard)
          .fill(0, guardElements, guardElements + size),
      );
      blocks.push(block);
      return viewPart(block, guardElements, shape, gradient);
    },
    mark: arena.mark,
    release: arena.release,
    get used() {
      return arena.used;
    },
  };
  function* expectIntact(): Reading<void> {
    for (const block of blocks) {
      const data = yield block;
      const around = [...data.subarray(0, guardElements), ...data.subarray(data.length - guardElements)];
      if (around.some((value) => value !== guard)) throw new Error(`${backend.name}: wrote outside a tensor`);
    }
  }
  return { arena: guarded, expectIntact };
}

/** Values of a tensor `from` columns into a wider one, with guards beside them. */
function widen(wide: Tensor, from: number, shape: readonly number[], values: ArrayLike<number>): ArrayLike<number> {
  const columns = shape[shape.length - 1];
  const widened = createValues(wide).fill(guard);
  for (let i = 0; i < values.length; i++) {
    widened[Math.floor(i / columns) * columnsOf(wide) + from + (i % columns)] = values[i];
  }
  return widened;
}

/** A recorded case, to be replayed. */
export interface RecordedCase<Handle extends Tensor = Tensor> {
  readonly tape: Tape<Kernels>;
  readonly inputs: Readonly<Record<string, Handle>>;
  readonly output: Tensor;
  /** Puts what the way back begins with in its place; to be called before each. */
  beginBackward(): void;
  expectIntact(): Reading<void>;
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
 * Records a case between guards. With `earlier`, another consumer of every input has written its derivative first, so that
 * the case has to add to it; without, it has to replace what is there.
 */
export function recordCase<Handle extends Tensor>(
  backend: Backend<Kernels, Handle>,
  operation: OperationCase,
  earlier = false,
): RecordedCase<Handle> {
  const { arena, expectIntact } = guardedArena(backend);
  const checks = [expectIntact];
  const inputs: Record<string, Handle> = {};
  const wideGradients = new Map<string, readonly [wide: Tensor, from: number]>();
  for (const [name, { shape, values, margins = [0, 0], differentiable = true }] of Object.entries(operation.inputs)) {
    const [from] = margins;
    const to = from + shape[shape.length - 1];
    const wideShape = [...shape.slice(0, -1), to + margins[1]];
    const gradient = differentiable ? arena.allocate(wideShape) : null;
    const wide = arena.allocate(wideShape, gradient);
    backend.write(wide, widen(wide, from, shape, values));
    if (gradient) wideGradients.set(name, [gradient, from]);
    inputs[name] = viewColumns(wide, from, to);
    checks.push(function* () {
      for (const tensor of gradient ? [wide, gradient] : [wide]) {
        const beside = (yield tensor).filter((_: number, i: number) => {
          const column = i % columnsOf(wide);
          return column < from || column >= to;
        });
        if (beside.some((value) => value !== guard))
          throw new Error(`${backend.name} ${name}: wrote beside a column view`);
      }
    });
  }
  const tape = createTape({ ...backend, arena }, true);
  Object.assign(tape.context, operation.context);
  const output = operation.record(tape, inputs);
  const shares = (name: string): boolean => inputs[name].gradient?.address === output.gradient?.address;
  const others = earlier ? [...wideGradients.keys()].filter((name) => !shares(name)) : [];
  // A consumer of the output, and of the inputs, whose derivatives `beginBackward` puts there.
  tape.record({ inputs: [output, ...others.map((name) => inputs[name])], forward() {}, backward() {} });

  function beginBackward(): void {
    const isWide = [...wideGradients.keys()].some(shares);
    if (output.gradient && !isWide) backend.write(output.gradient, cotangentOf(output));
    for (const [name, [wide, from]] of wideGradients) {
      const { shape } = inputs[name];
      const held = earlier ? earlierDerivative(name, shape) : new Float32Array(sizeOf(shape)).fill(stale);
      // A residual shares its derivative with the output.
      backend.write(wide, widen(wide, from, shape, shares(name) ? cotangentOf(output) : held));
    }
  }

  return {
    tape,
    inputs,
    output,
    beginBackward,
    *expectIntact() {
      for (const check of checks) yield* check();
    },
  };
}

function* performCase(backend: Backend<Kernels>, operation: OperationCase, earlier: boolean): Reading<Outcome> {
  const mark = backend.arena.mark();
  const { tape, inputs, output, beginBackward, expectIntact } = recordCase(backend, operation, earlier);
  tape.forward();
  const result = Float64Array.from(yield output);
  beginBackward();
  tape.backward();
  yield* expectIntact();
  const gradients: Record<string, Float64Array> = {};
  for (const [name, input] of Object.entries(inputs)) {
    const { values } = operation.inputs[name];
    if ((yield input).some((value: number, i: number) => !Object.is(value, values[i]))) {
      throw new Error(`${backend.name}: changed ${name}`);
    }
    if (input.gradient) gradients[name] = Float64Array.from(yield input.gradient);
  }
  backend.arena.release(mark);
  return { output: result, gradients };
}

/** Records and runs a case forwards and backwards, and sees that nothing was written where it should not be. */
export function runCase(backend: HostBackend<Kernels>, operation: OperationCase, earlier = false): Outcome {
  const reading = performCase(backend, operation, earlier);
  let next = reading.next();
  while (!next.done) next = reading.next(backend.read(next.value));
  return next.value;
}

/** The same on a backend of any kind. */
export async function awaitCase(
  backend: Backend<Kernels>,
  operation: OperationCase,
  earlier = false,
): Promise<Outcome> {
  const reading = performCase(backend, operation, earlier);
  let next = reading.next();
  while (!next.done) next = reading.next(await backend.read(next.value));
  return next.value;
}

/** The numbers of a tensor in the host's memory, those between the columns of a view included. */
export function numbersOf(tensor: Tensor): Floats {
  return (tensor as HostTensor).data;
}

/** Those of the tensor alone, row-major. */
export function packed(tensor: Tensor): Float64Array {
  return Float64Array.from(hostMemory.read(tensor));
}
