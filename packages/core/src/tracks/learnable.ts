import { DataError } from '../errors.ts';
import { listFeatures } from './schema.ts';
import type { Tracks } from './tracks.ts';

/** Features below which there is nothing to read a song by. */
const fewestFeatures = 2;

/** The features of which no row has a value. */
export function listUnknown({ schema, features }: Pick<Tracks, 'schema' | 'features'>): string[] {
  return listFeatures(schema).filter((name) => features[name].missing.every((missing) => missing === 1));
}

/**
 * Whether models can learn anything from a table at all.
 * Throws: DataError where popularity is the same in every row, or fewer than two features have any value.
 */
export function checkLearnable(tracks: Tracks): void {
  const { source, popularity, schema } = tracks;
  const count = schema.features.length;
  const unknown = listUnknown(tracks);
  if (count - unknown.length < fewestFeatures) {
    const found = `${unknown.length} of ${count} features hold no value (${unknown.join(', ')})`;
    throw new DataError(source.name, `${found}; training needs at least ${fewestFeatures} that do`);
  }
  const [first] = popularity.values;
  if (popularity.values.every((value) => value === first))
    throw new DataError(source.name, `popularity is ${first} in every row, nothing to learn`);
}
