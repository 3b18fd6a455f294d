import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@hitscan/core/errors';
import type { ExplainedSongs } from '@hitscan/core/explain';
import { applyCalibration, makeForecast } from '@hitscan/core/intervals';
import { loadRunModel, openFinishedRun } from '@hitscan/core/pipeline';
import { readTracks } from '@hitscan/core/readers';
import { featureNames, seedColumns } from '@hitscan/core/tracks';
import { readSafetensors } from '@hitscan/mamba';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCsv, makeSong, type Song } from '../packages/core/testing/madeCsv.ts';
import { type ExplainOptions, explain } from '../packages/hitscan/src/cli/explain.ts';
import { createNodeHost } from '../packages/hitscan/src/host.ts';
import { openFile } from '../packages/hitscan/src/sources/openFile.ts';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { runHitscan, startHitscan } from './runHitscan.ts';

const unrated = seedColumns.filter((name) => name !== 'popularity');
const hostile = '\u001b[31mRed\u009b\u202e<script>alert(1)</script>';
const songs: readonly Song[] = [
  makeSong(1, { track_name: 'Blue Moon', energy: 0.3, valence: null }),
  makeSong(2, { track_name: hostile, artist_name: '\u0007"Bell"', tempo: 350 }),
  makeSong(3, { track_name: 'Bluer', loudness: -3.1, time_signature: 3 }),
];
const folder = makeTestFolder('explain');

const write = (name: string, rows: readonly Song[], columns: readonly string[] = unrated) =>
  writeFileSync(join(folder, name), makeCsv(rows, columns));
const explainMine = (...args: string[]) => runHitscan(['explain', 'run', 'mine.csv', ...args], folder);

beforeAll(async () => {
  write('mine.csv', songs);
  const small = ['dModel=8', 'layers=1', 'epochs=3', 'explain=0', 'intervalFolds=2', 'split=random'];
  const data = await runHitscan(['data', 'twin', '--rows', '300', '--out', 'trained.csv'], folder);
  const { status, stderr } = await runHitscan(
    [
      ...['train', 'trained.csv', '--tune', '0', '--models', 'mean,linear,forest,mamba-tokens', '--out', 'run'],
      ...small.flatMap((setting) => ['--set', setting]),
    ],
    folder,
  );
  if (data.status !== 0 || status !== 0) throw new Error(`train failed: ${stderr}`);
});

/** The model and the calibration as the run keeps them, and the songs of a file. */
async function recompute(model: string | undefined, file: string) {
  const { fitted } = loadRunModel(openFinishedRun(join(folder, 'run'), createNodeHost()), model);
  const { tracks } = await readTracks(await openFile(join(folder, file)), { requirePopularity: false });
  return { fitted, tracks, rows: Uint32Array.from({ length: tracks.count }, (_, row) => row) };
}

describe('the document', () => {
  let document: ExplainedSongs;
  let stdout = '';

  beforeAll(async () => {
    const changes = ['--what-if', 'energy=0.9,valence=unknown', '--what-if', 'tempo=0'];
    const outcome = await explainMine('--json', '--quiet', ...changes);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    stdout = outcome.stdout;
    document = JSON.parse(stdout);
  });

  test('says which model was asked, what it was trained on and where the songs come from', () => {
    expect(document).toMatchObject({
      run: 'run',
      model: 'mamba-tokens',
      data: { source: 'trained.csv', synthetic: true },
      file: { source: 'mine.csv', synthetic: false, rows: 3, rejected: 0 },
      context: [],
      gain: 5,
    });
    expect(document.songs.map(({ row, title, actual, trained }) => [row, title, actual, trained])).toEqual([
      [2, 'Blue Moon', null, false],
      [3, hostile, null, false],
      [4, 'Bluer', null, false],
    ]);
  });

  test('holds a file’s text in escapes that a terminal does not obey', () => {
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    expect(stdout.trimEnd()).not.toContain('\n');
  });

  test('has contributions, the largest first, that sum to prediction − mean', async () => {
    const { fitted, tracks, rows } = await recompute(undefined, 'mine.csv');
    const predicted = fitted.predict(tracks, rows);
    for (const [i, { prediction, base, contributions, background }] of document.songs.entries()) {
      expect(prediction).toBe(predicted[i]);
      expect(background).toBe(200);
      expect(contributions.map(({ factor }) => factor).sort()).toEqual([...featureNames].sort());
      const sizes = contributions.map(({ contribution }) => Math.abs(contribution));
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
      const sum = contributions.reduce((total, { contribution }) => total + contribution, 0);
      // Of an exact identity in float64; float32 predictions enter on both sides alike.
      expect(Math.abs(sum - (prediction - base))).toBeLessThan(1e-6);
      for (const { standardError } of contributions) expect(standardError).toBeLessThan(1);
    }
    const [first, second] = document.songs;
    const find = (song: typeof first, name: string) => song.contributions.find(({ factor }) => factor === name);
    expect(find(first, 'valence')).toMatchObject({ value: null, level: null, unseen: false });
    expect(find(second, 'tempo')).toMatchObject({ value: 350, level: 'high', unseen: true });
  });

  test('has the ranges that the calibration in the model’s file gives', async () => {
    const { fitted, tracks, rows } = await recompute(undefined, 'mine.csv');
    const { metadata } = readSafetensors(readFileSync(join(folder, 'run', 'model.safetensors')));
    const calibration = JSON.parse(metadata.calibration);
    expect(document.calibrationSongs).toBe(calibration.rows);
    for (const coverage of [0.8, 0.9]) {
      const { low, high } = applyCalibration(calibration, makeForecast(fitted, tracks, rows), coverage);
      const found = document.songs.map(({ ranges }) => ranges.find((range) => range.coverage === coverage));
      expect(found).toEqual(document.songs.map((_, i) => ({ coverage, low: low[i], high: high[i] })));
    }
  });

  test('answers a what-if with the prediction of the changed row', async () => {
    write(
      'changed.csv',
      songs.map((song) => ({ ...song, energy: 0.9, valence: null })),
    );
    write(
      'untimed.csv',
      songs.map((song) => ({ ...song, tempo: null })),
    );
    for (const [i, file] of ['changed.csv', 'untimed.csv'].entries()) {
      const { fitted, tracks, rows } = await recompute(undefined, file);
      const found = document.songs.map(({ whatIfs }) => whatIfs[i].after);
      expect(found).toEqual([...fitted.predict(tracks, rows)]);
    }
    expect(document.songs[0].whatIfs[0].changes).toEqual([
      { feature: 'energy', from: 0.3, to: 0.9 },
      { feature: 'valence', from: null, to: null },
    ]);
  });

  test('is that of the model that is asked for', async () => {
    const { stdout: text } = await explainMine('--json', '--model', 'forest', '--song', 'bluer', '--gain', '0.5');
    const other: ExplainedSongs = JSON.parse(text);
    const { fitted, tracks } = await recompute('forest', 'mine.csv');
    expect(other.songs.map(({ row, prediction }) => [row, prediction])).toEqual([
      [4, fitted.predict(tracks, Uint32Array.of(2))[0]],
    ]);
    // Intervals are made for linear regression and the run's own Mamba.
    expect(other).toMatchObject({ model: 'forest', calibrationSongs: null, songs: [{ ranges: [] }] });
    const { before, wanted } = other.songs[0].counterfactual ?? {};
    expect((wanted ?? 0) - (before ?? 0)).toBeCloseTo(0.5, 10);
  });
});

describe('the text', () => {
  test('is the same each time, and harmless in a terminal', async () => {
    const first = await explainMine('--what-if', 'energy=0.9', '--html', 'songs.html');
    expect(first.status).toBe(0);
    expect((await explainMine('--what-if', 'energy=0.9', '--html', 'songs.html')).stdout).toBe(first.stdout);
    expect(first.stdout).not.toMatch(/[^\P{C}\n]/u);
    expect(first.stdout).toContain('"Blue Moon" by "Artist 1" (mine.csv:2)');
    expect(first.stdout).toMatch(/Predicted popularity: [\d.]+ of 100, 80 % prediction interval [\d.]+ to [\d.]+\./);
    for (const words of ['Pushed up by: ', 'What if energy 0.90 instead of 0.30: ', 'synthetic', 'no promise'])
      expect(first.stdout).toContain(words);
    expect(first.stdout).toMatch(/No training song has a value so far out: tempo 350\.0 bpm\./);
    const page = readFileSync(join(folder, 'songs.html'), 'utf8');
    expect(page).not.toMatch(/<script|NaN|undefined/);
    expect(page).not.toContain('\u001b');
    expect(page).toContain('&lt;script&gt;');
  });

  test('tells of songs that the model was trained on, and of how many are shown', async () => {
    const [header, ...rows] = readFileSync(join(folder, 'trained.csv'), 'utf8').split('\n');
    const { train } = JSON.parse(readFileSync(join(folder, 'run', 'split.json'), 'utf8'));
    writeFileSync(join(folder, 'known.csv'), [header, rows[train[0]], rows[train[1]], ''].join('\n'));
    const { stdout, stderr } = await runHitscan(['explain', 'run', 'known.csv', '--most', '1'], folder);
    expect(stdout).toContain('The model was trained on this very song');
    expect(stderr).toContain('The first 1 of 2 songs');
  });

  test('comes from a run and songs that were moved', async () => {
    const moved = mkdtempSync(join(tmpdir(), 'hitscan-moved-'));
    try {
      for (const name of ['run', 'mine.csv', 'trained.csv'])
        cpSync(join(folder, name), join(moved, name), { recursive: true });
      cpSync(join(moved, 'trained.csv'), join(moved, 'renamed.csv'));
      rmSync(join(moved, 'trained.csv'));
      const lost = await runHitscan(['explain', 'run', 'mine.csv'], moved);
      expect(lost.stderr).toMatch(/^hitscan: trained\.csv: must be the songs that run was trained on.*--data$/m);
      expect(lost.status).toBe(2);
      const found = await runHitscan(['explain', 'run', 'mine.csv', '--song', '2', '--data', 'renamed.csv'], moved);
      expect(found.status).toBe(0);
    } finally {
      rmSync(moved, { recursive: true, force: true });
    }
  });
});

describe('bad input', () => {
  beforeAll(() => {
    cpSync(join(folder, 'run'), join(folder, 'unfinished'), { recursive: true });
    rmSync(join(folder, 'unfinished', 'metrics.json'));
    write('other.csv', songs, seedColumns);
    write('half.csv', [makeSong(1), makeSong(2, { energy: 7 })]);
  });

  test.each([
    [{ run: 'nowhere' }, /nowhere: must be the folder of a run/],
    [{ run: 'unfinished' }, /unfinished: must be a finished run/],
    [{ file: 'run/report.html' }, /^report\.html:\d+: must have /],
    [{ song: ['zebra'] }, /^--song: must be a row of mine\.csv .*got "zebra"/],
    [{ song: ['3'], file: 'half.csv' }, /^--song: must be a usable row, got 3, .*half\.csv:3: energy must be between/],
    [{ whatIf: ['enrgy=1'] }, /^--what-if: must name one of acousticness, .*got "enrgy"/],
    [{ whatIf: ['energy=1.2'] }, /^--what-if energy: must be between 0 and 1.*got "1\.2"/],
    [{ whatIf: ['energy=0.1,energy=0.2'] }, /^--what-if: must name energy once/],
    [{ whatIf: ['energy'] }, /^--what-if: must be feature=value, got "energy"/],
    [{ gain: '-1' }, /^--gain: must be above 0/],
    [{ most: 0 }, /^--most: must be at least 1/],
    [{ model: 'mean' }, /^--model: must be one of .*linear, forest, mamba-tokens.*"mean"/],
    [{ html: 'nowhere/songs.html' }, /^--html: must be in a folder that exists/],
    [{ data: 'other.csv' }, /^other\.csv: must be unchanged/],
  ])('answers %j with one reason', async (wrong, message) => {
    const { run = 'run', file = 'mine.csv', ...options } = wrong as ExplainOptions & { run?: string; file?: string };
    const at = (path: string | undefined) => (path === undefined ? {} : { data: join(folder, path) });
    const command = explain(join(folder, run), join(folder, file), { ...options, ...at(options.data), quiet: true });
    const error = await command.catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toContain('\n');
  });
});

test('Ctrl-C ends it with nothing on standard output', async () => {
  const args = ['explain', 'run', 'trained.csv', '--most', '300'];
  const { child, outcome } = startHitscan(args, folder);
  child.stderr?.once('data', () => child.kill('SIGINT'));
  expect(await outcome).toMatchObject({ status: 130, stdout: '', stderr: expect.stringContaining('interrupted') });
});
