import { expect, test, vi } from 'vitest';
import { createMemoryHost } from '../../testing/memoryHost.ts';
import { generateTwin } from '../tracks/twin.ts';
import type { PipelineEvent } from './events.ts';
import { startTraining } from './openTraining.ts';
import { planTraining, runTraining } from './training.ts';

const broken = vi.hoisted(() => () => {
  throw new TypeError('no such\ncolour');
});
vi.mock('../intervals/intervalForecast.ts', async (whole) => ({
  ...(await whole<object>()),
  forecastIntervals: broken,
}));
vi.mock('../explain/permutationImportance.ts', async (whole) => ({
  ...(await whole<object>()),
  measureImportance: broken,
}));
vi.mock('../evaluate/hits.ts', () => ({ measureModelHits: broken }));
vi.mock('../report/pages/modelCard.ts', () => ({ writeModelCard: broken }));
vi.mock('../report/figures/scatter.ts', () => ({ drawPredictedActual: broken, drawResiduals: broken }));
vi.mock('../report/figures/effects.ts', () => ({ drawEffects: broken }));
vi.mock('../report/figures/lossCurve.ts', async (whole) => ({ ...(await whole<object>()), drawLossCurve: broken }));
vi.mock('../report/figures/distribution.ts', () => ({ drawPopularity: broken, drawSpread: broken }));

test('parts that fail after the fits cost nothing but themselves, and are named here and in the report', async () => {
  const host = createMemoryHost({ songs: generateTwin({ rows: 60, seed: 1 }) });
  const failed: unknown[] = [];
  const onEvent = (event: PipelineEvent): void => {
    if (event.kind === 'omitted') failed.push(event.omission);
    if (event.kind === 'measured') broken();
  };
  const environment = { host, signal: new AbortController().signal, onEvent };
  const quick = { epochs: 1, dModel: 4, layers: 1, intervalFolds: 2, explain: 12, tune: 0 };
  const plan = planTraining('train', { ...quick, models: ['linear', 'mamba-tokens'] }, () => null, host);
  await runTraining(await startTraining({ ...plan, data: 'songs', out: 'run' }, environment), environment);
  const run = host.stores.get('run');
  const { omitted, models: results, intervals, hits } = run?.readDocument('metrics.json') ?? {};
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
  const reason = 'this is a bug in hitscan, please report it: TypeError: no such colour';
  expect(omitted).toEqual(names.map((part) => ({ part, reason })));
  expect(failed).toEqual(omitted);
  const report = run?.readText('report.html');
  for (const name of names) expect(report).toContain(`<li><strong>${name}</strong>: ${reason}</li>`);
  expect(report).toContain('<h2>What the model reads</h2>');
}, 120_000);
