import { describe, expect, test } from 'vitest';
import { type ProtocolName, protocolNames } from '../optionNames.ts';
import { firstRows, groupArtists, groupRecordings } from '../tracks/repeats.ts';
import { generateTwin } from '../tracks/twin.ts';
import { planProtocol } from './protocols.ts';

const tracks = generateTwin({ rows: 600, seed: 3 });
const recordings = groupRecordings(tracks);
const songs = firstRows(tracks);
const artists = groupArtists(tracks);
const lay = (name: ProtocolName, seed = 1) => planProtocol(tracks, { name, folds: 4, repeats: 3, seed });

describe.each(protocolNames)('%s', (name) => {
  const protocol = lay(name);

  test('parts rows without parting recordings', () => {
    for (const { train, validation, test } of protocol.parts) {
      const lists = [train, validation, test];
      for (const list of lists) {
        expect(list.length).toBeGreaterThan(0);
        expect([...list]).toEqual([...list].toSorted((a, b) => a - b));
      }
      const groupsOf = (rows: Uint32Array) => new Set(Array.from(rows, (row) => recordings[row]));
      const [a, b, c] = lists.map(groupsOf);
      expect(a.isDisjointFrom(b) && a.isDisjointFrom(c) && b.isDisjointFrom(c)).toBe(true);
      expect(a.size + b.size + c.size).toBe(train.length + validation.length + test.length);
    }
  });

  test('is the same for the same seed, and differs for another unless time decides', () => {
    const rowsOf = (seed: number) => lay(name, seed).parts.map(({ train, test }) => [[...train], [...test]]);
    expect(rowsOf(1)).toEqual(rowsOf(1));
    const testsOf = (seed: number) => lay(name, seed).parts.map(({ test }) => [...test]);
    if (name === 'time') expect(testsOf(2)).toEqual(testsOf(1));
    else expect(testsOf(2)).not.toEqual(testsOf(1));
  });
});

test.each(['kfold', 'artist'] as const)('%s predicts every song once a repeat', (name) => {
  const { parts, note } = lay(name);
  expect(songs.length).toBeLessThan(tracks.count);
  expect(note).toContain(`${tracks.count - songs.length} repeats are left out`);
  expect(parts).toHaveLength(12);
  for (const repeat of [0, 1, 2]) {
    const tested = parts.filter((part) => part.repeat === repeat).flatMap(({ test }) => [...test]);
    expect(tested.toSorted((a, b) => a - b)).toEqual([...songs]);
  }
});

test('artist folds have no artist on both sides, validation rows included', () => {
  for (const { train, validation, test } of lay('artist').parts) {
    const [a, b, c] = [train, validation, test].map((rows) => new Set(Array.from(rows, (row) => artists[row])));
    expect(a.isDisjointFrom(b) && a.isDisjointFrom(c) && b.isDisjointFrom(c)).toBe(true);
  }
});

test('holdout holds out another fifth each time', () => {
  const { parts } = lay('holdout');
  expect(parts.map(({ repeat, fold }) => [repeat, fold])).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
  ]);
  for (const { test } of parts) expect(test.length / songs.length).toBeCloseTo(0.2, 2);
  expect([...parts[1].test]).not.toEqual([...parts[0].test]);
});

test('time predicts newer songs from older ones', () => {
  const { parts, note } = lay('time');
  expect(note).toContain('oldest to the newest');
  expect(parts).toHaveLength(4);
  const dates = tracks.releaseDate;
  parts.forEach(({ train, validation, test }, fold) => {
    const older = [...train, ...validation];
    // The twin has no dates: its first row is taken as the newest.
    if (!dates) expect(Math.min(...older)).toBeGreaterThan(Math.max(...test));
    if (fold > 0) expect(train.length).toBeGreaterThan(parts[fold - 1].train.length);
  });
});

test('too few songs, and songs without artists, are refused', () => {
  const few = generateTwin({ rows: 20, seed: 1 });
  expect(() => planProtocol(few, { name: 'kfold', folds: 30, repeats: 1, seed: 1 })).toThrow(
    'a different group of songs',
  );
  const anonymous = { ...tracks, artist: tracks.artist.map(() => '') };
  expect(() => planProtocol(anonymous, { name: 'artist', folds: 3, repeats: 1, seed: 1 })).toThrow('must name artists');
});
