import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { readNumber } from '../tracks/cells.ts';
import { type FeatureName, featureNames, featureRules } from '../tracks/schema.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { predictAll, readFeature, setFeatures, takeSongs } from './alterTracks.ts';

/** One feature of a song, as it is and as it would be; null where not known. */
export const featureChangeSchema = z
  .object({
    feature: z.enum(featureNames),
    from: z.number().nullable(),
    to: z.number().nullable(),
  })
  .readonly();
export type FeatureChange = z.infer<typeof featureChangeSchema>;

/** What a model would predict for a song that differs in some features. */
export interface WhatIf {
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  /** In the features' order. */
  readonly changes: readonly FeatureChange[];
}

/** A value as a file's would be read: null for Spotify's numbers for "not known". */
function checkValue(feature: FeatureName, value: number | null): number | null {
  if (value === null) return null;
  const cell = readNumber(String(value), featureRules[feature]);
  if (cell.kind === 'bad') throw new ConfigError(feature, `${cell.rule}, got ${value}`);
  return cell.kind === 'value' ? cell.value : null;
}

/**
 * The prediction for a song with given values of some features, null for not known.
 *
 * It is the prediction for another song that differs so, not what changing this one would do: the model knows which
 * songs were popular, not why.
 * Throws: ConfigError for a value out of its feature's range, and as `takeSongs`.
 */
export function predictWhatIf(
  fitted: FittedRegressor,
  tracks: Tracks,
  row: number,
  changes: Readonly<Partial<Record<FeatureName, number | null>>>,
): WhatIf {
  const song = takeSongs(fitted, tracks, Uint32Array.of(row));
  const changed = featureNames.flatMap((feature): FeatureChange[] => {
    const value = changes[feature];
    return value === undefined
      ? []
      : [{ feature, from: readFeature(tracks, row, feature), to: checkValue(feature, value) }];
  });
  const values = new Map(changed.map(({ feature, to }) => [feature, Float64Array.of(to ?? Number.NaN)]));
  const [before] = song.predicted;
  const [after] = predictAll(fitted, setFeatures(song.tracks, values));
  return { before, after, difference: after - before, changes: changed };
}
