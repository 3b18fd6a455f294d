import { expect, test } from 'vitest';
import { countIdleParameters } from './idleParameters.ts';

test('494 of the seed’s 2,510 parameters cannot learn: the state’s, and the taps that see only padding', async () => {
  const { block, head } = await countIdleParameters();
  const all = [...block, ...head];
  expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(2510);
  const idle = all.filter((tensor) => tensor.idle > 0).map(({ name, idle }) => [name, idle]);
  expect(idle).toEqual([
    ['mamba.conv1d.weight', 78],
    ['mamba.A_log', 416],
  ]);
});
