import { openTextFile, type TextFile } from '../../../hitscan/src/sources/textFile.ts';
import { DataError } from '../errors.ts';
import { quoteValue } from '../quoteValue.ts';
import { collectTracks, createTwinDetector } from '../tracks/collectTracks.ts';
import { collectQuality, type Quality } from '../tracks/quality.ts';
import type { Song } from '../tracks/song.ts';
import type { Source, Tracks } from '../tracks/tracks.ts';
import { workWithPauses, yieldToEvents } from '../yieldToEvents.ts';
import { createRowChecker } from './checkRow.ts';
import { type Header, readHeader } from './header.ts';
import { createRowParser, readCells } from './parseRows.ts';
import type { Fault, Reject } from './rejects.ts';

export type { Quality };

/** How far a reading has come. */
export interface ReadProgress {
  /** Without the folder. */
  readonly file: string;
  /** Of the file's bytes. */
  readonly share: number;
  /** So far. */
  readonly rows: number;
  /** Since the reading began. */
  readonly seconds: number;
}

export interface ReadOptions {
  /** Throw at the first bad row instead of setting it aside. Default false. */
  readonly strict?: boolean;
  /** Whether each row must have a popularity; without, the column may lack, and its values are all checked. Default true. */
  readonly requirePopularity?: boolean;
  /** Stops the reading within a fraction of a second, by throwing its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called some times a second. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

export interface ReadResult {
  readonly tracks: Tracks;
  /** Bad rows in file order; empty when `strict`. */
  readonly rejects: readonly Reject[];
  readonly quality: Quality;
}

/** What `describeFile` finds: all but the songs. */
export interface FileDescription extends Omit<ReadResult, 'tracks'> {
  readonly source: Source;
}

/** From here on, a file with more bad rows than good ones is given up: its rejects would fill the memory. */
const manyRejects = 100_000;

/** The column and rule that most faults are about, in words. */
function describeCommonest(rejects: readonly Reject[]): string {
  const counts = new Map<string, { times: number; example: Fault }>();
  for (const fault of rejects.flatMap(({ faults }) => faults)) {
    const reason = `${fault.column} ${fault.rule}`;
    counts.set(reason, { times: (counts.get(reason)?.times ?? 0) + 1, example: fault });
  }
  const [[reason, { times, example }]] = [...counts].sort(([, a], [, b]) => b.times - a.times);
  return `most often: ${reason} (${times} rows), got ${quoteValue(example.value)}`;
}

interface SongReading {
  readonly header: Header;
  readonly rejects: readonly Reject[];
}

/** Where a file's songs go, one by one. Made when its header is known. */
type OpenCollector = (header: Header) => (song: Song) => void;

/** Reads a file's songs. Throws: DataError as `readTracks` does. */
async function readSongs(
  file: TextFile,
  { strict = false, requirePopularity = true, signal, onProgress }: ReadOptions,
  open: OpenCollector,
): Promise<SongReading> {
  const rejects: Reject[] = [];
  let count = 0;
  let table: { header: Header; checker: ReturnType<typeof createRowChecker>; add: (song: Song) => void } | undefined;

  const parser = createRowParser(file.name, (row) => {
    if (!table) {
      const header = readHeader(file.name, row.number, readCells(row), requirePopularity);
      table = { header, checker: createRowChecker(file.name, header, requirePopularity), add: open(header) };
      return;
    }
    const { header, checker, add } = table;
    const faults = checker.check(row);
    if (faults.length === 0) {
      count++;
      add(checker.song);
      return;
    }
    const where = `${file.name}:${row.number}`;
    if (strict) throw new DataError(where, faults[0].message.slice(`${where}: `.length));
    rejects.push({ row: row.number, faults, cells: readCells(row), columns: header.names });
    if (rejects.length % manyRejects === 0 && rejects.length > count) {
      const bad = `${rejects.length} of the first ${rejects.length + count} rows are bad`;
      throw new DataError(file.name, `must have more good rows than bad, ${bad}; ${describeCommonest(rejects)}`);
    }
  });

  const begun = performance.now();
  let bytes = 0;
  for await (const piece of file.pieces(signal)) {
    parser.push(piece);
    bytes += piece.length;
    const seconds = (performance.now() - begun) / 1000;
    onProgress?.({ file: file.name, share: Math.min(1, bytes / file.size), rows: count + rejects.length, seconds });
  }
  parser.finish();

  if (!table) throw new DataError(file.name, 'must have a header and rows, got only blank lines');
  if (count === 0) {
    if (rejects.length === 0) throw new DataError(file.name, 'must have rows, got a header only');
    throw new DataError(
      file.name,
      `must have a usable row, got ${rejects.length} bad ones; ${describeCommonest(rejects)}`,
    );
  }
  return { header: table.header, rejects };
}

/** Lets others have their turn, a signal's listeners among them. */
function pauseFor(signal?: AbortSignal): () => Promise<void> {
  return async () => {
    await yieldToEvents();
    signal?.throwIfAborted();
  };
}

/**
 * Reads a table of songs from a CSV file with the seed's 17 columns, found by name in any order.
 *
 * `artist_name`, `track_id` and `track_name` may lack; `release_date` (else `year`, else `released_year`) becomes the
 * release date; other columns are ignored and listed in `quality`. An empty or `NaN` cell of a feature and Spotify's
 * numbers for "not known" are missing values. Any other cell that breaks its column's rule sets its row aside.
 * Throws: DataError for a file that cannot be read as such a table, one without a usable row, and, when `strict`, at
 * the first bad row; the signal's reason where it aborts.
 */
export async function readTracks(path: string, options: ReadOptions = {}): Promise<ReadResult> {
  const file = await openTextFile(path);
  const quality = collectQuality();
  let tracks = collectTracks(false);
  const { header, rejects } = await readSongs(file, options, ({ positions }) => {
    tracks = collectTracks(positions.has('release_date'));
    return (song) => {
      tracks.add(song);
      quality.add(song);
    };
  });
  return {
    tracks: tracks.finish({ name: file.name, sha256: file.sha256() }),
    rejects,
    quality: await workWithPauses(quality.finish(header.ignored), pauseFor(options.signal)),
  };
}

/** Says what `readTracks` would find, in a small part of its memory: no song is kept. */
export async function describeFile(path: string, options: ReadOptions = {}): Promise<FileDescription> {
  const file = await openTextFile(path);
  const quality = collectQuality();
  const twin = createTwinDetector();
  const { header, rejects } = await readSongs(file, options, () => (song) => {
    twin.add(song);
    quality.add(song);
  });
  return {
    source: { name: file.name, synthetic: twin.isSynthetic(), sha256: file.sha256() },
    rejects,
    quality: await workWithPauses(quality.finish(header.ignored), pauseFor(options.signal)),
  };
}
