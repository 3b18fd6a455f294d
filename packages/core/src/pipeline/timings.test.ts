import { beforeEach, expect, test } from 'vitest';
import { createMemoryStore, type MemoryStore } from '../../testing/memoryHost.ts';
import { openRunFiles } from './runFiles.ts';
import { openTimings } from './timings.ts';

let store: MemoryStore;
beforeEach(() => {
  store = createMemoryStore();
});

const open = (threads: number) => openTimings(openRunFiles(store), threads, () => new Date());
const readTimes = () => store.readDocument('timings.json');
const write = (text: string) => store.write('timings.json', text);

test('a fit’s time is on the disk as soon as it is kept, and one that was not has none', () => {
  const timings = open(2);
  timings.keep([['linear', 0.25]]);
  expect(readTimes()).toMatchObject({ threads: 2, fits: { linear: 0.25 } });
  expect([timings.secondsOf('linear'), timings.secondsOf('forest')]).toEqual([0.25, Number.NaN]);
});

test('a run that goes on keeps its beginning and its threads, and its times add up', () => {
  const started = '2026-01-02T03:04:05.678Z';
  const fits = { linear: 0.25 };
  write(JSON.stringify({ started, written: '2026-01-02T03:05:05.678Z', seconds: 60, threads: 3, fits }));
  const timings = open(1);
  timings.keep([['forest', 2]]);
  expect(timings.threads).toBe(3);
  expect(timings.started.toISOString()).toBe(started);
  expect(timings.seconds()).toBeGreaterThanOrEqual(60);
  const kept = readTimes();
  expect(kept).toMatchObject({ started, threads: 3, fits: { linear: 0.25, forest: 2 } });
  expect(kept.seconds).toBeGreaterThanOrEqual(60);
  expect(Date.parse(String(kept.written))).toBeGreaterThan(Date.parse(started));
});

const whole = { started: '2026-01-02T03:04:05.678Z', written: '2026-01-02T03:04:05.678Z', seconds: 1, threads: 1 };
test.each([
  ['null', /timings\.json: must be .*; put it back, or remove it/],
  ['[]', /timings\.json: must be .*; put it back/],
  [JSON.stringify({ ...whole, fits: {}, threads: 0 }), /timings\.json threads: .*; put it back/],
  [JSON.stringify({ ...whole, fits: {}, seconds: -1 }), /timings\.json seconds: /],
  [JSON.stringify({ ...whole, fits: {}, started: 'yesterday' }), /timings\.json started: /],
  [JSON.stringify({ ...whole, fits: { linear: 'long' } }), /timings\.json fits\.linear: /],
  ['text', /timings\.json: must be JSON/],
])('a file that no run wrote is named, with what to do: %s', (text, message) => {
  write(text);
  expect(() => open(1)).toThrow(message);
  // It is left as it was found.
  expect(store.readText('timings.json')).toBe(text);
});
