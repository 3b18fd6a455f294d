import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeNamedTracks } from '../../testing/madeTracks.ts';
import { describeRepeats, firstRows, groupArtists, groupRecordings, joinGroups } from './repeats.ts';
import { featureNames } from './schema.ts';

describe('groupRecordings', () => {
  test('groups by id and by artist with title, through chains of both', () => {
    const tracks = makeNamedTracks([
      { id: 'a', artist: 'X', title: 'One' },
      { id: 'b', artist: 'Y', title: 'One' },
      { id: 'a', artist: 'Z', title: 'Other' },
      { id: 'c', artist: 'z', title: 'Other - Remastered 2011' },
      { id: 'd', artist: 'X', title: 'Two' },
    ]);
    expect([...groupRecordings(tracks)]).toEqual([0, 1, 0, 0, 4]);
  });

  test('groups by sound, where enough of it is known', () => {
    const tracks = makeNamedTracks(['a', 'b', 'c', 'd'].map((id) => ({ id, artist: id, title: id })));
    featureNames.forEach((name, f) => {
      const { values, missing } = tracks.features[name];
      values.set([f, f, f, f + (name === 'duration_ms' ? 1 : 0)]);
      // Of the third song too little is known.
      missing.set([0, 0, f < 7 ? 0 : 1, 0]);
    });
    expect([...groupRecordings(tracks)]).toEqual([0, 0, 2, 3]);
  });

  test('groups by title alone where the table names no artist', () => {
    const tracks = makeNamedTracks([{ title: 'One' }, { title: 'one (Live)' }, { title: 'ONE' }, {}, {}]);
    expect([...groupRecordings(tracks)]).toEqual([0, 1, 0, 3, 4]);
  });

  test('never groups rows without an artist, a title or an id by what they lack', () => {
    const tracks = makeNamedTracks([{}, {}, { artist: 'X' }, { artist: 'X' }, { title: 'One' }, { title: 'One' }]);
    expect([...groupRecordings(tracks)]).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

test('a recording counts by its first row, and people are told how many do not', () => {
  const tracks = makeNamedTracks(['a', 'b', 'a', 'c', 'b', 'a'].map((id) => ({ id })));
  const songs = firstRows(tracks);
  expect([...songs]).toEqual([0, 1, 3]);
  expect(describeRepeats(tracks, songs)).toBe('Each recording counts once, by its first row: 3 repeats are left out.');
  const whole = makeNamedTracks([{ id: 'a' }, { id: 'b' }]);
  expect(describeRepeats(whole, firstRows(whole))).toBe('Each recording counts once, by its first row.');
});

test('groupArtists groups by primary artist; the nameless are each alone', () => {
  const artists = ['X', 'Y', 'x feat. Y', '', 'X;Y', ''].map((artist) => ({ artist }));
  expect([...groupArtists(makeNamedTracks(artists))]).toEqual([0, 1, 0, 3, 0, 5]);
});

test('joinGroups is the finest grouping that contains both', () => {
  const groups = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { minLength: 1, maxLength: 30 });
  // By definition: rows are joined if a path of equal numbers in either grouping leads from one to the other.
  const closure = (pairs: readonly (readonly [number, number])[]) => {
    const label = pairs.map((_, i) => i);
    for (let changed = true; changed; ) {
      changed = false;
      for (const [i, a] of pairs.entries()) {
        for (const [j, b] of pairs.entries()) {
          if ((a[0] === b[0] || a[1] === b[1]) && label[j] > label[i]) {
            label[j] = label[i];
            changed = true;
          }
        }
      }
    }
    return label;
  };
  fc.assert(
    fc.property(groups, (pairs) => {
      const first = (side: 0 | 1) =>
        Uint32Array.from(pairs, (pair) => pairs.findIndex((other) => other[side] === pair[side]));
      expect([...joinGroups(first(0), first(1))]).toEqual(closure(pairs));
    }),
    { seed: 1 },
  );
});
