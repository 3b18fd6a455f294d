import type { Distribution } from '../distributions.ts';
import type { TrialTemplate } from '../storage.ts';
import { type Attributes, type Direction, isFinished, type Json, type TrialState, trialStates } from '../trial.ts';
import { formatDistribution } from './distributionText.ts';
import { asFloat, formatPythonJson, type PythonValue } from './pythonJson.ts';

/** Optuna's numbers for what a journal's record does. */
export const operations = {
  createStudy: 0,
  deleteStudy: 1,
  setStudyUserAttribute: 2,
  setStudySystemAttribute: 3,
  createTrial: 4,
  setParameter: 5,
  setState: 6,
  setIntermediate: 7,
  setTrialUserAttribute: 8,
  setTrialSystemAttribute: 9,
  /** Written by Rustuna alone; without meaning to us, as to Optuna. */
  discardTrials: 10,
} as const;

/** One line of a journal as Optuna 3 … 5 write it; which fields there are depends on `op_code`. */
export interface JournalRecord {
  readonly op_code: number;
  readonly worker_id: string;
  readonly study_id: number;
  readonly trial_id: number;
  readonly study_name: string;
  /** 1: minimize, 2: maximize; 0, where Optuna had not been told. */
  readonly directions: readonly number[];
  readonly user_attr: Attributes;
  readonly system_attr: Attributes;
  readonly state?: number;
  readonly value?: number | null;
  readonly values?: readonly number[] | null;
  readonly datetime_start?: string | null;
  readonly datetime_complete?: string;
  readonly distributions?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, number>>;
  readonly user_attrs?: Attributes;
  readonly system_attrs?: Attributes;
  readonly intermediate_values?: Readonly<Record<string, number>>;
  readonly param_name: string;
  readonly param_value_internal: number;
  readonly distribution: string;
  readonly step: number;
  readonly intermediate_value: number;
}

/** What a record says, without its author. */
export type JournalOperation = { readonly op_code: number } & { readonly [field: string]: PythonValue };

/** The line that holds a record, with its end. */
export function formatRecord(operation: JournalOperation, workerId: string): string {
  const { op_code, ...fields } = operation;
  return `${formatPythonJson({ op_code, worker_id: workerId, ...fields }, 'compact')}\n`;
}

export function describeStudy(name: string, directions: readonly Direction[]): JournalOperation {
  const numbers = directions.map((direction) => (direction === 'minimize' ? 1 : 2));
  return { op_code: operations.createStudy, study_name: name, directions: numbers };
}

export function describeTrial(studyId: number, template: TrialTemplate | undefined, now: Date): JournalOperation {
  const op_code = operations.createTrial;
  if (!template) return { op_code, study_id: studyId, datetime_start: formatTime(now) };
  const { values = null, started = null, ended = null } = template;
  const parameters = [...(template.parameters ?? [])];
  return {
    op_code,
    study_id: studyId,
    datetime_start: started && formatTime(started),
    state: trialStates.indexOf(template.state),
    value: values?.length === 1 ? asFloat(values[0]) : null,
    values: values && values.length > 1 ? values.map(asFloat) : null,
    datetime_complete: ended ? formatTime(ended) : undefined,
    distributions: Object.fromEntries(
      parameters.map(([name, { distribution }]) => [name, formatDistribution(distribution)]),
    ),
    params: Object.fromEntries(
      parameters.map(([name, { distribution, internal }]) => [name, markInternal(distribution, internal)]),
    ),
    user_attrs: template.userAttributes ?? {},
    system_attrs: template.systemAttributes ?? {},
    intermediate_values: Object.fromEntries([...(template.intermediate ?? [])].map(([k, v]) => [k, asFloat(v)])),
  };
}

export function describeParameter(
  trialId: number,
  name: string,
  distribution: Distribution,
  internal: number,
): JournalOperation {
  return {
    op_code: operations.setParameter,
    trial_id: trialId,
    param_name: name,
    param_value_internal: markInternal(distribution, internal),
    distribution: formatDistribution(distribution),
  };
}

export function describeState(
  trialId: number,
  state: TrialState,
  values: readonly number[] | null,
  now: Date,
): JournalOperation {
  return {
    op_code: operations.setState,
    trial_id: trialId,
    state: trialStates.indexOf(state),
    values: values?.map(asFloat) ?? null,
    datetime_start: state === 'running' ? formatTime(now) : undefined,
    datetime_complete: isFinished(state) ? formatTime(now) : undefined,
  };
}

export function describeIntermediate(trialId: number, step: number, value: number): JournalOperation {
  return { op_code: operations.setIntermediate, trial_id: trialId, step, intermediate_value: asFloat(value) };
}

export function describeAttribute(
  of: { readonly study: number } | { readonly trial: number },
  owner: 'user' | 'system',
  key: string,
  value: Json,
): JournalOperation {
  const attribute = { [`${owner}_attr`]: { [key]: value } };
  if ('study' in of) {
    const op_code = owner === 'user' ? operations.setStudyUserAttribute : operations.setStudySystemAttribute;
    return { op_code, study_id: of.study, ...attribute };
  }
  const op_code = owner === 'user' ? operations.setTrialUserAttribute : operations.setTrialSystemAttribute;
  return { op_code, trial_id: of.trial, ...attribute };
}

/** A category's index is an integer to Optuna; anything else that a sampler sees is a float. */
function markInternal(distribution: Distribution, internal: number): PythonValue {
  return distribution.kind === 'categorical' ? internal : asFloat(internal);
}

/** UTC with microseconds, as Optuna 5 writes; Optuna 4 wrote local time without an offset, which Date reads as such. */
function formatTime(time: Date): string {
  return time.toISOString().replace('Z', '000+00:00');
}
