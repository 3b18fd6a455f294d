import { ConfigError } from '../errors.ts';
import type { Choice } from './distributions.ts';
import { createPulse, type Pace, usualPace } from './lifeSigns.ts';
import { type Processes, processAttribute } from './processes.ts';
import type { Pruner } from './pruner.ts';
import { createRunningTrial, type RunningTrial } from './runningTrial.ts';
import type { Sampler } from './sampler.ts';
import { createSilentTrials, givenAttribute, reasonAttribute, type SilentTrials } from './silentTrials.ts';
import { type Storage, type StudyRecord, TrialEndedError } from './storage.ts';
import type { Attributes, Direction, Json, Trial } from './trial.ts';

export interface StudyOptions {
  readonly storage: Storage;
  readonly name: string;
  readonly sampler: Sampler;
  readonly pruner: Pruner;
  /** How this process is told from others that may run the study as well. */
  readonly processes: Processes;
  readonly pace?: Pace;
}

/** How a trial ended. */
export type TrialOutcome =
  | { readonly state: 'complete'; readonly values: readonly number[] }
  | { readonly state: 'pruned' }
  | { readonly state: 'fail'; readonly reason: string };

/** A search under way: trials are asked for, run by the caller, and told about. Other processes may do the same. */
export interface Study {
  readonly name: string;
  readonly directions: readonly Direction[];
  readonly userAttributes: Attributes;
  /** Begins a trial: a new one with these parameters where they are given; else one that waits, if there is any, else a new one. */
  ask(given?: Readonly<Record<string, Choice>>): Promise<RunningTrial>;
  /**
   * Ends a trial; when it returns, the trial is kept. Values that are no numbers make it fail; a pruned trial's value is the
   * last that it reported. Throws: TrialEndedError where another process has ended it, having taken this one for dead.
   */
  tell(trial: RunningTrial, outcome: TrialOutcome): Promise<Trial>;
  /**
   * Goes on with a trial whose process has certainly ended without telling, see findOut; null where there is none. Its parameters and
   * reports are as they were. One that has ended several processes is failed instead.
   */
  takeUp(): Promise<RunningTrial | null>;
  /** Leaves a trial to be gone on with: its process ends because it was asked to, which is not held against the trial. */
  leave(trial: RunningTrial): Promise<void>;
  /** Lets go of a trial that another process has ended. */
  drop(trial: RunningTrial): void;
  setAttribute(key: string, value: Json): Promise<void>;
  readTrials(): Promise<readonly Trial[]>;
  /** Trials of processes of which nothing can be known but what they let hear: they count as dead after a silence. */
  readonly silent: Pick<SilentTrials, 'fail' | 'settle'>;
}

/** The system attribute that counts how often a trial was taken up from a process that died, and how often it may be. */
const takenUpAttribute = 'hitscan:taken_up';
const mostTakenUp = 3;

function countTakenUp({ systemAttributes }: Trial): number {
  return Number(systemAttributes[takenUpAttribute] ?? 0);
}

/** Throws: ConfigError where the storage has a study of that name. */
export async function createStudy(options: StudyOptions, directions: readonly Direction[]): Promise<Study> {
  return makeStudy(await options.storage.createStudy(options.name, directions), options);
}

/** Throws: ConfigError where the storage has no study of that name. */
export async function openStudy(options: StudyOptions): Promise<Study> {
  const studies = await options.storage.listStudies();
  const record = studies.find(({ name }) => name === options.name);
  if (record) return makeStudy(record, options);
  const names = studies.map(({ name }) => `"${name}"`).join(', ') || 'none';
  throw new ConfigError('study', `must be one of the storage's (${names}), got "${options.name}"`);
}

function makeStudy(
  record: StudyRecord,
  { storage, sampler, pruner, processes, pace = usualPace }: StudyOptions,
): Study {
  const { id: studyId, name, directions } = record;
  const owned = { [processAttribute]: processes.own };
  const readView = async () => ({ name, directions, trials: await storage.readTrials(studyId) });

  const pulse = createPulse(
    pace.beatMs,
    // Of a trial that was ended elsewhere its process learns with its next report.
    (id) => storage.beat(id),
    () => silent.look(),
  );
  const silent = createSilentTrials({ storage, studyId, processes, pace, inHand: pulse.inHand });

  const begin = (trial: Trial): RunningTrial => {
    pulse.take(trial.id);
    return createRunningTrial(trial, giveParameters(trial), { storage, sampler, pruner, readView });
  };

  const findTrial = async (trialId: number): Promise<Trial> =>
    (await storage.readTrials(studyId)).find(({ id }) => id === trialId) as Trial;

  /** Claims the first trial that waits and that nobody else is quicker to claim. */
  const claimWaiting = async (): Promise<number | null> => {
    for (const { id, state } of await storage.readTrials(studyId)) {
      if (state !== 'waiting' || !(await storage.setState(id, 'running'))) continue;
      await storage.setTrialAttribute(id, 'system', processAttribute, processes.own);
      return id;
    }
    return null;
  };

  const giveParameters = ({ systemAttributes }: Trial) =>
    (systemAttributes[givenAttribute] ?? {}) as Readonly<Record<string, Choice>>;

  const listAbandoned = async () =>
    (await storage.readTrials(studyId)).filter(
      ({ state, systemAttributes }) =>
        state === 'running' && processes.findOut(systemAttributes[processAttribute]) === 'has ended',
    );

  const fail = async (trialId: number, reason: string): Promise<void> => {
    await storage.setTrialAttribute(trialId, 'system', reasonAttribute, reason);
    await storage.setState(trialId, 'fail');
  };

  return {
    name,
    directions,
    userAttributes: record.userAttributes,
    ask: async (given) => {
      // In one record, so that no trial runs of which nobody knows whose it is.
      const systemAttributes = given ? { ...owned, [givenAttribute]: given } : owned;
      const template = { state: 'running', started: new Date(), systemAttributes } as const;
      const waiting = given ? null : await claimWaiting();
      const id = waiting ?? (await storage.createTrial(studyId, template));
      return begin(await findTrial(id));
    },
    takeUp: async () => {
      for (const trial of await listAbandoned()) {
        try {
          const times = countTakenUp(trial) + 1;
          if (times > mostTakenUp) {
            await fail(trial.id, `The trial was resumed ${mostTakenUp} times and never finished`);
            continue;
          }
          await storage.setTrialAttribute(trial.id, 'system', processAttribute, processes.own);
          await storage.setTrialAttribute(trial.id, 'system', takenUpAttribute, times);
          await storage.beat(trial.id);
          return begin(trial);
        } catch (error) {
          // Another process has taken it up, and told already.
          if (!(error instanceof TrialEndedError)) throw error;
        }
      }
      return null;
    },
    drop: ({ id }) => pulse.release(id),
    // Made up for by the next to take it up.
    leave: async ({ id }) => {
      pulse.release(id);
      await storage.setTrialAttribute(id, 'system', takenUpAttribute, countTakenUp(await findTrial(id)) - 1);
    },
    tell: async ({ id }, outcome) => {
      pulse.release(id);
      const trial = await findTrial(id);
      if (trial.state !== 'running')
        throw new TrialEndedError(`trial ${trial.number}`, `must be running to be given a result, is ${trial.state}`);
      if (outcome.state === 'fail') await fail(id, outcome.reason);
      else if (outcome.state === 'pruned') await storage.setState(id, 'pruned', listLastReport(trial));
      else if (outcome.values.length !== directions.length)
        throw new ConfigError(
          `trial ${trial.number}`,
          `must have ${directions.length} values, got ${outcome.values.length}`,
        );
      else if (outcome.values.some(Number.isNaN))
        await fail(id, `The value ${outcome.values.join(', ')} is not acceptable`);
      else await storage.setState(id, 'complete', outcome.values);
      return findTrial(id);
    },
    silent,
    setAttribute: (key, value) => storage.setStudyAttribute(studyId, 'user', key, value),
    readTrials: () => storage.readTrials(studyId),
  };
}

/** The value of a pruned trial: its report at the highest step, none where that is no number. */
function listLastReport({ intermediate }: Trial): readonly number[] | null {
  const last = [...intermediate.values()].at(-1);
  return last === undefined || Number.isNaN(last) ? null : [last];
}
