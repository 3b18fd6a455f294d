import { renameHidden } from '../models/migrations.ts';
import type { Settings } from '../models/tunable.ts';
import type { ObjectiveName } from '../optionNames.ts';
import type { Choice } from './distributions.ts';
import { nameSettings } from './parameterNames.ts';
import type { RunningTrial } from './runningTrial.ts';
import { type SpaceDeclaration, suggestSettings } from './searchSpace.ts';
import { TrialEndedError } from './storage.ts';
import { tellOfWait } from './storages/patience.ts';
import type { Study, TrialOutcome } from './study.ts';
import type { Attributes, Trial } from './trial.ts';
import type { TrialMessage, TrialReport, TrialThread } from './trialRunner.ts';

/** How far a search has come. */
export interface StudyProgress {
  readonly finished: number;
  readonly pruned: number;
  readonly failed: number;
  readonly running: number;
  readonly wanted: number;
  /** The complete trial with the smallest error, null before the first. */
  readonly best: Trial | null;
  /** Trials that ended a minute, since the search was begun or gone on with. */
  readonly perMinute: number;
  readonly secondsLeft: number;
}

export interface StudyRunOptions {
  /** By the names of the study's parameters (see nameForStudy), as are `base` and `first`. */
  readonly space: SpaceDeclaration;
  /** What a trial's settings are where the space says nothing. */
  readonly base: Settings;
  readonly seed: number;
  /** Parameters of the first trial to be begun; null where the sampler is to choose them as well. */
  readonly first: Readonly<Record<string, Choice>> | null;
  /** What is to be small, the error first; with more than one no trial is pruned. */
  readonly objectives: readonly ObjectiveName[];
  /** Trials that the study is to have in the end, those of earlier runs included; failed ones are no trials. */
  readonly trials: number;
  /** After these no trial is begun, and those that run are ended without a trace. */
  readonly timeoutSeconds: number;
  /** One trial at a time on each. */
  readonly threads: readonly TrialThread[];
  /** Kept with every trial, to do it again: what data, what split. */
  readonly attributes: Attributes;
  readonly signal: AbortSignal;
  onProgress?(progress: StudyProgress): void;
  onTrial?(trial: Trial): void;
  /** What people should know of other processes. */
  notify?(line: string): void;
}

/** A search that only fails would never end. */
const failuresInARow = 10;

/** Whether a trial is one of those wanted: it came to an end that says something. */
function counts({ state }: Trial): boolean {
  return state === 'complete' || state === 'pruned';
}

/** The complete trial with the smallest first value; the earliest of equals. */
export function findBest(trials: readonly Trial[]): Trial | null {
  const complete = trials.filter(({ state, values }) => state === 'complete' && values !== null);
  const errorOf = ({ values }: Trial) => (values as readonly number[])[0];
  return complete.reduce<Trial | null>((best, trial) => (!best || errorOf(trial) < errorOf(best) ? trial : best), null);
}

/**
 * Runs a study's trials, one on each thread at a time, until it has as many as wanted, time is up or the signal aborts.
 * Finished trials are in the storage, whatever happens. Those under way when time is up are failed; at the signal they are left
 * as they are, like those of a process that was killed, and are gone on with when the study is run again.
 */
export async function runStudy(study: Study, options: StudyRunOptions): Promise<readonly Trial[]> {
  const { threads, trials: wanted, signal, timeoutSeconds } = options;
  const started = performance.now();
  const before = await study.readTrials();
  const earlier = before.filter(counts).length;
  const given = options.first === null ? [] : [options.first];
  let running = 0;
  let failedInARow = 0;
  let stopReason: string | null = null;
  let endAll = () => {};
  const ended = new Promise<void>((resolve) => {
    endAll = resolve;
  });
  const stop = (reason: string): void => {
    stopReason ??= reason;
    endAll();
  };
  const onAbort = () => stop('interrupted');
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  const timer = setTimeout(() => stop('the time was up'), Math.min(timeoutSeconds * 1000, 2 ** 31 - 1));

  async function tellProgress(): Promise<readonly Trial[]> {
    const trials = await study.readTrials();
    const finished = trials.filter(counts).length;
    const seconds = (performance.now() - started) / 1000;
    options.onProgress?.({
      finished,
      pruned: trials.filter(({ state }) => state === 'pruned').length,
      failed: trials.filter(({ state }) => state === 'fail').length,
      running: trials.filter(({ state }) => state === 'running').length,
      wanted,
      best: findBest(trials),
      perMinute: ((finished - earlier) * 60) / seconds,
      secondsLeft: Math.min(((wanted - finished) * seconds) / (finished - earlier), timeoutSeconds - seconds),
    });
    return trials;
  }

  async function decide(trial: RunningTrial, { step, error }: TrialReport): Promise<boolean> {
    if (options.objectives.length > 1) return true;
    try {
      await trial.report(error, step);
      return !(await trial.shouldPrune());
    } catch (error) {
      // Not worth going on with; telling it says why.
      if (error instanceof TrialEndedError) return false;
      throw error;
    }
  }

  /** Runs a trial, unless another process ends it, having taken this one for dead: that costs the trial and nothing else. */
  async function runUnlessEnded(trial: RunningTrial, thread: TrialThread): Promise<void> {
    try {
      await runTrial(trial, thread);
    } catch (error) {
      if (!(error instanceof TrialEndedError)) throw error;
      study.drop(trial);
      options.notify?.(
        `Trial ${trial.number} was failed by another process, which had seen no sign of life from this one; continuing with another trial.`,
      );
    }
  }

  async function runTrial(trial: RunningTrial, thread: TrialThread): Promise<void> {
    const settings = { ...options.base, ...(await suggestSettings(trial, options.space)) };
    for (const [key, value] of Object.entries({ ...options.attributes, seed: options.seed, settings })) {
      await trial.setAttribute(key, value);
    }
    const stopped = ended.then(() => ({ kind: 'failed', reason: stopReason ?? 'stopped' }) as const);
    const task = { settings: renameHidden(settings), seed: options.seed };
    const message: TrialMessage = await Promise.race([thread.run(task, (report) => decide(trial, report)), stopped]);
    if (message.kind === 'done') await trial.setAttribute('foldErrors', message.result.foldErrors);
    if (signal.aborted) return study.leave(trial);
    const told = await study.tell(trial, toOutcome(message, options.objectives));
    failedInARow = told.state === 'fail' ? failedInARow + 1 : 0;
    options.onTrial?.(nameSettings(told));
  }

  async function work(thread: TrialThread): Promise<void> {
    while (stopReason === null) {
      if (failedInARow >= failuresInARow) return stop(`${failuresInARow} trials in a row failed`);
      // Counted before it is known whether there is one to run, so that two threads do not begin the last.
      running++;
      try {
        const finished = (await study.readTrials()).filter(counts).length;
        if (finished + running > wanted) return;
        for (const { number } of await study.silent.fail(true))
          options.notify?.(`Trial ${number} has failed: the process that ran it has shown no sign of life.`);
        const trial = (await study.takeUp()) ?? (await study.ask(given.shift()));
        await tellProgress();
        await runUnlessEnded(trial, thread);
      } finally {
        running--;
      }
      await tellProgress();
    }
  }

  /** So that no trial of a machine which died runs for ever in a study that has come to its end. */
  async function settle(): Promise<void> {
    const line = 'Waiting to see whether trials on other machines still run; this takes less than a minute.';
    const settled = study.silent.settle(signal);
    for (const { number } of await tellOfWait(settled, { notify: (text) => options.notify?.(text), line }))
      options.notify?.(`Trial ${number} has failed: the process that ran it has shown no sign of life.`);
  }

  const works: Promise<void>[] = [];
  try {
    await tellProgress();
    works.push(...threads.map(work));
    await Promise.all(works);
    if (stopReason === null) await settle();
    return await study.readTrials();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    // Where one has failed, the others are to begin no further trial, and to be done with the storage before it is closed.
    stop('the search has ended');
    await Promise.all(threads.map((thread) => thread.dispose()));
    await Promise.allSettled(works);
  }
}

function toOutcome(message: TrialMessage, objectives: readonly ObjectiveName[]): TrialOutcome {
  switch (message.kind) {
    case 'done': {
      const { meanError, foldErrors, seconds, size } = message.result;
      const found = { error: meanError, time: seconds / foldErrors.length, size };
      return { state: 'complete', values: objectives.map((name) => found[name]) };
    }
    case 'pruned':
      return { state: 'pruned' };
    case 'failed':
      return { state: 'fail', reason: message.reason };
  }
}
