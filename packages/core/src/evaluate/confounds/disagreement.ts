import { sumSquaredDeviations } from '../../statistics/moments.ts';
import { groupRecordings } from '../../tracks/repeats.ts';
import type { Tracks } from '../../tracks/tracks.ts';

/** How far rows of one recording differ in popularity: what no model of the music can predict. */
export interface Disagreement {
  /** Recordings with several rows, and these rows. */
  readonly recordings: number;
  readonly rows: number;
  /** Variance of popularity within a recording, in squared points; null where no recording has two rows. */
  readonly variance: number | null;
  /** 1 − that over the variance of all rows: the most that could be explained, if it is so for every song. */
  readonly ceiling: number | null;
}

/** Where nothing is known of it. */
export const noDisagreement: Disagreement = { recordings: 0, rows: 0, variance: null, ceiling: null };

/** Compares the popularity of repeats: the same recording on several albums, or in a list several times. */
export function measureDisagreement(tracks: Tracks): Disagreement {
  const { values, missing } = tracks.popularity;
  const groups = new Map<number, number[]>();
  groupRecordings(tracks).forEach((group, row) => {
    if (missing[row]) return;
    groups.set(group, [...(groups.get(group) ?? []), values[row]]);
  });
  const repeated = [...groups.values()].filter(({ length }) => length > 1);
  const rows = repeated.reduce((sum, { length }) => sum + length, 0);
  if (repeated.length === 0) return noDisagreement;
  const squares = repeated.reduce((sum, group) => sum + sumSquaredDeviations(Float64Array.from(group)), 0);
  const variance = squares / (rows - repeated.length);
  const all = Float64Array.from([...groups.values()].flat());
  const total = sumSquaredDeviations(all) / all.length;
  return { recordings: repeated.length, rows, variance, ceiling: total === 0 ? null : 1 - variance / total };
}
