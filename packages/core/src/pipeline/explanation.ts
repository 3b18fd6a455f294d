import { DataError } from '../errors.ts';
import { canExplain } from '../explain/alterTracks.ts';
import {
  type ExplainedSongs,
  type Explainer,
  type ExplainSongOptions,
  explainSong,
  findTrained,
  makeExplainer,
  type SongEntry,
} from '../explain/explainSong.ts';
import { type ReadResult, readTracks } from '../readers/readCsv.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { yieldToEvents } from '../yieldToEvents.ts';
import type { Environment } from './events.ts';
import { type FinishedRun, loadRunModel, reloadRunSongs } from './finishedRun.ts';
import { readingIn } from './songs.ts';

/** What is asked of a finished run. */
export interface ExplanationRequest extends ExplainSongOptions {
  /** A table of songs, by name. Popularity is optional there. */
  readonly source: string;
  /** The rows to be explained, chosen among those of the table. Throws: ConfigError. */
  choose(read: ReadResult): Rows;
  /** Songs explained at most. */
  readonly most: number;
  /** One of the run's models; undefined for its own. */
  readonly model: string | undefined;
  /** Where the songs lie that the run was trained on, if they have moved. */
  readonly data: string | undefined;
}

/** Explains one song after the other. Throws `signal.reason` when interrupted. */
async function explainEach(
  explainer: Explainer,
  tracks: Tracks,
  rows: Rows,
  { gain, whatIfs }: ExplainSongOptions,
  { signal, onEvent }: Environment,
): Promise<SongEntry[]> {
  const trained = findTrained(explainer, tracks, rows);
  const songs: SongEntry[] = [];
  for (const [i, row] of rows.entries()) {
    const work = explainSong(explainer, tracks, row, { gain, whatIfs });
    let step = work.next();
    for (; !step.done; step = work.next()) {
      const what = `song ${String(i + 1).padStart(String(rows.length).length)}/${rows.length}`;
      onEvent({ kind: 'explanation', what, share: i / rows.length, step: step.value });
      await yieldToEvents();
      if (signal.aborted) throw signal.reason;
    }
    const { popularity } = tracks;
    songs.push({
      row: tracks.fileRow[row],
      artist: tracks.artist[row],
      title: tracks.title[row],
      actual: popularity.missing[row] ? null : popularity.values[row],
      trained: trained[i],
      ...step.value,
    });
  }
  return songs;
}

const sourceOf = ({ source: { name: source, synthetic, sha256 } }: Tracks) => ({ source, synthetic, sha256 });

/**
 * Explains a finished run's predictions for songs of any table.
 * Throws: ConfigError, DataError; `signal.reason` when interrupted.
 */
export async function explainSongs(
  finished: FinishedRun,
  { source, choose, most, model, data, gain, whatIfs }: ExplanationRequest,
  environment: Environment,
): Promise<ExplainedSongs> {
  const { seed } = finished.record.config;
  const { name, fitted, context, result, calibration } = loadRunModel(finished, model);
  const bytes = await environment.host.songs.open(source);
  const read = await readTracks(bytes, { requirePopularity: false, ...readingIn(environment) });
  const { tracks, rejects } = read;
  const chosen = choose(read);
  const rows = chosen.slice(0, most);
  const learnt = await reloadRunSongs(finished, data, environment);
  if (!canExplain(learnt.tracks, context)) {
    const rule = 'must not take the era from places in a file to be explained: no other song has one';
    const found = `--context ${context.join(',')} and a file without dates`;
    throw new DataError(finished.files.path, `${rule}, got ${found}`);
  }
  environment.onEvent({ kind: 'chosen', rejects, explained: rows.length, chosen: chosen.length });
  const explainer = makeExplainer(fitted, learnt.tracks, learnt, { context, seed, calibration });
  return {
    run: finished.files.path,
    model: name,
    data: { ...sourceOf(learnt.tracks), trainingSongs: learnt.train.length },
    file: { ...sourceOf(tracks), rows: tracks.count, rejected: rejects.length },
    context,
    test: { mae: result.test.mae, r2: result.test.r2 },
    calibrationSongs: calibration?.rows ?? null,
    gain,
    songs: await explainEach(explainer, tracks, rows, { gain, whatIfs }, environment),
  };
}
