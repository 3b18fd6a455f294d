import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import { hasReleaseDates } from '../tracks/split.ts';
import type { Column, Rows, Tracks } from '../tracks/tracks.ts';

/**
 * The most blocks into which a file may be cut to stand in for the time. Charts are sorted by popularity inside each
 * year, so that a finer position tells the popularity of the neighbours: on the seed's file the row number alone, in
 * the hands of a forest, reaches R² 0.81.
 */
const mostBlocks = 10;

/** By what a song's time is told; plain data. */
export type EraEncoder =
  | { readonly kind: 'year' }
  /** The position among the `count` rows of the one file of this hash. */
  | { readonly kind: 'block'; readonly blocks: number; readonly sha256: string; readonly count: number };

export const eraSchema: z.ZodType<EraEncoder> = z.union([
  z.object({ kind: z.literal('year') }),
  z.object({
    kind: z.literal('block'),
    blocks: z.int().min(1).max(mostBlocks),
    sha256: z.string(),
    count: z.int().min(1),
  }),
]);

/**
 * The release year where the table has dates enough (see `hasReleaseDates`), else the position in the file in equal blocks.
 * Throws: ConfigError for more than ten blocks.
 */
export function fitEra(tracks: Tracks, blocks = mostBlocks): EraEncoder {
  if (!Number.isInteger(blocks) || blocks < 1 || blocks > mostBlocks) {
    throw new ConfigError('era', `must have 1 to ${mostBlocks} blocks, as finer ones tell the target, got ${blocks}`);
  }
  if (hasReleaseDates(tracks)) return { kind: 'year' };
  return { kind: 'block', blocks, sha256: tracks.source.sha256, count: tracks.count };
}

/**
 * Years, or block numbers from 0, the file's first rows. Missing where a song has no date, and in any file but the one
 * that was fitted on: positions in two files have nothing in common.
 * Shape: (tracks), of which only the given rows are filled.
 */
export function encodeEra(encoder: EraEncoder, tracks: Tracks, rows: Rows): Column {
  const values = new Float64Array(tracks.count);
  const missing = new Uint8Array(tracks.count).fill(1);
  const fill = (row: number, value: number) => {
    values[row] = value;
    missing[row] = 0;
  };
  if (encoder.kind === 'year') {
    for (const row of rows) {
      const date = tracks.releaseDate?.[row] ?? '';
      if (date !== '') fill(row, Number(date.slice(0, 4)));
    }
  } else if (encoder.sha256 === tracks.source.sha256 && encoder.count === tracks.count) {
    for (const row of rows) fill(row, Math.floor((row * encoder.blocks) / encoder.count));
  }
  return { values, missing };
}
