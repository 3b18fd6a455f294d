import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { makeRandom, makeTracks } from '../../testing/madeTracks.ts';
import { featureNames } from '../tracks/schema.ts';
import { loadRegressor } from './catalogue.ts';
import { linearRegressor, loadLinear } from './linear.ts';

const linear = linearRegressor([]);

const seedFile = new URL('../../../../../shared/data/spotify-4771.csv', import.meta.url);

function makeTable(rows: number, seed: number, missingShare = 0) {
  const random = makeRandom(seed);
  const features = Array.from({ length: rows }, () => featureNames.map(() => random()));
  const popularity = features.map((row) => 40 + 20 * row[1] - 10 * row[3] + 5 * random());
  for (const row of features) {
    for (let j = 0; j < row.length; j++) if (random() < missingShare) row[j] = Number.NaN;
  }
  return { features, popularity, tracks: makeTracks(features, popularity) };
}

const none = new Uint32Array(0);
const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);

test('fits training and validation rows together, and sees no other row', async () => {
  const { features, popularity, tracks } = makeTable(120, 1);
  const whole = await linear.fit(tracks, { seed: 1, train: range(0, 100), validation: none });
  const parts = await linear.fit(tracks, { seed: 2, train: range(40, 100), validation: range(0, 40) });
  expect(parts.inference).toEqual(whole.inference);
  expect(whole.inference.rows).toBe(100);
  const changed = makeTracks(
    features.map((row, i) => (i < 100 ? row : row.map(() => 99))),
    popularity.map((value, i) => (i < 100 ? value : 0)),
  );
  const again = await linear.fit(changed, { seed: 1, train: range(0, 100), validation: none });
  expect(again.inference).toEqual(whole.inference);
  const danceability = whole.inference.terms[2];
  expect(danceability.name).toBe('danceability');
  expect(danceability.low).toBeLessThan(20);
  expect(danceability.high).toBeGreaterThan(20);
});

test('a missing value counts as the training mean of its column', async () => {
  const { features, popularity, tracks } = makeTable(80, 2, 0.1);
  const train = range(0, 60);
  const means = featureNames.map((_, j) => {
    const known = features
      .slice(0, 60)
      .map((row) => row[j])
      .filter((value) => !Number.isNaN(value));
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  });
  const filled = makeTracks(
    features.map((row) => row.map((value, j) => (Number.isNaN(value) ? means[j] : value))),
    popularity,
  );
  const options = { seed: 1, train, validation: none };
  const found = (await linear.fit(tracks, options)).predict(tracks, range(60, 80));
  const expected = (await linear.fit(filled, options)).predict(filled, range(60, 80));
  expect([...found]).toEqual([...expected]);
});

test('a column that is never known is aliased and harmless', async () => {
  const { features, popularity } = makeTable(60, 3);
  const tracks = makeTracks(
    features.map((row) => row.with(5, Number.NaN)),
    popularity,
  );
  const fitted = await linear.fit(tracks, { seed: 1, train: range(0, 50), validation: none });
  expect(fitted.inference.terms[6]).toMatchObject({ name: 'key', aliased: true, coefficient: 0 });
  expect(fitted.predict(tracks, range(50, 60)).every(Number.isFinite)).toBe(true);
});

test('a saved model predicts the same to the bit, and a broken one is refused', async () => {
  const { tracks } = makeTable(80, 4, 0.05);
  const fitted = await linear.fit(tracks, { seed: 1, train: range(0, 60), validation: none });
  const saved = fitted.save();
  const loaded = loadLinear(saved);
  expect(loaded.inference).toEqual(fitted.inference);
  expect([...loaded.predict(tracks, range(0, 80))]).toEqual([...fitted.predict(tracks, range(0, 80))]);
  // As it was saved before there was any context.
  const { context: _, ...before } = saved.metadata;
  expect(loadRegressor({ ...saved, metadata: before }).fitted).toMatchObject({ inference: fitted.inference });
  const without = new Map([...saved.tensors].filter(([name]) => name !== 'fill'));
  expect(() => loadLinear({ ...saved, tensors: without })).toThrow(
    'tensor "fill": must hold finite float64 values of shape (13), got none',
  );
  const metadata = { ...saved.metadata, inference: '{}' };
  expect(() => loadLinear({ ...saved, metadata })).toThrow('model inference terms: must be a list, got none');
  expect(() => loadRegressor({ ...saved, metadata: { model: 'mean' } }, 'linear')).toThrow(
    'must be a saved "linear", got "mean"',
  );
});

const absent = existsSync(seedFile) ? '' : ' (skipped: shared/data/spotify-4771.csv is not there)';
test.skipIf(absent !== '')(`the seed's data, 100 random 80/20 splits: MSE 110.4, R² 0.156${absent}`, async () => {
  const records: Record<string, string>[] = parse(readFileSync(seedFile), { columns: true, bom: true });
  const tracks = makeTracks(
    records.map((record) => featureNames.map((name) => Number(record[name]))),
    records.map((record) => Number(record.popularity)),
  );
  const random = makeRandom(7);
  let mse = 0;
  let r2 = 0;
  for (let repeat = 0; repeat < 100; repeat++) {
    const rows = shuffle(range(0, tracks.count), random);
    const held = Math.floor(tracks.count / 5);
    const test = rows.subarray(0, held);
    const fitted = await linear.fit(tracks, { seed: 1, train: rows.slice(held), validation: none });
    const predicted = fitted.predict(tracks, test);
    const actual = Float64Array.from(test, (row) => tracks.popularity.values[row]);
    const mean = actual.reduce((sum, value) => sum + value, 0) / held;
    const left = actual.reduce((sum, value, i) => sum + (value - predicted[i]) ** 2, 0);
    const total = actual.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    mse += left / held / 100;
    r2 += (1 - left / total) / 100;
  }
  // Splits overlap and are 100 of very many: their mean moves by about 6/√100 = 0.6 and 0.02/√100 = 0.002.
  expect(Math.abs(mse - 110.4), `mean MSE ${mse}`).toBeLessThan(1);
  expect(Math.abs(r2 - 0.156), `mean R² ${r2}`).toBeLessThan(0.004);
});

function shuffle(rows: Uint32Array, random: () => number): Uint32Array {
  for (let i = rows.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
  return rows;
}

test.each([1e154, 1e300])('a column of numbers about %d is fitted as the same in another unit', async (size) => {
  const { features, popularity } = makeTable(60, 5);
  const tempo = featureNames.indexOf('tempo');
  const inUnits = makeTracks(
    features.map((row) => row.map((value, j) => (j === tempo ? value * size : value))),
    popularity,
  );
  const plain = await linear.fit(makeTracks(features, popularity), { seed: 1, train: range(0, 40), validation: none });
  const large = await linear.fit(inUnits, { seed: 1, train: range(0, 40), validation: none });
  const expected = plain.predict(makeTracks(features, popularity), range(0, 60));
  // As for another order of the same sums.
  large.predict(inUnits, range(0, 60)).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 9);
  });
  const [a, b] = [plain, large].map(({ inference }) => inference.terms[tempo + 1]);
  expect(b.t).toBeCloseTo(a.t as number, 9);
  expect(b.p).toBeCloseTo(a.p as number, 9);
  for (const figure of ['coefficient', 'standardError', 'low', 'high'] as const) {
    expect(((b[figure] as number) * size) / (a[figure] as number)).toBeCloseTo(1, 9);
  }
  expect(b.deviation / size / a.deviation).toBeCloseTo(1, 9);
});

test('a song absurdly far from all that were fitted on has a prediction whose square is a number', async () => {
  const { tracks, features } = makeTable(60, 6);
  const fitted = await linear.fit(tracks, { seed: 1, train: range(0, 60), validation: none });
  const far = makeTracks([features[0].map(() => Number.MAX_VALUE)], [50]);
  expect(Number.isFinite(fitted.predict(far, range(0, 1))[0] ** 2)).toBe(true);
  const near = makeTracks([features[0].map(() => 100)], [50]);
  const sum = fitted.inference.terms.slice(1).reduce((total, { coefficient }) => total + 100 * coefficient, 0);
  expect(fitted.predict(near, range(0, 1))[0]).toBeCloseTo(fitted.inference.terms[0].coefficient + sum, 9);
});
