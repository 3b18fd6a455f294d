import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { checkNumber } from '../tracks/checkRow.ts';
import { type Feature, findFeature } from '../tracks/schema.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { predictAll, readFeature, setFeatures, takeSongs } from './alterTracks.ts';

/** One feature of a song, as it is and as it would be; null where not known. */
export const featureChangeSchema = z
  .object({
    feature: z.string(),
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

/** A value as a file's would be read: null for NaN and the schema's numbers for "not known". */
function checkValue(feature: Feature, value: number | null): number | null {
  const cell = checkNumber(Number.isNaN(value) ? null : value, feature);
  if (cell.kind === 'bad') throw new ConfigError(feature.name, `${cell.rule}, got ${value}`);
  return cell.kind === 'value' ? cell.value : null;
}

/**
 * The prediction for a song with given values of some features, null for not known.
 *
 * It is the prediction for another song that differs so, not what changing this one would do: the model knows which
 * songs were popular, not why.
 * Throws: ConfigError for a value out of its feature's range, and as `takeSongs`; RangeError for a feature that there is not.
 */
export function predictWhatIf(
  fitted: FittedRegressor,
  tracks: Tracks,
  row: number,
  changes: Readonly<Record<string, number | null>>,
): WhatIf {
  for (const name of Object.keys(changes)) findFeature(tracks.schema, name);
  const song = takeSongs(fitted, tracks, Uint32Array.of(row));
  const changed = tracks.schema.features.flatMap((feature): FeatureChange[] => {
    const { name } = feature;
    if (changes[name] === undefined) return [];
    return [{ feature: name, from: readFeature(tracks, row, name), to: checkValue(feature, changes[name]) }];
  });
  const values = new Map(changed.map(({ feature, to }) => [feature, Float64Array.of(to ?? Number.NaN)]));
  const [before] = song.predicted;
  const [after] = predictAll(fitted, setFeatures(song.tracks, values));
  return { before, after, difference: after - before, changes: changed };
}
