import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { ConfigError, DataError } from '@hitscan/core/errors';
import type { ExplainedSongs, SongEntry } from '@hitscan/core/explain';
import {
  type Explainer,
  type ExplainSongOptions,
  explainSong,
  findTrained,
  makeExplainer,
} from '@hitscan/core/explain';
import { formatJson, showLine } from '@hitscan/core/quoteValue';
import { formatSongs } from '@hitscan/core/report';
import { type Rows, spotifySchema, type Tracks } from '@hitscan/core/tracks';
import { writeFileAtomically } from '../runs/atomicFile.ts';
import { readTracksFile } from '../sources/openFile.ts';
import { canExplain } from './explaining.ts';
import { loadRunModel, openFinishedRun, reloadRunSongs } from './finishedRun.ts';
import { readingIn } from './loadTracks.ts';
import { holdSession, type Session } from './session.ts';
import { chooseSongs, parseWhatIf } from './songChoice.ts';

export interface ExplainOptions {
  readonly song?: readonly string[];
  readonly most?: number;
  readonly model?: string;
  readonly whatIf?: readonly string[];
  readonly gain?: string;
  readonly data?: string;
  readonly html?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Songs that are explained unless more are asked for. */
const mostSongs = 10;

/** Points more that a counterfactual is to be predicted, unless others are asked for. */
const defaultGain = 5;

function parseGain(text: string): number {
  const gain = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(gain > 0 && gain <= 100))
    throw new ConfigError('--gain', `must be above 0 and at most 100, got ${JSON.stringify(text)}`);
  return gain;
}

function writePage(path: string, page: string): void {
  try {
    writeFileAtomically(path, page);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError('--html', `must be a file that can be written, got ${JSON.stringify(path)} (${code})`);
  }
}

/** What the options ask for. Throws: ConfigError. */
function readRequest({ most = mostSongs, whatIf = [], gain, html }: ExplainOptions) {
  if (most < 1) throw new ConfigError('--most', `must be at least 1, got ${most}`);
  // Better known before the work than after it.
  if (html !== undefined && !existsSync(dirname(html)))
    throw new ConfigError('--html', `must be in a folder that exists, got ${JSON.stringify(html)}`);
  return {
    most,
    whatIfs: whatIf.map((text) => parseWhatIf(text, spotifySchema)),
    gain: gain === undefined ? defaultGain : parseGain(gain),
  };
}

/** Explains one song after the other, with progress. Throws `signal.reason` when interrupted. */
async function explainEach(
  explainer: Explainer,
  tracks: Tracks,
  rows: Rows,
  { gain, whatIfs, session: { reporter, signal } }: ExplainSongOptions & { readonly session: Session },
): Promise<SongEntry[]> {
  const trained = findTrained(explainer, tracks, rows);
  const songs: SongEntry[] = [];
  for (const [i, row] of rows.entries()) {
    const work = explainSong(explainer, tracks, row, { gain, whatIfs });
    let step = work.next();
    for (; !step.done; step = work.next()) {
      const place = `explaining  song ${String(i + 1).padStart(String(rows.length).length)}/${rows.length}`;
      reporter.draw({ place, share: i / rows.length, rest: step.value });
      await breathe();
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

/** `hitscan explain`: what drives a finished run's predictions for the songs of any file. */
export async function explain(run: string, file: string, options: ExplainOptions): Promise<void> {
  const { most, whatIfs, gain } = readRequest(options);
  await holdSession(options, async (session) => {
    const { reporter } = session;
    const { song, model, data, json, html } = options;
    const finished = openFinishedRun(run);
    const { context, seed } = finished.record.config;
    const { name, fitted, result, calibration } = loadRunModel(finished, model);
    const read = await readTracksFile(file, { requirePopularity: false, ...readingIn(session) });
    const { tracks, rejects } = read;
    const chosen = chooseSongs(read, song);
    const rows = chosen.slice(0, most);
    const learnt = await reloadRunSongs(finished, data, session);
    if (!canExplain(learnt.tracks, context)) {
      const rule = 'must not be told the era by places in a file to be explained: no other song has one';
      throw new DataError(run, `${rule}, got --context ${context.join(',')} and a file without dates`);
    }
    if (rejects.length > 0) reporter.say(`${rejects.length} rows set aside; first: ${rejects[0].faults[0].message}`);
    if (rows.length < chosen.length)
      reporter.say(`The first ${rows.length} of ${chosen.length} songs; --song chooses, --most takes more.`);
    const explainer = makeExplainer(fitted, learnt.tracks, learnt, { context, seed, calibration });
    const document: ExplainedSongs = {
      run: finished.directory.path,
      model: name,
      data: { ...sourceOf(learnt.tracks), trainingSongs: learnt.train.length },
      file: { ...sourceOf(tracks), rows: tracks.count, rejected: rejects.length },
      context,
      test: { mae: result.test.mae, r2: result.test.r2 },
      calibrationSongs: calibration?.rows ?? null,
      gain,
      songs: await explainEach(explainer, tracks, rows, { gain, whatIfs, session }),
    };
    if (html !== undefined) {
      // Figures take longer to load than the song to explain.
      const { renderSongs } = await import('@hitscan/core/songPage');
      writePage(html, renderSongs(document));
    }
    const page = html === undefined ? '' : `\nPage: ${showLine(html)}\n`;
    return json ? `${formatJson(document)}\n` : `${formatSongs(document)}\n${page}`;
  });
}
