import { describe, expect, test } from 'vitest';
import { artistKey, foldName, titleKey } from './nameKeys.ts';

describe('foldName', () => {
  test.each([
    ['Beyoncé', 'BEYONCE'],
    ['Motörhead', 'motorhead'],
    ['ＡＢＢＡ', 'abba'],
    ['Simon & Garfunkel', 'Simon and Garfunkel'],
    ["Don't", 'Don’t'],
    ["Guns N' Roses", 'Guns N Roses'],
    ['R.E.M.', 'REM'],
    ['  a   b ', 'a-b'],
    ['Straße', 'STRASSE'],
  ])('%j equals %j', (a, b) => {
    expect(foldName(a)).toBe(foldName(b));
  });

  test.each([
    ['¥$', '$$'],
    ['???', '!!!'],
    ['+', '-'],
    ['が', 'か'],
    ['A$AP', 'AAP'],
  ])('%j differs from %j', (a, b) => {
    expect(foldName(a)).not.toBe(foldName(b));
    expect(foldName(a)).not.toBe('');
  });
});

describe('titleKey', () => {
  test.each([
    ['Heroes', 'Heroes - 2017 Remaster'],
    ['Heroes', '"Heroes" (Remastered 2017)'],
    ['Heroes', 'Heroes - Single Version - 2014 Remaster'],
    ['Halo', 'Halo - Radio Edit'],
    ['Halo', 'Halo [Mono]'],
    ['Halo', 'Halo (Deluxe Edition)'],
    ['Halo', 'Halo (50th Anniversary Edition)'],
    ['Halo', 'Halo - Original Mix'],
    ['Stay', 'Stay (feat. Someone)'],
    ['Stay', 'Stay [ft. Someone] - Radio Edit'],
    ['Stay', 'Stay feat. Someone & Others'],
    ['Stay', 'Stay (Featuring Someone) (Explicit)'],
  ])('%j equals %j', (a, b) => {
    expect(titleKey(b)).toBe(titleKey(a));
  });

  test.each([
    ['Halo', 'Halo - Live'],
    ['Halo', 'Halo (Live at Wembley 2009)'],
    ['Halo', 'Halo - Acoustic Version'],
    ['Halo', 'Halo (Someone Remix)'],
    ['Halo', 'Halo (Demo)'],
    ['Halo', 'Halo (My Version)'],
    ['Halo', 'Halo (Pt. 2)'],
    ['Halo', 'Halo (1999)'],
    ['Interlude (One)', 'Interlude (Two)'],
    ['Stay', 'Stay (With Me)'],
    ['Defeat', 'De'],
  ])('%j differs from %j', (a, b) => {
    expect(titleKey(b)).not.toBe(titleKey(a));
  });

  test.each(['(Remastered)', '- Radio Edit', '(feat. Someone)', 'Remastered'])('%j keeps something', (title) => {
    expect(titleKey(title)).not.toBe('');
  });

  test('is fast on hostile titles', () => {
    const start = performance.now();
    for (const piece of ['(feat. ', ' - remaster', '(mono)', ' feat. ', '[(', '\u0301']) {
      titleKey(piece.repeat(200_000));
      titleKey(piece.repeat(1000).slice(0, 999));
    }
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('artistKey', () => {
  test.each([
    ['Someone feat. Other', 'Someone'],
    ['Someone (feat. Other)', 'Someone'],
    ['Someone;Other', 'someone'],
    ["['Someone', 'Other']", 'Someone'],
    ['["Guns N\' Roses", "Other"]', 'Guns N Roses'],
  ])('%j equals %j', (a, b) => {
    expect(artistKey(a)).toBe(artistKey(b));
  });

  test('keeps commas and ampersands, which belong to names', () => {
    expect(artistKey('Earth, Wind & Fire')).not.toBe(artistKey('Earth'));
    expect(artistKey('Tyler, The Creator')).toBe('tyler the creator');
  });
});
