import { createBackend } from '../src/backend.ts';
import type { Model } from '../src/blocks/model.ts';
import { createTraining, type Training, type TrainingConfig, type TrainingState } from '../src/train/train.ts';
import { bitsOf, smallConfig, smallExamples, smallModel, train } from './smallTask.ts';

export type BuildName = 'reference' | 'simd' | 'relaxed';

/** The rows of a small training. */
export const training = smallExamples('training', 50);
/** The rows it is validated on. */
export const validation = smallExamples('validation', 20);

export interface SmallTraining {
  readonly build?: BuildName;
  readonly config?: Partial<TrainingConfig>;
  readonly model?: Model;
  readonly rows?: number;
  readonly validated?: boolean;
  readonly resume?: TrainingState | null;
}

/** A training of the small task, not begun yet. */
export function start({ build = 'simd', config, model, rows, validated, resume }: SmallTraining = {}): Training {
  return createTraining({
    backend: createBackend(build),
    model: model ?? smallModel(),
    config: { ...smallConfig, ...config },
    training: rows ? smallExamples('training', rows) : training,
    validation: validated === false ? null : validation,
    resume: resume ?? null,
  });
}

/** What a training leaves, as text to compare. */
export const outcomeOf = (finished: Training): string =>
  JSON.stringify([finished.history, bitsOf(finished.result()), finished.state().metadata.position]);

/** Trains to the end. */
export async function finish(options?: SmallTraining): Promise<string> {
  const finished = start(options);
  await train(finished);
  return outcomeOf(finished);
}
