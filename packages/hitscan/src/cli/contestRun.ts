import { join } from 'node:path';
import type { FitOutcome } from '../contest/fitTask.ts';
import type { ContestProgress, OutcomeStore } from '../contest/runContest.ts';
import { ConfigError } from '../errors.ts';
import { type OutcomeJournal, openOutcomeJournal } from '../runs/outcomeJournal.ts';
import { openRunDirectory, type RunDirectory } from '../runs/runDirectory.ts';
import { openTimings, type Timings } from '../runs/timings.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { version } from '../version.ts';
import { type Config, type GivenConfig, type RunConfig, resolveConfig } from './config.ts';
import type { LoadedTracks } from './loadTracks.ts';
import { findThreads, openFreshRun, reloadTracks } from './preparedRun.ts';
import { formatSeconds } from './progress.ts';
import { checkResume, gatherSettings, holdSession, printConfig, type RunOptions, type Session } from './session.ts';

/** Commands that hold models against each other, fold by fold. */
export type ContestCommand = 'evaluate' | 'investigate';

/** What `config.json` holds. */
export interface ContestRecord {
  readonly hitscan: string;
  readonly command: ContestCommand;
  readonly data: string | null;
  readonly config: RunConfig;
}

/** A folder in which fits are kept as they come. */
export interface ContestRun<Plan> {
  readonly directory: RunDirectory;
  readonly record: ContestRecord;
  readonly timings: Timings;
  readonly loaded: LoadedTracks;
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
  /** The document of `--json`: the results, with the run's folder and how long fits took. */
  readonly document: object;
  readonly page: string;
  readonly text: string;
}

/** What one of the commands does. */
export interface ContestSteps<Plan> {
  readonly command: ContestCommand;
  /** Where its settings are by default not those of `train`. */
  readonly defaults: GivenConfig;
  /** Throws where the songs do not allow what is to be done with them: then there is no folder. */
  plan(tracks: Tracks, config: RunConfig): Plan;
  work(run: ContestRun<Plan>, session: Session): Promise<ContestResult>;
}

/** The file that marks a run as finished. */
const resultFiles: Readonly<Record<ContestCommand, string>> = {
  evaluate: 'evaluation.json',
  investigate: 'investigation.json',
};

/** What of an outcome is plain data; the time until the run is finished. */
type Measured = Pick<FitOutcome, 'intervals'> & Partial<Pick<FitOutcome, 'seconds'>>;

function storeOf(journal: OutcomeJournal, timings: Timings): OutcomeStore {
  return {
    load(key) {
      const record = journal.records.get(key);
      if (!record) return null;
      const { predicted, ...others } = record.arrays;
      const seconds = timings.secondsOf(key);
      return { seconds, ...(record.values as Measured), predicted, withHidden: Object.values(others) };
    },
    save(key, { seconds, intervals, predicted, withHidden }) {
      const hidden = withHidden.map((values, i) => [`hidden ${i}`, values] as const);
      const values: Measured = { seconds, intervals };
      journal.add({ key, values, arrays: { predicted, ...Object.fromEntries(hidden) } });
      timings.save();
    },
  };
}

function openStore(directory: RunDirectory, timings: Timings) {
  const journal = openOutcomeJournal(join(directory.path, 'fits.jsonl'));
  return {
    timings,
    store: storeOf(journal, timings),
    settle() {
      const times = [...journal.records.values()].map(
        ({ key, values }) => [key, (values as Measured).seconds] as const,
      );
      // Those of a file that was settled before are among the run's times.
      timings.keep(times.flatMap(([key, seconds]) => (seconds === undefined ? [] : [[key, seconds]])));
      journal.settle((values) => {
        const { seconds: _, ...others } = values as Measured;
        return others;
      });
    },
    close: journal.close,
  };
}

async function startRun<Plan>(
  { command, plan }: ContestSteps<Plan>,
  { data, config, out }: { readonly data: string | null; readonly config: Config; readonly out: string | null },
): Promise<ContestRun<Plan>> {
  const opened = await openFreshRun({ data, config, out }, `-${command}`, (tracks) => plan(tracks, config));
  const { directory, loaded, cut } = opened;
  const { threads, ...decisive } = config;
  const record: ContestRecord = { hitscan: version, command, data, config: decisive };
  const timings = openTimings(directory, threads);
  directory.writeJson('config.json', record);
  return { directory, record, loaded, plan: cut, ...openStore(directory, timings) };
}

/** Throws: ConfigError on a finished run or one of another command, DataError where its data are not as they were. */
async function reopenRun<Plan>(
  { command, plan }: ContestSteps<Plan>,
  path: string,
  { threads }: Pick<Config, 'threads'>,
): Promise<ContestRun<Plan>> {
  const directory = openRunDirectory(path);
  const record = directory.readJson('config.json') as ContestRecord;
  if (record.command !== command)
    throw new ConfigError('--resume', `must be a run of ${command}, ${path} is one of ${record.command}`);
  if (directory.has(resultFiles[command]))
    throw new ConfigError('--resume', `must be an unfinished run, ${path} is finished`);
  const loaded = await reloadTracks(directory, record);
  const planned = plan(loaded.tracks, record.config);
  const timings = openTimings(directory, findThreads(record) ?? threads);
  return { directory, record, loaded, plan: planned, ...openStore(directory, timings) };
}

/** Runs one of the commands from options to results. Throws: ConfigError, DataError, Interrupted. */
export async function runContestCommand<Plan>(
  steps: ContestSteps<Plan>,
  data: string | undefined,
  options: RunOptions,
): Promise<void> {
  const { command, defaults } = steps;
  const config = resolveConfig(defaults, gatherSettings(options));
  if (options.printConfig) return printConfig(config);
  checkResume(data, options);
  await holdSession(options, async (session) => {
    const { resume, out = null, json } = options;
    const run = await (resume
      ? reopenRun(steps, resume, config)
      : startRun(steps, { data: data ?? null, config, out }));
    try {
      const { directory } = run;
      session.begin({ command, folder: directory.path, kept: 'Every finished fit is kept.' });
      const { results, document, page, text } = await steps.work(run, session);
      run.settle();
      directory.writeText('report.html', page);
      run.timings.save();
      // Last, as its presence is what marks the run as finished.
      directory.writeJson(resultFiles[command], results);
      if (json) return `${JSON.stringify(document)}\n`;
      return `${text}\nRun: ${directory.path}\nReport: ${join(directory.path, 'report.html')}\n`;
    } finally {
      run.close();
    }
  });
}

/** What every contest's document says of its data. */
export function describeData({ loaded: { tracks, rejects } }: ContestRun<unknown>) {
  const { name: source, synthetic, sha256 } = tracks.source;
  return { source, synthetic, sha256, rows: tracks.count, rejected: rejects.length };
}

/** A contest's progress as the bar shows it. */
export function describeContest(what: string, { finished, wanted, running, secondsLeft }: ContestProgress) {
  return {
    place: `${what}  fit ${String(finished).padStart(String(wanted).length)}/${wanted}`,
    share: finished / wanted,
    rest: `${[...new Set(running)].join(', ')} · ${formatSeconds(secondsLeft)} left`,
  };
}
