import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '@hitscan/core/errors';
import { afterEach, expect, test } from 'vitest';
import { type StandIn, type StandInOptions, startStandIn, type Trouble } from '../../testing/mlflowStandIn.ts';
import { describeDelivery } from './mlflowDelivery.ts';
import { type MlflowOptions, type MlflowRun, startMlflowRun } from './mlflowRun.ts';

const standIns: StandIn[] = [];
afterEach(async () => {
  for (const standIn of standIns.splice(0)) await standIn.close();
});

async function open(options?: StandInOptions): Promise<StandIn> {
  const standIn = await startStandIn(options);
  standIns.push(standIn);
  return standIn;
}

const time = new Date(1_700_000_000_000);

/** Waits between attempts that a test can afford; the others are long enough for a machine with a lot to do. */
const pace = { requestSeconds: 20, attempts: 3, firstWaitSeconds: 0.01 };

function start(url: string, change: Partial<MlflowOptions> = {}): Promise<MlflowRun> {
  const given = { experiment: 'songs', name: 'a', command: 'hitscan train', started: time, resume: null };
  return startMlflowRun({ url, ...given, environment: {}, pace, ...change });
}

/** Meets the first requests of this name with these, one after the other, and lets the rest through. */
function trouble(standIn: StandIn, name: string, ...troubles: Trouble[]): void {
  standIn.trouble = (asked) => (asked === name ? (troubles.shift() ?? null) : null);
}

const countRequests = ({ requests }: StandIn, name: string) =>
  requests.filter((request) => request.name === name).length;

async function getFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('without a server there is no run', async () => {
  const url = `http://127.0.0.1:${await getFreePort()}`;
  const message = `must be an MLflow server that takes runs, got "${url}" (connect ECONNREFUSED ${url.slice(7)}); start it, or leave --mlflow out`;
  await expect(start(url)).rejects.toThrow(new ConfigError('--mlflow', message));
});

test.each<[string, Trouble, number, string]>([
  ['is silent', 'hang', 2, '(no answer within 0.2 s)'],
  ['breaks off', 'drop', 2, '(other side closed)'],
  ['is no MLflow', { status: 404, text: '<html>' }, 1, '(404)'],
  ['has its own troubles', { status: 503, text: 'busy\n' }, 2, '(503)'],
  ['wants to know who asks', { status: 401 }, 1, '(401); set MLFLOW_TRACKING_USERNAME and'],
  ['leads elsewhere', { status: 308, headers: { location: 'http://else/' } }, 1, '(308 sent on to http://else/)'],
  [
    'says no JSON',
    { status: 200, text: '{"experiment"' },
    1,
    '/experiments/get-by-name answered with what is no JSON)',
  ],
  [
    'says what MLflow does not',
    { status: 200, text: '{"experiment":{"experiment_id":"\\u001b[2J"}}' },
    1,
    'answered otherwise than MLflow does: experiment.experiment_id: ',
  ],
  [
    'never comes to an end',
    { status: 200, text: ' '.repeat(2 ** 24 + 1) },
    1,
    '(an answer of more than 16777216 bytes)',
  ],
])('a server that %s is told of before the run begins', async (_, answer, attempts, reason) => {
  const standIn = await open();
  standIn.trouble = () => answer;
  const quick = { ...pace, requestSeconds: answer === 'hang' ? 0.2 : 20, attempts: 2 };
  const error = await start(standIn.url, { pace: quick }).then(String, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as Error).message).toContain(reason);
  expect(standIn.requests).toHaveLength(attempts);
});

test('an experiment that was deleted is told of', async () => {
  const { url } = await open();
  await start(url, { experiment: 'deleted' });
  await expect(start(url, { experiment: 'deleted' })).rejects.toThrow(
    '--mlflow: must have an experiment that is not deleted, got "deleted"; restore it with mlflow experiments restore',
  );
});

test('credentials go with every request', async () => {
  const standIn = await open();
  const run = await start(standIn.url, { environment: { MLFLOW_TRACKING_TOKEN: 'abc' } });
  await run.finish('FINISHED', time, null);
  expect(standIn.requests.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill('Bearer abc'));
});

test('what fails in passing is sent again', async () => {
  const standIn = await open();
  const run = await start(standIn.url);
  trouble(standIn, 'POST runs/log-batch', { status: 500 }, 'drop');
  run.logMetrics([{ name: 'loss', value: 1, step: 0, time }]);
  expect(describeDelivery(await run.finish('FINISHED', time, null))).toEqual([]);
  expect(countRequests(standIn, 'POST runs/log-batch')).toBe(3);
  expect(standIn.runs.get(run.id)?.metrics).toEqual([{ key: 'loss', value: 1, step: 0, timestamp: +time }]);
});

test('a server that asks for time gets it', async () => {
  const standIn = await open();
  const run = await start(standIn.url);
  trouble(standIn, 'POST runs/update', { status: 429, headers: { 'retry-after': '1' } });
  expect(await run.finish('FINISHED', time, null)).toMatchObject({ delivered: 1, lost: 0 });
  const [refused, taken] = standIn.requests.filter(({ name }) => name === 'POST runs/update');
  // Timers may be early by a millisecond.
  expect(taken.time - refused.time).toBeGreaterThan(990);
});

test('what is refused is not sent again, and costs nothing else', async () => {
  const standIn = await open();
  const first = await start(standIn.url);
  first.logParams({ seed: 1 });
  await first.finish('KILLED', time, null);
  const again = await start(standIn.url, { resume: first.id });
  again.logParams({ a: 1, seed: 2, b: 3 });
  again.logMetrics([{ name: 'loss', value: 1, step: 0, time }]);
  const delivery = await again.finish('FINISHED', time, null);
  expect(delivery).toMatchObject({ delivered: 4, lost: 1 });
  expect(describeDelivery(delivery)).toEqual([
    'MLflow: 1 of 5 entries were not delivered: ' +
      '1 (400 INVALID_PARAMETER_VALUE changing param values is not allowed: seed)',
  ]);
  const { params, metrics } = standIn.runs.get(first.id) ?? {};
  expect(params).toEqual(new Map(Object.entries({ seed: '1', a: '1', b: '3' })));
  expect(metrics).toHaveLength(1);
});

test('a server that refuses all is asked so often and no more', async () => {
  const standIn = await open();
  const run = await start(standIn.url);
  standIn.trouble = (name) => (name === 'POST runs/log-batch' ? { status: 400 } : null);
  run.logMetrics(Array.from({ length: 1000 }, (_, step) => ({ name: 'loss', value: 1, step, time })));
  expect(await run.finish('FINISHED', time, null)).toMatchObject({ delivered: 1, lost: 1000 });
  // 100 batches are parted, and each of the parts that came of them is sent.
  expect(countRequests(standIn, 'POST runs/log-batch')).toBeLessThanOrEqual(201);
});

test.each([500, 250])('parameters are cut to what an older server takes: %i characters', async (longestParam) => {
  const standIn = await open({ longestParam });
  const run = await start(standIn.url);
  run.logParams({ long: 'x'.repeat(700), short: 1, longer: 'y'.repeat(6000) });
  const child = run.startChild('b', { started: time });
  child?.logParams({ long: 'x'.repeat(700) });
  expect(await run.finish('FINISHED', time, null)).toMatchObject({ lost: 0 });
  const [parent, other] = [...standIn.runs.values()].map(({ params }) =>
    [...params.values()].map(({ length }) => length),
  );
  expect(parent.sort((a, b) => a - b)).toEqual([1, longestParam, longestParam]);
  expect(other).toEqual([longestParam]);
});

test('a run whose making was answered into the void is not made twice', async () => {
  const standIn = await open();
  trouble(standIn, 'POST runs/create', 'dropAnswer', 'drop');
  const run = await start(standIn.url);
  expect([...standIn.runs.keys()]).toEqual([run.id]);
  trouble(standIn, 'POST runs/create', 'dropAnswer');
  run.startChild('b', { started: time })?.logParams({ a: 1 });
  expect(await run.finish('FINISHED', time, null)).toMatchObject({ delivered: 4, lost: 0 });
  expect([...standIn.runs.values()].map(({ params }) => params.size)).toEqual([0, 1]);
});

test('a server that goes away costs what it does not get, and is told of once', async () => {
  const standIn = await open();
  const run = await start(standIn.url);
  await standIn.close();
  for (let trial = 0; trial < 50; trial++) {
    const child = run.startChild(`trial ${trial}`, { started: time });
    child?.logParams({ a: trial });
    child?.logMetrics([{ name: 'loss', value: 1, step: 0, time }]);
    child?.end('FINISHED', time);
  }
  const delivery = await run.finish('FINISHED', time, null);
  expect(delivery).toMatchObject({ delivered: 0, lost: 50 * 4 + 1 });
  const reason = /^MLflow: 201 of 201 entries were not delivered: 201 \(connect ECONNREFUSED [\d.:]+\)$/;
  expect(describeDelivery(delivery)).toEqual([expect.stringMatching(reason)]);
});

test('a server that falls silent is not waited for beyond measure', async () => {
  const standIn = await open();
  const run = await start(standIn.url, { pace: { ...pace, requestSeconds: 60, silenceSeconds: 0.3 } });
  standIn.trouble = () => 'hang';
  run.logParams({ a: 1 });
  const asked = performance.now();
  const delivery = await run.finish('FINISHED', time, null);
  expect(delivery).toMatchObject({ delivered: 0, lost: 2 });
  expect(describeDelivery(delivery)[0]).toContain('no answer for 0.3 s');
  // Far below the request's minute, however busy the machine is.
  expect(performance.now() - asked).toBeLessThan(10_000);
});

test('work that holds the thread is not taken for a slow server', async () => {
  const standIn = await open();
  const run = await start(standIn.url, { pace: { ...pace, requestSeconds: 0.4, attempts: 1 } });
  for (let batch = 0; batch < 3; batch++) {
    run.logMetrics([{ name: 'loss', value: 1, step: batch, time }]);
    await new Promise((resolve) => setImmediate(resolve));
    for (const until = performance.now() + 600; performance.now() < until; ) Math.random();
  }
  expect(await run.finish('FINISHED', time, null)).toMatchObject({ delivered: 4, lost: 0 });
});

test('files stay where they are when the server does not take them', async () => {
  const { url } = await open({ fileRoot: 's3://bucket/\u001b[31m' });
  const run = await start(url);
  const delivery = await run.finish('FINISHED', time, '/nowhere');
  expect(describeDelivery(delivery)).toEqual([
    expect.stringMatching(
      /^MLflow: files stay in \/nowhere: the server takes none itself, but has them put to s3:\/\/bucket\/ \[31m/,
    ),
  ]);
  // The way out of the place for files is none.
  const other = await start((await open({ fileRoot: 'mlflow-artifacts:/..' })).url);
  expect((await other.finish('FINISHED', time, '/nowhere')).notes).toHaveLength(1);
  // A folder that has gone is a loss among others.
  const last = await start((await open()).url);
  expect(await last.finish('FINISHED', time, '/nowhere')).toMatchObject({ delivered: 1, lost: 1 });
});

test('more than memory should hold is lost at once', async () => {
  const standIn = await open();
  const run = await start(standIn.url, { pace: { ...pace, silenceSeconds: 0.3 } });
  standIn.trouble = () => 'hang';
  const points = Array.from({ length: 100_001 }, (_, step) => ({ name: 'loss', value: 1, step, time }));
  run.logMetrics(points);
  run.logMetrics(points);
  const { reasons } = await run.finish('FINISHED', time, null);
  expect(reasons).toContainEqual({ reason: 'the server was too slow: more than 200000 were waiting', count: 100_001 });
});
