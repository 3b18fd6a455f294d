import { featureNames, seedColumns } from '@hitscan/core/tracks';
import type { RandomStream } from '@hitscan/mamba';
import { makeCsv, makeSong } from '../../packages/core/testing/madeCsv.ts';
import { pick } from './damageRun.ts';

type Draw = (row: number, random: RandomStream) => string | number;

/** What a column may hold, all of it legal for most. */
const columns: readonly Draw[] = [
  () => '',
  () => 0,
  () => -0,
  () => 1,
  () => 0.5,
  (row) => (row === 0 ? 0.3 : ''),
  (row) => (row < 4 ? row / 10 : ''),
  (row) => (row === 1 ? '' : 0.7),
  (row) => row % 3,
  (row) => row % 2,
  (_, random) => random.uniform(),
  (_, random) => random.uniform() * 5e-324,
  () => 5e-324,
  (_, random) => random.uniform() * 1e300,
  () => 1e154,
  () => 1.7976931348623157e308,
  (row) => (row === 0 ? 1e200 : 120),
  () => -1,
  (_, random) => -random.below(61),
  (_, random) => random.below(12),
  () => 'NaN',
  (_, random) => pick(['', 'x', '1,5', '1e999', '\u001b[2J', '=1+1', '0x1'], random),
];

const texts: readonly Draw[] = [
  () => '',
  () => 'One',
  (row) => `Name ${row}`,
  (row) => `Name ${row % 3}`,
  () => '<script>alert(1)</script>',
  () => '\u202e\u001b[31mred',
  () => '=HYPERLINK("x")',
  () => 'two\nlines "quoted", with comma',
];

const popularities: readonly Draw[] = [
  (_, random) => random.below(101),
  () => 55,
  () => 0,
  () => 100,
  (row) => (row === 0 ? 1 : 0),
  (row) => row % 2,
  (_, random) => random.uniform(),
  (_, random) => pick([0, 0, 0, 80], random),
  (row) => (row % 5 === 0 ? '' : row % 101),
];

/** A table that its columns make strange; most values are legal. */
export function drawTable(random: RandomStream): string {
  const rows = pick([0, 1, 5, 20, 21, 22, 30, 45, 60], random);
  const kinds = new Map<string, Draw>();
  for (const name of featureNames) if (random.below(3) === 0) kinds.set(name, pick(columns, random));
  for (const name of ['artist_name', 'track_id', 'track_name'])
    if (random.below(3) === 0) kinds.set(name, pick(texts, random));
  kinds.set('popularity', pick(popularities, random));
  const names = [...seedColumns, ...(random.below(4) === 0 ? ['release_date'] : [])];
  if (names.includes('release_date'))
    kinds.set(
      'release_date',
      pick<Draw>([(row) => 1970 + (row % 50), () => '', () => '2001-02', (row) => (row % 2 ? '' : 1999)], random),
    );
  const normal: Draw = (_, source) => source.uniform();
  const songs = Array.from({ length: rows }, (_, row) => {
    const varied = Object.fromEntries(['energy', 'valence', 'danceability'].map((name) => [name, normal(row, random)]));
    const drawn = Object.fromEntries([...kinds].map(([name, draw]) => [name, draw(row, random)]));
    return makeSong(row, { ...varied, ...drawn });
  });
  return makeCsv(songs, random.below(8) === 0 ? names.filter(() => random.below(10) > 0) : names);
}
