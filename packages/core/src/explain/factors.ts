import { featureNames } from '../tracks/schema.ts';
import type { SongPart } from './alterTracks.ts';

/** Parts of a song that change together and share one explanation. */
export interface Factor {
  readonly name: string;
  readonly parts: readonly SongPart[];
}

/** Each audio feature alone. */
export const audioFactors: readonly Factor[] = featureNames.map((name) => ({ name, parts: [name] }));

/** What a model may be told beside the audio: who made the song, and when. */
export const contextFactors: readonly Factor[] = [
  { name: 'artist', parts: ['artist'] },
  { name: 'release', parts: ['release'] },
];

/** All that a model is told which has this context, by what it is called in figures. */
export function listFactors(context: readonly string[]): readonly Factor[] {
  return [...audioFactors, ...contextFactors.filter(({ name }) => context.includes(name === 'release' ? 'era' : name))];
}
