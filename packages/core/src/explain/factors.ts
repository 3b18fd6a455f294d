import { featureNames } from '../tracks/schema.ts';
import type { SongPart } from './alterTracks.ts';

/** Parts of a song that change together and share one explanation. */
export interface Factor {
  readonly name: string;
  readonly parts: readonly SongPart[];
}

/** Each audio feature alone. */
export const audioFactors: readonly Factor[] = featureNames.map((name) => ({ name, parts: [name] }));

/** Inputs that a model may have beside audio: the artist and the release date. */
export const contextFactors: readonly Factor[] = [
  { name: 'artist', parts: ['artist'] },
  { name: 'release', parts: ['release'] },
];

/** All inputs of a model with this context, by their names in figures. */
export function listFactors(context: readonly string[]): readonly Factor[] {
  return [...audioFactors, ...contextFactors.filter(({ name }) => context.includes(name === 'release' ? 'era' : name))];
}
