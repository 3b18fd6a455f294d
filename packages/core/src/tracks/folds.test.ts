import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeNamedTracks } from '../../testing/madeTracks.ts';
import { cutFolds, type FoldKind } from './folds.ts';
import { groupArtists, groupRecordings, joinGroups } from './repeats.ts';

const kinds: readonly FoldKind[] = ['random', 'artist'];

const crowdedTracks = fc
  .array(
    fc.record({
      id: fc.integer({ min: 0, max: 60 }).map((n) => (n < 20 ? '' : `id${n}`)),
      artist: fc.integer({ min: 0, max: 25 }).map((n) => (n === 0 ? '' : `Artist ${n}`)),
      title: fc.integer({ min: 0, max: 12 }).map((n) => (n === 0 ? '' : `Title ${n}`)),
      date: fc.constant('2000'),
    }),
    { minLength: 60, maxLength: 120 },
  )
  .map((songs) => makeNamedTracks(songs, false));

describe.each(kinds)('%s folds', (kind) => {
  test('hold each given row out once, with all of its group', () => {
    fc.assert(
      fc.property(crowdedTracks, fc.nat(), fc.integer({ min: 2, max: 4 }), (tracks, seed, count) => {
        const rows = Uint32Array.from({ length: tracks.count - 5 }, (_, row) => row + 5);
        const groups = kind === 'artist' ? groupArtists(tracks) : groupRecordings(tracks);
        // Chains of repeats may leave a crowded table with too few groups; that has a test of its own.
        const joined = joinGroups(groupRecordings(tracks), groups);
        fc.pre(new Set([...rows].map((row) => joined[row])).size >= count);
        const folds = cutFolds(tracks, rows, { kind, folds: count, seed });
        expect(folds.flatMap(({ heldOut }) => [...heldOut]).sort((a, b) => a - b)).toEqual([...rows]);
        for (const { train, heldOut } of folds) {
          expect([...train, ...heldOut].sort((a, b) => a - b)).toEqual([...rows]);
          const trained = new Set([...train].map((row) => groups[row]));
          expect([...heldOut].some((row) => trained.has(groups[row]))).toBe(false);
        }
      }),
    );
  });

  test('are the same for the same seed, and others for another', () => {
    const songs = Array.from({ length: 90 }, (_, i) => ({
      id: `${i}`,
      artist: `A${i % 30}`,
      title: `T${i}`,
      date: '',
    }));
    const tracks = makeNamedTracks(songs, false);
    const rows = Uint32Array.from({ length: 90 }, (_, row) => row);
    const cut = (seed: number) => cutFolds(tracks, rows, { kind, folds: 5, seed }).map(({ heldOut }) => [...heldOut]);
    expect(cut(1)).toEqual(cut(1));
    expect(cut(1)).not.toEqual(cut(2));
    // Groups of one size can be dealt evenly.
    expect(cut(1).map(({ length }) => length)).toEqual([18, 18, 18, 18, 18]);
  });

  test('need as many groups as folds', () => {
    const tracks = makeNamedTracks([{ id: 'a', artist: 'A', title: 'T', date: '' }], false);
    expect(() => cutFolds(tracks, Uint32Array.of(0), { kind, folds: 2, seed: 1 })).toThrow('got 1 for 2');
  });
});
