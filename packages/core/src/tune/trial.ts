import type { Distribution } from './distributions.ts';

export type Direction = 'minimize' | 'maximize';

/** In the order of Optuna's numbers for them, 0 … 4. */
export const trialStates = ['running', 'complete', 'pruned', 'fail', 'waiting'] as const;
export type TrialState = (typeof trialStates)[number];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Attributes = Readonly<Record<string, Json>>;

/** Whether two values are the same to whoever reads them as JSON: the order of keys does not matter, nothing equals nothing. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [fields, others] = [Object.entries(a), Object.entries(b)];
  return (
    fields.length === others.length &&
    fields.every(([key, value]) => Object.hasOwn(b, key) && equalJson(value, (b as Attributes)[key]))
  );
}

/** A parameter that a trial was given; `internal` as samplers see it, see toValue. */
export interface TrialParameter {
  readonly distribution: Distribution;
  readonly internal: number;
}

/** What is known of a trial at one moment. */
export interface Trial {
  /** Unique in the storage. */
  readonly id: number;
  /** Counts the trials of the study, from 0. */
  readonly number: number;
  readonly state: TrialState;
  /** One an objective; null until there are some. */
  readonly values: readonly number[] | null;
  readonly parameters: ReadonlyMap<string, TrialParameter>;
  /** Reported values by step, in ascending order of steps. */
  readonly intermediate: ReadonlyMap<number, number>;
  readonly userAttributes: Attributes;
  readonly systemAttributes: Attributes;
  readonly started: Date | null;
  readonly ended: Date | null;
}

/** A study at one moment; samplers and pruners decide from this alone. */
export interface StudyView {
  readonly name: string;
  readonly directions: readonly Direction[];
  /** Ordered by number. */
  readonly trials: readonly Trial[];
}

export function isFinished(state: TrialState): boolean {
  return state !== 'running' && state !== 'waiting';
}
