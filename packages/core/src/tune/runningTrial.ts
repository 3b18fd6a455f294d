import { ConfigError } from '../errors.ts';
import { type Choice, contains, type Distribution, hasOneValue, toInternal, toValue } from './distributions.ts';
import type { Pruner } from './pruner.ts';
import type { JointDraw, Sampler } from './sampler.ts';
import type { Storage } from './storage.ts';
import { findIncompatibility } from './storages/distributionText.ts';
import type { Json, StudyView, Trial, TrialParameter } from './trial.ts';

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
export interface TrialSources {
  readonly storage: Storage;
  readonly sampler: Sampler;
  readonly pruner: Pruner;
  readonly readView: () => Promise<StudyView>;
}

/**
 * `asked`: the trial when it was asked for; `given`: parameters that are not for the sampler to choose.
 *
 * A trial that is gone on with has parameters, reports and marks of its pruner from the process that ended. Its program asks and
 * reports from the beginning all the same, and sampler and pruner are shown each time what they were shown then: nothing that
 * came later. So they decide what they had decided, or were about to. What is kept already stays.
 */
export function createRunningTrial(
  asked: Trial,
  given: Readonly<Record<string, Choice>>,
  { storage, sampler, pruner, readView }: TrialSources,
): RunningTrial {
  const { id, number } = asked;
  /** What the program has asked for and reported, and what the pruner has marked meanwhile, in this process. */
  const chosen = new Map<string, TrialParameter>();
  const reported = new Map<number, number>();
  const marked: Record<string, Json> = {};
  /** What is in the storage of it. */
  const kept = { intermediate: new Map(asked.intermediate), systemAttributes: { ...asked.systemAttributes } };
  let joint: { readonly space: ReadonlyMap<string, Distribution>; readonly draw: JointDraw } | null = null;

  const findSelf = (view: StudyView): Trial => view.trials.find((trial) => trial.id === id) as Trial;

  /** The study with the trial as it is to be seen. */
  const show = (view: StudyView, seen: Partial<Trial>): [StudyView, Trial] => {
    const trial = { ...findSelf(view), ...seen };
    return [{ ...view, trials: view.trials.map((other) => (other.id === id ? trial : other)) }, trial];
  };

  /** What the sampler is to learn from, and the trial as it stands. */
  const look = async (): Promise<[StudyView, Trial]> => {
    const [view, trial] = show(await readView(), { parameters: new Map(chosen) });
    return [pruner.selectPeers?.(view, trial) ?? view, trial];
  };

  const remember = async (attributes: Readonly<Record<string, Json>>): Promise<void> => {
    for (const [key, value] of Object.entries(attributes)) {
      if (Object.hasOwn(kept.systemAttributes, key)) continue;
      await storage.setTrialAttribute(id, 'system', key, value);
      kept.systemAttributes[key] = value;
    }
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
      // Drawn even where it is kept already: what is drawn next depends on how often a generator was asked.
      const drawn = { distribution, internal: await choose(name, distribution) };
      const parameter = asked.parameters.get(name) ?? drawn;
      requireCompatible(name, parameter.distribution, distribution);
      if (parameter === drawn) await storage.setParameter(id, name, distribution, drawn.internal);
      chosen.set(name, parameter);
      return toValue(parameter.distribution, parameter.internal);
    },
    report: async (value, step) => {
      requireOneObjective(await readView(), 'report');
      if (!Number.isInteger(step) || step < 0)
        throw new ConfigError('step', `must be a whole number from 0, got ${step}`);
      const earlier = kept.intermediate.get(step);
      if (earlier === undefined) await storage.setIntermediate(id, step, value);
      kept.intermediate.set(step, earlier ?? value);
      reported.set(step, earlier ?? value);
    },
    shouldPrune: async () => {
      const view = await readView();
      requireOneObjective(view, 'pruning');
      const intermediate = new Map([...reported].sort(([a], [b]) => a - b));
      const { prune, systemAttributes } = pruner.decide(
        ...show(view, { intermediate, systemAttributes: { ...marked } }),
      );
      await remember(systemAttributes);
      for (const key of Object.keys(systemAttributes)) marked[key] = kept.systemAttributes[key];
      // Where more is kept than was reported here, it was decided then that the trial goes on, from what others had reached then.
      return prune && kept.intermediate.size === reported.size;
    },
    setAttribute: (key, value) => storage.setTrialAttribute(id, 'user', key, value),
  };
}

function requireCompatible(name: string, before: Distribution, after: Distribution): void {
  const broken = findIncompatibility(before, after);
  if (broken) throw new ConfigError(`parameter ${name}`, broken);
}
