import { randomStream } from '@hitscan/mamba';
import { featureNames } from '../src/tracks/schema.ts';
import type { Tracks } from '../src/tracks/tracks.ts';
import { makeTracks } from './madeTracks.ts';

/** For tests: songs whose features are uniform in [0, 1) and independent; key, mode and time signature are whole numbers. */
export function makeUniformSongs(count: number, seed: number, popularity: (song: readonly number[]) => number): Tracks {
  const random = randomStream(seed, 'made songs');
  const categories = new Map([
    [featureNames.indexOf('key'), 12],
    [featureNames.indexOf('mode'), 2],
    [featureNames.indexOf('time_signature'), 5],
  ]);
  const songs = Array.from({ length: count }, () =>
    featureNames.map((_, j) => (categories.has(j) ? random.below(categories.get(j) as number) : random.uniform())),
  );
  return makeTracks(songs, songs.map(popularity));
}
