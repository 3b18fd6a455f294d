import type { Arena } from '../arena.ts';
import { ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import type { Parameters } from '../parameters.ts';
import { createTape, type HostBackend } from '../tape.ts';
import { createValues, type Floats, type HostTensor, type Tensor } from '../tensor.ts';
import { type BlockConfig, mixerOf } from './block.ts';
import type { MambaState } from './mixer.ts';
import { type StackConfig, stack } from './stack.ts';

/** The state of one block before the first position of `batch` sequences. */
export function createMambaState<Handle extends Tensor>(
  arena: Arena<Handle>,
  config: BlockConfig,
  batch = 1,
): MambaState<Handle> {
  const { window, h } = mixerOf(config).state;
  return { window: arena.allocate([batch, ...window]), h: arena.allocate([batch, ...h]) };
}

/** The state of a stack before the first position: one of each layer. Its size does not grow with the sequence. */
export function createState<Handle extends Tensor>(
  arena: Arena<Handle>,
  config: StackConfig,
  batch = 1,
): readonly MambaState<Handle>[] {
  return Array.from({ length: config.layers }, () => createMambaState(arena, config, batch));
}

/** Reads sequences position by position. */
export interface StackStepper {
  /** What is known of the positions so far; may be read, stored and written between two calls. */
  readonly state: readonly MambaState<HostTensor>[];
  /** Forgets all positions. */
  reset(): void;
  /**
   * Reads the next positions at once, all of a prompt for one: x (batch, length, d_model), the result alike. The same as
   * a step for each, to float32's rounding, and faster, as each weight is read once for all of them.
   */
  prefill(x: ArrayLike<number>): Floats;
  /** Reads the next position: x (batch, d_model), the result alike. */
  step(x: ArrayLike<number>): Floats;
}

/**
 * Recurrent inference with a stack: after the positions so far, a further one costs the same however many they were.
 *
 * Outputs are the stack's at the same positions: |difference| ≤ 1e-6 of the largest output in float32.
 * Throws: ShapeError; SettingError on a bidirectional stack, which has to know the end first.
 */
export function createStackStepper(
  backend: HostBackend<Kernels>,
  parameters: Parameters,
  prefix: string,
  config: StackConfig,
  batch = 1,
): StackStepper {
  const { arena } = backend;
  const state = createState(arena, config, batch);

  function record(length: number): { x: Tensor; y: Tensor; replay(): void } {
    const tape = createTape(backend, false);
    const x = tape.tensor([batch, length, config.dModel]);
    const y = stack(tape, parameters, prefix, config, x, { states: state });
    return { x, y, replay: tape.forward };
  }

  function run({ x, y, replay }: ReturnType<typeof record>, values: ArrayLike<number>): Floats {
    backend.write(x, values);
    replay();
    return backend.read(y).slice();
  }

  const single = record(1);
  const width = batch * config.dModel;
  return {
    state,
    reset() {
      for (const { window, h } of state) for (const each of [window, h]) backend.write(each, createValues(each));
    },
    prefill(x) {
      const length = x.length / width;
      if (!(Number.isInteger(length) && length > 0)) {
        throw new ShapeError('prefill', `(${batch}, length, ${config.dModel})`, `${x.length} numbers`);
      }
      // Prompts have many lengths, so their recordings are not kept.
      const mark = arena.mark();
      const result = run(record(length), x);
      arena.release(mark);
      return result;
    },
    step(x) {
      if (x.length !== width) throw new ShapeError('step', `(${batch}, ${config.dModel})`, `${x.length} numbers`);
      return run(single, x);
    },
  };
}
