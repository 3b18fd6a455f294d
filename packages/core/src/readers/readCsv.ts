import { DataError } from '../errors.ts';
import { quoteValue } from '../quoteValue.ts';
import { createRowChecker, type Fault } from '../tracks/checkRow.ts';
import { collectTracks, createTwinDetector } from '../tracks/collectTracks.ts';
import { collectQuality, type Quality } from '../tracks/quality.ts';
import { type Schema, spotifySchema } from '../tracks/schema.ts';
import type { TrackRow } from '../tracks/trackRow.ts';
import type { Source, Tracks } from '../tracks/tracks.ts';
import { workWithPauses, yieldToEvents } from '../yieldToEvents.ts';
import type { ByteSource } from './byteSource.ts';
import { type Dialect, describeDialect, findDialect } from './dialect.ts';
import { type Header, type RenamedColumn, readHeader } from './header.ts';
import { createRowParser, type RawRow, type RowParser, readCells } from './parseRows.ts';
import { createRowReader } from './readRow.ts';
import { readText } from './readText.ts';
import type { Reject } from './rejects.ts';

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
  /** Which features the table has. Default: Spotify's. */
  readonly schema?: Schema;
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
  /** How the table is written. */
  readonly dialect: Dialect;
  /** Columns that have other names in the table. */
  readonly renamed: readonly RenamedColumn[];
}

/** What `describeTracks` finds: all but the songs. */
export interface TracksDescription extends Omit<ReadResult, 'tracks'> {
  readonly source: Source;
}

/** How a table was understood, where that is not plain from its header: a sentence each. */
export function describeInterpretation(dialect: Dialect, renamed: readonly RenamedColumn[]): string[] {
  const written = describeDialect(dialect);
  const named = renamed.map(({ name, meaning }) => `${quoteValue(name)} as ${meaning}`);
  return [
    ...(written === null ? [] : [written]),
    ...(named.length === 0 ? [] : [`Columns read: ${named.join(', ')}.`]),
  ];
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

interface RowsRead {
  readonly header: Header;
  readonly dialect: Dialect;
  readonly rejects: readonly Reject[];
}

/** A file whose header is known. */
interface OpenTable {
  readonly header: Header;
  read(raw: RawRow): readonly Fault[];
  /** Takes the row that was read, if it has no fault. */
  add(): void;
}

/** Reads a source's rows. `collect` says where the good ones go, once the header is known. Throws: DataError as `readTracks` does. */
async function readRows(
  source: ByteSource,
  { schema = spotifySchema, strict = false, requirePopularity = true, signal, onProgress }: ReadOptions,
  collect: (header: Header) => (row: TrackRow) => void,
): Promise<RowsRead> {
  const { name } = source;
  const rejects: Reject[] = [];
  let count = 0;
  let table: OpenTable | undefined;
  let dialect: Dialect | undefined;
  let parser: RowParser | undefined;

  function openTable(first: RawRow): OpenTable {
    const header = readHeader(name, first.number, readCells(first), { schema, requirePopularity });
    const checker = createRowChecker(name, schema, requirePopularity);
    const take = collect(header);
    return {
      header,
      read: createRowReader(header, schema, checker, dialect?.decimalComma),
      add: () => take(checker.row),
    };
  }

  const visit = (raw: RawRow): void => {
    if (!table) {
      table = openTable(raw);
      return;
    }
    const faults = table.read(raw);
    if (faults.length === 0) {
      count++;
      table.add();
      return;
    }
    const where = `${name}:${raw.number}`;
    if (strict) throw new DataError(where, faults[0].message.slice(`${where}: `.length));
    rejects.push({ row: raw.number, faults, cells: readCells(raw), columns: table.header.names });
    if (rejects.length % manyRejects === 0 && rejects.length > count) {
      const bad = `${rejects.length} of the first ${rejects.length + count} rows are bad`;
      throw new DataError(name, `must have more good rows than bad, ${bad}; ${describeCommonest(rejects)}`);
    }
  };

  const begun = performance.now();
  let bytes = 0;
  for await (const piece of readText(source, signal)) {
    dialect ??= findDialect(piece, schema);
    parser ??= createRowParser(name, visit, dialect.separator);
    parser.push(piece);
    bytes += piece.length;
    const seconds = (performance.now() - begun) / 1000;
    onProgress?.({ file: name, share: Math.min(1, bytes / source.size), rows: count + rejects.length, seconds });
  }
  parser?.finish();

  if (!table || !dialect) throw new DataError(name, 'must have a header and rows, got only blank lines');
  if (count === 0) {
    if (rejects.length === 0) throw new DataError(name, 'must have rows, got a header only');
    throw new DataError(name, `must have a usable row, got ${rejects.length} bad ones; ${describeCommonest(rejects)}`);
  }
  return { header: table.header, dialect, rejects };
}

/** Lets others have their turn, a signal's listeners among them. */
function pauseFor(signal?: AbortSignal): () => Promise<void> {
  return async () => {
    await yieldToEvents();
    if (signal?.aborted) throw signal.reason;
  };
}

/**
 * Reads a table of songs from a CSV file with the columns of `listFileColumns`, found by name in any order. Cells may be separated by
 * commas, semicolons, tabs or vertical bars, and numbers may have a decimal comma where cells have another separator.
 *
 * Columns are found without case, blanks and underscores, and under the names that they have in well-known tables. All but popularity
 * and one feature may lack: then they are not known of any song. Other columns are ignored and listed in `quality`. An empty or `NaN`
 * cell of a feature and the schema's numbers for "not known" are missing values. Any other cell that breaks its column's rule sets its
 * row aside.
 * Throws: DataError for a file that cannot be read as such a table, one without a usable row, and, when `strict`, at
 * the first bad row; the signal's reason where it aborts.
 */
export async function readTracks(source: ByteSource, options: ReadOptions = {}): Promise<ReadResult> {
  const { schema = spotifySchema } = options;
  const quality = collectQuality(schema);
  let tracks = collectTracks(schema, false);
  const { header, dialect, rejects } = await readRows(source, options, ({ positions }) => {
    tracks = collectTracks(schema, positions.has('release_date'));
    return (row) => {
      tracks.add(row);
      quality.add(row);
    };
  });
  return {
    tracks: tracks.finish({ name: source.name, sha256: source.sha256() }),
    rejects,
    quality: await workWithPauses(quality.finish(header.ignored), pauseFor(options.signal)),
    dialect,
    renamed: header.renamed,
  };
}

/** Says what `readTracks` would find, in a small part of its memory: no song is kept. */
export async function describeTracks(source: ByteSource, options: ReadOptions = {}): Promise<TracksDescription> {
  const quality = collectQuality(options.schema ?? spotifySchema);
  const twin = createTwinDetector();
  const { header, dialect, rejects } = await readRows(source, options, () => (row) => {
    twin.add(row);
    quality.add(row);
  });
  return {
    source: { name: source.name, synthetic: twin.isSynthetic(), sha256: source.sha256() },
    rejects,
    quality: await workWithPauses(quality.finish(header.ignored), pauseFor(options.signal)),
    dialect,
    renamed: header.renamed,
  };
}
