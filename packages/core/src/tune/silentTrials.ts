import { waitFor } from '../yieldToEvents.ts';
import { createWatch, type Pace, type WatchedSign } from './lifeSigns.ts';
import { type Processes, processAttribute } from './processes.ts';
import { type LifeSign, type Storage, TrialEndedError } from './storage.ts';
import type { Attributes, Json, Trial } from './trial.ts';

/** Optuna's, for the parameters that a waiting trial was given. */
export const givenAttribute = 'fixed_params';
/** The system attribute that says why a trial failed. */
export const reasonAttribute = 'fail_reason';
/** Optuna's, for a trial that does another again: the number of the first, and of all that failed. */
const firstAttribute = 'failed_trial';
const historyAttribute = 'retry_history';
const mostRetries = 3;
const longestPollMs = 1000;

export interface SilentTrials {
  /** Looks at what may have fallen silent; the more often, the sooner it is known. */
  look(): Promise<void>;
  /**
   * Fails the trials whose processes have fallen silent, and gives them. With `retry` a copy of each waits to be run, as by
   * Optuna's RetryHeartbeatStaleTrialCallback: with its parameters, but a new number, so that a process which was merely
   * slow can change nothing any more when it comes back.
   */
  fail(retry: boolean): Promise<readonly Trial[]>;
  /** Waits until nothing is in doubt, and fails what is silent; at the signal it leaves the rest. */
  settle(signal: AbortSignal): Promise<readonly Trial[]>;
}

export interface SilentTrialOptions {
  readonly storage: Storage;
  readonly studyId: number;
  readonly processes: Processes;
  readonly pace: Pace;
  /** Ids of the trials that this process runs. */
  readonly inHand: ReadonlySet<number>;
}

/** Trials that run somewhere from where nothing can be known of their processes but what they let hear. */
export function createSilentTrials({ storage, studyId, processes, pace, inHand }: SilentTrialOptions): SilentTrials {
  const watch = createWatch(pace);

  const listSilent = async (): Promise<{ readonly silent: readonly Trial[]; readonly doubtMs: number }> => {
    const elsewhere = (await storage.readTrials(studyId)).filter(
      ({ id, state, systemAttributes }) =>
        state === 'running' && !inHand.has(id) && processes.findOut(systemAttributes[processAttribute]) === 'unknown',
    );
    const signs = elsewhere.length > 0 ? await storage.readLifeSigns(studyId) : new Map<number, LifeSign>();
    const heard = new Map<number, WatchedSign>();
    for (const { id, systemAttributes } of elsewhere) {
      const sign = signs.get(id);
      const ours = processAttribute in systemAttributes;
      // A program that writes no heartbeats is silent while it works.
      if (sign && (sign.beats || ours)) heard.set(id, { ...sign, graceMs: ours ? pace.graceMs : pace.strangerGraceMs });
    }
    const { silent, doubtMs } = watch(heard);
    return { silent: elsewhere.filter(({ id }) => silent.includes(id)), doubtMs };
  };

  const end = async (trials: readonly Trial[], retry: boolean): Promise<readonly Trial[]> => {
    const failed: Trial[] = [];
    for (const trial of trials) {
      try {
        await storage.setTrialAttribute(trial.id, 'system', reasonAttribute, 'Its process has shown no sign of life');
        await storage.setState(trial.id, 'fail');
      } catch (error) {
        // Another process was quicker, or its own has come back and told.
        if (error instanceof TrialEndedError) continue;
        throw error;
      }
      failed.push(trial);
      if (retry) await enqueueCopy(trial);
    }
    return failed;
  };

  const enqueueCopy = async (trial: Trial): Promise<void> => {
    const { number, parameters, userAttributes, systemAttributes } = trial;
    const history = [...readHistory(systemAttributes), number];
    if (history.length > mostRetries) return;
    const given = systemAttributes[givenAttribute];
    await storage.createTrial(studyId, {
      state: 'waiting',
      parameters,
      userAttributes,
      systemAttributes: {
        ...(given !== undefined && { [givenAttribute]: given }),
        [firstAttribute]: history[0],
        [historyAttribute]: history,
      },
    });
  };

  return {
    look: async () => {
      await listSilent();
    },
    fail: async (retry) => end((await listSilent()).silent, retry),
    settle: async (signal) => {
      const failed: Trial[] = [];
      for (;;) {
        const { silent, doubtMs } = await listSilent();
        failed.push(...(await end(silent, false)));
        if (doubtMs === 0 || signal.aborted) return failed;
        // Ended by the signal, after which the next look is the last.
        await waitFor(Math.min(doubtMs, longestPollMs), signal);
      }
    },
  };
}

function readHistory(attributes: Attributes): readonly Json[] {
  const history = attributes[historyAttribute];
  return Array.isArray(history) ? history : [];
}
