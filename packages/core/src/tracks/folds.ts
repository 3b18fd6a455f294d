import { randomStream } from '@hitscan/mamba';
import { DataError } from '../errors.ts';
import { groupCatalogues, groupRecordings } from './repeats.ts';
import type { Rows, Tracks } from './tracks.ts';

export type FoldKind = 'random' | 'artist';

/** One way to hold rows out: what is fitted on, and what is predicted. */
export interface Fold {
  readonly train: Rows;
  readonly heldOut: Rows;
}

export interface FoldOptions {
  readonly kind: FoldKind;
  readonly folds: number;
  readonly seed: number;
}

/**
 * Cuts rows into folds, each held out once; the same seed gives the same folds.
 *
 * No recording is on both sides of a fold (see `groupRecordings`), and for `artist` no artist either. The largest groups
 * are dealt first, each to the fold with the fewest rows so far, so that folds are as equal as groups allow.
 * Throws: DataError when there are fewer groups than folds.
 */
export function cutFolds(tracks: Tracks, rows: Rows, { kind, folds, seed }: FoldOptions): readonly Fold[] {
  const groups = kind === 'artist' ? groupCatalogues(tracks) : groupRecordings(tracks);
  const sizes = new Map<number, number>();
  for (const row of rows) sizes.set(groups[row], (sizes.get(groups[row]) ?? 0) + 1);
  if (sizes.size < folds) {
    const what = kind === 'artist' ? 'artists' : 'songs';
    throw new DataError(
      tracks.source.name,
      `must have a different group of ${what} a fold, got ${sizes.size} for ${folds}`,
    );
  }
  const order = Uint32Array.from(sizes.keys());
  randomStream(seed, `folds: ${kind}`).shuffle(order);
  const sizeOf = (group: number) => sizes.get(group) ?? 0;
  const counts = new Array<number>(folds).fill(0);
  const foldOf = new Map<number, number>();
  // The sort is stable: groups of one size stay in random order.
  for (const group of [...order].sort((a, b) => sizeOf(b) - sizeOf(a))) {
    const smallest = counts.indexOf(Math.min(...counts));
    foldOf.set(group, smallest);
    counts[smallest] += sizeOf(group);
  }
  return counts.map((_, fold) => ({
    train: rows.filter((row) => foldOf.get(groups[row]) !== fold),
    heldOut: rows.filter((row) => foldOf.get(groups[row]) === fold),
  }));
}
