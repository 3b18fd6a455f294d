import { z } from 'zod';
import { ConfigError, DataError } from '../errors.ts';
import type { OutcomeStore } from '../evaluate/runContest.ts';
import { intervalFiguresSchema } from '../intervals/measureIntervals.ts';
import { omissionSchema, openParts, type Parts } from '../parts.ts';
import type { ReadResult } from '../readers/readCsv.ts';
import { listUnknown } from '../tracks/learnable.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { version } from '../version.ts';
import type { GivenConfig, RunConfig } from './configuration.ts';
import type { Environment } from './events.ts';
import type { Machine } from './host.ts';
import { fitAgain, type OutcomeJournal, openOutcomeJournal } from './outcomeJournal.ts';
import { openRunFiles, type RunFiles } from './runFiles.ts';
import { type ContestRecord, isFinishedRun, readCommand, readContestRecord, writeRecord } from './runRecord.ts';
import { type FreshRun, openFreshRun, reloadSongs, tellOfSongs } from './runSongs.ts';
import { openTimings, type Timings } from './timings.ts';

/** Commands that hold models against each other, fold by fold. */
export type ContestCommand = 'evaluate' | 'investigate';

/** A run in which fits are kept as they come. */
export interface ContestRun<Plan> {
  readonly files: RunFiles;
  readonly record: ContestRecord;
  readonly timings: Timings;
  readonly songs: ReadResult;
  /** What is to be done with the songs. */
  readonly plan: Plan;
  readonly store: OutcomeStore;
  /** Leaves the kept fits in an order that says nothing of when they came, and how long they took with the run's times. */
  settle(): void;
  close(): void;
}

/** What comes of a contest: documents for programs, a page, and words for the terminal. */
export interface ContestResult {
  /** What was found, without where and how fast, so that equal runs leave equal files. */
  readonly results: object;
  /** The document of `--json`: the results, with the run's place and how long fits took. */
  readonly document: object;
  readonly page: string;
  readonly text: string;
}

/** What one of the commands does. */
export interface ContestSteps<Plan> {
  readonly command: ContestCommand;
  /** Where its settings are by default not those of `train`. */
  readonly defaults: GivenConfig;
  /** `jobs`: fits at a time. Throws where the songs do not allow what is to be done with them: then there is no run. */
  plan(tracks: Tracks, config: RunConfig, jobs: number, machine: Machine): Plan;
  work(run: ContestRun<Plan>, parts: Parts, environment: Environment): Promise<ContestResult>;
}

/** The file that marks a run as finished. */
const resultFiles: Readonly<Record<ContestCommand, string>> = {
  evaluate: 'evaluation.json',
  investigate: 'investigation.json',
};

/** What of an outcome is plain data; the time until the run is finished. */
const measuredSchema = z.object({
  seconds: z.number().min(0).exactOptional(),
  intervals: intervalFiguresSchema.nullable(),
  omitted: z.array(omissionSchema).readonly().exactOptional(),
});
type Measured = z.infer<typeof measuredSchema>;

function storeOf(journal: OutcomeJournal<Measured>, timings: Timings): OutcomeStore {
  const refuse: OutcomeStore['refuse'] = (key, rule) => new DataError(`${journal.path} ${key}`, `${rule}; ${fitAgain}`);
  return {
    refuse,
    load(key) {
      const record = journal.records.get(key);
      if (!record) return null;
      const { predicted, ...others } = record.arrays;
      if (!predicted) throw refuse(key, 'must have predictions, got none');
      return { seconds: timings.secondsOf(key), ...record.values, predicted, withHidden: Object.values(others) };
    },
    save(key, { seconds, intervals, omitted, predicted, withHidden }) {
      const hidden = withHidden.map((values, i) => [`hidden ${i}`, values] as const);
      const values: Measured = { seconds, intervals, ...(omitted?.length && { omitted }) };
      journal.add({ key, values, arrays: { predicted, ...Object.fromEntries(hidden) } });
      timings.save();
    },
  };
}

function openStore(files: RunFiles, timings: Timings) {
  const journal = openOutcomeJournal(files, 'fits.jsonl', measuredSchema);
  return {
    timings,
    store: storeOf(journal, timings),
    settle() {
      // Those of a file that was settled before are among the run's times.
      const times = [...journal.records.values()].flatMap(({ key, values: { seconds } }) =>
        seconds === undefined ? [] : [[key, seconds] as const],
      );
      timings.keep(times);
      journal.settle(({ seconds: _, ...others }) => others);
    },
    close: journal.close,
  };
}

/** Reads the songs, plans the contest and makes the run's files. Throws: ConfigError, DataError; then there is no run. */
export async function startContest<Plan>(
  { command, plan }: ContestSteps<Plan>,
  { data, config, out }: FreshRun,
  environment: Environment,
): Promise<ContestRun<Plan>> {
  const { machine, now } = environment.host;
  const cut = (tracks: Tracks) => plan(tracks, config, config.threads, machine);
  const { files, songs, cut: planned } = await openFreshRun({ data, config, out }, `-${command}`, cut, environment);
  const { threads, ...decisive } = config;
  const record: ContestRecord = { hitscan: version, command, data, config: decisive };
  const timings = openTimings(files, threads, now);
  writeRecord(files, record);
  return { files, record, songs, plan: planned, ...openStore(files, timings) };
}

/**
 * Resumes with as many fits at a time as before, or with those given where the run does not say.
 * Throws: ConfigError on a finished run or one of another command, DataError where its songs are not as they were.
 */
export async function reopenContest<Plan>(
  { command, plan }: ContestSteps<Plan>,
  path: string,
  threads: number,
  environment: Environment,
): Promise<ContestRun<Plan>> {
  const { runs, machine, now } = environment.host;
  const files = openRunFiles(runs.open(path));
  const found = readCommand(files);
  if (found !== command) throw new ConfigError('--resume', `must be a run of ${command}, ${path} is one of ${found}`);
  if (isFinishedRun(files, resultFiles[command]))
    throw new ConfigError('--resume', `must be an unfinished run, ${path} is finished`);
  const record = readContestRecord(files);
  const songs = await reloadSongs(files, record, environment);
  const timings = openTimings(files, record.config.threads ?? threads, now);
  const planned = plan(songs.tracks, record.config, timings.threads, machine);
  return { files, record, songs, plan: planned, ...openStore(files, timings) };
}

/** Holds the contest and writes the run's files; the results come last, as they mark the run as finished. Closes the run. */
export async function runContestSteps<Plan>(
  steps: ContestSteps<Plan>,
  run: ContestRun<Plan>,
  environment: Environment,
): Promise<ContestResult> {
  const { files, songs } = run;
  const { signal, onEvent } = environment;
  try {
    tellOfSongs(files, songs, environment);
    const parts = openParts((omission) => onEvent({ kind: 'omitted', omission }), signal);
    const result = await steps.work(run, parts, environment);
    run.settle();
    files.write('report.html', result.page);
    run.timings.save();
    files.writeJson(resultFiles[steps.command], result.results);
    return result;
  } finally {
    run.close();
  }
}

/** What every contest's document says of its data. */
export function summariseData({ songs: { tracks, rejects } }: ContestRun<unknown>) {
  const { name: source, synthetic, sha256 } = tracks.source;
  return { source, synthetic, sha256, rows: tracks.count, rejected: rejects.length, unknown: listUnknown(tracks) };
}
