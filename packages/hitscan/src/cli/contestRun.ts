import { join } from 'node:path';
import type { FitOutcome } from '../contest/fitTask.ts';
import type { ContestProgress, OutcomeStore } from '../contest/runContest.ts';
import { ConfigError } from '../errors.ts';
import { openParts, type Parts } from '../parts.ts';
import { type OutcomeJournal, openOutcomeJournal } from '../runs/outcomeJournal.ts';
import { openRunDirectory, type RunDirectory } from '../runs/runDirectory.ts';
import { listUnknown } from '../tracks/learnable.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { version } from '../version.ts';
import { type Config, type GivenConfig, resolveConfig } from './config.ts';
import type { LoadedTracks } from './loadTracks.ts';
import { openFreshRun, reloadTracks } from './preparedRun.ts';
import { formatSeconds } from './progress.ts';
import { toLine } from './run.ts';
import { checkResume, gatherSettings, holdSession, printConfig, type RunOptions, type Session } from './session.ts';

/** Commands that hold models against each other, fold by fold. */
export type ContestCommand = 'evaluate' | 'investigate';

/** What `config.json` holds. */
export interface ContestRecord {
  readonly hitscan: string;
  readonly command: ContestCommand;
  readonly data: string | null;
  readonly config: Config;
}

/** A folder in which fits are kept as they come. */
export interface ContestRun<Plan> {
  readonly directory: RunDirectory;
  readonly record: ContestRecord;
  readonly loaded: LoadedTracks;
  /** What is to be done with the songs. */
  readonly plan: Plan;
  readonly store: OutcomeStore;
  close(): void;
}

/** What comes of a contest: a document for programs, a page, and words for the terminal. */
export interface ContestResult {
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
  plan(tracks: Tracks, config: Config): Plan;
  work(run: ContestRun<Plan>, session: Session, parts: Parts): Promise<ContestResult>;
}

/** The file that marks a run as finished. */
const resultFiles: Readonly<Record<ContestCommand, string>> = {
  evaluate: 'evaluation.json',
  investigate: 'investigation.json',
};

/** What of an outcome is plain data. */
type Measured = Pick<FitOutcome, 'seconds' | 'intervals' | 'omitted'>;

function storeOf(journal: OutcomeJournal): OutcomeStore {
  return {
    load(key) {
      const record = journal.records.get(key);
      if (!record) return null;
      const { predicted, ...others } = record.arrays;
      return { ...(record.values as Measured), predicted, withHidden: Object.values(others) };
    },
    save(key, { seconds, intervals, omitted, predicted, withHidden }) {
      const hidden = withHidden.map((values, i) => [`hidden ${i}`, values] as const);
      const values: Measured = { seconds, intervals, ...(omitted?.length && { omitted }) };
      journal.add({ key, values, arrays: { predicted, ...Object.fromEntries(hidden) } });
    },
  };
}

function openStore(directory: RunDirectory) {
  const journal = openOutcomeJournal(join(directory.path, 'fits.jsonl'));
  return { store: storeOf(journal), close: () => journal.close() };
}

async function startRun<Plan>(
  { command, plan }: ContestSteps<Plan>,
  { data, config, out }: { readonly data: string | null; readonly config: Config; readonly out: string | null },
): Promise<ContestRun<Plan>> {
  const opened = await openFreshRun({ data, config, out }, `-${command}`, (tracks) => plan(tracks, config));
  const { directory, loaded, cut } = opened;
  const record: ContestRecord = { hitscan: version, command, data, config };
  directory.writeJson('config.json', record);
  return { directory, record, loaded, plan: cut, ...openStore(directory) };
}

/** Throws: ConfigError on a finished run or one of another command, DataError where its data are not as they were. */
async function reopenRun<Plan>({ command, plan }: ContestSteps<Plan>, path: string): Promise<ContestRun<Plan>> {
  const directory = openRunDirectory(path);
  const record = directory.readJson('config.json') as ContestRecord;
  if (record.command !== command)
    throw new ConfigError('--resume', `must be a run of ${command}, ${path} is one of ${record.command}`);
  if (directory.has(resultFiles[command]))
    throw new ConfigError('--resume', `must be an unfinished run, ${path} is finished`);
  const loaded = await reloadTracks(directory, record);
  return { directory, record, loaded, plan: plan(loaded.tracks, record.config), ...openStore(directory) };
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
    const run = await (resume ? reopenRun(steps, resume) : startRun(steps, { data: data ?? null, config, out }));
    try {
      const { directory } = run;
      session.begin({ command, folder: directory.path, kept: 'Every finished fit is kept.' });
      const parts = openParts((line) => session.reporter.warn(`hitscan: ${toLine(line)}`));
      const { document, page, text } = await steps.work(run, session, parts);
      directory.writeText('report.html', page);
      // Last, as its presence is what marks the run as finished.
      directory.writeJson(resultFiles[command], document);
      if (json) return `${JSON.stringify(document)}\n`;
      return `${text}\nRun: ${directory.path}\nReport: ${join(directory.path, 'report.html')}\n`;
    } finally {
      run.close();
    }
  });
}

/** What every contest's document says of its data. */
export function describeData({ directory, loaded: { tracks, rejects } }: ContestRun<unknown>) {
  const { name: source, synthetic, sha256 } = tracks.source;
  return {
    run: directory.path,
    data: { source, synthetic, sha256, rows: tracks.count, rejected: rejects.length, unknown: listUnknown(tracks) },
  };
}

/** A contest's progress as the bar shows it. */
export function describeContest(what: string, { finished, wanted, running, secondsLeft }: ContestProgress) {
  return {
    place: `${what}  fit ${String(finished).padStart(String(wanted).length)}/${wanted}`,
    share: finished / wanted,
    rest: `${[...new Set(running)].join(', ')} · ${formatSeconds(secondsLeft)} left`,
  };
}
