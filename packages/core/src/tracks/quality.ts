import { workAtOnce } from '../yieldToEvents.ts';
import { countGroups } from './groups.ts';
import { createRecordingKeys } from './recordingKeys.ts';
import { known, numericColumns, type Song, sentinel, visitSongs } from './song.ts';
import type { Tracks } from './tracks.ts';
import { createValueCounts } from './valueCounts.ts';

/** One numeric column in figures. Null where it has no value at all. */
export interface ColumnQuality {
  /** Rows without a value, those with a sentinel included. */
  readonly missing: number;
  /** Rows in which the file had Spotify's number for "not known". */
  readonly sentinels: number;
  readonly minimum: number | null;
  readonly median: number | null;
  readonly maximum: number | null;
}

/** What can be said about a table before any model sees it. Plain JSON. */
export interface Quality {
  readonly rows: number;
  /** The 13 features and popularity, by column name. */
  readonly columns: Readonly<Record<string, ColumnQuality>>;
  /** Rows that are the same recording as an earlier one. */
  readonly repeats: number;
  readonly artists: number;
  /** Popularity 0 is seldom a true figure: often a removed or replaced release. */
  readonly popularityZeros: number;
  /** Columns of the file that hitscan does not use. */
  readonly ignoredColumns: readonly string[];
  /** Sentences for people. */
  readonly notes: readonly string[];
}

/** Gathers a table's quality song by song, in about 50 bytes a song where values repeat, 150 where none does: its columns are not kept. */
export interface QualityCollector {
  add(song: Song): void;
  /** `ignoredColumns` are what the file has beside. Yields every few milliseconds. */
  finish(ignoredColumns?: readonly string[]): Generator<void, Quality>;
}

export function collectQuality(): QualityCollector {
  const keys = createRecordingKeys();
  const columns = numericColumns.map(([name]) => ({ name, values: createValueCounts(), missing: 0, sentinels: 0 }));
  const popularityColumn = columns.findIndex(({ name }) => name === 'popularity');
  let rows = 0;
  let popularityZeros = 0;
  return {
    add(song) {
      rows++;
      for (let c = 0; c < columns.length; c++) {
        if (song.states[c] === known) columns[c].values.add(song.values[c]);
        else {
          columns[c].missing++;
          if (song.states[c] === sentinel) columns[c].sentinels++;
        }
      }
      if (song.states[popularityColumn] === known && song.values[popularityColumn] === 0) popularityZeros++;
      keys.add(song);
    },
    *finish(ignoredColumns = []) {
      const described: [string, ColumnQuality][] = [];
      for (const { name, values, missing, sentinels } of columns) {
        const { minimum, median, maximum } = (yield* values.summarise()) ?? nothing;
        described.push([name, { missing, sentinels, minimum, median, maximum }]);
      }
      const groups = yield* keys.group();
      const notes = keys.isAnonymous()
        ? ['The table has neither track ids nor artists with titles: repeats of a recording cannot be recognised.']
        : [];
      return {
        rows,
        columns: Object.fromEntries(described),
        repeats: rows - countGroups(groups),
        artists: yield* keys.countArtists(),
        popularityZeros,
        ignoredColumns,
        notes,
      };
    },
  };
}

const nothing = { minimum: null, median: null, maximum: null };

/** Counts what is missing, out of the ordinary or repeated in a table that no file was read for. */
export function describeQuality(tracks: Tracks): Quality {
  const quality = collectQuality();
  visitSongs(tracks, quality.add);
  return workAtOnce(quality.finish());
}
