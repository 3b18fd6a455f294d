import { describe, expect, test } from 'vitest';
import type { SongContribution } from '../../explain/explainSong.ts';
import { describeChange, describeContext, describePushes, formatFeature, listWords, warnOfUnseen } from './songs.ts';

const entry = (factor: string, contribution: number, others: Partial<SongContribution> = {}): SongContribution => ({
  factor,
  contribution,
  standardError: 0,
  value: 0.5,
  typical: 0.5,
  level: 'usual',
  unseen: false,
  ...others,
});

test.each([
  ['duration_ms', 185_400, '3:05'],
  ['duration_ms', 59_700, '1:00'],
  ['loudness', -5.25, '-5.3 dB'],
  ['tempo', 115.83, '115.8 bpm'],
  ['key', 6, 'F♯'],
  ['mode', 0, 'minor'],
  ['time_signature', 3, '3 beats'],
  ['energy', 0.663, '0.66'],
  ['valence', null, 'not known'],
] as const)('%s %d is shown as %s', (feature, value, text) => {
  expect(formatFeature(feature, value)).toBe(text);
});

test('a change too small for two decimals is shown with more', () => {
  expect(describeChange({ feature: 'energy', from: 0.663, to: 0.9 })).toBe('energy 0.90 instead of 0.66');
  expect(describeChange({ feature: 'energy', from: 0.663, to: 0.661 })).toBe('energy 0.661 instead of 0.663');
  expect(describeChange({ feature: 'valence', from: 0.2, to: null })).toBe('valence not known instead of 0.20');
});

describe('pushes', () => {
  test('are named in each direction, three at most, in words', () => {
    const [up, down] = describePushes([
      entry('loudness', 2, { level: 'high' }),
      entry('valence', -1.5, { level: 'low' }),
      entry('artist', 1, { level: null, value: null }),
      entry('key', 0.5, { level: null, value: 0 }),
      entry('tempo', 0.4, { level: 'high' }),
      entry('energy', -0.3),
      entry('liveness', -0.2, { level: null, value: null }),
    ]);
    expect(up).toBe('Pushed up by: louder than most (+2.0), the artist (+1.0) and key C (+0.5).');
    expect(down).toBe(
      'Pushed down by: less cheerful than most (-1.5), usual energy (-0.3) and liveness not known (-0.2).',
    );
  });

  test('are not named where their error may account for them, or a tenth of a point', () => {
    expect(describePushes([entry('energy', 0.5, { standardError: 0.3 }), entry('valence', -0.09)])).toEqual([
      'Pushed up by: nothing notable.',
      'Pushed down by: nothing notable.',
    ]);
  });
});

test('inputs beside audio are named', () => {
  expect(describeContext({})).toBe('');
  expect(describeContext({ artist: { songs: 0, mean: 60 }, release: null })).toBe(
    'Inputs beside audio: the artist, who has no other song among the training songs; no release year, as the song has no date.',
  );
  expect(describeContext({ artist: { songs: 1, mean: 61.24 } })).toContain(
    'one other song among the training songs (mean popularity',
  );
});

test('lists and warnings', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listWords)).toEqual(['', 'a', 'a and b', 'a, b and c']);
  expect(warnOfUnseen([])).toBe('');
  expect(warnOfUnseen([{ feature: 'time_signature', value: 2 }])).toMatch(/^No training song has such a value: time/);
});
