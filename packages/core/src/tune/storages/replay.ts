import { DataError } from '../../errors.ts';
import type { Distribution } from '../distributions.ts';
import type { LifeSign, StudyRecord } from '../storage.ts';
import { type Direction, isFinished, type Trial, type TrialParameter, trialStates } from '../trial.ts';
import { findIncompatibility, parseDistribution } from './distributionText.ts';
import { type JournalRecord, operations } from './journalRecord.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A trial that records still change; `snapshot` is the copy that readers got last, null once it is out of date. */
interface GrowingTrial extends Mutable<Omit<Trial, 'parameters' | 'intermediate'>> {
  readonly study: GrowingStudy;
  readonly parameters: Map<string, TrialParameter>;
  readonly intermediate: Map<number, number>;
  snapshot: Trial | null;
  /** How many records have changed it. */
  changes: number;
}

interface GrowingStudy {
  record: StudyRecord;
  readonly trials: GrowingTrial[];
  /** What each parameter was drawn from first; later ones have to be compatible. */
  readonly distributions: Map<string, Distribution>;
}

/** The id of what a record made or changed, or the rule that it broke: such a record counts for nobody. */
export type Applied = { readonly id: number } | { readonly broken: string; readonly ended?: true };

/** What a journal's records amount to. */
export interface Replay {
  apply(record: JournalRecord): Applied;
  listStudies(): readonly StudyRecord[];
  readTrials(studyId: number): readonly Trial[];
  /** `now`: this machine's clock, in milliseconds since 1970. */
  readLifeSigns(studyId: number, now: number): ReadonlyMap<number, LifeSign>;
}

/**
 * The system attribute by which a trial in a journal is said to be alive, with the time. Optuna has no heartbeats there: to
 * it and to its dashboard this is an attribute as any other, which samplers and pruners pass over.
 */
export const heartbeatAttribute = 'hitscan:heartbeat';

/**
 * Follows a journal by Optuna's rules: ids count accepted records, the first of two contradicting records wins, a finished
 * trial never changes.
 */
export function createReplay(): Replay {
  const studies = new Map<number, GrowingStudy>();
  const trials: GrowingTrial[] = [];
  const parsed = new Map<string, Distribution>();
  let studyCount = 0;

  /** Texts repeat with every trial. */
  const readDistribution = (text: string): Distribution => {
    const distribution = parsed.get(text) ?? parseDistribution(text);
    parsed.set(text, distribution);
    return distribution;
  };

  const createStudy = ({ study_name: name, directions }: JournalRecord): Applied => {
    for (const { record } of studies.values()) {
      if (record.name === name) return { broken: `must have a new name, got "${name}"` };
    }
    const id = studyCount++;
    const record = { id, name, directions: directions.map(readDirection), userAttributes: {}, systemAttributes: {} };
    studies.set(id, { record, trials: [], distributions: new Map() });
    return { id };
  };

  const createTrial = (record: JournalRecord, study: GrowingStudy): Applied => {
    const id = trials.length;
    const { value = null, values = null, params = {}, distributions = {}, intermediate_values = {} } = record;
    const trial: GrowingTrial = {
      id,
      number: study.trials.length,
      study,
      state: trialStates[record.state ?? 0],
      values: values ?? (value === null ? null : [value]),
      parameters: new Map(),
      intermediate: new Map(Object.entries(intermediate_values).map(([step, value]) => [Number(step), value])),
      userAttributes: record.user_attrs ?? {},
      systemAttributes: record.system_attrs ?? {},
      started: readTime(record.datetime_start),
      ended: readTime(record.datetime_complete),
      snapshot: null,
      changes: 0,
    };
    for (const [name, internal] of Object.entries(params)) {
      const distribution = readDistribution(distributions[name]);
      trial.parameters.set(name, { distribution, internal });
      if (!study.distributions.has(name)) study.distributions.set(name, distribution);
    }
    trials.push(trial);
    study.trials.push(trial);
    return { id };
  };

  const setParameter = (record: JournalRecord, trial: GrowingTrial): Applied => {
    const distribution = readDistribution(record.distribution);
    const { distributions } = trial.study;
    const broken = findIncompatibility(distributions.get(record.param_name) ?? distribution, distribution);
    if (broken !== null) return { broken: `parameter ${record.param_name} ${broken}` };
    if (!distributions.has(record.param_name)) distributions.set(record.param_name, distribution);
    trial.parameters.set(record.param_name, { distribution, internal: record.param_value_internal });
    return { id: trial.id };
  };

  const setState = (record: JournalRecord, trial: GrowingTrial): Applied => {
    const state = trialStates[record.state ?? 0];
    if (state === 'running' && trial.state === 'running')
      return { broken: `trial ${trial.number} must be waiting to be claimed, is running` };
    if (state === 'running') trial.started = readTime(record.datetime_start);
    if (isFinished(state)) trial.ended = readTime(record.datetime_complete);
    trial.state = state;
    if (record.values) trial.values = record.values;
    return { id: trial.id };
  };

  const changeStudy = (record: JournalRecord, study: GrowingStudy): Applied => {
    const { record: old } = study;
    if (record.op_code === operations.deleteStudy) studies.delete(old.id);
    else if (record.op_code === operations.setStudyUserAttribute)
      study.record = { ...old, userAttributes: { ...old.userAttributes, ...record.user_attr } };
    else study.record = { ...old, systemAttributes: { ...old.systemAttributes, ...record.system_attr } };
    return { id: old.id };
  };

  const changeTrial = (record: JournalRecord, trial: GrowingTrial): Applied => {
    if (isFinished(trial.state))
      return { broken: `trial ${trial.number} must not be finished, is ${trial.state}`, ended: true };
    trial.snapshot = null;
    trial.changes++;
    switch (record.op_code) {
      case operations.setParameter:
        return setParameter(record, trial);
      case operations.setState:
        return setState(record, trial);
      case operations.setIntermediate:
        trial.intermediate.set(record.step, record.intermediate_value);
        break;
      case operations.setTrialUserAttribute:
        Object.assign(trial.userAttributes, record.user_attr);
        break;
      default:
        Object.assign(trial.systemAttributes, record.system_attr);
    }
    return { id: trial.id };
  };

  const apply = (record: JournalRecord): Applied => {
    const { op_code: code, study_id: studyId, trial_id: trialId } = record;
    if (code === operations.createStudy) return createStudy(record);
    if (code === operations.discardTrials) return { broken: 'must be an operation of Optuna' };
    if (code >= operations.setParameter && code <= operations.setTrialSystemAttribute) {
      const trial = trials[trialId];
      return trial ? changeTrial(record, trial) : { broken: `must be a trial, got id ${trialId}` };
    }
    if (!(code >= 0 && code <= operations.createTrial))
      throw new DataError('journal', `operation must be one of Optuna 3 to 5, got ${code}`);
    const study = studies.get(studyId);
    if (!study) return { broken: `must be a study, got id ${studyId}` };
    return code === operations.createTrial ? createTrial(record, study) : changeStudy(record, study);
  };

  return {
    apply,
    listStudies: () => [...studies.values()].map(({ record }) => record),
    readTrials: (studyId) => (studies.get(studyId)?.trials ?? []).map((trial) => (trial.snapshot ??= copyTrial(trial))),
    readLifeSigns: (studyId, now) => {
      const running = (studies.get(studyId)?.trials ?? []).filter(({ state }) => state === 'running');
      return new Map(running.map((trial) => [trial.id, findLifeSign(trial, now)]));
    },
  };
}

/** The last record that says its time; any other shows at least that the process lives. */
function findLifeSign({ started, systemAttributes, changes }: GrowingTrial, now: number): LifeSign {
  const beat = systemAttributes[heartbeatAttribute];
  const beatAt = typeof beat === 'string' ? Date.parse(beat) : Number.NaN;
  const beats = !Number.isNaN(beatAt);
  const last = Math.max(Number(started ?? 0), beats ? beatAt : 0);
  return { ageMs: now - last, mark: String(changes), beats };
}

function copyTrial({ study: _, snapshot: __, changes: ___, ...trial }: GrowingTrial): Trial {
  return {
    ...trial,
    parameters: new Map(trial.parameters),
    intermediate: new Map([...trial.intermediate].sort(([a], [b]) => a - b)),
    userAttributes: { ...trial.userAttributes },
    systemAttributes: { ...trial.systemAttributes },
  };
}

/** Optuna minimises unless it is told otherwise. */
function readDirection(number: number): Direction {
  return number === 2 ? 'maximize' : 'minimize';
}

function readTime(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null;
}
