import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { renderContributions } from '../sections/explanation.ts';
import { describeContributions, drawContributions, stackContributions } from './contributions.ts';

const song = {
  base: 60,
  prediction: 65.5,
  contributions: [
    { factor: 'energy', contribution: -1 },
    { factor: 'loudness', contribution: 7 },
    { factor: 'tempo', contribution: -0.5 },
  ],
};

test('bars lead from the base to the prediction, the largest first', () => {
  expect(stackContributions(song)).toEqual([
    { label: 'loudness', contribution: 7, from: 60, to: 67 },
    { label: 'energy', contribution: -1, from: 67, to: 66 },
    { label: 'tempo', contribution: -0.5, from: 66, to: 65.5 },
  ]);
  const svg = expectFigure((document) => drawContributions(document, 'a song', song));
  for (const text of ['+7.0', '−1.0', '−0.5']) expect(svg).toContain(`>${text}<`);
  expect(describeContributions('a song', song)).toBe(
    'a song: predicted 65.5, where the mean prediction is 60.0; loudness moves it most, 7.0 points up.',
  );
});

test('the smallest of many share a bar, and all sums stay', () => {
  const contributions = Array.from({ length: 20 }, (_, i) => ({ factor: `f${i}`, contribution: i }));
  const bars = stackContributions({ base: 0, prediction: 190, contributions });
  expect(bars).toHaveLength(12);
  expect(bars[11]).toEqual({ label: '9 others', contribution: 36, from: 154, to: 190 });
});

test('titles and values are escaped; nothing contributed, or no factor, is drawn', () => {
  const contributions = song.contributions.map((entry) => ({ ...entry, value: hostileName }));
  const hostile = { ...song, contributions, title: hostileName };
  expect(renderContributions(makeDocument(), [hostile])).not.toContain('<b>');
  for (const none of [[], [{ factor: 'key', contribution: 0 }]]) {
    const still = { base: 50, prediction: 50, contributions: none };
    expectFigure((document) => drawContributions(document, 's', still));
  }
  expect(renderContributions(makeDocument(), [])).toBe('');
});
