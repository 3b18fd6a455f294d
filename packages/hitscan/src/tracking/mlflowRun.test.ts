import { randomUUID } from 'node:crypto';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StandIn, startStandIn } from '../../testing/mlflowStandIn.ts';
import { makeTestFolder } from '../../testing/testFolder.ts';
import { describeDelivery } from './mlflowDelivery.ts';
import { cutText, paramLimits, toKey } from './mlflowEntries.ts';
import { type MlflowOptions, startMlflowRun } from './mlflowRun.ts';
import { timePoints } from './mlflowTracked.ts';

/** A tracking server to test against, as `http://host:port`; the tests make experiments of their own in it. */
const server = process.env.HITSCAN_MLFLOW;

const folder = makeTestFolder('mlflow');

/** A run as `runs/get` shows it. */
interface Shown {
  readonly info: Readonly<Record<string, string | number>>;
  readonly data: {
    readonly params?: readonly { readonly key: string; readonly value: string }[];
    readonly tags: readonly { readonly key: string; readonly value: string }[];
  };
}

function toObject(list: Shown['data']['tags'] = []): Record<string, string> {
  return Object.fromEntries(list.map(({ key, value }) => [key, value]));
}

const started = new Date(1_700_000_000_000);
const ended = new Date(1_700_000_100_000);

// A real server needs to be there; HITSCAN_MLFLOW names one.
describe.each(['the stand-in', 'the server that HITSCAN_MLFLOW names'])('a run at %s', (kind) => {
  const real = kind !== 'the stand-in';
  const check = test.skipIf(real && !server);
  const experiment = `hitscan test ${randomUUID()}`;
  let standIn: StandIn | null = null;
  let url = '';

  beforeAll(async () => {
    standIn = real ? null : await startStandIn();
    url = standIn?.url ?? String(server);
  });
  afterAll(() => standIn?.close());

  const options = (change: Partial<MlflowOptions> = {}): MlflowOptions => ({
    url,
    experiment,
    name: 'a run',
    command: 'hitscan train songs.csv',
    started,
    resume: null,
    environment: { USER: 'ø' },
    ...change,
  });

  async function ask(path: string, body?: object): Promise<string> {
    const init = body
      ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      : {};
    return (await fetch(`${url}/api/2.0/${path}`, init)).text();
  }
  const read = async (id: string): Promise<Shown> => JSON.parse(await ask(`mlflow/runs/get?run_id=${id}`)).run;
  async function readMetric(id: string, key: string): Promise<unknown[]> {
    const query = new URLSearchParams({ run_id: id, metric_key: key, max_results: '10000' });
    const { metrics = [] } = JSON.parse(await ask(`mlflow/metrics/get-history?${query}`));
    return metrics.map((m: Record<string, unknown>) => [Number(m.step), m.value, Number(m.timestamp)]);
  }
  async function listChildren(id: string, shown: Shown): Promise<Map<string, Shown>> {
    const filter = `tags.\`mlflow.parentRunId\` = '${id}'`;
    const body = { experiment_ids: [shown.info.experiment_id], filter, max_results: 100 };
    const { runs = [] } = JSON.parse(await ask('mlflow/runs/search', body));
    return new Map(runs.map((run: Shown) => [String(run.info.run_name), run]));
  }

  check('holds all that was logged, trials and models nested', async () => {
    const run = await startMlflowRun(options());
    run.logParams({ seed: 1, split: 'random', models: ['mean', 'linear'], nothing: null, unset: undefined });
    run.logMetrics([{ name: 'mamba/test MSE', value: 251.25, step: 0, time: ended }]);
    run.logTags({ 'mlflow.note.content': 'songs.csv', rows: 4771 });
    for (const [number, status] of (['FINISHED', 'FAILED'] as const).entries()) {
      const values = [0, 1, 2].map((step) => [step, 300 / (step + 1) + number] as const);
      const child = run.startChild(`trial ${number}`, { started, tags: { 'hitscan.state': 'pruned' } });
      child?.logParams({ learningRate: 1 / 3, bidirectional: true });
      child?.logMetrics(timePoints([{ tag: 'error by epoch', values }], started, ended));
      child?.end(status, ended);
    }
    run.startChild('mamba', { started });
    const delivery = await run.finish('KILLED', ended, null);
    // Of the run 4 parameters, 1 figure, 2 tags, its end; of two children a start, 2, 3 and an end; of one a start and an end.
    expect(delivery).toEqual({ delivered: 8 + 2 * 7 + 2, lost: 0, reasons: [], notes: [] });

    const shown = await read(run.id);
    expect(shown.info).toMatchObject({ status: 'KILLED', run_name: 'a run' });
    expect([shown.info.start_time, shown.info.end_time].map(Number)).toEqual([+started, +ended]);
    const parameters = { seed: '1', split: 'random', models: '["mean","linear"]', nothing: 'null' };
    expect(toObject(shown.data.params)).toEqual(parameters);
    expect(toObject(shown.data.tags)).toMatchObject({
      'mlflow.runName': 'a run',
      'mlflow.source.name': 'hitscan train songs.csv',
      'mlflow.source.type': 'LOCAL',
      'mlflow.user': 'ø',
      'mlflow.note.content': 'songs.csv',
      rows: '4771',
    });
    expect(await readMetric(run.id, 'mamba/test MSE')).toEqual([[0, 251.25, +ended]]);

    const children = await listChildren(run.id, shown);
    expect([...children].map(([name, { info }]) => [name, info.status]).sort()).toEqual([
      ['mamba', 'KILLED'],
      ['trial 0', 'FINISHED'],
      ['trial 1', 'FAILED'],
    ]);
    const trial = children.get('trial 1') as Shown;
    expect(toObject(trial.data.params)).toEqual({ learningRate: '0.3333333333333333', bidirectional: 'true' });
    expect(toObject(trial.data.tags)).toMatchObject({ 'mlflow.parentRunId': run.id, 'hitscan.state': 'pruned' });
    expect((await readMetric(String(trial.info.run_id), 'error by epoch')).sort()).toEqual([
      [0, 301, 1_700_000_033_333],
      [1, 151, 1_700_000_066_667],
      [2, 101, +ended],
    ]);
  });

  check('is found under one experiment by those who make it at a time', async () => {
    const shared = `hitscan test ${randomUUID()}`;
    const runs = await Promise.all([1, 2, 3].map(() => startMlflowRun(options({ experiment: shared }))));
    const shown = await Promise.all(runs.map(({ id }) => read(id)));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(3);
    expect(new Set(shown.map(({ info }) => info.experiment_id)).size).toBe(1);
    expect(runs[0].page).toBe(`${url}/#/experiments/${shown[0].info.experiment_id}/runs/${runs[0].id}`);
    await Promise.all(runs.map((run) => run.finish('FINISHED', ended, null)));
  });

  check('takes more than a batch holds, names and values that break its rules', async () => {
    const run = await startMlflowRun(options());
    const names = ['R²', '../up', 'a//b', 'ümlaut: "x"', '', 'x'.repeat(300), 'a/b c.d-e_f'];
    const points = Array.from({ length: 2500 }, (_, step) => ({
      name: 'loss',
      value: 1 / (step + 1),
      step,
      time: ended,
    }));
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE, -0];
    run.logMetrics(points);
    run.logMetrics(odd.map((value, step) => ({ name: 'odd', value, step, time: ended })));
    run.logMetrics(names.map((name, step) => ({ name, value: step, step, time: ended })));
    run.logParams(Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`setting ${i}`, 'é'.repeat(5900)])));
    run.logParams({ long: 'x'.repeat(7000), empty: '', lines: 'a\nb\0c\ud800', music: '♫𝄞' });
    run.logTags({ long: 'y'.repeat(9000) });
    run.logParams({ music: 'another' });
    expect(await run.finish('FINISHED', ended, null)).toMatchObject({ lost: 0 });

    const loss = (await readMetric(run.id, 'loss')) as [number, number, number][];
    expect(loss.sort(([a], [b]) => a - b)).toEqual(points.map(({ step, value }) => [step, value, +ended]));
    const found = ((await readMetric(run.id, 'odd')) as [number, unknown, number][]).sort(([a], [b]) => a - b);
    // Databases have no infinity: the server keeps the largest number instead.
    const largest = (value: unknown) =>
      real && Math.abs(Number(value)) === Number.MAX_VALUE ? Number(value) * 2 : value;
    expect(found.map(([, value]) => String(largest(value)))).toEqual(['NaN', 'Infinity', '-Infinity', '5e-324', '0']);
    for (const [step, name] of names.entries())
      expect(await readMetric(run.id, toKey(name))).toEqual([[step, step, +ended]]);
    const { params, tags } = (await read(run.id)).data;
    const parameters = toObject(params);
    expect(Object.keys(parameters)).toHaveLength(254);
    // Servers before 2.8 take less.
    const longest = parameters.long.length;
    expect(real ? paramLimits : [6000]).toContain(longest);
    expect(parameters).toMatchObject({
      long: cutText('x'.repeat(7000), longest),
      'setting 249': cutText('é'.repeat(5900), longest),
      empty: '',
      music: '♫𝄞',
      lines: 'a\nb\ufffdc\ufffd',
    });
    expect(toObject(tags).long).toBe(`${'y'.repeat(4999)}…`);
  });

  check('goes on where it was interrupted, without what is there', async () => {
    const first = await startMlflowRun(options());
    first.logParams({ seed: 1 });
    first.startChild('trial 0', { started })?.end('FINISHED', ended);
    first.startChild('trial 1', { started });
    await first.finish('KILLED', ended, null);
    const again = await startMlflowRun(options({ resume: first.id }));
    expect([again.id, again.resumed]).toEqual([first.id, true]);
    expect((await read(first.id)).info.status).toBe('RUNNING');
    again.logParams({ seed: 1 });
    expect(again.startChild('trial 0', { started })).toBeNull();
    again.startChild('trial 1', { started })?.end('FINISHED', ended);
    expect(await again.finish('FINISHED', ended, null)).toMatchObject({ lost: 0 });
    expect((await read(first.id)).info.status).toBe('FINISHED');

    const gone = await startMlflowRun(options({ resume: 'f'.repeat(32) }));
    expect([gone.id === first.id, gone.resumed]).toEqual([false, false]);
    await gone.finish('FINISHED', ended, null);
  });

  check('gets the small files of a folder', async () => {
    const path = join(folder, randomUUID());
    mkdirSync(join(path, 'models'), { recursive: true });
    writeFileSync(join(path, 'metrics.json'), '{"mse":251}');
    writeFileSync(join(path, 'report ø 100%.html'), '<p>♫</p>');
    writeFileSync(join(path, '.partial'), 'half');
    writeFileSync(join(path, 'large.bin'), '');
    truncateSync(join(path, 'large.bin'), 16 * 2 ** 20 + 1);
    symlinkSync('/etc/hostname', join(path, 'link'));
    const run = await startMlflowRun(options());
    const delivery = await run.finish('FINISHED', ended, path);
    expect(delivery).toMatchObject({ delivered: 3, lost: 0 });
    expect(describeDelivery(delivery)).toEqual([`MLflow: large.bin stays in ${path}: it is larger than 16 MiB`]);
    const [, root] = /^mlflow-artifacts:\/(.*)/.exec(String((await read(run.id)).info.artifact_uri)) ?? [];
    const readFile = (name: string) => ask(`mlflow-artifacts/artifacts/${root}/${encodeURIComponent(name)}`);
    expect(await readFile('metrics.json')).toBe('{"mse":251}');
    expect(await readFile('report ø 100%.html')).toBe('<p>♫</p>');
  });
});
