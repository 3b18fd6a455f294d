import { z } from 'zod';
import type { FittedRegressor } from '../models/regressor.ts';
import { featureNames, featureRules } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { mixSongs, predictAll, rowsUpTo, setFeatures, takeSongs } from './alterTracks.ts';
import { type ClusterOptions, estimateMeans, meanEstimateSchema } from './clusteredMeans.ts';
import { countValues } from './featureDistribution.ts';

/** A change of one feature: by so much, or to a value. */
const featureStepSchema = z
  .object({
    feature: z.enum(featureNames),
    kind: z.enum(['add', 'set']),
    /** In the feature's unit. */
    amount: z.number(),
  })
  .readonly();
export type FeatureStep = z.infer<typeof featureStepSchema>;

export const stepEffectSchema = z
  .object({
    ...featureStepSchema.unwrap().shape,
    /** Songs that the step changes: those whose value is known, not the one set, and not at the end of its range already. */
    songs: z.int().min(0),
    /** Those of them that go less than the whole way, to the end of the range. */
    cut: z.int().min(0),
    /** Mean change of the prediction over these songs, in points; null where there are none. */
    change: meanEstimateSchema.nullable(),
  })
  .readonly();
export type StepEffect = z.infer<typeof stepEffectSchema>;

/** What is added to a feature, by its unit. */
const amounts: Readonly<Record<string, number>> = { '0–1': 0.1, dB: 1, 'beats per minute': 10, ms: 10_000 };

/**
 * A step for every numeric feature (+0.1 of a share, +1 dB, +10 beats per minute, +10 s), and one to each value of the
 * categories that occur in the rows.
 */
export function listSteps(tracks: Tracks, rows: Rows): FeatureStep[] {
  return featureNames.flatMap((feature): FeatureStep[] => {
    const { kind, unit } = featureRules[feature];
    if (kind === 'numeric') return [{ feature, kind: 'add', amount: amounts[unit] }];
    return [...countValues(tracks.features[feature], rows).keys()].map((amount) => ({ feature, kind: 'set', amount }));
  });
}

/**
 * What predictions change by when one feature changes and nothing else does; for one song, give its row alone.
 *
 * Intervals as in `estimateMeans`, for other songs and the model as fitted. In a real song nothing changes alone, and what
 * songs with more of a feature have in common need not be what the feature does: an association, not an effect.
 * Throws: RangeError for no rows; ConfigError as `takeSongs`.
 */
export function measureSteps(
  fitted: FittedRegressor,
  tracks: Tracks,
  rows: Rows,
  { steps = listSteps(tracks, rows), ...options }: ClusterOptions & { readonly steps?: readonly FeatureStep[] },
): StepEffect[] {
  const songs = takeSongs(fitted, tracks, rows);
  return steps.map((step) => {
    const { values, missing } = songs.tracks.features[step.feature];
    const { minimum, maximum } = featureRules[step.feature];
    const goal = (value: number) => (step.kind === 'set' ? step.amount : value + step.amount);
    const clamp = (value: number) => Math.min(maximum, Math.max(minimum, value));
    const changed = rowsUpTo(rows.length).filter((i) => !missing[i] && clamp(goal(values[i])) !== values[i]);
    const cut = changed.filter((i) => clamp(goal(values[i])) !== goal(values[i])).length;
    if (changed.length === 0) return { ...step, songs: 0, cut, change: null };
    const to = Float64Array.from(changed, (i) => clamp(goal(values[i])));
    const predicted = predictAll(fitted, setFeatures(mixSongs(songs.tracks, changed), new Map([[step.feature, to]])));
    const changes = predicted.map((value, i) => value - songs.predicted[changed[i]]);
    const [change] = estimateMeans(
      [changes],
      changed.map((i) => rows[i]),
      options,
    );
    return { ...step, songs: changed.length, cut, change };
  });
}
