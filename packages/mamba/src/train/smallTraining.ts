import { createBackend } from '../backend.ts';
import type { Model } from '../blocks/model.ts';
import { bitsOf, smallConfig, smallExamples, smallModel, train } from './smallTask.ts';
import { createTraining, type Training, type TrainingConfig, type TrainingState } from './train.ts';

export type BuildName = 'reference' | 'simd' | 'relaxed';

/** For tests: the rows of a small training. */
export const training = smallExamples('training', 50);
/** For tests: the rows it is validated on. */
export const validation = smallExamples('validation', 20);

export interface SmallTraining {
  readonly build?: BuildName;
  readonly config?: Partial<TrainingConfig>;
  readonly model?: Model;
  readonly rows?: number;
  readonly validated?: boolean;
  readonly resume?: TrainingState | null;
}

/** For tests: a training of the small task, not begun yet. */
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

/** For tests: what a training leaves, as text to compare. */
export const outcomeOf = (finished: Training): string =>
  JSON.stringify([finished.history, bitsOf(finished.result()), finished.state().metadata.position]);

/** For tests: trains to the end. */
export async function finish(options?: SmallTraining): Promise<string> {
  const finished = start(options);
  await train(finished);
  return outcomeOf(finished);
}
