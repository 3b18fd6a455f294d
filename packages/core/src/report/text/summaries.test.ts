import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankHoldout } from '../../../testing/madeOutcome.ts';
import type { Difference } from '../../compare/summariseModels.ts';
import {
  describeDifference,
  describeDraws,
  formatDifference,
  formatLevel,
  labelVerdict,
  warnOfFew,
} from './summaries.ts';
import { formatSummaries } from './terminal.ts';

const made: Difference = {
  difference: -2.94,
  low: -4.57,
  high: -1.31,
  level: 0.95,
  p: 0.001,
  verdict: 'better',
  family: 'primary',
};

describe('how songs are drawn is said as it is', () => {
  test.each([
    [0, 'songs resampled one by one'],
    [40, 'songs of an artist resampled together'],
    [39, 'songs of an artist resampled together where one is named'],
  ])('%i of 40 songs name an artist', (named, words) => {
    expect(describeDraws({ songs: 40, named, clusters: 40 })).toBe(words);
  });
});

describe('too few songs', () => {
  test.each([
    [{ songs: 4, named: 4, clusters: 4 }, 'Only 4 songs were held out: from fewer than 30'],
    [{ songs: 1, named: 0, clusters: 1 }, 'Only 1 song was held out: from fewer than 30'],
    [{ songs: 100, named: 100, clusters: 12 }, 'The 100 songs held out are by only 12 artists, whose songs are alike:'],
    [{ songs: 1000, named: 1000, clusters: 1 }, 'The 1,000 songs held out are by only 1 artist, whose'],
    [{ songs: 100, named: 90, clusters: 20 }, 'The 100 songs held out count for only 20, as those of one artist are'],
  ])('%o', (heldOut, words) => {
    expect(warnOfFew(heldOut)).toContain(words);
    expect(warnOfFew(heldOut)).toMatch(/nothing can be told of which model is better\.$/);
  });

  test('thirty are enough', () => {
    expect(warnOfFew({ songs: 30, named: 0, clusters: 30 })).toBeNull();
    expect(warnOfFew({ songs: 90, named: 90, clusters: 30 })).toBeNull();
  });
});

describe('numbers beside a word', () => {
  test('have the same digits, and as many as it takes to see on which side of 0 they are', () => {
    expect(formatDifference(made, 2)).toBe('-2.94 [-4.57, -1.31]');
    expect(formatDifference({ ...made, high: -0.0004 }, 2)).toBe('-2.9400 [-4.5700, -0.0004]');
    expect(formatDifference({ ...made, high: 0.0004 }, 2)).toBe('-2.9400 [-4.5700, +0.0004]');
    expect(describeDifference(made, 2)).toBe('−2.94 (95 % interval −4.57 to −1.31)');
    const unknown = { ...made, low: null, high: null, level: null };
    expect(formatDifference(unknown, 2)).toBe('-2.94');
    expect(describeDifference(unknown, 2)).toBeNull();
    expect(formatDifference(null, 2)).toBe('');
  });

  test('look as if they held 0 where and only where they do', () => {
    const end = fc
      .record({ digits: fc.integer({ min: -999, max: 999 }), exponent: fc.integer({ min: -8, max: 1 }) })
      .map(({ digits, exponent }) => digits * 10 ** exponent);
    fc.assert(
      fc.property(end, end, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const text = formatDifference({ ...made, difference: (low + high) / 2, low, high }, 2);
        const [seenLow, seenHigh] = text
          .slice(text.indexOf('[') + 1, -1)
          .split(', ')
          .map(Number);
        expect(seenLow <= 0 && seenHigh >= 0).toBe(low <= 0 && high >= 0);
        expect(text).not.toMatch(/-0\.?0*(?![\d.])/);
      }),
    );
  });

  test('levels are never rounded to certainty', () => {
    expect([0.95, 0.975, 1 - 0.05 / 3, 1 - 0.05 / 66].map(formatLevel)).toEqual([
      '95 %',
      '97.5 %',
      '98.33 %',
      '99.92 %',
    ]);
  });

  test('the level stands beside the word, and which comparison is the primary one', () => {
    expect(labelVerdict(made)).toEqual({ level: '95 %, primary', word: 'better' });
    expect(labelVerdict({ ...made, family: 'secondary', level: 0.975 })).toEqual({ level: '97.5 %', word: 'better' });
    expect(labelVerdict({ ...made, level: null })).toEqual({ level: '', word: '' });
    expect(labelVerdict(null)).toEqual({ level: '', word: '' });
  });
});

test('the table of the terminal says nothing of few songs but their errors', () => {
  const table = (rows: number) => {
    const actual = Float64Array.from({ length: rows }, (_, i) => 50 + 10 * Math.sin(i));
    const models = ['linear', 'mamba-tokens'].map((name, m) => ({
      name,
      predicted: actual.map((value, i) => value + (4 + m) * Math.cos(3 * i)),
    }));
    return formatSummaries(rankHoldout(actual, models), {});
  };
  expect(table(40)).toMatch(/mamba-tokens .* \+\d+\.\d\d \[\+\d+\.\d\d, \+\d+\.\d\d\] +95 %, primary +worse/);
  expect(table(20)).toMatch(/^mamba-tokens +\d+\.\d +0\.\d{3} +\d\.\d\d +0\.\d{3} +\+\d+\.\d\d +–$/m);
  expect(table(20)).not.toMatch(/better|worse|no difference|primary|verdict|%/);
});
