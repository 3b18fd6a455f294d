import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { featureNames } from '@hitscan/core/tracks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeCsv, makeSong, type Song } from '../../../core/testing/madeCsv.ts';
import { evaluate } from './contest.ts';
import { train } from './train.ts';

const models = ['mean', 'linear', 'ridge-quadratic', 'lasso', 'neighbours', 'boosted', 'mamba-tokens', 'mamba-seed'];
const quick = ['epochs=1', 'dModel=4', 'layers=1', 'intervalFolds=2', 'explain=12', `models=${JSON.stringify(models)}`];

/** Songs that differ in everything, but for what is changed. */
function makeSongs(count: number, change: (i: number) => Song): Song[] {
  return Array.from({ length: count }, (_, i) => {
    const share = (step: number) => ((i * step) % 97) / 97;
    return makeSong(i, {
      acousticness: share(5),
      danceability: share(11),
      energy: share(17),
      instrumentalness: share(23),
      liveness: share(31),
      loudness: -30 * share(41),
      speechiness: share(43),
      tempo: 60 + 120 * share(53),
      time_signature: 3 + (i % 3),
      valence: share(61),
      popularity: (i * 37) % 101,
      ...change(i),
    });
  });
}

const everyFeature = (value: Song[string], ...others: readonly string[]): Song =>
  Object.fromEntries(featureNames.filter((name) => !others.includes(name)).map((name) => [name, value]));

/** What columns may be and still be legal. */
const tables: Readonly<Record<string, readonly Song[]>> = {
  'features without a value, numeric and not': makeSongs(50, () => ({ tempo: '', key: '', time_signature: 0 })),
  'one value missing, few known, one known': makeSongs(100, (i) => ({
    ...(i === 7 ? { tempo: '', mode: '' } : {}),
    ...(i % 25 === 0 ? {} : { valence: '', key: '' }),
    ...(i === 50 ? {} : { loudness: '' }),
  })),
  'nothing known of every other song': makeSongs(60, (i) => (i % 2 ? everyFeature('') : {})),
  'three features known': makeSongs(50, () => everyFeature('', 'energy', 'tempo', 'valence')),
  'categories alone known': makeSongs(50, () => everyFeature('', 'key', 'mode', 'time_signature')),
  'zeros, the smallest numbers, three values': makeSongs(50, (i) => ({
    loudness: '-0.0',
    mode: '-0',
    acousticness: `${i % 7}e-320`,
    speechiness: 5e-324,
    energy: (i % 3) / 2,
    duration_ms: 1 + (i % 3),
  })),
  'one absurd number': makeSongs(50, (i) => (i === 7 ? { tempo: Number.MAX_VALUE, duration_ms: 9e15 } : {})),
  'numbers whose squares are infinite': makeSongs(50, (i) => (i % 10 === 0 ? { tempo: 1e154 } : {})),
  'the largest numbers alone': makeSongs(50, (i) => ({ tempo: i % 2 ? 1.7e308 : 1.6e308, duration_ms: 9e15 - i })),
  'popularity of two values, one of them once': makeSongs(50, (i) => ({ popularity: i === 0 ? 56 : 55 })),
  'popularity all but the same': makeSongs(50, (i) => ({ popularity: i % 2 ? 5e-324 : 0 })),
  'hits alone, of one artist': makeSongs(50, (i) => ({ popularity: 95 + (i % 5), artist_name: 'One' })),
  '21 songs without artists': makeSongs(21, () => ({ artist_name: '' })),
  '21 songs of one title': makeSongs(21, () => ({ track_name: 'Intro' })),
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hitscan-odd-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

function writeTable(name: string, songs: readonly Song[]): { file: string; out: string } {
  const stem = name.replace(/\W+/g, '-');
  const file = join(folder, `${stem}.csv`);
  writeFileSync(file, makeCsv(songs));
  return { file, out: join(folder, stem) };
}

const readDocument = (out: string, file: string) => JSON.parse(readFileSync(join(out, file), 'utf8'));

describe('a run comes to its end, with every part of it', () => {
  test.each(Object.entries(tables))(
    '%s',
    async (name, songs) => {
      const { file, out } = writeTable(name, songs);
      await train('train', file, { out, quiet: true, tune: 0, set: quick });
      const { omitted, models: results } = readDocument(out, 'metrics.json');
      expect(omitted).toEqual([]);
      expect(results).toHaveLength(models.length);
      const report = readFileSync(join(out, 'report.html'), 'utf8');
      expect(report).not.toMatch(/NaN|Infinity|undefined/);
      expect(report).not.toContain('What is left out');
      expect(process.stderr.write).not.toHaveBeenCalled();
    },
    120_000,
  );

  test('evaluation, where a fold has one popularity alone', async () => {
    const { file, out } = writeTable(
      'fold',
      makeSongs(24, (i) => ({ popularity: i === 0 ? 56 : 55, tempo: '' })),
    );
    const set = ['folds=2', 'repeats=1', 'models=["mean","linear","boosted"]'];
    await evaluate(file, { out, quiet: true, intervalFolds: 2, set });
    const { omitted, data } = readDocument(out, 'evaluation.json');
    expect(omitted).toEqual([]);
    expect(data.unknown).toEqual(['tempo']);
  }, 120_000);
});

test('a feature that no song knows is named, and left out of all that is said of features', async () => {
  const { file, out } = writeTable(
    'named',
    makeSongs(50, () => ({ tempo: '' })),
  );
  await train('train', file, { out, quiet: true, tune: 0, set: quick });
  expect(readDocument(out, 'metrics.json').data.unknown).toEqual(['tempo']);
  const { explanation } = readDocument(out, 'insight.json');
  const { importance, dependence, fixed, songs } = explanation;
  const named = [
    ...importance.factors,
    ...songs.flatMap(({ contributions }: { contributions: object[] }) => contributions),
  ];
  expect(named.map(({ factor }) => factor)).not.toContain('tempo');
  expect([...dependence, ...fixed].map(({ feature }) => feature)).not.toContain('tempo');
  const report = readFileSync(join(out, 'report.html'), 'utf8');
  expect(report).toContain('tempo is unknown in every row and left out');
  expect(report).toContain('tempo (unknown in every song)');
  expect(readFileSync(join(out, 'MODEL_CARD.md'), 'utf8')).toContain(
    '12 audio features from Spotify (of tempo no song',
  );
}, 120_000);
