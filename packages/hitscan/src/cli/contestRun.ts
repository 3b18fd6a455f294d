import { join } from 'node:path';
import type { FitOutcome } from '../contest/fitTask.ts';
import type { ContestProgress, OutcomeStore } from '../contest/runContest.ts';
import { ConfigError } from '../errors.ts';
import { type OutcomeJournal, openOutcomeJournal } from '../runs/outcomeJournal.ts';
import { openRunDirectory, type RunDirectory } from '../runs/runDirectory.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { version } from '../version.ts';
import type { Config } from './config.ts';
import type { LoadedTracks } from './loadTracks.ts';
import { openFreshRun, reloadTracks } from './preparedRun.ts';
import { formatSeconds } from './progress.ts';

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
export interface ContestRun {
  readonly directory: RunDirectory;
  readonly record: ContestRecord;
  readonly loaded: LoadedTracks;
  readonly store: OutcomeStore;
  close(): void;
}

/** The file that marks a run as finished. */
export const resultFiles: Readonly<Record<ContestCommand, string>> = {
  evaluate: 'evaluation.json',
  investigate: 'investigation.json',
};

function storeOf(journal: OutcomeJournal): OutcomeStore {
  return {
    load(key) {
      const record = journal.records.get(key);
      if (!record) return null;
      const { predicted, ...others } = record.arrays;
      return { seconds: record.values.seconds, predicted, withHidden: Object.values(others) };
    },
    save(key, { seconds, predicted, withHidden }: FitOutcome) {
      const hidden = withHidden.map((values, i) => [`hidden ${i}`, values] as const);
      journal.add({ key, values: { seconds }, arrays: { predicted, ...Object.fromEntries(hidden) } });
    },
  };
}

function openStore(directory: RunDirectory) {
  const journal = openOutcomeJournal(join(directory.path, 'fits.jsonl'));
  return { store: storeOf(journal), close: () => journal.close() };
}

/** `check` throws where the songs cannot be cut as they are to be; then there is no folder. Throws: DataError, ConfigError. */
export async function startContestRun(
  { command, data, config }: Omit<ContestRecord, 'hitscan'>,
  out: string | null,
  check: (tracks: Tracks) => void,
): Promise<ContestRun> {
  const { directory, loaded } = await openFreshRun({ data, config, out }, `-${command}`, check);
  const record: ContestRecord = { hitscan: version, command, data, config };
  directory.writeJson('config.json', record);
  return { directory, record, loaded, ...openStore(directory) };
}

/** Throws: ConfigError on a finished run or one of another command, DataError where its data are not as they were. */
export async function reopenContestRun(command: ContestCommand, path: string): Promise<ContestRun> {
  const directory = openRunDirectory(path);
  const record = directory.readJson('config.json') as ContestRecord;
  if (record.command !== command)
    throw new ConfigError('--resume', `must be a run of ${command}, ${path} is one of ${record.command}`);
  if (directory.has(resultFiles[command]))
    throw new ConfigError('--resume', `must be an unfinished run, ${path} is finished`);
  const loaded = await reloadTracks(directory, record);
  return { directory, record, loaded, ...openStore(directory) };
}

/** A contest's progress as the bar shows it. */
export function describeContest(what: string, { finished, wanted, running, secondsLeft }: ContestProgress) {
  return {
    place: `${what}  fit ${String(finished).padStart(String(wanted).length)}/${wanted}`,
    share: finished / wanted,
    rest: `${[...new Set(running)].join(', ')} · ${formatSeconds(secondsLeft)} left`,
  };
}
