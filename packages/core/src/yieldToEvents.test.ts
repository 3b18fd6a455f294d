import { expect, test } from 'vitest';
import { createPause, yieldToEvents } from './yieldToEvents.ts';

test('others have their turn: timers that are due, and what they start', async () => {
  const seen: string[] = [];
  setTimeout(() => seen.push('timer'), 0);
  const begun = performance.now();
  while (seen.length === 0 && performance.now() - begun < 5000) await yieldToEvents();
  expect(seen).toEqual(['timer']);
});

test('a pause throws the reason of the signal, and yields only where time has passed', async () => {
  const controller = new AbortController();
  const pause = createPause(controller.signal);
  let turns = 0;
  setTimeout(() => turns++, 0);
  for (let i = 0; i < 10; i++) await pause();
  const begun = performance.now();
  while (performance.now() - begun < 60) {}
  await pause();
  await pause();
  controller.abort(new Error('enough'));
  await expect(pause()).rejects.toThrow('enough');
  expect(turns).toBeLessThanOrEqual(1);
});
