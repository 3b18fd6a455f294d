import { expect, test } from 'vitest';
import { hostileName } from '../../../testing/expectFigure.ts';
import { renderExamples, selectExamples } from './examples.ts';

/** Predictions 0, 10, …, 90; errors 0, 1, 2, … and one of 60. */
const songs = Array.from({ length: 10 }, (_, i) => ({
  artist: `artist ${i}`,
  title: `title ${i}`,
  actual: i === 4 ? 100 : 11 * i,
  predicted: 10 * i,
}));

test('best and worst are by error; bold ones are right and far from the mean prediction of 45', () => {
  const { best, worst, bold } = selectExamples(songs, 3);
  const places = (some: readonly { title: string }[]) => some.map(({ title }) => Number(title.slice(6)));
  expect(places(best)).toEqual([0, 1, 2]);
  expect(places(worst)).toEqual([4, 9, 8]);
  expect(places(bold)).toEqual([0, 1, 2]);
});

test('names are escaped and cut, and control characters left out', () => {
  const html = renderExamples('m', hostileName, [
    {
      artist: `${hostileName}${'x'.repeat(100)}`,
      title: `${hostileName}\u0007\u001b[31m`,
      actual: 50,
      predicted: 41.25,
    },
  ]);
  expect(html).not.toMatch(/<b>|(?!\n)\p{Cc}/u);
  expect(html).toContain('>−8.8<');
  expect(html).toContain('x…<');
  // Not within 5 points: no third table.
  expect(html.match(/<table/g)).toHaveLength(2);
});

test('the same songs give the same bytes; none is empty', () => {
  expect(renderExamples('m', 'm', songs, 4)).toBe(renderExamples('m', 'm', songs, 4));
  expect(renderExamples('m', 'm', songs, 4).match(/<tr>/g)).toHaveLength(15);
  expect(renderExamples('m', 'm', [])).toBe('');
});

test('a column for artists is there where any is named', () => {
  const song = { artist: '', title: 'one', actual: 50, predicted: 52 };
  expect(renderExamples('songs', 'm', [song])).not.toContain('artist');
  expect(renderExamples('songs', 'm', [song, { ...song, artist: 'A' }])).toContain('artist');
});
