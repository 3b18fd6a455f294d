import { describe, expect, test } from 'vitest';
import { makeRandom, makeTracks } from '../../testing/madeTracks.ts';
import { type ContextGroup, contextGroups } from '../features/context.ts';
import { type ModelName, modelNames, referenceBaselines } from '../optionNames.ts';
import { featureNames } from '../tracks/schema.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { createRegressor, loadRegressor } from './catalogue.ts';
import { presetSettings } from './mambaSettings.ts';
import { decodeModel, encodeModel } from './modelFile.ts';
import type { FitOptions, SavedModel } from './regressor.ts';

const rows = 120;
const rowsFrom = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
const options: FitOptions = { seed: 3, train: rowsFrom(0, 80), validation: rowsFrom(80, 96) };
const held = rowsFrom(96, rows);

const short = { layers: 1, dModel: 8, bins: 4, epochs: 2 };
const tokens = { ...presetSettings('tokens', true), ...short };
const settings = {
  'mamba-tokens': tokens,
  'mamba-untuned': tokens,
  'mamba-seed': { ...presetSettings('seed', true), epochs: 2 },
};

/** Songs of ten artists, some of them twice, with gaps; the numbers of the rows after `changed` are others. */
function makeSongs({ changed = rows, dated = true } = {}): Tracks {
  const random = makeRandom(11);
  const other = makeRandom(12);
  const features = Array.from({ length: rows }, (_, row) => {
    const usual = featureNames.map(() => (random() < 0.05 ? Number.NaN : random()));
    return row < changed ? usual : usual.map(() => other());
  });
  const popularity = features.map(([, a, , b], row) => {
    const usual = 40 + 3 * (row % 10) + 10 * (a || 0) - 8 * (b || 0) + 5 * random();
    return row < changed ? usual : 100 * other();
  });
  const names = Array.from({ length: rows }, (_, row) => row);
  const tracks = makeTracks(features, popularity);
  return {
    ...tracks,
    artist: names.map((row) => `Artist ${row % 10}`),
    title: names.map((row) => `Title ${row % 100}`),
    trackId: names.map((row) => (row % 3 === 0 ? `id${row}` : '')),
    ...(dated ? { releaseDate: names.map((row) => String(1980 + (row % 20))) } : {}),
  };
}

const tracks = makeSongs();

/** All that a model file holds, as bytes. */
function bytesOf(saved: SavedModel): string {
  return Buffer.from(encodeModel(saved)).toString('base64');
}

/** What comes back from a file. */
const reread = (saved: SavedModel) => decodeModel('model', encodeModel(saved));

const contexts: readonly (readonly ContextGroup[])[] = [[], contextGroups];
const cases = modelNames.flatMap((name) => contexts.map((context) => [name, context] as const));

describe.each(cases)('%s with context %j', (name: ModelName, context: readonly ContextGroup[]) => {
  const regressor = createRegressor(name, settings, context);

  test('the held-out rows have no part in the fit, and the same seed gives the same bytes', async () => {
    const changed = makeSongs({ changed: held[0] });
    const fitted = await regressor.fit(tracks, options);
    const again = await regressor.fit(changed, options);
    expect(changed.popularity.values[held[0]]).not.toBe(tracks.popularity.values[held[0]]);
    expect(bytesOf(again.save())).toBe(bytesOf(fitted.save()));
  });

  test('comes back from its file, and predicts the same to the bit, numbers only', async () => {
    const fitted = await regressor.fit(tracks, options);
    const saved = fitted.save();
    const all = rowsFrom(0, rows);
    const predicted = fitted.predict(tracks, all);
    expect(predicted.every(Number.isFinite)).toBe(true);
    const { fitted: loaded, ...described } = loadRegressor(reread(saved), name);
    const own: readonly ContextGroup[] = name === 'artist' || name === 'era' ? [name] : [];
    expect(described).toEqual({ name, context: referenceBaselines.includes(name) ? own : context });
    expect(bytesOf(loaded.save()) === bytesOf(saved)).toBe(true);
    expect([...loaded.predict(tracks, all)]).toEqual([...predicted]);
    expect([...loaded.predict(tracks, held)]).toEqual([...predicted.subarray(held[0])]);
    expect(loaded.predict(tracks, new Uint32Array(0)).length).toBe(0);
  });
});

test.each(modelNames)('%s refuses the model of another', (name) => {
  const load = () => loadRegressor({ tensors: new Map(), metadata: { model: 'other' } }, name);
  expect(load).toThrow(`model: must be a saved "${name}", got "other"`);
});

test('context reaches the models: without release dates the file is cut into blocks', async () => {
  const undated = makeSongs({ dated: false });
  const { metadata } = (await createRegressor('linear', settings, ['era']).fit(undated, options)).save();
  expect(JSON.parse(metadata.features)).toEqual([...featureNames, 'file_block']);
  const both = (await createRegressor('linear', settings, contextGroups).fit(tracks, options)).save();
  expect(JSON.parse(both.metadata.features).slice(13)).toEqual(['artist_mean', 'artist_songs', 'release_year']);
});
