import { ConfigError } from '../../errors.ts';
import { type Storage, type StudyRecord, TrialEndedError } from '../storage.ts';
import {
  describeAttribute,
  describeIntermediate,
  describeParameter,
  describeState,
  describeStudy,
  describeTrial,
  formatRecord,
  type JournalOperation,
  type JournalRecord,
} from './journalRecord.ts';
import { createQueue } from './queue.ts';
import { type Applied, createReplay, heartbeatAttribute } from './replay.ts';

/** Lines of text that several processes append to, in one order for all. */
export interface RecordLog {
  /** Records that have been added since the last call, from whomever, in order. */
  read(): readonly JournalRecord[];
  /** Returns when the line will outlast the process and the machine. */
  append(line: string): Promise<void>;
  close(): void;
}

/**
 * A storage whose truth is a log of records, as Optuna's JournalStorage: each operation appends a record, and what it
 * did is known when the log has been read up to it.
 */
export function createRecordStorage(log: RecordLog): Storage {
  // Optuna's form, "<uuid>-<thread>"; tells our own records from those of others.
  const workerId = `${crypto.randomUUID()}-0`;
  const replay = createReplay();

  let closed = false;
  /** What became of the own record under way. */
  let own: Applied | null = null;

  const catchUp = (): void => {
    for (const record of log.read()) {
      const applied = replay.apply(record);
      if (record.worker_id === workerId) own = applied;
    }
  };

  const enqueue = createQueue();

  /** One at a time, so that the own record that is found is the one that was written. */
  const attempt = (operation: JournalOperation): Promise<Applied> =>
    enqueue(async () => {
      // The numbers of closed files are given to others.
      if (closed) throw new Error('journal: it was closed before');
      // Before anything is added it must be certain that all there is are records.
      catchUp();
      own = null;
      await log.append(formatRecord(operation, workerId));
      catchUp();
      if (!own) throw new Error('journal: the record that was appended cannot be found in it');
      return own as Applied;
    });

  const perform = async (operation: JournalOperation, what: string): Promise<number> => {
    const applied = await attempt(operation);
    if (!('broken' in applied)) return applied.id;
    throw new (applied.ended ? TrialEndedError : ConfigError)(what, applied.broken);
  };

  return {
    createStudy: async (name, directions) => {
      const id = await perform(describeStudy(name, directions), 'study');
      return replay.listStudies().find((study) => study.id === id) as StudyRecord;
    },
    listStudies: async () => {
      catchUp();
      return replay.listStudies();
    },
    setStudyAttribute: async (studyId, owner, key, value) => {
      await perform(describeAttribute({ study: studyId }, owner, key, value), 'study');
    },
    createTrial: (studyId, template) => perform(describeTrial(studyId, template, new Date()), 'trial'),
    setParameter: async (trialId, name, distribution, internal) => {
      await perform(describeParameter(trialId, name, distribution, internal), 'trial');
    },
    setIntermediate: async (trialId, step, value) => {
      await perform(describeIntermediate(trialId, step, value), 'trial');
    },
    setTrialAttribute: async (trialId, owner, key, value) => {
      await perform(describeAttribute({ trial: trialId }, owner, key, value), 'trial');
    },
    setState: async (trialId, state, values = null) => {
      const operation = describeState(trialId, state, values, new Date());
      if (state === 'running') return 'id' in (await attempt(operation));
      await perform(operation, 'trial');
      return true;
    },
    beat: async (trialId) => {
      const now = new Date().toISOString();
      await perform(describeAttribute({ trial: trialId }, 'system', heartbeatAttribute, now), 'trial');
    },
    readLifeSigns: async (studyId) => {
      catchUp();
      return replay.readLifeSigns(studyId, Date.now());
    },
    readTrials: async (studyId) => {
      catchUp();
      return replay.readTrials(studyId);
    },
    close: () =>
      enqueue(async () => {
        closed = true;
        log.close();
      }),
  };
}
