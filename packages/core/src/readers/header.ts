import { DataError } from '../errors.ts';
import { quoteValue } from '../quoteValue.ts';
import { findMostSimilar } from '../statistics/similarity.ts';
import { listNumericColumns, type Schema } from '../tracks/schema.ts';
import { foldColumn, matchColumns } from './columnNames.ts';

/** A column that is read under another name than its own. */
export interface RenamedColumn {
  /** As the file has it. */
  readonly name: string;
  readonly meaning: string;
}

/** Where each column that hitscan knows is found in a row. */
export interface Header {
  /** As the file names them. */
  readonly names: readonly string[];
  /** By column name; absent where the file has no such column. */
  readonly positions: ReadonlyMap<string, number>;
  readonly renamed: readonly RenamedColumn[];
  /** Columns that hitscan does not use, unnamed ones left out. */
  readonly ignored: readonly string[];
}

/** A popularity of something else than the song: never to be taken for, or named as, the song's. */
const notOfTheSong = /^(artist|album|playlist|genre)/;

/** `; rename popularity from "hotness"?`, if there is a likely stand-in among the columns. */
function hintNearest(name: string, found: readonly string[]): string {
  const best = findMostSimilar(
    name,
    found.filter((other) => !notOfTheSong.test(foldColumn(other))),
  );
  return best && best.similarity > 0.4 ? `; rename ${name} from ${quoteValue(best.name)}?` : '; rename or add it';
}

/**
 * Finds the columns in a file's first row, under their own names or those that they have in well-known tables. Order is free;
 * further columns and unnamed ones are ignored. Features that no column holds are not known of any song.
 * Throws: DataError for a name given twice, where popularity is required and missing, or where there is no feature at all.
 */
export function readHeader(
  file: string,
  row: number,
  cells: readonly string[],
  { schema, requirePopularity }: { readonly schema: Schema; readonly requirePopularity: boolean },
): Header {
  const where = `${file}:${row}`;
  const names = cells.map((cell) => cell.trim());
  const seen = new Set<string>();
  const twice = names.find((name) => name !== '' && seen.size === seen.add(name).size);
  if (twice !== undefined) throw new DataError(where, `must name each column once, got ${quoteValue(twice)} twice`);
  const positions = matchColumns(names, schema);
  const used = new Map([...positions].map(([meaning, position]) => [position, meaning]));
  const ignored = names.filter((name, position) => name !== '' && !used.has(position));
  const renamed = [...used].flatMap(([position, meaning]) =>
    names[position] === meaning ? [] : [{ name: names[position], meaning }],
  );
  const features = schema.features.map(({ name }) => name);
  if (!features.some((name) => positions.has(name))) {
    const wanted = requirePopularity ? listNumericColumns(schema).map(({ name }) => name) : features;
    throw new DataError(where, `must have columns of audio features, got none named ${wanted.join(', ')}`);
  }
  if (requirePopularity && !positions.has('popularity'))
    throw new DataError(where, `must have a column of popularity, got none${hintNearest('popularity', ignored)}`);
  return { names, positions, renamed, ignored };
}
