import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Distribution } from '@hitscan/core/tune';
import { type Storage, TrialEndedError } from '@hitscan/core/tune';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { madeName, summariseTrial, writeMadeStudy } from '../../../core/testing/madeStudy.ts';
import { openStorage } from './openStorage.ts';

const folder = mkdtempSync(join(tmpdir(), 'hitscan-storages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readGolden = (name: string) => readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');
const golden = JSON.parse(readGolden('optunaStudy.json'));

/** A server to test against, as `postgresql://user@host:port/database`; the tests make schemas of their own in it. */
const server = process.env.HITSCAN_TEST_POSTGRES;
const schemas: string[] = [];

async function queryServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server as string });
  await client.connect();
  await client.query(statement);
  await client.end();
}

afterAll(async () => {
  for (const schema of schemas) await queryServer(`DROP SCHEMA ${schema} CASCADE`);
});

async function openFresh(kind: string): Promise<Storage> {
  if (kind === 'memory') return openStorage(':memory:');
  if (kind !== 'PostgreSQL') return openStorage(join(folder, `${Math.random()}.${kind === 'SQLite' ? 'db' : 'log'}`));
  const schema = `hitscan_test_${randomUUID().replaceAll('-', '')}`;
  await queryServer(`CREATE SCHEMA ${schema}`);
  schemas.push(schema);
  return openStorage(`${server}?options=${encodeURIComponent(`-c search_path=${schema}`)}`);
}

const float: Distribution = { kind: 'float', low: 0, high: 1, log: false, step: null };

describe.each(['memory', 'journal', 'SQLite', 'PostgreSQL'])('a storage in %s', (kind) => {
  // PostgreSQL needs a server; HITSCAN_TEST_POSTGRES names one.
  const check = test.skipIf(kind === 'PostgreSQL' && !server);

  check('keeps what Optuna keeps', async () => {
    const storage = await openFresh(kind);
    const studyId = await writeMadeStudy(storage);
    const [study] = await storage.listStudies();
    expect(study).toEqual({
      id: studyId,
      name: madeName,
      directions: ['maximize'],
      userAttributes: golden.userAttributes,
      systemAttributes: { empty: [] },
    });
    const trials = await storage.readTrials(studyId);
    expect(trials.map(summariseTrial)).toEqual(golden.trials);
    expect(trials[3].started).toEqual(new Date(0));
    expect(trials[3].ended).toEqual(new Date(1000));
    // Time passes between the two, but the clock is of milliseconds.
    expect(Number(trials[0].ended)).toBeGreaterThanOrEqual(Number(trials[0].started));
    expect(trials[5].started).toBeNull();
    await storage.close();
  });

  check('leaves finished trials alone', async () => {
    const storage = await openFresh(kind);
    const { id: studyId } = await storage.createStudy('a', ['minimize']);
    const trial = await storage.createTrial(studyId);
    await storage.setState(trial, 'complete', [1]);
    const before = await storage.readTrials(studyId);
    for (const change of [
      () => storage.setState(trial, 'fail'),
      () => storage.setIntermediate(trial, 0, 1),
      () => storage.setParameter(trial, 'x', float, 0.5),
      () => storage.setTrialAttribute(trial, 'user', 'a', 1),
      () => storage.setTrialAttribute(trial, 'system', 'a', 1),
    ]) {
      await expect(change()).rejects.toThrow(TrialEndedError);
    }
    expect(await storage.readTrials(studyId)).toEqual(before);
    await storage.close();
  });

  check('gives a waiting trial to one of those who claim it', async () => {
    const storage = await openFresh(kind);
    const { id: studyId } = await storage.createStudy('a', ['minimize']);
    const trial = await storage.createTrial(studyId, { state: 'waiting' });
    const claims = await Promise.all([1, 2, 3].map(() => storage.setState(trial, 'running')));
    expect(claims.filter(Boolean)).toHaveLength(1);
    await storage.close();
  });

  check('refuses a name that is taken and a parameter that has become another', async () => {
    const storage = await openFresh(kind);
    const { id: studyId } = await storage.createStudy('a', ['minimize']);
    await expect(storage.createStudy('a', ['maximize'])).rejects.toThrow('must have a new name, got "a"');
    expect(await storage.listStudies()).toHaveLength(1);
    await storage.setParameter(await storage.createTrial(studyId), 'x', float, 0.5);
    const trial = await storage.createTrial(studyId);
    await storage.setParameter(trial, 'x', { ...float, high: 2 }, 1.5);
    const other = await storage.createTrial(studyId);
    await expect(storage.setParameter(other, 'x', { ...float, log: true }, 0.5)).rejects.toThrow(
      'parameter x must keep log',
    );
    const choices: Distribution = { kind: 'categorical', choices: ['a'] };
    await expect(storage.setParameter(other, 'x', choices, 0)).rejects.toThrow('parameter x must remain float');
    expect((await storage.readTrials(studyId))[2].parameters.size).toBe(0);
    await storage.close();
  });

  check('knows when a running trial was last heard of', async () => {
    const storage = await openFresh(kind);
    const { id: studyId } = await storage.createStudy('a', ['minimize']);
    const started = new Date(Date.now() - 3_600_000);
    const running = await storage.createTrial(studyId, { state: 'running', started });
    const waiting = await storage.createTrial(studyId, { state: 'waiting' });
    const finished = await storage.createTrial(studyId);
    await storage.setState(finished, 'complete', [1]);
    const before = await storage.readLifeSigns(studyId);
    expect([...before.keys()]).toEqual([running]);
    await storage.beat(running);
    await storage.setState(waiting, 'running');
    const after = await storage.readLifeSigns(studyId);
    expect([...after.keys()]).toEqual([running, waiting]);
    expect(after.get(running)?.beats).toBe(true);
    for (const { ageMs } of after.values()) {
      // SQLite's clock has whole seconds.
      expect(ageMs).toBeGreaterThan(-1000);
      expect(ageMs).toBeLessThan(60_000);
    }
    await expect(storage.beat(finished)).rejects.toThrow(TrialEndedError);
    await storage.close();
  });

  check('numbers trials by study, whoever asks at a time', async () => {
    const storage = await openFresh(kind);
    const { id: first } = await storage.createStudy('first', ['minimize']);
    const { id: second } = await storage.createStudy('second', ['minimize', 'maximize']);
    const ids = await Promise.all([first, second, first, second, first].map((id) => storage.createTrial(id)));
    expect(new Set(ids).size).toBe(5);
    expect((await storage.readTrials(first)).map(({ number }) => number)).toEqual([0, 1, 2]);
    expect((await storage.readTrials(second)).map(({ number }) => number)).toEqual([0, 1]);
    await storage.setState(ids[1], 'complete', [1, 2]);
    expect((await storage.readTrials(second))[0].values).toEqual([1, 2]);
    await storage.close();
  });
});

test.each(['log', 'db'])('several who share a file get each trial once: .%s', async (extension) => {
  const path = join(folder, `shared.${extension}`);
  const storages = await Promise.all([1, 2, 3].map(() => openStorage(path)));
  const { id: studyId } = await storages[0].createStudy('a', ['minimize']);
  const work = async (storage: Storage): Promise<number[]> => {
    const ids: number[] = [];
    for (let i = 0; i < 10; i++) {
      const id = await storage.createTrial(studyId);
      await storage.setParameter(id, 'x', float, i / 10);
      await storage.setState(id, 'complete', [id]);
      ids.push(id);
    }
    return ids;
  };
  const ids = (await Promise.all(storages.map(work))).flat();
  expect(new Set(ids).size).toBe(30);
  const views = await Promise.all(storages.map((storage) => storage.readTrials(studyId)));
  expect(views[0].map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  expect(views[0].every(({ id, values, state }) => state === 'complete' && values?.[0] === id)).toBe(true);
  expect(views[1]).toEqual(views[0]);
  expect(views[2]).toEqual(views[0]);
  await Promise.all(storages.map((storage) => storage.close()));
});

test('a journal tells an hour of silence by its records, and any record from silence', async () => {
  const path = join(folder, 'silence.log');
  const storage = await openStorage(path);
  const { id: studyId } = await storage.createStudy('a', ['minimize']);
  const trial = await storage.createTrial(studyId, { state: 'running', started: new Date(Date.now() - 3_600_000) });
  const read = async () => (await storage.readLifeSigns(studyId)).get(trial);
  const first = await read();
  expect(first?.beats).toBe(false);
  expect(first?.ageMs).toBeGreaterThan(3_500_000);
  expect((await read())?.mark).toBe(first?.mark);
  await storage.setIntermediate(trial, 0, 1);
  expect((await read())?.mark).not.toBe(first?.mark);
  await storage.beat(trial);
  expect((await read())?.ageMs).toBeLessThan(60_000);
  await storage.close();
  await expect(storage.beat(trial)).rejects.toThrow('closed');
});

test("Optuna's journal is read as Optuna reads it, and written alike to the byte", async () => {
  const read = await openStorage(fileURLToPath(new URL('golden/optunaStudy.journal', import.meta.url)));
  expect((await read.readTrials(0)).map(summariseTrial)).toEqual(golden.trials);
  await read.close();
  const path = join(folder, 'written.log');
  const storage = await openStorage(path);
  await writeMadeStudy(storage);
  await storage.close();
  const normalise = (text: string) =>
    text.replace(/"worker_id":"[^"]+"/g, '"worker_id":""').replace(/"\d{4}-\d\d-\d\dT[\d:.]{15}\+00:00"/g, '"time"');
  expect(normalise(readFileSync(path, 'utf8'))).toBe(normalise(readGolden('optunaStudy.journal')));
});

/** Every row of every table but the numbers of attributes, which Optuna writes in no certain order. */
function listRows(database: DatabaseSync): Record<string, unknown> {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  const rows = tables.map(({ name }) => {
    const found = database.prepare(`SELECT * FROM ${name} ORDER BY 1`).all();
    return [name, found.map((row) => ({ ...row, datetime_start: null, datetime_complete: null }))];
  });
  return Object.fromEntries(rows);
}

/** Columns, keys and indices of every table. */
function listColumns(database: DatabaseSync): unknown {
  return database
    .prepare(
      `SELECT t.name, c.cid, c.name AS column, c.type, c."notnull", c.pk, c.dflt_value,
       (SELECT group_concat(f."table" || f."from" || f."to") FROM pragma_foreign_key_list(t.name) f) AS keys,
       (SELECT group_concat(i.name || i."unique") FROM pragma_index_list(t.name) i) AS indices
       FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid`,
    )
    .all();
}

test('an address tells what is to be opened, a file that exists by its content', async () => {
  const journal = await openStorage(join(folder, 'new', 'study.log'));
  await journal.createStudy('a', ['minimize']);
  await journal.close();
  expect(readFileSync(join(folder, 'new', 'study.log'), 'utf8')).toContain('"study_name":"a"');
  const database = await openStorage(`sqlite:///${join(folder, 'database.log')}`);
  await database.createStudy('b', ['minimize']);
  await database.close();
  const again = await openStorage(join(folder, 'database.log'));
  expect((await again.listStudies()).map(({ name }) => name)).toEqual(['b']);
  await again.close();
});

test('tables of another revision are refused', async () => {
  const path = join(folder, 'old.db');
  await (await openStorage(path)).close();
  const database = new DatabaseSync(path);
  database.exec("UPDATE alembic_version SET version_num = 'v3.0.0.d'");
  database.close();
  await expect(openStorage(path)).rejects.toThrow("revision v3.2.0.a, got v3.0.0.d; run 'optuna storage upgrade'");
});

test("Optuna's SQLite file is read as Optuna reads it, and written with the same tables and rows", async () => {
  const path = join(folder, 'optuna.db');
  // The dump names its tables in the order of the alphabet.
  const theirs = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  theirs.exec(readGolden('optunaStudy.sql'));
  const read = await openStorage(path);
  expect((await read.readTrials(1)).map(summariseTrial)).toEqual(golden.trials);
  await read.close();
  const storage = await openStorage(join(folder, 'written.db'));
  await writeMadeStudy(storage);
  await storage.close();
  const ours = new DatabaseSync(join(folder, 'written.db'));
  expect(listColumns(ours)).toEqual(listColumns(theirs));
  const { trial_heartbeats: heartbeats, ...rows } = listRows(ours);
  const { trial_heartbeats: none, ...theirRows } = listRows(theirs);
  expect(rows).toEqual(theirRows);
  // Optuna writes them where it is told to; we do for every trial that has run, and not for the fourth and the sixth.
  expect(none).toEqual([]);
  expect((heartbeats as { trial_id: number }[]).map(({ trial_id: id }) => id)).toEqual([1, 2, 3, 5]);
  ours.close();
  theirs.close();
});
