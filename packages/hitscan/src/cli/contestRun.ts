import { join } from 'node:path';
import { ConfigError, DataError } from '@hitscan/core/errors';
import type { ContestProgress, OutcomeStore } from '@hitscan/core/evaluate';
import { intervalFiguresSchema } from '@hitscan/core/intervals';
import { omissionSchema, openParts, type Parts } from '@hitscan/core/parts';
import { formatJson, showLine } from '@hitscan/core/quoteValue';
import type { Tracks } from '@hitscan/core/tracks';
import { listUnknown } from '@hitscan/core/tracks';
import { version } from '@hitscan/core/version';
import { z } from 'zod';
import { fitAgain, type OutcomeJournal, openOutcomeJournal } from '../runs/outcomeJournal.ts';
import { openRunDirectory, type RunDirectory } from '../runs/runDirectory.ts';
import { openTimings, type Timings } from '../runs/timings.ts';
import { type Config, type GivenConfig, type RunConfig, resolveConfig } from './config.ts';
import type { LoadedTracks } from './loadTracks.ts';
import { openFreshRun, reloadTracks } from './preparedRun.ts';
import { formatSeconds } from './progress.ts';
import { type ContestRecord, isFinished, readCommand, readContestRecord, writeRecord } from './runRecord.ts';
import { checkResume, gatherSettings, holdSession, printConfig, type RunOptions, type Session } from './session.ts';

/** Commands that hold models against each other, fold by fold. */
export type ContestCommand = 'evaluate' | 'investigate';

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
  plan(tracks: Tracks, config: RunConfig, jobs: number): Plan;
  work(run: ContestRun<Plan>, session: Session, parts: Parts): Promise<ContestResult>;
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

function openStore(directory: RunDirectory, timings: Timings) {
  const journal = openOutcomeJournal(join(directory.path, 'fits.jsonl'), measuredSchema);
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

async function startRun<Plan>(
  { command, plan }: ContestSteps<Plan>,
  { data, config, out }: { readonly data: string | null; readonly config: Config; readonly out: string | null },
  session: Session,
): Promise<ContestRun<Plan>> {
  const opened = await openFreshRun(
    { data, config, out },
    `-${command}`,
    (tracks) => plan(tracks, config, config.threads),
    session,
  );
  const { directory, loaded, cut } = opened;
  const { threads, ...decisive } = config;
  const record: ContestRecord = { hitscan: version, command, data, config: decisive };
  const timings = openTimings(directory, threads);
  writeRecord(directory, record);
  return { directory, record, loaded, plan: cut, ...openStore(directory, timings) };
}

/** Throws: ConfigError on a finished run or one of another command, DataError where its data are not as they were. */
async function reopenRun<Plan>(
  { command, plan }: ContestSteps<Plan>,
  path: string,
  { threads }: Pick<Config, 'threads'>,
  session: Session,
): Promise<ContestRun<Plan>> {
  const directory = openRunDirectory(path);
  const found = readCommand(directory);
  if (found !== command) throw new ConfigError('--resume', `must be a run of ${command}, ${path} is one of ${found}`);
  if (isFinished(directory, resultFiles[command]))
    throw new ConfigError('--resume', `must be an unfinished run, ${path} is finished`);
  const record = readContestRecord(directory);
  const loaded = await reloadTracks(directory, record, session);
  const timings = openTimings(directory, record.config.threads ?? threads);
  const planned = plan(loaded.tracks, record.config, timings.threads);
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
      ? reopenRun(steps, resume, config, session)
      : startRun(steps, { data: data ?? null, config, out }, session));
    try {
      const { directory } = run;
      session.begin({ command, folder: directory.path, kept: 'Every finished fit is kept.' });
      const parts = openParts((line) => session.reporter.warn(`hitscan: ${line}`));
      const { results, document, page, text } = await steps.work(run, session, parts);
      run.settle();
      directory.writeText('report.html', page);
      run.timings.save();
      // Last, as its presence is what marks the run as finished.
      directory.writeJson(resultFiles[command], results);
      if (json) return `${formatJson(document)}\n`;
      return `${text}\nRun: ${showLine(directory.path)}\nReport: ${showLine(join(directory.path, 'report.html'))}\n`;
    } finally {
      run.close();
    }
  });
}

/** What every contest's document says of its data. */
export function describeData({ loaded: { tracks, rejects } }: ContestRun<unknown>) {
  const { name: source, synthetic, sha256 } = tracks.source;
  return { source, synthetic, sha256, rows: tracks.count, rejected: rejects.length, unknown: listUnknown(tracks) };
}

/** A contest's progress as the bar shows it. */
export function describeContest(what: string, { finished, wanted, running, secondsLeft }: ContestProgress) {
  return {
    place: `${what}  fit ${String(finished).padStart(String(wanted).length)}/${wanted}`,
    share: finished / wanted,
    rest: `${[...new Set(running)].join(', ')} · ${formatSeconds(secondsLeft)} left`,
  };
}
