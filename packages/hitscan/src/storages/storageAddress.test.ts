import { expect, test } from 'vitest';
import { readStorageAddress, showStorageAddress, withoutPassword } from './storageAddress.ts';

test.each([
  [':memory:', { kind: 'memory' }],
  ['study.log', { kind: 'file', path: 'study.log', database: false }],
  ['/a/study.db', { kind: 'file', path: '/a/study.db', database: false }],
  // A drive is no scheme, and a colon elsewhere is part of a name.
  ['C:\\study.log', { kind: 'file', path: 'C:\\study.log', database: false }],
  ['2026-11-28 10:30.log', { kind: 'file', path: '2026-11-28 10:30.log', database: false }],
  ['sqlite:///study.log', { kind: 'file', path: 'study.log', database: true }],
  ['sqlite+pysqlite:////a/study.db', { kind: 'file', path: '/a/study.db', database: true }],
])('%s is understood', (address, expected) => {
  expect(readStorageAddress(address)).toEqual(expected);
});

test.each([
  ['postgresql://alice:secret@host:5433/studies?sslmode=disable', 'postgresql://alice@host:5433/studies'],
  ['postgres+psycopg2://alice:secret@host/studies', 'postgresql://alice@host/studies'],
  ['POSTGRESQL://host', 'postgresql://host'],
  ['postgresql://alice:secret@/studies', 'postgresql://alice@localhost/studies'],
  ['postgresql://host/studies?user=alice&password=secret', 'postgresql://host/studies'],
])('%s is shown without secrets', (address, shown) => {
  expect(showStorageAddress(address)).toBe(shown);
});

test.each([
  'mysql://alice:secret@host/studies',
  'mysql+pymysql://alice:secret@host/studies',
  'redis://:secret@host',
  'file:///study.log',
  'https://alice:secret@host/study.log',
  'sqlite://study.db',
  'sqlite:study.db',
  'sqlite:///study.db?mode=ro',
  'sqlite:///',
  'postgresql:secret',
  'postgresql://alice:secret@host:99999/studies',
  'postgresql://alice:secret@host:port/studies',
  // A password that is not written as URLs want it must not end up in another part of them.
  'postgresql://alice:1/secret@host/studies',
  'postgresql://alice:1#secret@host/studies',
  'postgresql://alice:1?secret@host/studies',
  ' ',
  'study\0.log',
])('%s is refused, and no secret shown', (address) => {
  expect(() => readStorageAddress(address)).toThrow(/^--storage: must [^\n]*$/);
  expect(() => readStorageAddress(address)).not.toThrow('secret');
});

test('a password is kept out of files, and nothing else', () => {
  expect(withoutPassword('postgresql+psycopg2://alice:secret@host/studies?password=secret&sslmode=disable')).toBe(
    'postgresql://alice@host/studies?sslmode=disable',
  );
  expect(withoutPassword('postgresql+psycopg2://alice@host/studies')).toBe('postgresql+psycopg2://alice@host/studies');
  expect(withoutPassword('study.log')).toBe('study.log');
});
