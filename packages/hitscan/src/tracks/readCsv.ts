import { DataError } from '../errors.ts';
import { describeRule, isMissing, readDate, readNumber } from './cells.ts';
import { type GrowingColumn, growColumn } from './growingColumn.ts';
import { type Header, readHeader } from './header.ts';
import { parseRows } from './parseRows.ts';
import { describeQuality, type Quality } from './quality.ts';
import { quoteValue } from './quoteValue.ts';
import { readTextFile } from './readBytes.ts';
import type { Fault, Reject } from './rejects.ts';
import { type ColumnRule, type FeatureName, featureNames, featureRules, popularityRule } from './schema.ts';
import type { Column, Tracks } from './tracks.ts';
import { isTwinTrack } from './twinNames.ts';

export type { Quality };

export interface ReadOptions {
  /** Throw at the first bad row instead of setting it aside. Default false. */
  readonly strict?: boolean;
  /** Whether each row must have a popularity; without, the column may lack, and its values are all checked. Default true. */
  readonly requirePopularity?: boolean;
}

export interface ReadResult {
  readonly tracks: Tracks;
  /** Bad rows in file order; empty when `strict`. */
  readonly rejects: readonly Reject[];
  readonly quality: Quality;
}

/** From here on, a file with more bad rows than good ones is given up: its rejects would fill the memory. */
const manyRejects = 100_000;

const numericColumns: readonly (readonly [name: string, rule: ColumnRule])[] = [
  ...featureNames.map((name) => [name, featureRules[name]] as const),
  ['popularity', popularityRule],
];

/** The table under construction: rows are added whole or not at all. */
function collectTracks(file: string, header: Header, requirePopularity: boolean) {
  const columns = new Map<string, GrowingColumn>(numericColumns.map(([name]) => [name, growColumn()]));
  const sentinels = new Map<string, number>();
  const artist: string[] = [];
  const trackId: string[] = [];
  const title: string[] = [];
  const releaseDate: string[] = [];
  const fileRow: number[] = [];
  const hasDates = header.positions.has('release_date');
  const position = (name: string) => header.positions.get(name) ?? -1;
  const positions = numericColumns.map(([name]) => position(name));
  const values = new Array<number | null>(numericColumns.length);
  // Text comes from few distinct artists: one string each instead of one a row.
  const artistNames = new Map<string, string>();

  function share(name: string): string {
    const known = artistNames.get(name);
    if (known === undefined) artistNames.set(name, name);
    return known ?? name;
  }

  /** Adds the row, or returns its faults. */
  function add(cells: readonly string[], row: number): Fault[] {
    const faults: Fault[] = [];
    const blame = (column: string, rule: string, value: string, found = quoteValue(value)) =>
      faults.push({ column, rule, value, message: `${file}:${row}: ${column} ${rule}, got ${found}` });
    const width = header.names.length;
    if (cells.length !== width) {
      blame('(row)', `must have ${width} cells`, String(cells.length), String(cells.length));
      return faults;
    }
    const rowSentinels: string[] = [];
    for (const [i, [name, rule]] of numericColumns.entries()) {
      const text = cells[positions[i]] ?? '';
      const cell = readNumber(text, rule);
      values[i] = cell.kind === 'value' ? cell.value : null;
      if (cell.kind === 'bad') blame(name, cell.rule, text);
      else if (cell.kind === 'sentinel') rowSentinels.push(name);
      else if (cell.kind === 'missing' && name === 'popularity' && requirePopularity)
        blame(name, describeRule(rule), text);
    }
    const dateText = cells[position('release_date')] ?? '';
    const date = readDate(dateText);
    if (date === null) blame(header.names[position('release_date')], 'must be YYYY, YYYY-MM or YYYY-MM-DD', dateText);
    if (faults.length > 0) return faults;

    for (const [i, [name]] of numericColumns.entries()) columns.get(name)?.add(values[i]);
    for (const name of rowSentinels) sentinels.set(name, (sentinels.get(name) ?? 0) + 1);
    const id = cells[position('track_id')] ?? '';
    trackId.push(isMissing(id) ? '' : id.trim().replace(/^spotify:track:/, ''));
    artist.push(share(cells[position('artist_name')] ?? ''));
    title.push(cells[position('track_name')] ?? '');
    releaseDate.push(date ?? '');
    fileRow.push(row);
    return faults;
  }

  function finish(sha256: string): Tracks {
    const finished = (name: string) => columns.get(name)?.finish() as Column;
    const features = Object.fromEntries(featureNames.map((name) => [name, finished(name)])) as Record<
      FeatureName,
      Column
    >;
    return {
      count: fileRow.length,
      // A twin that was written to a file stays synthetic; one real song among its rows does not change that.
      source: { name: file, synthetic: trackId.some(isTwinTrack), sha256 },
      trackId,
      artist,
      title,
      features,
      popularity: finished('popularity'),
      ...(hasDates ? { releaseDate } : {}),
      fileRow: Uint32Array.from(fileRow),
    };
  }

  return { add, finish, sentinels, count: () => fileRow.length };
}

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

/**
 * Reads a table of songs from a CSV file with the seed's 17 columns, found by name in any order.
 *
 * `artist_name`, `track_id` and `track_name` may lack; `release_date` (else `year`, else `released_year`) becomes the
 * release date; other columns are ignored and listed in `quality`. An empty or `NaN` cell of a feature and Spotify's
 * numbers for "not known" are missing values. Any other cell that breaks its column's rule sets its row aside.
 * Throws: DataError for a file that cannot be read as such a table, one without a usable row, and, when `strict`, at
 * the first bad row.
 */
export async function readTracks(
  path: string,
  { strict = false, requirePopularity = true }: ReadOptions = {},
): Promise<ReadResult> {
  const file = await readTextFile(path);
  const rejects: Reject[] = [];
  let header: Header | undefined;
  let table: ReturnType<typeof collectTracks> | undefined;

  parseRows(file, (cells, row) => {
    if (!header || !table) {
      header = readHeader(file.name, row, cells, requirePopularity);
      table = collectTracks(file.name, header, requirePopularity);
      return;
    }
    const faults = table.add(cells, row);
    if (faults.length === 0) return;
    if (strict) throw new DataError(`${file.name}:${row}`, faults[0].message.slice(`${file.name}:${row}: `.length));
    rejects.push({ row, faults, cells, columns: header.names });
    if (rejects.length % manyRejects === 0 && rejects.length > table.count()) {
      const bad = `${rejects.length} of the first ${rejects.length + table.count()} rows are bad`;
      throw new DataError(file.name, `must have more good rows than bad, ${bad}; ${describeCommonest(rejects)}`);
    }
  });

  if (!header || !table) throw new DataError(file.name, 'must have a header and rows, got only blank lines');
  if (table.count() === 0) {
    if (rejects.length === 0) throw new DataError(file.name, 'must have rows, got a header only');
    throw new DataError(
      file.name,
      `must have a usable row, got ${rejects.length} bad ones; ${describeCommonest(rejects)}`,
    );
  }
  const tracks = table.finish(file.sha256);
  const quality = describeQuality(tracks, { sentinels: table.sentinels, ignoredColumns: header.ignored });
  return { tracks, rejects, quality };
}
