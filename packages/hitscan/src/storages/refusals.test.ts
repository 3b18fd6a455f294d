import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { writeMadeStudy } from '../../../core/testing/madeStudy.ts';
import { expectRefusal } from '../../testing/expectRefusal.ts';
import { makeTestFolder } from '../../testing/testFolder.ts';
import { openStorage } from './openStorage.ts';
import { openSqlite } from './sqlite.ts';

// What cannot be a storage is refused in one line that names it, and left as it is.

const folder = makeTestFolder('refusals');

async function readAll(address: string): Promise<void> {
  const storage = await openStorage(address);
  try {
    for (const { id } of await storage.listStudies()) await storage.readTrials(id);
    await storage.createStudy('ours', ['minimize']);
  } finally {
    await storage.close();
  }
}

const record = '{"op_code":0,"worker_id":"w","study_name":"a","directions":[1]}';
const trial = '{"op_code":4,"worker_id":"w","study_id":0,"datetime_start":null}';
const isWindows = process.platform === 'win32';

describe('a path', () => {
  test.skipIf(isWindows).each([
    ['within a file', 'plain/study.db', 'must lie in a folder; a part of its path is a file'],
    ['within a file, a journal', 'plain/new/study.log', 'must lie in a folder; a part of its path is a file'],
    ['of a folder', 'sub', 'must be a file, is a folder'],
    ['of a folder that is to be a database', 'sqlite:///sub', 'must be a file, is a folder'],
    ['of a pipe', 'pipe', 'must be a file, is a pipe (FIFO)'],
    ['of a device', '/dev/null', 'must be a file, is a device'],
    ['of links in a circle', 'circle', 'must be a file; its links lead in a circle'],
    ['with a name that is too long', 'x'.repeat(300), 'must have a shorter name'],
  ])('%s', async (_, name, rule) => {
    if (!existsSync(join(folder, 'sub'))) {
      mkdirSync(join(folder, 'sub'));
      writeFileSync(join(folder, 'plain'), 'plain\n');
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      symlinkSync('circle', join(folder, 'circle'));
    }
    const address = name.startsWith('sqlite:///') ? `sqlite:///${join(folder, name.slice(10))}` : join(folder, name);
    const path = name.startsWith('/') ? name : address;
    expect(await expectRefusal(() => readAll(path))).toBe(`${path.replace('sqlite:///', '')}: ${rule}`);
  });

  // Node's own way to make folders does not end there.
  test.runIf(existsSync('/proc/self'))('where no folder can be made', async () => {
    expect(await expectRefusal(() => readAll('/proc/none/study.db'))).toContain(
      'must lie in a folder that is there or can be',
    );
  });
});

describe('a file that is no journal', () => {
  test.each([
    ['prose', 'some notes\n', ':1: must be a record'],
    ['prose without an end', 'some notes', ':1: must be a record'],
    ['bytes', Buffer.from([0, 1, 2, 255, 254, 10, 0]), ':1: must be a record'],
    ['bytes of zero', Buffer.alloc(100_000), ':1: must be a record'],
    ['JSON', '{\n  "a": 1\n}\n', ':1: must be a record'],
    ['JSON without an end', '{"op": 1}', ':1: must be a record'],
    ['other lines of JSON', `${record}\n{"a":1}\n`, ':2: must be a record'],
    ['an unknown operation', `${record}\n{"op_code":11,"worker_id":"w"}\n`, ':2: must be a record of Optuna'],
    ['an operation by name', '{"op_code":"toString","worker_id":"w"}\n', 'op_code must be a whole number from 0 to 10'],
    ['a name that is a number', record.replace('"a"', '3'), 'study_name (op_code 0): expected string'],
    ['an unknown direction', record.replace('[1]', '[9]'), 'directions.0 (op_code 0)'],
    ['no direction', record.replace('[1]', '[]'), 'directions (op_code 0)'],
    ['a study by name', `${record}\n${trial.replace('0,"datetime', '"a","datetime')}`, ':2: must be'],
    [
      'a time that is none',
      `${record}\n${trial.replace('null', '"noon"')}`,
      'datetime_start (op_code 4): must be a time',
    ],
    ['an unknown state', `${record}\n${trial}\n{"op_code":6,"worker_id":"w","trial_id":0,"state":7}`, ':3: must be'],
    [
      'a distribution that is none',
      `${record}\n${trial}\n{"op_code":5,"worker_id":"w","trial_id":0,"param_name":"x","param_value_internal":1,"distribution":"{}"}`,
      'distribution (op_code 5): must be a distribution',
    ],
    [
      'a parameter without a distribution',
      `${record}\n${trial.replace('null', 'null,"params":{"x":1},"distributions":{}')}`,
      'distributions (op_code 4): must have one for each of params',
    ],
    [
      'an attribute that is a list',
      `${record}\n{"op_code":2,"worker_id":"w","study_id":0,"user_attr":[1]}`,
      ':2: must',
    ],
    [
      'a value that is text',
      `${record}\n${trial}\n{"op_code":7,"worker_id":"w","trial_id":0,"step":0,"intermediate_value":"1"}`,
      ':3: ',
    ],
  ])('%s', async (name, content, rule) => {
    const path = join(folder, `${name}.log`);
    const whole =
      typeof content === 'string' && content.endsWith('}') && content.includes('op_code') ? `${content}\n` : content;
    writeFileSync(path, whole);
    const message = await expectRefusal(() => readAll(path));
    expect(message.startsWith(`${path}:`)).toBe(true);
    expect(message).toContain(rule);
    expect(readFileSync(path)).toEqual(Buffer.from(whole));
  });

  test('is not one that somebody removed while it was used', async () => {
    const path = join(folder, 'removed.log');
    const storage = await openStorage(path);
    await storage.createStudy('a', ['minimize']);
    unlinkSync(path);
    expect(await expectRefusal(() => storage.createTrial(0))).toBe(
      `${path}: must remain while it is in use, was removed or replaced`,
    );
    await storage.close();
  });
});

test("a journal's blank lines are skipped", async () => {
  const path = join(folder, 'blank.log');
  writeFileSync(path, `\n${record}\r\n\n  \t\n${trial}\n\n`);
  const storage = await openStorage(path);
  expect((await storage.listStudies()).map(({ name }) => name)).toEqual(['a']);
  expect(await storage.createTrial(0)).toBe(1);
  expect(await storage.readTrials(0)).toHaveLength(2);
  await storage.close();
  expect(readFileSync(path, 'utf8').startsWith(`\n${record}\r\n\n  \t\n${trial}\n\n{`)).toBe(true);
});

describe('an SQLite file', () => {
  const make = async (name: string): Promise<string> => {
    const path = join(folder, name);
    const storage = await openStorage(path);
    await writeMadeStudy(storage);
    await storage.close();
    return path;
  };

  test("of somebody else's tables", async () => {
    const path = join(folder, 'songs.db');
    const songs = new DatabaseSync(path);
    songs.exec('CREATE TABLE songs (title); CREATE TABLE alembic_version (version_num)');
    songs.close();
    const before = readFileSync(path);
    expect(await expectRefusal(() => readAll(path))).toBe(
      `${path}: must be a new database or one of Optuna's, holds other tables (songs, alembic_version)`,
    );
    expect(readFileSync(path)).toEqual(before);
  });

  test('from before Optuna had revisions', async () => {
    const path = join(folder, 'ancient.db');
    const ancient = new DatabaseSync(path);
    ancient.exec('CREATE TABLE studies (study_id); CREATE TABLE version_info (version_info_id, schema_version)');
    ancient.exec('INSERT INTO version_info VALUES (1, 1)');
    ancient.close();
    const before = readFileSync(path);
    expect(await expectRefusal(() => readAll(path))).toContain(
      "got version 1 from before revisions; run 'optuna storage",
    );
    expect(readFileSync(path)).toEqual(before);
  });

  test('that was cut short', async () => {
    for (const length of [50, 5000, 20_000]) {
      const path = await make(`cut-${length}.db`);
      truncateSync(path, length);
      expect(await expectRefusal(() => readAll(path))).toMatch(/: (is damaged|must be an SQLite database, is none)/);
    }
  });

  test('with pages of something else', async () => {
    const path = await make('noise.db');
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4096);
    writeFileSync(path, bytes);
    expect(await expectRefusal(() => readAll(path))).toMatch(/: is damaged/);
  });

  test('whose values are none of Optuna', async () => {
    const path = await make('values.db');
    const database = new DatabaseSync(path);
    database.exec("UPDATE trial_user_attributes SET value_json = '{'");
    expect(await expectRefusal(() => readAll(path))).toContain('must be JSON, got "{"');
    database.exec(
      "UPDATE trial_user_attributes SET value_json = '1'; UPDATE trial_params SET distribution_json = '{}'",
    );
    expect(await expectRefusal(() => readAll(path))).toContain('distribution: must be one of Optuna 3 to 5, got "{}"');
    database.close();
  });

  test('that is none, by its address or by its name', async () => {
    for (const [name, address] of [
      ['text', `sqlite:///${join(folder, 'text')}`],
      ['text.db', join(folder, 'text.db')],
    ]) {
      writeFileSync(join(folder, name), 'some notes\n');
      expect(await expectRefusal(() => readAll(address))).toContain('must be an SQLite database, is none');
      expect(readFileSync(join(folder, name), 'utf8')).toBe('some notes\n');
    }
  });

  test('that is empty is a new one', async () => {
    const path = join(folder, 'empty.db');
    writeFileSync(path, '');
    await readAll(path);
    expect(readFileSync(path).toString('latin1', 0, 6)).toBe('SQLite');
  });

  test('that another process has locked is waited for, not for ever', async () => {
    const path = await make('locked.db');
    const other = new DatabaseSync(path);
    other.exec('BEGIN EXCLUSIVE');
    expect(await expectRefusal(() => openSqlite(path, { patienceMs: 100 }))).toContain('is locked by another process');
    const told: string[] = [];
    const opening = openSqlite(path, { notify: (line) => told.push(line) });
    await expect.poll(() => told, { timeout: 10_000 }).toHaveLength(1);
    other.exec('ROLLBACK');
    await (await opening).close();
    expect(told).toEqual([`Waiting for ${path}, which another process has locked, for at most 60 seconds.`]);
    other.close();
  });
});
