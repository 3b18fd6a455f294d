import { ConfigError } from '../errors.ts';
import { checkContext } from '../features/context.ts';
import type { ModelSettings } from '../models/catalogue.ts';
import type { Split } from '../tracks/split.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { version } from '../version.ts';
import { expectModelsFit, settingsOf } from './configuration.ts';
import type { Environment } from './events.ts';
import { cutSplit, type PreparedRun, readSplit, resultsFile, type SplitFile, splitFile } from './preparedRun.ts';
import { openRunFiles } from './runFiles.ts';
import { isFinishedRun, type RunRecord, readCommand, readTrainingRecord, writeRecord } from './runRecord.ts';
import { type FreshRun, openFreshRun, reloadSongs } from './runSongs.ts';
import { checkSharedStudy } from './search.ts';
import { openTimings } from './timings.ts';
import type { TrainingPlan } from './training.ts';

/** What a new run is to be. */
export type NewTraining = TrainingPlan & Pick<FreshRun, 'data' | 'out'>;

/** Reads the songs, splits them and makes the run's files. Throws: DataError, ConfigError; then there is no run. */
export async function startTraining(
  { command, data, config, space, out, storageAddress }: NewTraining,
  environment: Environment,
): Promise<PreparedRun> {
  const { machine, now } = environment.host;
  const { threads, ...decisive } = config;
  const settings: ModelSettings = settingsOf(decisive);
  const record: RunRecord = { hitscan: version, command, data, config: decisive, settings, space };
  const cut = async (tracks: Tracks): Promise<Split> => {
    checkContext(tracks, config.context);
    const { models, tune, tuneModel, tuneJobs } = config;
    const size = { rows: tracks.count, memoryBytes: machine.memoryBytes };
    expectModelsFit(models, config, { ...size, threads, jobs: 1 });
    if (tune > 0 && tuneJobs > 1) expectModelsFit([tuneModel], config, { ...size, threads: 1, jobs: tuneJobs });
    const split = cutSplit(tracks, config);
    await checkSharedStudy(storageAddress, record, { tracks, split }, environment);
    return split;
  };
  const { files, songs, cut: split } = await openFreshRun({ data, config, out }, '', cut, environment);
  const timings = openTimings(files, threads, now);
  const parts: SplitFile = {
    ...split,
    train: [...split.train],
    validation: [...split.validation],
    test: [...split.test],
  };
  files.writeJson(splitFile, parts);
  // Last, as its presence is what makes this a run that can be resumed.
  writeRecord(files, record);
  return { files, record, timings, songs, split, storageAddress };
}

/**
 * Resumes with as many threads as before, or with those given where the run does not say.
 * Throws: ConfigError on a finished run, DataError where its songs are not as they were.
 */
export async function reopenTraining(path: string, threads: number, environment: Environment): Promise<PreparedRun> {
  const { runs, now } = environment.host;
  const files = openRunFiles(runs.open(path));
  const command = readCommand(files);
  if (command !== 'train' && command !== 'tune')
    throw new ConfigError('--resume', `must be a run of train or tune, ${path} is one of ${command}`);
  if (isFinishedRun(files, resultsFile))
    throw new ConfigError('--resume', `must be an unfinished run, ${path} is finished`);
  const record = readTrainingRecord(files);
  const songs = await reloadSongs(files, record, environment);
  const timings = openTimings(files, record.config.threads ?? threads, now);
  const split = readSplit(files, songs.tracks, record.config);
  return { files, record, timings, songs, split, storageAddress: null };
}
