import { ConfigError } from '@hitscan/core/errors';
import type { FeatureValues } from '@hitscan/core/explain';
import { quoteValue } from '@hitscan/core/quoteValue';
import { type ReadResult, readNumber } from '@hitscan/core/readers';
import { foldName, listFeatures, type Rows, type Schema } from '@hitscan/core/tracks';

/** The rows that one `--song` means: that of a number in the file, or all whose title has the text in it. */
function findSong({ tracks, rejects }: ReadResult, text: string): number[] {
  if (/^\d{1,15}$/.test(text)) {
    const index = tracks.fileRow.indexOf(Number(text));
    if (index >= 0) return [index];
  }
  const wanted = foldName(text);
  const found =
    wanted === '' ? [] : [...tracks.title.keys()].filter((row) => foldName(tracks.title[row]).includes(wanted));
  if (found.length > 0) return found;
  const reject = rejects.find(({ row }) => String(row) === text);
  if (reject)
    throw new ConfigError(
      '--song',
      `must be a usable row, got ${text}, which was set aside: ${reject.faults[0].message}`,
    );
  const { name } = tracks.source;
  throw new ConfigError('--song', `must be a row of ${name} or a part of a title in it, got ${quoteValue(text)}`);
}

/**
 * The rows of a file that are asked for, in the file's order; all where nothing is.
 * Throws: ConfigError for a song that is not there.
 */
export function chooseSongs(read: ReadResult, songs: readonly string[] | undefined): Rows {
  if (songs === undefined) return Uint32Array.from(read.tracks.fileRow.keys());
  return Uint32Array.from(new Set(songs.flatMap((text) => findSong(read, text)))).sort();
}

/** `energy=0.9,valence=unknown` as new values of features. Throws: ConfigError. */
export function parseWhatIf(text: string, schema: Schema): FeatureValues {
  const option = '--what-if';
  const values: Record<string, number | null> = {};
  for (const part of text.split(',')) {
    const [, key, value] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/s.exec(part) ?? [];
    if (!key || !value) throw new ConfigError(option, `must be feature=value, got ${quoteValue(part)}`);
    const feature = schema.features.find(({ name }) => name === key);
    if (!feature)
      throw new ConfigError(option, `must name one of ${listFeatures(schema).join(', ')}, got ${quoteValue(key)}`);
    if (Object.hasOwn(values, key)) throw new ConfigError(option, `must name ${key} once, got it twice`);
    const cell = readNumber(value === 'unknown' ? '' : value, feature);
    if (cell.kind === 'bad')
      throw new ConfigError(`${option} ${key}`, `${cell.rule}, or unknown, got ${quoteValue(value)}`);
    values[key] = cell.kind === 'value' ? cell.value : null;
  }
  return values;
}
