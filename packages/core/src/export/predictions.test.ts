import { expect, test } from 'vitest';
import { makeNamedTracks } from '../../testing/madeTracks.ts';
import { formatPredictions } from './predictions.ts';

test('every row has its part, repeats none, and no cell is a formula', () => {
  const tracks = makeNamedTracks(['a', 'b', 'c', 'a', 'd'].map((id) => ({ id, title: `=${id}` })));
  const rows = (...list: number[]) => Uint32Array.from(list);
  const split = { kind: 'random', seed: 1, note: '', train: rows(0, 4), validation: rows(1), test: rows(2) } as const;
  const csv = formatPredictions(tracks, split, [
    { name: 'm', predicted: Float64Array.of(1 / 3, 20, 30, 40, 50) },
    { name: 'n', predicted: Float64Array.of(5, 4, 3, 2, 1) },
  ]);
  const [head, ...lines] = csv.trimEnd().split(/\r?\n/);
  expect(head).toBe('row,part,track_id,artist_name,track_name,popularity,m,n');
  expect(lines.map((line) => line.split(',')[1])).toEqual(['train', 'validation', 'test', 'repeat', 'train']);
  expect(lines[0]).toMatch(/^2,train,a,,'=a,\d+,0\.333333,5$/);
});
