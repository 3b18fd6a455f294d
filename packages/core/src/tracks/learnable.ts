import { DataError } from '../errors.ts';
import { type FeatureName, featureNames } from './schema.ts';
import type { Tracks } from './tracks.ts';

/** Features below which there is nothing to read a song by. */
const fewestFeatures = 2;

/** The features of which no row has a value. */
export function listUnknown({ features }: Tracks): FeatureName[] {
  return featureNames.filter((name) => features[name].missing.every((missing) => missing === 1));
}

/**
 * Whether models can learn anything from a table at all.
 * Throws: DataError where popularity is the same in every row, or fewer than two features have any value.
 */
export function checkLearnable(tracks: Tracks): void {
  const { source, popularity } = tracks;
  const unknown = listUnknown(tracks);
  if (featureNames.length - unknown.length < fewestFeatures) {
    const found = `${unknown.length} of ${featureNames.length} features hold no value (${unknown.join(', ')})`;
    throw new DataError(source.name, `${found}; training needs at least ${fewestFeatures} that do`);
  }
  const [first] = popularity.values;
  if (popularity.values.every((value) => value === first))
    throw new DataError(source.name, `popularity is ${first} in every row, nothing to learn`);
}
