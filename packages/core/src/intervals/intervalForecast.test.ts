import { describe, expect, test } from 'vitest';
import { linearRegressor } from '../models/linear.ts';
import { mambaRegressor } from '../models/mamba.ts';
import { type MambaSettings, presetSettings } from '../models/mambaSettings.ts';
import type { FittedRegressor, Regressor } from '../models/regressor.ts';
import { joinRows } from '../models/trainingRows.ts';
import { cutFolds, type FoldKind } from '../tracks/folds.ts';
import { groupArtists } from '../tracks/repeats.ts';
import { holdOut } from '../tracks/split.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { generateTwin } from '../tracks/twin.ts';
import { calibratedCoverages } from './conformal.ts';
import { joinForecasts } from './crossFit.ts';
import { forecastIntervals } from './intervalForecast.ts';
import { measureIntervals } from './measureIntervals.ts';
import { poolIntervals } from './poolIntervals.ts';

const linear = linearRegressor([]);

const tracks = generateTwin({ rows: 1200 });
const everyRow = Uint32Array.from({ length: tracks.count }, (_, row) => row);

function cut(kind: FoldKind, rows = everyRow) {
  const [{ train, heldOut }] = cutFolds(tracks, rows, { kind, folds: 4, seed: 2 });
  const parts = holdOut(tracks, train, { kind, share: 0.15, seed: 2, purpose: 'test' });
  return { train: parts.train, validation: parts.heldOut, test: heldOut };
}

function smallMamba(loss: MambaSettings['loss']): Regressor {
  const small = { layers: 1, dModel: 8, bins: 4, epochs: 2, batchRows: 64, learningRate: 5e-3 };
  return mambaRegressor('tokens', { ...presetSettings('tokens', true), ...small, loss });
}

const absolute = ['split', 'outOfFold', 'crossPlus'];

test.each<[Regressor, string[]]>([
  [linear, absolute],
  [smallMamba('huber'), absolute],
  [smallMamba('gaussian'), [...absolute, 'own', 'splitNormalised', 'outOfFoldNormalised']],
  [smallMamba('quantiles'), [...absolute, 'own', 'splitQuantiles', 'outOfFoldQuantiles']],
])('a model has the methods that it allows (%#)', async (regressor, expected) => {
  const rows = everyRow.slice(0, 300);
  const split = cut('random', rows);
  const forecast = await forecastIntervals(tracks, split, regressor, { kind: 'random', folds: 3, seed: 1 });
  expect(forecast.methods.map(({ method }) => method).sort()).toEqual([...expected].sort());
  for (const { intervals } of forecast.methods) {
    expect(intervals).toHaveLength(calibratedCoverages.length);
    for (const { low, high } of intervals) {
      expect(low).toHaveLength(split.test.length);
      expect(low.every((value, i) => value >= 0 && value <= high[i] && high[i] <= 100)).toBe(true);
    }
  }
});

test('a model that is fitted already is not fitted again', async () => {
  const split = cut('random');
  const options = { kind: 'random', folds: 3, seed: 1 } as const;
  const fitted = await linear.fit(tracks, { ...split, seed: 1 });
  const forecast = await forecastIntervals(tracks, split, linear, { ...options, fitted });
  expect(forecast).toEqual(await forecastIntervals(tracks, split, linear, options));
  const constant = { ...fitted, predict: (_: Tracks, rows: Rows) => new Float64Array(rows.length).fill(7) };
  const other = await forecastIntervals(tracks, split, linear, { ...options, fitted: constant });
  expect(new Set(other.forecast.predicted)).toEqual(new Set([7]));
});

describe.each<FoldKind>(['random', 'artist'])('%s', (kind) => {
  test('held-out popularity changes no interval', async () => {
    const split = cut(kind);
    const values = tracks.popularity.values.slice();
    for (const row of split.test) values[row] = 100 - values[row];
    const changed: Tracks = { ...tracks, popularity: { ...tracks.popularity, values } };
    const options = { kind, folds: 4, seed: 1 };
    const { methods } = await forecastIntervals(tracks, split, linear, options);
    expect((await forecastIntervals(changed, split, linear, options)).methods).toEqual(methods);
  });

  test('no model has seen a song, or for artist an artist, that it is calibrated with', async () => {
    const artists = groupArtists(tracks);
    const fitted: { rows: Rows; predicted: Rows[] }[] = [];
    const spy: Regressor = {
      ...linear,
      async fit(table, options) {
        const model = await linear.fit(table, options);
        const seen = { rows: Uint32Array.of(...options.train, ...options.validation), predicted: [] as Rows[] };
        fitted.push(seen);
        return {
          ...model,
          predict(_, rows) {
            seen.predicted.push(rows);
            return model.predict(table, rows);
          },
        } satisfies FittedRegressor;
      },
    };
    const split = cut(kind);
    const whole = joinRows(split.train, split.validation);
    await forecastIntervals(tracks, split, spy, { kind, folds: 4, seed: 1 });
    expect(fitted).toHaveLength(5);
    const calibrated: number[] = [];
    for (const { rows, predicted } of fitted) {
      const known = new Set(rows);
      const knownArtists = new Set([...rows].map((row) => artists[row]));
      for (const row of predicted.flatMap((each) => [...each])) {
        expect(known.has(row)).toBe(false);
        if (kind === 'artist') expect(knownArtists.has(artists[row])).toBe(false);
      }
      expect([...rows].every((row) => whole.includes(row))).toBe(true);
      calibrated.push(...predicted.filter((each) => each.length !== split.test.length).flatMap((each) => [...each]));
    }
    // Every training row is calibrated with once.
    expect(calibrated.sort((a, b) => a - b)).toEqual([...whole]);
  });

  test('every conformal method covers what it promises, over all folds', async () => {
    const parts = [];
    for (const { train, heldOut } of cutFolds(tracks, everyRow, { kind, folds: 4, seed: 3 })) {
      parts.push(
        await forecastIntervals(tracks, { train, validation: new Uint32Array(0), test: heldOut }, linear, {
          kind,
          folds: 4,
          seed: 1,
        }),
      );
    }
    const figures = poolIntervals(parts.map(measureIntervals), 1);
    expect(figures.rows).toBe(tracks.count);
    for (const { method, reported, reliability } of figures.methods) {
      for (const { coverage, covered, seen, unseen, deciles } of reported) {
        // Four deviations of a share of 1,200 songs, and as much again for that of the 225 songs of a split's calibration.
        const deviation = Math.sqrt(coverage * (1 - coverage) * (1 / 1200 + 1 / (4 * 225)));
        expect(Math.abs((covered ?? 0) - coverage), `${method} ${coverage}`).toBeLessThan(4 * deviation);
        expect(seen.rows + unseen.rows).toBe(tracks.count);
        expect(deciles.map(({ rows }) => rows)).toEqual(new Array(10).fill(tracks.count / 10));
        if (kind === 'artist') expect(seen).toMatchObject({ rows: 0, covered: null });
        else expect(seen.rows).toBeGreaterThan(100);
      }
      expect(reliability.map(({ coverage }) => coverage)).toEqual(calibratedCoverages);
      const widths = reliability.map(({ meanWidth }) => meanWidth ?? Number.NaN);
      expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    }
    const { own, constantDeviation, point } = figures.rankedProbability;
    expect(own).toBeNull();
    expect(figures.transforms).toBeNull();
    // Saying how sure one is costs less than a bare number, where it is about right.
    expect(constantDeviation).toBeLessThan(point);
    expect(JSON.parse(JSON.stringify(figures))).toEqual(figures);
  });
});

test('of its own quantiles, a model is measured as far as they go', async () => {
  const split = cut('random', everyRow.slice(0, 300));
  const options = { kind: 'random', folds: 3, seed: 1 } as const;
  const figures = measureIntervals(await forecastIntervals(tracks, split, smallMamba('quantiles'), options));
  const widest = Object.fromEntries(
    figures.methods.map(({ method, reliability }) => [method, reliability.at(-1)?.coverage]),
  );
  expect(widest).toMatchObject({ own: 0.9, outOfFoldQuantiles: 0.99, crossPlus: 0.99 });
  expect(figures.transforms).toHaveLength(20);
  expect(figures.rankedProbability.own).toBeLessThan(figures.rankedProbability.point);
});

test('forecasts are joined with their distributions where all have one of a kind', () => {
  const gaussian = (value: number) => ({
    predicted: Float64Array.of(value),
    distribution: { kind: 'gaussian', mean: Float64Array.of(value), deviation: Float64Array.of(1) } as const,
  });
  const quantiles = (value: number) => ({
    predicted: Float64Array.of(value),
    distribution: { kind: 'quantiles', levels: [0.1, 0.9], values: Float64Array.of(value - 1, value + 1) } as const,
  });
  expect(joinForecasts([gaussian(3), gaussian(4)]).distribution).toEqual({
    kind: 'gaussian',
    mean: Float64Array.of(3, 4),
    deviation: Float64Array.of(1, 1),
  });
  expect(joinForecasts([quantiles(3), quantiles(4)]).distribution).toMatchObject({
    values: Float64Array.of(2, 4, 3, 5),
  });
  expect(joinForecasts([gaussian(3), quantiles(4)])).toEqual({ predicted: Float64Array.of(3, 4), distribution: null });
});
