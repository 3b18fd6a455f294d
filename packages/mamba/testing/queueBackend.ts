import type { Arena } from '../src/arena.ts';
import { createCountingArena } from '../src/arena.ts';
import { type Kernels, referenceKernels } from '../src/kernels.ts';
import type { Backend } from '../src/tape.ts';
import { type HostTensor, hostMemory, spanOf, type Tensor } from '../src/tensor.ts';

const elementBytes = 8;
const memoryBytes = 256 * 1024 * 1024;

type Operand = unknown;
type KernelCall = (...operands: readonly Operand[]) => void;

const isTensor = (operand: object): operand is Tensor => 'address' in operand && 'stride' in operand;

/**
 * The definitions on a device of the simplest kind: handles carry no numbers, calls wait in a queue until something is
 * read, and reading is waited for. Whatever passes on it touches numbers by the backend alone.
 */
export function createQueueBackend(): Backend<Kernels> {
  const memory = new ArrayBuffer(0, { maxByteLength: memoryBytes });
  const queue: (() => void)[] = [];
  const counting = createCountingArena(elementBytes);

  function lookInto(tensor: Tensor): HostTensor {
    const data = new Float64Array(memory, tensor.address, spanOf(tensor));
    return { ...tensor, data, gradient: null };
  }

  /** Operands as they are at the call, tensors with what lies in them. */
  function take(operand: Operand): Operand {
    if (typeof operand !== 'object' || operand === null) return operand;
    if (isTensor(operand)) return 'data' in operand ? operand : lookInto(operand);
    if (Array.isArray(operand) || ArrayBuffer.isView(operand)) return structuredClone(operand);
    return Object.fromEntries(Object.entries(operand).map(([name, value]) => [name, take(value)]));
  }

  /** An operation's kernels, each of which waits for its turn. */
  function defer(operation: object): Record<string, KernelCall> {
    const kernels = Object.entries(operation as Record<string, KernelCall>).map(([name, kernel]) => {
      const deferred: KernelCall = (...operands) => {
        const taken = operands.map(take);
        queue.push(() => kernel(...taken));
      };
      return [name, deferred] as const;
    });
    return Object.fromEntries(kernels);
  }

  const arena: Arena = {
    allocate(shape, gradient = null) {
      const tensor = counting.allocate(shape, gradient);
      const end = counting.mark();
      if (end > memory.byteLength) memory.resize(end);
      queue.push(() => lookInto(tensor).data.fill(0));
      return tensor;
    },
    mark: counting.mark,
    release: counting.release,
    get used() {
      return counting.used;
    },
  };

  return {
    name: 'queue',
    arena,
    kernels: Object.fromEntries(
      Object.entries(referenceKernels).map(([name, operation]) => [name, defer(operation)]),
    ) as unknown as Kernels,
    write(tensor, values) {
      const held = Float64Array.from(values);
      queue.push(() => hostMemory.write(lookInto(tensor), held));
    },
    async read(tensor) {
      await Promise.resolve();
      for (const run of queue.splice(0)) run();
      return hostMemory.read(lookInto(tensor)).slice();
    },
    copy(from, to) {
      queue.push(() => hostMemory.copy(lookInto(from), lookInto(to)));
    },
    hold: hostMemory.hold,
  };
}
