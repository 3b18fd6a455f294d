import { randomStream } from '@hitscan/mamba';
import type { Rows } from '../tracks/tracks.ts';

/** Rows drawn by chance, ascending; all of them where they are no more than `most`. `purpose` names the draw. */
export function sampleRows(rows: Rows, most: number, seed: number, purpose: string): Rows {
  if (rows.length <= most) return rows;
  const order = rows.slice();
  randomStream(seed, purpose).shuffle(order);
  return order.slice(0, most).sort();
}
