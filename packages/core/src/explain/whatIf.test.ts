import { describe, expect, test } from 'vitest';
import { regressBy } from '../../testing/madeRegressor.ts';
import { makeUniformSongs } from '../../testing/madeSongs.ts';
import { makeTracks } from '../../testing/madeTracks.ts';
import { featureNames } from '../tracks/schema.ts';
import { rowsUpTo } from './alterTracks.ts';
import { searchCounterfactual } from './counterfactual.ts';
import { predictWhatIf } from './whatIf.ts';

const tracks = makeUniformSongs(300, 1, () => 50);
const rows = rowsUpTo(300);
const observed = { tracks, rows };

describe('predictWhatIf', () => {
  const fitted = regressBy(
    ({ energy, valence, tempo }) => 50 + 10 * energy - 5 * (valence || 0) + (Number.isNaN(tempo) ? 7 : 0),
  );

  test('tells what was, what would be, and what is changed', () => {
    const { energy, valence } = tracks.features;
    const found = predictWhatIf(fitted, tracks, 4, { valence: null, energy: 0.25 });
    expect(found.changes).toEqual([
      { feature: 'energy', from: energy.values[4], to: 0.25 },
      { feature: 'valence', from: valence.values[4], to: null },
    ]);
    expect(found.before).toBeCloseTo(50 + 10 * energy.values[4] - 5 * valence.values[4], 10);
    expect(found.after).toBeCloseTo(52.5, 10);
    expect(found.difference).toBe(found.after - found.before);
    expect(predictWhatIf(fitted, tracks, 4, {})).toMatchObject({ difference: 0, changes: [] });
  });

  test('reads values as a file’s', () => {
    // Spotify's number for a tempo that is not known.
    expect(predictWhatIf(fitted, tracks, 4, { tempo: 0 }).difference).toBe(7);
    expect(() => predictWhatIf(fitted, tracks, 4, { energy: 1.2 })).toThrow('energy: must be between 0 and 1, got 1.2');
    expect(() => predictWhatIf(fitted, tracks, 4, { mode: 0.5 })).toThrow('mode: must be a whole number');
    expect(() => predictWhatIf(fitted, tracks, 4, { tempo: Number.NaN })).not.toThrow();
  });
});

describe('searchCounterfactual', () => {
  const linear = regressBy(({ energy, valence, key }) => 50 + 10 * energy - 4 * valence + key);
  const deviationOf = (name: 'energy' | 'valence') => {
    const { values } = tracks.features[name];
    const mean = values.reduce((sum, value) => sum + value, 0) / 300;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 300);
  };
  /** A song with room to both sides. */
  const middle = rows.find((row) => {
    return tracks.features.energy.values[row] < 0.5 && Math.abs(tracks.features.valence.values[row] - 0.5) < 0.1;
  }) as number;

  test('the nearest change of a linear model is of its steepest feature alone', () => {
    const { before, wanted, found } = searchCounterfactual(linear, tracks, middle, { gain: 3, observed });
    expect(wanted).toBe(before + 3);
    expect(found).toHaveLength(1);
    const [{ changes, distance, prediction }] = found;
    expect(changes.map(({ feature }) => feature)).toEqual(['energy']);
    const from = tracks.features.energy.values[middle];
    expect(changes[0].from).toBe(from);
    // Drawn back in steps of a twentieth, again and again, until a step gains less than 0.001 deviations.
    expect((changes[0].to as number) - from).toBeGreaterThanOrEqual(0.3);
    expect((changes[0].to as number) - from).toBeLessThan(0.32);
    expect(distance).toBeCloseTo(((changes[0].to as number) - from) / deviationOf('energy'), 10);
    expect(prediction).toBeGreaterThanOrEqual(wanted);
  });

  test('two features where one is not enough, each within what was observed', () => {
    const gain = 10 * (0.98 - tracks.features.energy.values[middle]) + 1;
    const { found } = searchCounterfactual(linear, tracks, middle, { gain, observed });
    expect(found[0].changes.map(({ feature }) => feature)).toEqual(['energy', 'valence']);
    for (const { feature, to } of found[0].changes) {
      const sorted = tracks.features[feature].values.toSorted();
      expect(to).toBeGreaterThanOrEqual(sorted[2]);
      expect(to).toBeLessThanOrEqual(sorted[297]);
    }
  });

  test('what cannot be reached gives nothing but the highest met', () => {
    const search = searchCounterfactual(linear, tracks, middle, { gain: 40, observed });
    expect(search.found).toEqual([]);
    const { energy, valence } = tracks.features;
    // Energy's 99 % quantile and valence's 1 %: the ends of what is tried.
    const most = 10 * (0.99 - energy.values[middle]) - 4 * (0.01 - valence.values[middle]);
    // Quantiles of 300 uniform values are off by 0.006 or so.
    expect(Math.abs(search.highest.prediction - search.before - most)).toBeLessThan(0.3);
    expect(search.highest.changes.map(({ feature }) => feature)).toContain('energy');
    const one = searchCounterfactual(linear, tracks, middle, { gain: 40, observed, atMost: 1 });
    expect(one.highest.changes.map(({ feature }) => feature)).toEqual(['energy']);
    expect(JSON.parse(JSON.stringify(search))).toEqual(search);
  });

  test('categories stay unless asked for, and features that are asked for change alone', () => {
    const features = ['valence', 'key'] as const;
    const { found } = searchCounterfactual(linear, tracks, middle, { gain: 0.5, observed, features: ['valence'] });
    expect(found[0].changes.map(({ feature }) => feature)).toEqual(['valence']);
    const row = rows.find((row) => tracks.features.key.values[row] === 2) as number;
    const withKey = searchCounterfactual(linear, tracks, row, { gain: 5, observed, features });
    expect(withKey.found[0].changes.map(({ feature }) => feature)).toEqual(['key']);
  });

  test('the way need not be straight', () => {
    // Worse at first: only far from the song does it rise.
    const valley = regressBy(({ energy }) => 50 + 40 * (energy - 0.4) ** 2);
    const row = rows.find((row) => Math.abs(tracks.features.energy.values[row] - 0.3) < 0.02) as number;
    const { before, found } = searchCounterfactual(valley, tracks, row, { gain: 4, observed });
    const [{ changes, prediction }] = found;
    expect(prediction - before).toBeGreaterThanOrEqual(4);
    const [{ from, to }] = changes;
    // Down to 0.3 − 0.23 rather than up to 0.4 + 0.33.
    expect(to as number).toBeLessThan(from as number);
  });

  test('what is not known stays so, and nothing to search is refused', () => {
    const gaps = makeTracks([featureNames.map((name) => (name === 'energy' ? Number.NaN : 0.5))], [50]);
    const fitted = regressBy(({ energy, valence }) => 50 + 10 * (Number.isNaN(energy) ? 0 : energy) + 3 * valence);
    const { found } = searchCounterfactual(fitted, gaps, 0, { gain: 1, observed });
    expect(found[0].changes.map(({ feature }) => feature)).toEqual(['valence']);
    const search = (gain: number) => searchCounterfactual(fitted, gaps, 0, { gain, observed, features: ['energy'] });
    expect(() => search(1)).toThrow('needs a feature with a known value, got none');
    expect(() => search(0)).toThrow('gain must be above 0, got 0');
  });
});
