import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { runHitscan, startHitscan } from './runHitscan.ts';

const small = ['--rows', '240', '--folds', '3', '--set', 'dModel=8', '--set', 'layers=1', '--set', 'epochs=2'];
const folder = makeTestFolder('evaluate');

const evaluate = (name: string, ...args: string[]) =>
  runHitscan(['evaluate', ...small, ...args, '--out', name], folder);
const readDocument = (name: string) => JSON.parse(readFileSync(join(folder, name, 'evaluation.json'), 'utf8'));

describe('evaluate', () => {
  test('prints a table and a document of what every model reached, with intervals', { timeout: 90_000 }, async () => {
    const { status, stdout, stderr } = await evaluate('all', '--repeats', '2', '--models', 'mean,linear,mamba-tokens');
    expect(stderr).toContain('Protocol: 3 folds, 2 times');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^model +MSE \[95 %\]/);
    expect(stdout).toContain('synthetic data: these figures say nothing about real songs');
    const { protocol, models, comparisons } = readDocument('all');
    expect(protocol).toMatchObject({ name: 'kfold', folds: 3, repeats: 2, seed: 1 });
    expect(models.map(({ name }: { name: string }) => name)).toEqual(['mean', 'linear', 'mamba-tokens']);
    for (const { mse, foldErrors } of models) {
      expect(mse.low).toBeLessThan(mse.mean);
      expect(mse.high).toBeGreaterThan(mse.mean);
      expect(foldErrors).toHaveLength(6);
    }
    expect(comparisons).toHaveLength(3);
    for (const comparison of comparisons) {
      expect(comparison).toMatchObject({ metric: 'mse', verdict: expect.stringMatching(/better|worse|no difference/) });
      expect(comparison.difference).toBeGreaterThanOrEqual(comparison.low);
      const excludesZero = comparison.low > 0 || comparison.high < 0;
      expect(comparison.verdict !== 'no difference shown').toBe(excludesZero);
    }
    const families = comparisons.map(({ a, b, family, level }: Record<string, unknown>) => [a, b, family, level]);
    expect(families).toEqual([
      ['linear', 'mean', 'secondary', 0.95],
      ['mamba-tokens', 'mean', 'exploratory', 0.95],
      ['mamba-tokens', 'linear', 'primary', 0.95],
    ]);
    expect(stdout).toMatch(/^mamba-tokens .* 95 %, primary +(better|worse|no difference shown) /m);
    expect(stdout).toContain('songs of an artist resampled together');
    expect(stdout).toContain('mamba-tokens − linear is the primary comparison, chosen in advance and tested alone');
    const page = readFileSync(join(folder, 'all', 'report.html'), 'utf8');
    expect(page).toContain('synthetic');
    expect(page).not.toMatch(/<script|NaN|undefined/);
  });

  test('is the same on any number of threads, and after Ctrl-C', { timeout: 90_000 }, async () => {
    const models = ['--repeats', '1', '--models', 'linear,forest,mamba-tokens', '--intervals', '3', '--json'];
    const [one, two] = [
      await evaluate('one', ...models, '--threads', '1'),
      await evaluate('two', ...models, '--threads', '2'),
    ];
    const figuresOf = (text: string) => {
      const { models: found, comparisons, intervals } = JSON.parse(text);
      return [
        comparisons,
        intervals,
        found.map(({ secondsPerFit: _, ...figures }: { secondsPerFit: number }) => figures),
      ];
    };
    expect(figuresOf(two.stdout)).toEqual(figuresOf(one.stdout));
    const { child, outcome } = startHitscan(['evaluate', ...small, ...models, '--out', 'stopped'], folder);
    const countFits = () => {
      try {
        return readFileSync(join(folder, 'stopped', 'fits.jsonl'), 'utf8').split('\n').length - 1;
      } catch {
        return 0;
      }
    };
    while (countFits() < 3 && child.exitCode === null) await wait(10);
    child.kill('SIGINT');
    expect((await outcome).status).toBe(130);
    const resumed = await runHitscan(['evaluate', '--resume', 'stopped', '--json'], folder);
    expect(figuresOf(resumed.stdout)).toEqual(figuresOf(one.stdout));
    const again = await runHitscan(['evaluate', '--resume', 'stopped'], folder);
    expect(again.stderr).toContain('must be an unfinished run');
  });

  test('puts intervals around predictions and measures them', { timeout: 60_000 }, async () => {
    const args = ['--repeats', '2', '--models', 'linear', '--protocol', 'artist', '--intervals', '4'];
    const { stdout } = await evaluate('intervals', ...args);
    expect(stdout).toMatch(/^model +nominal 50 % +width +nominal 80 % +width +nominal 90 % +width$/m);
    const { intervals } = readDocument('intervals');
    expect(intervals.map(({ method }: { method: string }) => method)).toEqual(['split', 'outOfFold', 'crossPlus']);
    for (const { name, reported } of intervals) {
      expect(name).toBe('linear');
      for (const { coverage, covered, coveredLow, coveredHigh } of reported) {
        // Four deviations of a share of 240 songs, and as much again for that of the 40 songs of a split's calibration.
        const deviation = Math.sqrt(coverage * (1 - coverage) * (1 / 240 + 1 / (4 * 40)));
        expect(Math.abs(covered - coverage)).toBeLessThan(4 * deviation);
        // As sure as 240 songs make it, although each was predicted twice.
        expect(coveredHigh - coveredLow).toBeGreaterThan(2 * Math.sqrt((covered * (1 - covered)) / 240));
      }
    }
    const [{ figures }] = JSON.parse(readFileSync(join(folder, 'intervals', 'intervals.json'), 'utf8'));
    const { seen, unseen, deciles } = figures.methods[0].reported[0];
    // Artists are on one side.
    expect([seen.rows, unseen.rows]).toEqual([0, figures.rows]);
    expect(deciles).toHaveLength(10);
    const page = readFileSync(join(folder, 'intervals', 'report.html'), 'utf8');
    expect(page).toContain('How far predictions can be trusted');
    expect(page).not.toMatch(/<script|NaN|undefined/);
  });

  test.each([
    ['artist', 'All songs of an artist are on one side'],
    ['time', 'each but the first is predicted from all that are older'],
    ['holdout', '20 % of the songs held out at random, 2 times'],
  ])('protocol %s', { timeout: 60_000 }, async (protocol, note) => {
    const args = ['--protocol', protocol, '--repeats', '2', '--models', 'mean,linear', '--context', 'artist,era'];
    const { status, stdout } = await evaluate(protocol, ...args);
    expect(stdout).toContain(note);
    expect(status).toBe(0);
  });

  test('of songs without artists speaks of no artists', { timeout: 60_000 }, async () => {
    await runHitscan(['data', 'twin', '--rows', '120', '--out', 'named.csv'], folder);
    const lines = readFileSync(join(folder, 'named.csv'), 'utf8').trim().split('\n');
    // The first column; no cell of the twin has a comma in it.
    expect(lines[0]).toMatch(/^artist_name,/);
    const unnamed = lines.map((line) => line.slice(line.indexOf(',') + 1));
    writeFileSync(join(folder, 'unnamed.csv'), `${unnamed.join('\n')}\n`);
    const args = ['evaluate', 'unnamed.csv', '--models', 'mean,linear', '--folds', '3', '--intervals', '2'];
    const { status, stdout } = await runHitscan([...args, '--out', 'unnamed'], folder);
    expect(status).toBe(0);
    expect(stdout).toContain('songs resampled one by one');
    expect(stdout).not.toMatch(/artist/i);
    expect(readFileSync(join(folder, 'unnamed', 'report.html'), 'utf8')).not.toMatch(/artist/i);
    expect(readDocument('unnamed').heldOut).toMatchObject({ named: 0 });
  });

  test('of too few songs tells nothing', { timeout: 60_000 }, async () => {
    const args = ['evaluate', '--rows', '24', '--models', 'mean,median,linear', '--folds', '2'];
    const { status, stdout } = await runHitscan([...args, '--repeats', '1', '--out', 'few'], folder);
    expect(status).toBe(0);
    const page = readFileSync(join(folder, 'few', 'report.html'), 'utf8');
    for (const text of [stdout, page]) {
      expect(text).toContain('from fewer than 30 nothing can be told of which model is better');
      expect(text).not.toMatch(/no difference shown|no difference is|>better<|>worse<|Shown to be|95 %/);
    }
    const { models, comparisons } = readDocument('few');
    for (const { mse, rmse, mae } of models)
      for (const figure of [mse, rmse, mae]) expect(figure.low).toBeGreaterThan(0);
    for (const { low, high, verdict } of comparisons)
      expect([low, high, verdict]).toEqual([null, null, 'no difference shown']);
  });

  test('looks for settings inside each fold where it is told to', { timeout: 60_000 }, async () => {
    const args = ['--repeats', '1', '--models', 'linear,mamba-tokens', '--tune', '2', '--set', 'tuneFolds=2'];
    expect((await evaluate('nested', ...args)).status).toBe(0);
  });

  test('a run of another command is not gone on with', async () => {
    const { status, stderr } = await runHitscan(['investigate', '--resume', 'all'], folder);
    expect(stderr).toMatch(/^hitscan: --resume: must be a run of investigate, all is one of evaluate/);
    expect(status).toBe(2);
  });
});
