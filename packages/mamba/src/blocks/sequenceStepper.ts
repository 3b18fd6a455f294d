import { SettingError, ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import type { Parameters } from '../parameters.ts';
import { createTape, type HostBackend } from '../tape.ts';
import { createValues, expectWhole, type Floats, type HostTensor, type Tensor } from '../tensor.ts';
import { mixCodes, predictFrom, type SequenceNetworkConfig } from './sequenceNetwork.ts';
import { createState } from './step.ts';

/** Reads sequences of tokens position by position. */
export interface Stepper {
  /** What is known of the positions so far; may be read, stored and written between two calls. */
  readonly state: ReturnType<typeof createState<HostTensor>>;
  /** Forgets all positions. */
  reset(): void;
  /** Reads the next positions at once: codes (batch, positions); the predictions at each, (batch, positions, outputs). */
  prefill(codes: ArrayLike<number>): Floats;
  /** Reads the next position: codes (batch); its predictions, (batch, outputs). */
  step(codes: ArrayLike<number>): Floats;
}

/**
 * Recurrent inference with a sequenceNetwork: after any number of positions, more than its `length` too, the next one
 * costs the same. Predictions are the network's for what was read so far, within the bounds of createStackStepper.
 *
 * Throws: ShapeError; SettingError on a network whose predictions need more than the last position: a bidirectional one,
 * and one that pools by mean or by the first position.
 */
export function createStepper(
  backend: HostBackend<Kernels>,
  parameters: Parameters,
  config: SequenceNetworkConfig,
  batch = 1,
): Stepper {
  const { pooling, vocabulary } = config;
  if (pooling === 'mean' || pooling === 'first') {
    throw new SettingError('pooling', 'be none or last to go on position by position', pooling);
  }
  const { arena } = backend;
  const state = createState(arena, config, batch);

  function record(length: number): { codes: Tensor; predictions: Tensor; replay(): void } {
    const tape = createTape(backend, false);
    const codes = arena.allocate([batch, length]);
    const mixed = mixCodes(tape, parameters, config, codes, { states: state });
    return { codes, predictions: predictFrom(tape, parameters, mixed), replay: tape.forward };
  }

  function run({ codes, predictions, replay }: ReturnType<typeof record>, values: ArrayLike<number>): Floats {
    expectWhole('codes', values, [0, vocabulary - 1]);
    backend.write(codes, values);
    replay();
    return backend.read(predictions).slice();
  }

  const single = record(1);
  return {
    state,
    reset() {
      for (const { window, h } of state) for (const each of [window, h]) backend.write(each, createValues(each));
    },
    prefill(codes) {
      const length = codes.length / batch;
      if (!(Number.isInteger(length) && length > 0)) {
        throw new ShapeError('prefill', `(${batch}, positions)`, `${codes.length} numbers`);
      }
      // Prompts have many lengths, so their recordings are not kept.
      const mark = arena.mark();
      const result = run(record(length), codes);
      arena.release(mark);
      return result;
    },
    step(codes) {
      if (codes.length !== batch) throw new ShapeError('step', `(${batch})`, `${codes.length} numbers`);
      return run(single, codes);
    },
  };
}
