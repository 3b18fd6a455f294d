import { randomStream } from '@hitscan/mamba';
import { listFeatures } from '../tracks/schema.ts';
import type { Tracks } from '../tracks/tracks.ts';

/** The same songs with a share of their audio features missing, chosen by the seed; those of a smaller share are among them. */
export function maskValues(tracks: Tracks, share: number, seed: number): Tracks {
  const features = listFeatures(tracks.schema).map((name) => {
    const { values, missing } = tracks.features[name];
    const draw = randomStream(seed, `hide ${name}`);
    return [name, { values, missing: missing.map((gone) => (draw.uniform() < share ? 1 : gone)) }] as const;
  });
  return { ...tracks, features: Object.fromEntries(features) };
}
