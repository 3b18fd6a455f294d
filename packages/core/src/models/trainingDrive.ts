import { type createTraining, MambaError } from '@hitscan/mamba';
import { DivergedError } from '../errors.ts';
import { yieldToEvents } from '../yieldToEvents.ts';
import type { Checkpoints, Epoch, FitOptions } from './regressor.ts';

/** Progress is reported, and waiting events are handled, this often. */
const reportMilliseconds = 50;
/** A checkpoint costs a few milliseconds. */
const defaultCheckpointSeconds = 2;

export interface DriveOptions extends Pick<FitOptions, 'onEpoch' | 'onProgress' | 'checkpointSeconds' | 'signal'> {
  /** Rows trained on. */
  readonly rows: number;
  /** Epochs of this training, and those of others like it that come after it. */
  readonly epochs: number;
  readonly epochsAfter: number;
  /** Epochs of the whole fit, as people are told. */
  readonly allEpochs: number;
  readonly save: Checkpoints['save'] | undefined;
  /** Gives losses the unit, and epochs the number, by which people know them. */
  convert(losses: Epoch): Epoch;
}

/**
 * Runs a training to its end, with progress and checkpoints.
 * Throws: `signal.reason` where it aborts, DivergedError where the loss is no longer finite.
 */
export async function drive(training: ReturnType<typeof createTraining>, options: DriveOptions): Promise<void> {
  try {
    await follow(training, options);
  } catch (error) {
    if (error instanceof MambaError && error.name === 'DivergenceError') throw new DivergedError(error.message);
    throw error;
  }
}

async function follow(
  training: ReturnType<typeof createTraining>,
  {
    onEpoch,
    onProgress,
    checkpointSeconds = defaultCheckpointSeconds,
    signal,
    rows,
    epochs,
    epochsAfter,
    allEpochs,
    save,
    convert,
  }: DriveOptions,
): Promise<void> {
  const started = performance.now();
  let firstStep: number | null = null;
  let reported = started;
  let saved = started;
  let validationLoss = training.history.at(-1)?.validationLoss ?? null;
  for await (const { step, steps, epoch, trainLoss, epochEnd } of training.run()) {
    firstStep ??= step - 1;
    if (epochEnd) {
      await onEpoch?.(convert(epochEnd));
      validationLoss = epochEnd.validationLoss;
    }
    const now = performance.now();
    if (now - reported >= reportMilliseconds) {
      reported = now;
      const stepsPerSecond = (step - firstStep) / ((now - started) / 1000);
      const stepsPerEpoch = steps / epochs;
      onProgress?.({
        ...convert({ epoch, trainLoss, validationLoss }),
        epochs: allEpochs,
        rowsPerSecond: stepsPerSecond * (rows / stepsPerEpoch),
        secondsLeft: (steps - step + epochsAfter * stepsPerEpoch) / stepsPerSecond,
      });
      await yieldToEvents();
    }
    const stopping = signal?.aborted ?? false;
    if (stopping || now - saved >= 1000 * checkpointSeconds) {
      saved = now;
      save?.(training.state());
    }
    if (stopping) throw signal?.reason;
  }
}
