import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { train } from './train.ts';

const broken = vi.hoisted(() => () => {
  throw new TypeError('no such\ncolour');
});
vi.mock('../../../core/src/intervals/intervalForecast.ts', async (whole) => ({
  ...(await whole<object>()),
  forecastIntervals: broken,
}));
vi.mock('../../../core/src/explain/permutationImportance.ts', async (whole) => ({
  ...(await whole<object>()),
  measureImportance: broken,
}));
vi.mock('../../../core/src/evaluate/hits.ts', () => ({ viewAsHits: broken }));
vi.mock('../../../core/src/report/pages/modelCard.ts', () => ({ writeModelCard: broken }));
vi.mock('../tracking/eventFile.ts', () => ({ encodeEvents: broken, eventFileName: 'events' }));
vi.mock('../../../core/src/report/figures/scatter.ts', () => ({ drawPredictedActual: broken, drawResiduals: broken }));
vi.mock('../../../core/src/report/figures/effects.ts', () => ({ drawEffects: broken }));
vi.mock('../../../core/src/report/figures/lossCurve.ts', async (whole) => ({
  ...(await whole<object>()),
  drawLossCurve: broken,
}));
vi.mock('../../../core/src/report/figures/distribution.ts', () => ({ drawPopularity: broken, drawSpread: broken }));

const folder = mkdtempSync(join(tmpdir(), 'hitscan-left-out-'));
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.restoreAllMocks();
});

test('parts that fail after the fits cost nothing but themselves, and are named here and in the report', async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const out = join(folder, 'run');
  const models = 'models=["linear","mamba-tokens"]';
  const set = ['rows=60', 'epochs=1', 'dModel=4', 'layers=1', 'intervalFolds=2', 'explain=12', models];
  await train('train', undefined, { out, quiet: true, tune: 0, set });
  const { omitted, models: results, intervals, hits } = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
  expect(results).toHaveLength(2);
  expect([intervals, hits]).toEqual([[], []]);
  const names = [
    'intervals of linear',
    'intervals of mamba-tokens',
    'importance of features',
    'calls of hits',
    'MODEL_CARD.md',
    'event file for TensorBoard',
    'Predicted against actual',
    'figure of residuals',
    'figure of coefficients',
    'figure of losses',
    'Popularity',
  ];
  expect(omitted.map(({ part }: { part: string }) => part)).toEqual(names);
  const reason = 'this is a bug in hitscan, please report it: TypeError: no such colour';
  expect(new Set(omitted.map((one: { reason: string }) => one.reason))).toEqual(new Set([reason]));
  expect(said.mock.calls.map(([line]) => line)).toEqual(
    names.map((name) => `hitscan: ${name}: left out, the rest goes on: ${reason}\n`),
  );
  const report = readFileSync(join(out, 'report.html'), 'utf8');
  for (const name of names) expect(report).toContain(`<li><strong>${name}</strong>: ${reason}</li>`);
  expect(report).toContain('<h2>What the model reads</h2>');
}, 120_000);
