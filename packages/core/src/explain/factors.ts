import { correlateRanks } from '../statistics/rankCorrelation.ts';
import { findFeature, listFeatures, type Schema } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import type { Part } from './alterTracks.ts';

/** Parts of a song that change together and share one explanation. */
export interface Factor {
  readonly name: string;
  readonly parts: readonly Part[];
}

/** Each feature alone. */
export function listFeatureFactors(schema: Schema): readonly Factor[] {
  return listFeatures(schema).map((name) => ({ name, parts: [name] }));
}

/** What a model may be told beside the audio: who made the song, and when. */
export const contextFactors: readonly Factor[] = [
  { name: 'artist', parts: ['artist'] },
  { name: 'release', parts: ['release'] },
];

/** All that a model is told which has this context, by what it is called in figures. */
export function listFactors(schema: Schema, context: readonly string[]): readonly Factor[] {
  return [
    ...listFeatureFactors(schema),
    ...contextFactors.filter(({ name }) => context.includes(name === 'release' ? 'era' : name)),
  ];
}

/**
 * The audio features in groups: two numeric features are of one group when their rank correlation is at least `atLeast` in
 * size, or when a chain of such leads from one to the other (single linkage). Categories are each alone, as their codes have
 * no order. A group is named by its members.
 *
 * Of features that say the same, each alone seems to matter little: the model reads the others. Together they do not hide.
 * Correlations are over rows that have both values; those of a feature that does not vary count as 0.
 * Throws: RangeError unless 0 < atLeast ≤ 1.
 */
export function groupCorrelated(tracks: Tracks, rows: Rows, atLeast = 0.5): Factor[] {
  if (!(atLeast > 0 && atLeast <= 1)) {
    throw new RangeError(`groupCorrelated: atLeast must be above 0 and at most 1, got ${atLeast}`);
  }
  const featureNames = listFeatures(tracks.schema);
  const groups: string[][] = [];
  for (const name of featureNames) {
    const joined = groups.filter((group) =>
      group.some((other) => sizeOfCorrelation(tracks, rows, name, other) >= atLeast),
    );
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push([...joined.flat(), name]);
  }
  const inOrder = groups.map((group) => featureNames.filter((name) => group.includes(name)));
  inOrder.sort(([a], [b]) => featureNames.indexOf(a) - featureNames.indexOf(b));
  return inOrder.map((parts) => ({ name: parts.join(' + '), parts }));
}

function sizeOfCorrelation(tracks: Tracks, rows: Rows, a: string, b: string): number {
  if ([a, b].some((name) => findFeature(tracks.schema, name).kind === 'category')) return 0;
  const [first, second] = [tracks.features[a], tracks.features[b]];
  const known = rows.filter((row) => !first.missing[row] && !second.missing[row]);
  const pick = (values: Float64Array) => Float64Array.from(known, (row) => values[row]);
  if (known.length === 0) return 0;
  return Math.abs(correlateRanks(pick(first.values), pick(second.values)) ?? 0);
}
