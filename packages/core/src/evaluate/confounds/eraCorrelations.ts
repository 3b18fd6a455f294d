import { findUnit } from '../../features/standardise.ts';
import { leastSquares } from '../../statistics/leastSquares.ts';
import { sumProducts, sumSquaredDeviations } from '../../statistics/moments.ts';
import { firstRows } from '../../tracks/repeats.ts';
import { listFeatures } from '../../tracks/schema.ts';
import { hasReleaseDates } from '../../tracks/split.ts';
import type { Rows, Tracks } from '../../tracks/tracks.ts';

/** One feature's straight-line relations, over the rows where it is known. −1 to 1; null where a side is constant. */
export interface EraCorrelation {
  readonly feature: string;
  readonly withPopularity: number | null;
  readonly withEra: number | null;
  /** With popularity, after a cubic in the era has been taken out of both. */
  readonly withPopularityGivenEra: number | null;
}

/** What features have to do with popularity, with the era, and with popularity once the era is known. */
export interface EraCorrelations {
  /** What the era was told by: dates where nearly all rows have one, else the place in the file, first rows newest. */
  readonly era: 'release date' | 'row order';
  /** Share of the variance of popularity that a cubic in the era accounts for, on the rows it was fitted to. */
  readonly eraR2: number | null;
  readonly features: readonly EraCorrelation[];
}

/** Where nothing is known of them. */
export const noEraCorrelations: EraCorrelations = { era: 'row order', eraR2: null, features: [] };

/** The degree of the curve in the era. */
const degree = 3;

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD` as years with a fraction, in the middle of what is not said. */
function toYears(date: string): number {
  const [year, month, day] = date.split('-').map(Number);
  return date === '' ? Number.NaN : year + ((month ?? 7) - 1) / 12 + ((day ?? 15) - 1) / 365;
}

function readEra(tracks: Tracks): { era: EraCorrelations['era']; values: Float64Array } {
  if (tracks.releaseDate && hasReleaseDates(tracks))
    return { era: 'release date', values: Float64Array.from(tracks.releaseDate, toYears) };
  // Upwards to the present, as dates go.
  return { era: 'row order', values: Float64Array.from({ length: tracks.count }, (_, row) => -row) };
}

function correlate(a: Float64Array, b: Float64Array): number | null {
  const spread = Math.sqrt(sumSquaredDeviations(a)) * Math.sqrt(sumSquaredDeviations(b));
  // What rounding leaves of a column that the era explains wholly has no direction.
  return spread <= 1e-9 ? null : Math.max(-1, Math.min(1, sumProducts(a, b) / spread));
}

/** What is left of values after a cubic in the era. */
function takeOut(era: Float64Array, values: Float64Array): Float64Array {
  const middle = era.reduce((sum, value) => sum + value, 0) / era.length;
  const reach = era.reduce((most, value) => Math.max(most, Math.abs(value - middle)), 0) || 1;
  const powers = new Float64Array(era.length * degree);
  era.forEach((value, i) => {
    for (let k = 0; k < degree; k++) powers[i * degree + k] = ((value - middle) / reach) ** (k + 1);
  });
  const { intercept, coefficients } = leastSquares(powers, era.length, degree, values);
  return values.map((value, i) => {
    let fitted = intercept;
    for (let k = 0; k < degree; k++) fitted += coefficients[k] * powers[i * degree + k];
    return value - fitted;
  });
}

/**
 * Correlates every feature with popularity and with the era, and with popularity given the era. Where a feature's
 * correlation with popularity all but disappears once the era is known, it told the era and not the song. A recording
 * counts once.
 */
export function correlateWithEra(tracks: Tracks): EraCorrelations {
  const { era, values: eras } = readEra(tracks);
  const { popularity } = tracks;
  const labelled = firstRows(tracks).filter((row) => popularity.missing[row] === 0 && !Number.isNaN(eras[row]));
  const read = (values: Float64Array, rows: Rows) => Float64Array.from(rows, (row) => values[row]);
  const features = listFeatures(tracks.schema).map((feature): EraCorrelation => {
    const column = tracks.features[feature];
    const rows = labelled.filter((row) => column.missing[row] === 0);
    if (rows.length <= degree + 1)
      return { feature, withPopularity: null, withEra: null, withPopularityGivenEra: null };
    const [x, y, t] = [column.values, popularity.values, eras].map((values) => read(values, rows));
    // A correlation has no unit.
    const unit = findUnit(x);
    x.forEach((value, i) => {
      x[i] = value / unit;
    });
    return {
      feature,
      withPopularity: correlate(x, y),
      withEra: correlate(x, t),
      withPopularityGivenEra: correlate(takeOut(t, x), takeOut(t, y)),
    };
  });
  const [y, t] = [read(popularity.values, labelled), read(eras, labelled)];
  const total = sumSquaredDeviations(y);
  const eraR2 = labelled.length > degree + 1 && total > 0 ? 1 - sumSquaredDeviations(takeOut(t, y)) / total : null;
  return { era, eraR2, features };
}
