import { ConfigError } from '../errors.ts';
import type { Distribution } from './distributions.ts';
import type { Attributes, Direction, Json, Trial, TrialState } from './trial.ts';

export interface StudyRecord {
  readonly id: number;
  readonly name: string;
  readonly directions: readonly Direction[];
  readonly userAttributes: Attributes;
  readonly systemAttributes: Attributes;
}

/** A trial that is written as a whole: one that waits with given parameters, or a finished one from elsewhere. */
export type TrialTemplate = Partial<Omit<Trial, 'id' | 'number'>> & Pick<Trial, 'state'>;

/** A trial was to be changed that has ended: another process ended it. */
export class TrialEndedError extends ConfigError {}

/** When a running trial's process was last heard of. */
export interface LifeSign {
  /** By the storage's clock, which is a database's own where there is one. Negative where a clock was set back. */
  readonly ageMs: number;
  /** Another one with every sign. */
  readonly mark: string;
  /** Whether the process writes heartbeats. Of one that does not, the trial's beginning is the only sign. */
  readonly beats: boolean;
}

/** Where studies live. Several processes may write to one at the same time; a finished trial never changes: what would change it throws TrialEndedError. */
export interface Storage {
  /** Throws: ConfigError when there is a study of that name. */
  createStudy(name: string, directions: readonly Direction[]): Promise<StudyRecord>;
  listStudies(): Promise<readonly StudyRecord[]>;
  setStudyAttribute(studyId: number, owner: 'user' | 'system', key: string, value: Json): Promise<void>;
  /** Begins a trial, or writes the template; gives its id. */
  createTrial(studyId: number, template?: TrialTemplate): Promise<number>;
  setParameter(trialId: number, name: string, distribution: Distribution, internal: number): Promise<void>;
  setIntermediate(trialId: number, step: number, value: number): Promise<void>;
  setTrialAttribute(trialId: number, owner: 'user' | 'system', key: string, value: Json): Promise<void>;
  /** False where a waiting trial has been claimed by somebody else. */
  setState(trialId: number, state: TrialState, values?: readonly number[] | null): Promise<boolean>;
  /** Says that a running trial's process is alive; it need not be said when the trial begins to run. */
  beat(trialId: number): Promise<void>;
  /** Of a study's running trials, by id. */
  readLifeSigns(studyId: number): Promise<ReadonlyMap<number, LifeSign>>;
  /** Ordered by number. */
  readTrials(studyId: number): Promise<readonly Trial[]>;
  close(): Promise<void>;
}
