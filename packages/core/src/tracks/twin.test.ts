import { randomStream } from '@hitscan/mamba';
import { Matrix, SVD } from 'ml-matrix';
import { beforeAll, describe, expect, test } from 'vitest';
import { readContents } from '../../testing/madeCsv.ts';
import { groupRecordings } from './repeats.ts';
import { featureNames } from './schema.ts';
import type { Tracks } from './tracks.ts';
import { generateTwin } from './twin.ts';
import { quantileShare, twinStatistics } from './twinStatistics.ts';
import { formatTracks } from './writeCsv.ts';

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

type Describe = (row: number) => readonly number[];

/** Columns on scales of their own, so that squares of row numbers do no harm. */
function standardColumns(rows: readonly (readonly number[])[]): (row: readonly number[]) => number[] {
  const means = rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);
  const scales = means.map((mean, j) => Math.sqrt(rows.reduce((sum, row) => sum + (row[j] - mean) ** 2, 0)) || 1);
  return (row) => [1, ...row.map((value, j) => (value - means[j]) / scales[j])];
}

/** R² of linear regression, fitted on some rows and measured on others. */
function explain(
  { popularity }: Tracks,
  describeRow: Describe,
  train: readonly number[],
  testRows: readonly number[],
): number {
  const rows = train.map(describeRow);
  const standard = standardColumns(rows);
  const y = Matrix.columnVector(train.map((row) => popularity.values[row]));
  const coefficients = new SVD(new Matrix(rows.map(standard)), { autoTranspose: true }).solve(y).to1DArray();
  const actual = testRows.map((row) => popularity.values[row]);
  const mean = actual.reduce((sum, value) => sum + value, 0) / actual.length;
  let [errors, spread] = [0, 0];
  testRows.forEach((row, i) => {
    const predicted = standard(describeRow(row)).reduce((sum, value, j) => sum + value * coefficients[j], 0);
    errors += (predicted - actual[i]) ** 2;
    spread += (actual[i] - mean) ** 2;
  });
  return 1 - errors / spread;
}

/** Mean R² over random splits of four to one. */
function explainAtRandom(tracks: Tracks, describeRow: Describe, splits: number): number {
  let sum = 0;
  for (let seed = 0; seed < splits; seed++) {
    const rows = Uint32Array.from({ length: tracks.count }, (_, row) => row);
    randomStream(seed, 'twin test').shuffle(rows);
    const cut = Math.round(tracks.count * 0.2);
    sum += explain(tracks, describeRow, [...rows.subarray(cut)], [...rows.subarray(0, cut)]);
  }
  return sum / splits;
}

const audio =
  (tracks: Tracks): Describe =>
  (row) =>
    featureNames.map((name) => tracks.features[name].values[row]);
const era =
  ({ count }: Tracks): Describe =>
  (row) =>
    [1, 2, 3].map((power) => (row / count - 0.5) ** power);

describe.each([2024, 1, 2])('the twin of seed %i', (seed) => {
  const twin = generateTwin({ seed });

  test('explains as much by linear regression as real songs do: R² 0.156 ± 0.02 on random splits', () => {
    const r2 = explainAtRandom(twin, audio(twin), 20);
    expect(r2).toBeGreaterThan(0.136);
    expect(r2).toBeLessThan(0.176);
  });

  test('fails on the newest fifth, as real songs do (R² −0.98)', () => {
    const cut = Math.round(twin.count * 0.2);
    const rows = Array.from({ length: twin.count }, (_, row) => row);
    expect(explain(twin, audio(twin), rows.slice(cut), rows.slice(0, cut))).toBeLessThan(-0.5);
  });

  test('carries the era in the order of its rows, and little beside it', () => {
    const order = explainAtRandom(twin, era(twin), 10);
    const both = explainAtRandom(twin, (row) => [...era(twin)(row), ...audio(twin)(row)], 10);
    // The real table: 0.306 and 0.309.
    expect(order).toBeGreaterThan(0.27);
    expect(order).toBeLessThan(0.35);
    expect(both - order).toBeLessThan(0.02);
  });

  test('has artists whose other songs help to predict, as real ones do', () => {
    // R² of the mean over an artist's other songs alone, by leaving one out; the real table: 0.25, shuffled artists: 0.
    const mean = meanOf(twin.popularity.values);
    const sums = new Map<string, { sum: number; count: number }>();
    for (const [row, artist] of twin.artist.entries()) {
      const { sum, count } = sums.get(artist) ?? { sum: 0, count: 0 };
      sums.set(artist, { sum: sum + twin.popularity.values[row] - mean, count: count + 1 });
    }
    let [errors, spread] = [0, 0];
    for (const [row, artist] of twin.artist.entries()) {
      const { sum, count } = sums.get(artist) ?? { sum: 0, count: 0 };
      const own = twin.popularity.values[row] - mean;
      errors += (own - (sum - own) / (count + 1)) ** 2;
      spread += own ** 2;
    }
    expect(1 - errors / spread).toBeGreaterThan(0.22);
    expect(1 - errors / spread).toBeLessThan(0.28);
  });

  test('falls in popularity within each year', () => {
    const { values } = twin.popularity;
    const mean = meanOf(values);
    let [product, square] = [0, 0];
    values.forEach((value, row) => {
      square += (value - mean) ** 2;
      if (row > 0) product += (value - mean) * (values[row - 1] - mean);
    });
    // The real table: 0.85.
    expect(product / square).toBeGreaterThan(0.8);
  });

  test('has the distributions that its statistics tell: shares below their quantiles within 0.03', () => {
    const { quantiles, shares } = twinStatistics;
    const shareOf = (values: Float64Array, is: (value: number) => boolean) => values.filter(is).length / twin.count;
    for (const name of featureNames) {
      const { values } = twin.features[name];
      for (const [j, quantile] of (quantiles[name] ?? []).entries()) {
        const expected = quantileShare(j, quantiles[name].length);
        // A value that many songs share lies between the shares below it and up to it.
        expect(shareOf(values, (value) => value < quantile)).toBeLessThan(expected + 0.03);
        expect(shareOf(values, (value) => value <= quantile)).toBeGreaterThan(expected - 0.03);
      }
      for (const [j, category] of (shares[name]?.values ?? []).entries()) {
        expect(Math.abs(shareOf(values, (value) => value === category) - shares[name].shares[j])).toBeLessThan(0.03);
      }
    }
  });
});

describe('the twin', () => {
  let twin: Tracks;
  beforeAll(() => {
    twin = generateTwin();
  });

  test('has as many songs, artists and repeats as the real table', () => {
    const songs = new Map<string, number>();
    for (const artist of twin.artist) songs.set(artist, (songs.get(artist) ?? 0) + 1);
    expect(twin.count).toBe(4771);
    expect(songs.size).toBe(1890);
    expect(Math.max(...songs.values())).toBe(30);
    expect([...songs.values()].filter((count) => count === 1)).toHaveLength(1077);
    expect(twin.count - new Set(groupRecordings(twin)).size).toBe(18);
  });

  test('keeps to the rules of a file: written and read, it is the same table', async () => {
    const { tracks, rejects } = await readContents(formatTracks(twin));
    expect(rejects).toEqual([]);
    expect(tracks.source.synthetic).toBe(true);
    // The hash is that of the table as written, so a saved twin can be told from any other file.
    expect({ ...tracks, source: tracks.source.sha256 }).toEqual({ ...twin, source: twin.source.sha256 });
    for (const name of ['popularity', 'duration_ms', 'key', 'mode', 'time_signature'] as const) {
      const { values } = name === 'popularity' ? twin.popularity : twin.features[name];
      expect(values.every(Number.isInteger), name).toBe(true);
    }
    expect(twin.source).toMatchObject({ name: 'synthetic twin', synthetic: true });
    expect(twin.trackId.every((id) => /^twin[0-9A-Za-z]{18}$/.test(id))).toBe(true);
    expect(new Set(twin.trackId).size).toBe(twin.count);
  });

  test('is the same for the same seed, and another for another', () => {
    expect(generateTwin().source.sha256).toBe(twin.source.sha256);
    expect(generateTwin({ seed: 2025 }).source.sha256).not.toBe(twin.source.sha256);
  });

  test.each([20, 21, 1000, 20_000])('comes with %i rows', (rows) => {
    const { count, artist, popularity, features } = generateTwin({ rows });
    expect([count, artist.length, popularity.values.length, features.tempo.values.length]).toEqual([
      rows,
      rows,
      rows,
      rows,
    ]);
    expect(popularity.values.every((value) => value >= 0 && value <= 100)).toBe(true);
    expect(new Set(popularity.values).size).toBeGreaterThan(10);
  });
});
