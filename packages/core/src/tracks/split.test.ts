import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeNamedTracks } from '../../testing/madeTracks.ts';
import { DataError } from '../errors.ts';
import { firstRows, groupCatalogues, groupRecordings } from './repeats.ts';
import { type Split, type SplitKind, splitTracks } from './split.ts';
import type { Tracks } from './tracks.ts';

const kinds: readonly SplitKind[] = ['random', 'artist', 'time'];

/** Few artists, titles and ids, so that repeats and chains of them abound. */
const crowdedTracks = fc
  .array(
    fc.record({
      id: fc.integer({ min: 0, max: 60 }).map((n) => (n < 20 ? '' : `id${n}`)),
      artist: fc.integer({ min: 0, max: 25 }).map((n) => (n === 0 ? '' : `Artist ${n}`)),
      title: fc.integer({ min: 0, max: 12 }).map((n) => (n === 0 ? '' : `Title ${n}`)),
      date: fc.integer({ min: 1960, max: 2024 }).map(String),
    }),
    { minLength: 30, maxLength: 120 },
  )
  .chain((songs) => fc.boolean().map((dated) => makeNamedTracks(songs, dated)));

/** The part of each recording, by its first row; repeats have none. */
function partsOf(tracks: Tracks, { train, validation, test: heldOut }: Split): string[] {
  const parts = new Array<string>(tracks.count).fill('');
  for (const [name, rows] of Object.entries({ train, validation, heldOut })) {
    for (const row of rows) {
      expect(parts[row]).toBe('');
      parts[row] = name;
    }
  }
  for (const [row, first] of groupRecordings(tracks).entries()) expect(parts[row] !== '').toBe(row === first);
  return parts;
}

function expectWhole(groups: Uint32Array, parts: readonly string[]): void {
  const partOf = new Map<number, string>();
  for (const [row, part] of parts.entries()) {
    if (part === '') continue;
    expect(part).toBe(partOf.get(groups[row]) ?? part);
    partOf.set(groups[row], part);
  }
}

/** Splits that a table is too crowded for are no concern of a property about splits. */
function trySplit(tracks: Tracks, kind: SplitKind, seed: number): Split | null {
  try {
    return splitTracks(tracks, { kind, seed });
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return null;
  }
}

describe.each(kinds)('a %s split', (kind) => {
  test('has each recording in one part, once', () => {
    let made = 0;
    fc.assert(
      fc.property(crowdedTracks, fc.nat(), (tracks, seed) => {
        const split = trySplit(tracks, kind, seed);
        if (!split) return;
        made++;
        const parts = partsOf(tracks, split);
        if (kind === 'artist') expectWhole(groupCatalogues(tracks), parts);
        for (const rows of [split.train, split.validation, split.test]) expect(rows).toEqual(rows.toSorted());
      }),
      { numRuns: 200, seed: 1 },
    );
    expect(made).toBeGreaterThan(kind === 'artist' ? 20 : 150);
  });

  test('is the same for a seed, another for another', () => {
    const tracks = makeNamedTracks(Array.from({ length: 200 }, (_, i) => ({ artist: `Artist ${i}`, title: 'One' })));
    const split = (seed: number) => splitTracks(tracks, { kind, seed });
    expect(split(3)).toEqual(split(3));
    expect(split(3).validation).not.toEqual(split(4).validation);
    expect(split(3).test).toHaveLength(40);
    expect(split(3).validation).toHaveLength(24);
    expect(split(3).note).toMatch(/20\.0 % of the songs\b.* Each recording counts once, by its first row\.$/);
  });

  test('of too few songs is refused in a line', () => {
    for (const count of [0, 1, 2]) {
      const tracks = makeNamedTracks(Array.from({ length: count }, (_, i) => ({ artist: `A ${i}`, title: 'One' })));
      expect(() => splitTracks(tracks, { kind, seed: 1 })).toThrow(DataError);
    }
  });
});

test('sizes are within half a group of what was asked', () => {
  const songs = Array.from({ length: 1000 }, (_, i) => ({ artist: `Artist ${i % 40}`, title: `Title ${i}` }));
  const { test: heldOut } = splitTracks(makeNamedTracks(songs), { kind: 'artist', seed: 5, testShare: 0.33 });
  expect(Math.abs(heldOut.length - 330)).toBeLessThanOrEqual(13);
});

test('an artist split needs artists', () => {
  const tracks = makeNamedTracks(Array.from({ length: 50 }, (_, i) => ({ id: `${i}` })));
  expect(() => splitTracks(tracks, { kind: 'artist', seed: 1 })).toThrow(/must name artists/);
});

describe('a time split', () => {
  test('without dates takes the first rows, and leaves repeats out', () => {
    const songs = Array.from({ length: 101 }, (_, i) => ({ id: i === 90 ? 'id5' : `id${i}` }));
    const { train, validation, test: heldOut, note } = splitTracks(makeNamedTracks(songs), { kind: 'time', seed: 1 });
    expect([...heldOut]).toEqual([...Array(20).keys()]);
    expect([...train, ...validation]).not.toContain(90);
    expect(note).toMatch(/by row order, the first row taken as the newest/);
    expect(note).toMatch(/1 repeat is left out/);
  });

  test('with dates takes the newest; rows without a date train', () => {
    const songs = Array.from({ length: 100 }, (_, i) => ({ id: `id${i}`, date: i === 7 ? '' : `${1920 + i}-05` }));
    const { test: heldOut, note } = splitTracks(makeNamedTracks(songs, true), { kind: 'time', seed: 1 });
    expect([...heldOut]).toEqual(Array.from({ length: 20 }, (_, i) => 80 + i));
    expect(note).toMatch(/by release date/);
  });

  test('never trains on a row newer than the cut', () => {
    fc.assert(
      fc.property(crowdedTracks, (tracks) => {
        const split = trySplit(tracks, 'time', 1);
        if (!split) return;
        const newest = (row: number) => (tracks.releaseDate ? -Number(tracks.releaseDate[row]) : row);
        const songs = firstRows(tracks);
        const cut = [...songs].map(newest).sort((a, b) => a - b)[Math.round(0.2 * songs.length) - 1];
        for (const row of [...split.train, ...split.validation]) expect(newest(row)).toBeGreaterThanOrEqual(cut);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});
