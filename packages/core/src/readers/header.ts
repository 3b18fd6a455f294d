import { DataError } from '../errors.ts';
import { quoteValue } from '../quoteValue.ts';
import { findMostSimilar } from '../statistics/similarity.ts';
import { listNumericColumns, type Schema } from '../tracks/schema.ts';

/** Where each column that hitscan knows is found in a row. */
export interface Header {
  /** As the file names them. */
  readonly names: readonly string[];
  /** By column name; absent where the file has no such column. */
  readonly positions: ReadonlyMap<string, number>;
  /** Columns that hitscan does not use, unnamed ones left out. */
  readonly ignored: readonly string[];
}

const textColumns = ['artist_name', 'track_id', 'track_name'];

/** The first of these that a file has holds its songs' release dates. */
const dateColumns = ['release_date', 'year', 'released_year'];

/** The most nearest names that an error shows, to stay readable. */
const mostHints = 3;

/** `popularity is nearest to "song_popularity"`, for the first few missing columns that have a likely stand-in. */
function hintNearest(missing: readonly string[], found: readonly string[]): string {
  const hints = missing.flatMap((name) => {
    const best = findMostSimilar(name, found);
    return best && best.similarity > 0.4 ? [`${name} from ${quoteValue(best.name)}`] : [];
  });
  return hints.length > 0 ? `; rename ${hints.slice(0, mostHints).join(', ')}?` : '; rename or add them';
}

/** Every name that a column may have. */
export function listKnownNames(schema: Schema): string[] {
  return [...textColumns, ...listNumericColumns(schema).map(({ name }) => name), ...dateColumns];
}

/**
 * Finds the columns in a file's first row. Order is free; further columns and unnamed ones are ignored.
 * Throws: DataError for a name given twice, or when required columns are missing (all of them are named).
 */
export function readHeader(
  file: string,
  row: number,
  cells: readonly string[],
  { schema, requirePopularity }: { readonly schema: Schema; readonly requirePopularity: boolean },
): Header {
  const numeric = listNumericColumns(schema).map(({ name }) => name);
  const names = cells.map((cell) => cell.trim());
  const positions = new Map<string, number>();
  const ignored: string[] = [];
  const seen = new Set<string>();
  const dateColumn = dateColumns.find((name) => names.includes(name));
  const known = new Set([...textColumns, ...numeric, ...(dateColumn ? [dateColumn] : [])]);
  for (const [position, name] of names.entries()) {
    if (name === '') continue;
    if (seen.has(name))
      throw new DataError(`${file}:${row}`, `must name each column once, got ${quoteValue(name)} twice`);
    seen.add(name);
    if (known.has(name)) positions.set(name === dateColumn ? 'release_date' : name, position);
    else ignored.push(name);
  }
  const required = requirePopularity ? numeric : numeric.slice(0, -1);
  const missing = required.filter((name) => !positions.has(name));
  if (missing.length > 0) {
    const hint = hintNearest(missing, ignored);
    const rule = `must have all ${required.length} required columns`;
    throw new DataError(`${file}:${row}`, `${rule}, got none named ${missing.join(', ')}${hint}`);
  }
  return { names, positions, ignored };
}
