import { describe, expect, test } from 'vitest';
import { createPulse, createWatch } from './lifeSigns.ts';

const pace = { beatMs: 10, confirmMs: 15 };
const graceMs = 60;

/** Looks at one trial at moments; gives when it counted as dead, null where it never did. */
function watchTrial(moments: readonly { at: number; ageMs: number; mark: string }[]): number | null {
  let now = 0;
  const watch = createWatch(pace, () => now);
  for (const { at, ageMs, mark } of moments) {
    now = at;
    if (watch(new Map([[7, { ageMs, mark, beats: true, graceMs }]])).silent.includes(7)) return at;
  }
  return null;
}

const every10 = Array.from({ length: 20 }, (_, i) => 10 * i);

describe('a trial', () => {
  test('that beats is alive, whatever the clock says', () => {
    for (const skew of [0, 1e9, -1e9])
      expect(watchTrial(every10.map((at) => ({ at, ageMs: skew, mark: String(at) })))).toBeNull();
  });

  test('that has long been silent by the clock is dead once it was watched for longer than a beat', () => {
    expect(watchTrial(every10.map((at) => ({ at, ageMs: 1000 + at, mark: 'a' })))).toBe(20);
  });

  test('that falls silent is dead after the grace and the confirmation', () => {
    expect(watchTrial(every10.map((at) => ({ at, ageMs: at, mark: 'a' })))).toBe(60);
  });

  test('whose clock is ahead is dead after the grace by the own clock', () => {
    expect(watchTrial(every10.map((at) => ({ at, ageMs: at - 1e9, mark: 'a' })))).toBe(60);
  });

  test('survives a clock that jumps while it beats late', () => {
    const moments = [0, 10, 12, 20, 24].map((at) => ({ at, ageMs: at < 12 ? at : 1e6, mark: at < 22 ? 'a' : 'b' }));
    expect(watchTrial(moments)).toBeNull();
  });

  test('survives that all processes were stopped together for an hour', () => {
    const hour = 3_600_000;
    const moments = [0, 8, 8 + hour, 14 + hour].map((at) => ({ at, ageMs: at, mark: at < 10 + hour ? 'a' : 'b' }));
    expect(watchTrial(moments)).toBeNull();
  });
});

test('doubt lasts as long as a suspect has to be watched', () => {
  let now = 0;
  const watch = createWatch(pace, () => now);
  const signs = new Map([
    [1, { ageMs: 100, mark: 'a', beats: true, graceMs }],
    [2, { ageMs: 0, mark: 'a', beats: true, graceMs }],
  ]);
  expect(watch(signs)).toEqual({ silent: [], doubtMs: 15 });
  now = 10;
  expect(watch(signs)).toEqual({ silent: [], doubtMs: 5 });
  now = 15;
  expect(watch(signs)).toEqual({ silent: [1], doubtMs: 0 });
});

test('a pulse beats for what is in hand, over failures, and rests with nothing in it', async () => {
  const beats: number[] = [];
  let rounds = 0;
  const pulse = createPulse(
    1,
    async (id) => {
      beats.push(id);
      if (id === 1) throw new Error('the storage is away');
    },
    async () => {
      rounds++;
      throw new Error('the storage is away');
    },
  );
  pulse.take(1);
  pulse.take(2);
  await expect.poll(() => rounds).toBeGreaterThan(2);
  expect(beats.slice(0, 4)).toEqual([1, 2, 1, 2]);
  pulse.release(1);
  pulse.release(2);
  const seen = rounds;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(rounds).toBeLessThanOrEqual(seen + 1);
});
