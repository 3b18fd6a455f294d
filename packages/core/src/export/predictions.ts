import type { Split } from '../tracks/split.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { formatCsv } from '../tracks/writeCsv.ts';

/** What a model predicts for every row of the table, in order. */
export interface RowPredictions {
  readonly name: string;
  readonly predicted: Float64Array;
}

/** Digits that a prediction of 0–100 deserves, and a few more for whoever computes with them. */
const decimals = 6;

/**
 * Every row with its part of the split (`repeat` for a recording's later rows, which are in none), its popularity and each
 * model's prediction, as CSV in file order. A spreadsheet takes no cell for a formula.
 */
export function formatPredictions(tracks: Tracks, split: Split, models: readonly RowPredictions[]): string {
  const parts = new Array<string>(tracks.count).fill('repeat');
  for (const part of ['train', 'validation', 'test'] as const) for (const row of split[part]) parts[row] = part;
  const header = [
    'row',
    'part',
    'track_id',
    'artist_name',
    'track_name',
    'popularity',
    ...models.map(({ name }) => name),
  ];
  const cells = parts.map((part, row) => [
    tracks.fileRow[row],
    part,
    tracks.trackId[row],
    tracks.artist[row],
    tracks.title[row],
    tracks.popularity.values[row],
    ...models.map(({ predicted }) => Number(predicted[row].toFixed(decimals))),
  ]);
  return formatCsv([header, ...cells]);
}
