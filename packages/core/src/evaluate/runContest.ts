import type { FoldPredictions, ModelPredictions } from '../compare/foldPredictions.ts';
import { ConfigError, type DataError } from '../errors.ts';
import type { IntervalFigures } from '../intervals/measureIntervals.ts';
import { poolIntervals } from '../intervals/poolIntervals.ts';
import { actualOf } from '../metrics/pairs.ts';
import type { Omission } from '../parts.ts';
import type { Contestant } from './contestant.ts';
import type { ContestData, FitOutcome, FitTask, FitThread } from './fitTask.ts';

/** Where outcomes are kept as they come, so that an interrupted contest goes on where it was. */
export interface OutcomeStore {
  /** The error of a kept outcome that breaks a rule. */
  refuse(key: string, rule: string): DataError;
  /** Throws: DataError where what is kept is no outcome. */
  load(key: string): FitOutcome | null;
  save(key: string, outcome: FitOutcome): void;
}

/** How far a contest has come. */
export interface ContestProgress {
  readonly finished: number;
  readonly wanted: number;
  /** Of the contestants whose fits run now. */
  readonly running: readonly string[];
  readonly secondsLeft: number;
}

export interface ContestOptions {
  /** Fits at a time, each on one thread; any number gives the same predictions. */
  readonly jobs: number;
  /** Called once for each of the fits at a time. */
  startThread(data: ContestData): FitThread;
  readonly store: OutcomeStore;
  readonly signal: AbortSignal;
  onProgress?(progress: ContestProgress): void;
}

/** What a contestant did in all parts, in their order. */
export interface ContestEntry extends ModelPredictions {
  /** Mean wall time of a fit. */
  readonly seconds: number;
  /** For each of its masked shares. */
  readonly withHidden: readonly ModelPredictions[];
  /** Of the intervals around all its predictions; null where it has none, or those of a part could not be made. */
  readonly intervals: IntervalFigures | null;
  /** What could not be made, each once. */
  readonly omitted: readonly Omission[];
}

function keyOf({ contestants, parts }: ContestData, { contestant, part }: FitTask): string {
  const { repeat, fold } = parts[part];
  return `${contestants[contestant].name}/${repeat}/${fold}`;
}

/** Whether an outcome has all that is asked for: kept by another contest of the run, it may not. */
function holdsWanted(known: FitOutcome, { contestants }: ContestData, { contestant }: FitTask): boolean {
  const { maskedShares, intervals } = contestants[contestant];
  return (
    known.withHidden.length >= maskedShares.length &&
    (intervals === null || known.intervals !== null || Boolean(known.omitted?.length))
  );
}

/** A kept outcome; null where there is none. Throws: DataError on one that is not of the part's rows. */
function loadKept(store: OutcomeStore, key: string, rows: number): FitOutcome | null {
  const known = store.load(key);
  if (!known) return null;
  const { predicted, withHidden, intervals } = known;
  const other = [predicted, ...withHidden].find(({ length }) => length !== rows);
  if (other) throw store.refuse(key, `must predict ${rows} songs, got ${other.length}`);
  if (intervals && intervals.rows !== rows)
    throw store.refuse(key, `must have intervals of ${rows} songs, got ${intervals.rows}`);
  return known;
}

/** What intervals must have in common to be pooled. */
function describeForm({ methods, transforms }: IntervalFigures): string {
  const lengths = methods.map(({ method, reliability }) => `${method} ${reliability.length}`);
  return `${lengths.join(', ')}; ${transforms?.length ?? 'none'}`;
}

/** Part by part, so that after an interruption there are as many whole parts as can be. */
function listTasks({ contestants, parts }: ContestData): FitTask[] {
  return parts.flatMap((_, part) => contestants.map((_, contestant) => ({ contestant, part })));
}

/**
 * Fits every contestant on every part, several at a time, and gathers what they predict.
 * Throws: ConfigError where a fit fails; `signal.reason` when interrupted.
 */
export async function runContest(
  data: ContestData,
  { jobs, startThread, store, signal, onProgress }: ContestOptions,
): Promise<ContestEntry[]> {
  const tasks = listTasks(data);
  const outcomes = new Map<string, FitOutcome>();
  for (const task of tasks) {
    const known = loadKept(store, keyOf(data, task), data.parts[task.part].test.length);
    if (known && holdsWanted(known, data, task)) outcomes.set(keyOf(data, task), known);
  }
  const open = tasks.filter((task) => !outcomes.has(keyOf(data, task)));
  const wanted = open.length;
  const running = new Set<FitTask>();
  const started = performance.now();
  let next = 0;
  let finished = 0;
  const tell = (): void =>
    onProgress?.({
      finished: tasks.length - wanted + finished,
      wanted: tasks.length,
      running: [...running].map(({ contestant }) => data.contestants[contestant].name),
      secondsLeft: (((performance.now() - started) / 1000) * (wanted - finished)) / finished,
    });

  let stop = (_: unknown) => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  const onAbort = () => stop(signal.reason);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();

  async function work(thread: FitThread): Promise<void> {
    while (next < open.length) {
      const task = open[next++];
      running.add(task);
      tell();
      const result = await thread.run(task);
      running.delete(task);
      const key = keyOf(data, task);
      if (result.kind === 'failed') throw new ConfigError(key, `must be trained, but: ${result.reason}`);
      store.save(key, result.outcome);
      outcomes.set(key, result.outcome);
      finished++;
      tell();
    }
  }

  const threads = Array.from({ length: Math.min(jobs, wanted) }, () => startThread(data));
  try {
    await Promise.race([Promise.all(threads.map(work)), stopped]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    await Promise.all(threads.map((thread) => thread.dispose()));
  }
  return data.contestants.map((contestant, c) => {
    const keyAt = (part: number) => keyOf(data, { contestant: c, part });
    const outcomeOf = (part: number) => outcomes.get(keyAt(part)) as FitOutcome;
    const forms = data.parts.map((_, part) => outcomeOf(part).intervals).map((found) => found && describeForm(found));
    const other = contestant.intervals === null ? -1 : forms.findIndex((form) => form !== forms[0]);
    if (other >= 0) throw store.refuse(keyAt(other), 'must have the intervals that the other folds have, got others');
    return gather(data, contestant, outcomeOf);
  });
}

function gather(
  { tracks, parts }: ContestData,
  { name, maskedShares, intervals }: Contestant,
  outcomeOf: (part: number) => FitOutcome,
): ContestEntry {
  const outcomes = parts.map((_, part) => outcomeOf(part));
  const foldsOf = (predictedOf: (outcome: FitOutcome) => Float64Array): FoldPredictions[] =>
    parts.map(({ repeat, fold, train, validation, test }, part) => ({
      repeat,
      fold,
      rows: test,
      trainCount: train.length + validation.length,
      actual: actualOf(tracks, test),
      predicted: predictedOf(outcomes[part]),
    }));
  const figures = outcomes.flatMap((outcome) => outcome.intervals ?? []);
  return {
    name,
    folds: foldsOf(({ predicted }) => predicted),
    seconds: outcomes.reduce((sum, { seconds }) => sum + seconds, 0) / outcomes.length,
    withHidden: maskedShares.map((share, i) => ({
      name: `${name}, ${(100 * share).toFixed(0)} % hidden`,
      folds: foldsOf(({ withHidden }) => withHidden[i]),
    })),
    intervals:
      intervals && figures.length === outcomes.length
        ? poolIntervals(figures, new Set(parts.map(({ repeat }) => repeat)).size)
        : null,
    omitted: [...new Map(outcomes.flatMap(({ omitted = [] }) => omitted).map((one) => [one.reason, one])).values()],
  };
}
