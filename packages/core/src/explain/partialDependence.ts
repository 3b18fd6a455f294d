import { z } from 'zod';
import type { FittedRegressor } from '../models/regressor.ts';
import { type FeatureName, featureNames, featureRules } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { mixSongs, predictAll, sampleRows, setFeatures, takeSongs } from './alterTracks.ts';
import { type ClusterOptions, estimateMeans, meanEstimateSchema } from './clusteredMeans.ts';
import { chooseQuantiles, countValues, measureExtrapolation } from './featureDistribution.ts';

export interface DependenceOptions extends ClusterOptions {
  /** Values of a numeric feature at most; 20 where left out. */
  readonly points?: number;
  /** Songs that curves are drawn for at most, taken at random from the rows; 300 where left out. */
  readonly songs?: number;
}

/** How predictions go with one feature, all else as it is. */
export const partialDependenceSchema = z
  .object({
    feature: z.enum(featureNames),
    kind: z.enum(['numeric', 'category']),
    /** Ascending: quantiles of the rows' values from 1 % to 99 %, or the categories that occur. */
    grid: z.array(z.number()).readonly(),
    /** Mean prediction with the feature at each value of the grid, in points. */
    mean: z.array(meanEstimateSchema).readonly(),
    /** Index of the value that `centred` begins at: the middle of the grid, or the commonest category. */
    anchor: z.int().min(0),
    /** By how much the mean prediction differs from that at the anchor. Its intervals leave out how songs differ otherwise. */
    centred: z.array(meanEstimateSchema).readonly(),
    /** Individual conditional expectations: predictions for each song at each value. (songs, grid). */
    curves: z.array(z.array(z.number()).readonly()).readonly(),
    /** The songs' rows in the table. */
    rows: z.array(z.int().min(0)).readonly(),
    /** For each value of the grid, the share of songs for which the model extrapolates there (`measureExtrapolation`). 0 to 1. */
    unlike: z.array(z.number()).readonly(),
  })
  .readonly();
export type PartialDependence = z.infer<typeof partialDependenceSchema>;

/**
 * Partial dependence with the curves of single songs (ICE).
 *
 * Intervals are pointwise, by the bootstrap of clusters, for other songs and the model as fitted.
 * Source: Friedman 2001; Goldstein, Kapelner, Bleich & Pitkin 2015 for single and centred curves.
 * Throws: RangeError for no rows, or none that knows the feature; ConfigError as `takeSongs`.
 */
export function measureDependence(
  fitted: FittedRegressor,
  tracks: Tracks,
  rows: Rows,
  feature: FeatureName,
  { points = 20, songs = 300, ...options }: DependenceOptions,
): PartialDependence {
  const { kind } = featureRules[feature];
  const column = tracks.features[feature];
  const counts = countValues(column, rows);
  const grid = kind === 'numeric' ? chooseQuantiles(column, rows, points) : [...counts.keys()];
  if (grid.length === 0) throw new RangeError(`measureDependence: needs a row with a known ${feature}, got none`);
  const drawn = sampleRows(rows, songs, options.seed, 'songs for curves');
  const { tracks: table } = takeSongs(fitted, tracks, drawn);

  const repeated = Uint32Array.from({ length: drawn.length * grid.length }, (_, i) => Math.floor(i / grid.length));
  const values = Float64Array.from(repeated, (_, i) => grid[i % grid.length]);
  const predicted = predictAll(fitted, setFeatures(mixSongs(table, repeated), new Map([[feature, values]])));
  const columns = grid.map((_, g) => Float64Array.from(drawn, (_, i) => predicted[i * grid.length + g]));
  const commonest = Math.max(...counts.values());
  const anchor = kind === 'numeric' ? grid.length >> 1 : grid.findIndex((value) => counts.get(value) === commonest);
  const centred = columns.map((column) => column.map((value, i) => value - columns[anchor][i]));
  const estimates = estimateMeans([...columns, ...centred], drawn, options);
  return {
    feature,
    kind,
    grid,
    mean: estimates.slice(0, grid.length),
    anchor,
    centred: estimates.slice(grid.length),
    curves: Array.from(drawn, (_, i) => [...predicted.subarray(i * grid.length, (i + 1) * grid.length)]),
    rows: [...drawn],
    unlike: measureExtrapolation(tracks, rows, drawn, feature, grid),
  };
}
