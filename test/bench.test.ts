import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startPeer } from '../bench/askPeer.ts';
import { measureCase } from '../bench/measureCase.ts';
import { preparePeers } from '../bench/peers.ts';
import { readArguments } from '../bench/readArguments.ts';
import type { Roofline } from '../bench/roofline.ts';

describe('the arguments of npm run bench', () => {
  test('choose rows by their names, exactly', () => {
    expect(readArguments(['step-share', '--json', 'exp']).cases.map(({ name }) => name)).toEqual(['exp', 'step-share']);
    expect(() => readArguments(['inference'])).toThrow(/seed-training.*inference-batch, got inference/);
    expect(() => readArguments(['--jsn'])).toThrow('--json or --peers, got --jsn');
  });

  test('are all rows where there are none', () => {
    expect(readArguments([]).cases.map(({ name }) => name)).toEqual([
      'seed-training',
      'tokens-step',
      'tokens-activations',
      'long-scan',
      'matmul',
      'exp',
      'step-share',
      'inference-row',
      'inference-batch',
    ]);
  });
});

test('npm run bench writes one JSON document, a row for each name', async () => {
  const program = fileURLToPath(new URL('../bench/run.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--json', 'exp', 'matmul']);
  const rows = JSON.parse(stdout);
  expect(rows.map(({ name }: { name: string }) => name)).toEqual(['matmul', 'exp']);
  for (const row of rows) {
    expect(row).toMatchObject({ unit: expect.any(String), runs: 9, peers: {}, machine: expect.any(String) });
    expect(row.median).toBeGreaterThan(0);
    expect(Date.parse(row.time)).toBeGreaterThan(0);
  }
});

test('a checkout beside itself is as fast as itself', async () => {
  const program = fileURLToPath(new URL('../bench/compare.ts', import.meta.url));
  const own = fileURLToPath(new URL('..', import.meta.url));
  const args = [program, own, 'scan', '--rounds', '1', '--json'];
  const [found] = JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
  // One round has no interval.
  expect(found).toMatchObject({ name: 'scan', processorSeconds: { low: null, high: null } });
  expect(found.processorSeconds.ours.minimum).toBeGreaterThan(0);
  expect(found.processorSeconds.ratio).toBeGreaterThan(0.7);
  expect(found.processorSeconds.ratio).toBeLessThan(1.4);
});

test('a case that there is not is refused with the cases that there are', async () => {
  const program = fileURLToPath(new URL('../bench/compare.ts', import.meta.url));
  const refused = promisify(execFile)(process.execPath, [program, '.', 'sorting']);
  await expect(refused).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('default-step|') });
});

/** A peer of three lines, so that nothing needs to be installed. */
function startTwin(figures: readonly number[]) {
  const program = `
    const figures = ${JSON.stringify(figures)};
    console.log(JSON.stringify({ peer: 'twin', versions: {}, rows: { one: 7, two: null } }));
    require('node:readline').createInterface(process.stdin).on('line', (row) =>
      console.log(JSON.stringify(figures.length ? { value: figures.shift() } : { error: 'no more' })));`;
  return startPeer(process.execPath, ['-e', program]);
}

describe('a peer', () => {
  const machine = {} as Roofline;
  const silent = () => {};
  const one = (unit: string) => ({
    name: 'one',
    unit,
    rounds: 3,
    parameters: 7,
    prepare: () => ({ round: () => 2, remark: () => ({ shareOfPeak: null, note: '' }) }),
  });

  test('is compared by medians of rounds: above 1 is slower than ours, of a rate too', async () => {
    for (const [unit, ratio] of [
      ['ms', 3],
      ['rows/s', 1 / 3],
    ] as const) {
      const twin = await startTwin([0, 5, 6, 7]);
      const ready = await preparePeers(one(unit), { present: [twin], missing: {} }, silent);
      const { peers } = await measureCase(one(unit), machine, ready, silent);
      twin.stop();
      expect(peers.twin).toEqual({ median: 6, ratio, runs: 3 });
    }
  });

  test('of another size is not compared', async () => {
    const twin = await startTwin([1]);
    const told: string[] = [];
    const other = { ...one('ms'), parameters: 8 };
    const ready = await preparePeers(other, { present: [twin], missing: {} }, (line) => told.push(line));
    twin.stop();
    expect(ready).toEqual([]);
    expect(told).toEqual(['one: twin: not measured (has 7 parameters, not 8)']);
  });

  test('that is not there is named with the reason', async () => {
    await expect(startPeer('no-such-program', [])).rejects.toThrow('ENOENT');
    await expect(startPeer(process.execPath, ['-e', 'null.x'])).rejects.toThrow('TypeError: Cannot read');
  });
});
