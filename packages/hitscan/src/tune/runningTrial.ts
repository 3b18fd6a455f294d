import { ConfigError } from '../errors.ts';
import { type Choice, contains, type Distribution, hasOneValue, toInternal, toValue } from './distributions.ts';
import type { Pruner } from './pruner.ts';
import type { JointDraw, Sampler } from './sampler.ts';
import type { Storage } from './storage.ts';
import { findIncompatibility } from './storages/distributionText.ts';
import type { Json, StudyView, Trial } from './trial.ts';

/** A trial as its program sees it. */
export interface RunningTrial {
  readonly id: number;
  readonly number: number;
  /**
   * The parameter's value: as it was given when the trial was enqueued, or drawn together with others, or alone. The same
   * name gives the same value. Throws: ConfigError where the study knows the parameter as something else.
   */
  suggest(name: string, distribution: Distribution): Promise<Choice>;
  /** Keeps an intermediate value, the first for its step. Throws: ConfigError where the study has several objectives. */
  report(value: number, step: number): Promise<void>;
  /** Whether the reports so far say that the trial had better end. */
  shouldPrune(): Promise<boolean>;
  /** Keeps what is needed to repeat the trial, or worth knowing. */
  setAttribute(key: string, value: Json): Promise<void>;
}

/** What a trial takes from its study. */
export interface TrialSurroundings {
  readonly storage: Storage;
  readonly sampler: Sampler;
  readonly pruner: Pruner;
  readonly readView: () => Promise<StudyView>;
}

/** `asked`: the trial when it was asked for; `given`: parameters that are not for the sampler to choose. */
export function createRunningTrial(
  asked: Trial,
  given: Readonly<Record<string, Choice>>,
  { storage, sampler, pruner, readView }: TrialSurroundings,
): RunningTrial {
  const { id, number } = asked;
  const chosen = new Map(asked.parameters);
  let joint: { readonly space: ReadonlyMap<string, Distribution>; readonly draw: JointDraw } | null = null;

  const findSelf = (view: StudyView): Trial => view.trials.find((trial) => trial.id === id) as Trial;

  /** What the sampler is to learn from, and the trial as it stands. */
  const look = async (): Promise<[StudyView, Trial]> => {
    const view = await readView();
    const trial = findSelf(view);
    return [pruner.selectPeers?.(view, trial) ?? view, trial];
  };

  const remember = async (attributes: Readonly<Record<string, Json>>): Promise<void> => {
    for (const [key, value] of Object.entries(attributes)) await storage.setTrialAttribute(id, 'system', key, value);
  };

  /** Late, at the first parameter that needs it, to learn from as many trials as possible. */
  const drawJointly = async () => {
    const [view, trial] = await look();
    const space = sampler.inferJointSpace(view, trial);
    const draw = sampler.drawJointly(view, trial, space);
    await remember(draw.systemAttributes);
    return { space, draw };
  };

  const choose = async (name: string, distribution: Distribution): Promise<number> => {
    if (Object.hasOwn(given, name)) return toInternal(distribution, given[name]);
    if (hasOneValue(distribution)) return distribution.kind === 'categorical' ? 0 : distribution.low;
    joint ??= await drawJointly();
    const drawn = joint.draw.values.get(name);
    if (drawn !== undefined) {
      requireCompatible(name, joint.space.get(name) ?? distribution, distribution);
      if (contains(distribution, drawn)) return drawn;
    }
    const [view, trial] = await look();
    return sampler.drawAlone(view, trial, name, distribution);
  };

  const requireOneObjective = ({ directions }: StudyView, what: string): void => {
    if (directions.length > 1)
      throw new ConfigError(what, `must be of a study with one objective, got ${directions.length}`);
  };

  return {
    id,
    number,
    suggest: async (name, distribution) => {
      const earlier = chosen.get(name);
      if (earlier) {
        requireCompatible(name, earlier.distribution, distribution);
        return toValue(earlier.distribution, earlier.internal);
      }
      const internal = await choose(name, distribution);
      await storage.setParameter(id, name, distribution, internal);
      chosen.set(name, { distribution, internal });
      return toValue(distribution, internal);
    },
    report: async (value, step) => {
      const view = await readView();
      requireOneObjective(view, 'report');
      if (!Number.isInteger(step) || step < 0)
        throw new ConfigError('step', `must be a whole number from 0, got ${step}`);
      if (!findSelf(view).intermediate.has(step)) await storage.setIntermediate(id, step, value);
    },
    shouldPrune: async () => {
      const view = await readView();
      requireOneObjective(view, 'pruning');
      const { prune, systemAttributes } = pruner.decide(view, findSelf(view));
      await remember(systemAttributes);
      return prune;
    },
    setAttribute: (key, value) => storage.setTrialAttribute(id, 'user', key, value),
  };
}

function requireCompatible(name: string, before: Distribution, after: Distribution): void {
  const broken = findIncompatibility(before, after);
  if (broken) throw new ConfigError(`parameter ${name}`, broken);
}
