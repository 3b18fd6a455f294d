import type { ModelResult } from '../evaluate/results.ts';
import type { ContestProgress } from '../evaluate/runContest.ts';
import type { FitProgress } from '../models/regressor.ts';
import type { Omission } from '../parts.ts';
import type { ReadProgress, ReadResult } from '../readers/readCsv.ts';
import type { Reject } from '../readers/rejects.ts';
import type { Split } from '../tracks/split.ts';
import type { StudyProgress } from '../tune/runStudy.ts';
import type { Trial } from '../tune/trial.ts';
import type { Host } from './host.ts';
import type { StudyTrials, TuningResult } from './tuningResult.ts';

/** What happens while the pipeline works. A host shows it, logs it, or passes it on. */
export type PipelineEvent =
  | { readonly kind: 'reading'; readonly progress: ReadProgress }
  | { readonly kind: 'read' }
  /** The songs of a run. `rejectsFile`: where those that broke a rule are listed. */
  | { readonly kind: 'songs'; readonly songs: ReadResult; readonly rejectsFile: string }
  | { readonly kind: 'split'; readonly split: Split }
  | { readonly kind: 'protocol'; readonly note: string }
  /** How far a search for settings has come. */
  | { readonly kind: 'search'; readonly progress: StudyProgress }
  /** A trial has ended, in this process. */
  | { readonly kind: 'trial'; readonly trial: Trial }
  /** A search has ended. `shared`: other processes may have run some of its trials. */
  | { readonly kind: 'searched'; readonly result: TuningResult; readonly study: StudyTrials; readonly shared: boolean }
  /** How far a model's fit has come. */
  | { readonly kind: 'fit'; readonly model: string; readonly progress: FitProgress }
  | { readonly kind: 'model'; readonly result: ModelResult }
  | { readonly kind: 'intervals'; readonly model: string; readonly share: number; readonly folds: number }
  | { readonly kind: 'explanation'; readonly what: string; readonly share: number; readonly step: string }
  /** The songs of a table that are to be explained: all that were chosen, or the first of them. */
  | {
      readonly kind: 'chosen';
      readonly rejects: readonly Reject[];
      readonly explained: number;
      readonly chosen: number;
    }
  | { readonly kind: 'learning'; readonly model: string; readonly rows: number }
  /** How far the fits of a contest have come. `question`: which of an investigation's; null for an evaluation. */
  | { readonly kind: 'contest'; readonly question: string | null; readonly progress: ContestProgress }
  /** Everything is measured, and the run's own files are about to be written. */
  | {
      readonly kind: 'measured';
      readonly models: readonly ModelResult[];
      readonly settings: Readonly<Record<string, unknown>>;
    }
  /** A part of the results could not be made; the rest goes on. */
  | { readonly kind: 'omitted'; readonly omission: Omission }
  /** What people should know of a storage or of other processes. */
  | { readonly kind: 'notice'; readonly line: string };

/** What a pipeline function works in. */
export interface Environment {
  readonly host: Host;
  /** Aborts when the work is to stop; what can be gone on with is kept, and the signal's reason is thrown. */
  readonly signal: AbortSignal;
  onEvent(event: PipelineEvent): void;
}
