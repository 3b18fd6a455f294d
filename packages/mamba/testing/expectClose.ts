import { expect } from 'vitest';

export interface Tolerance {
  readonly absolute?: number;
  /** Of the expected value's magnitude. */
  readonly relative?: number;
}

/** Every element within `absolute + relative·|expected|`; else fails with the worst one. */
export function expectClose(
  label: string,
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 0, relative = 0 }: Tolerance,
): void {
  expect(found.length, `${label}: length`).toBe(expected.length);
  let worst = -1;
  let worstExcess = 0;
  for (let i = 0; i < expected.length; i++) {
    const allowed = absolute + relative * Math.abs(expected[i]);
    const difference = Math.abs(found[i] - expected[i]);
    // NaN fails every comparison, so it is asked for the other way round.
    if (!(difference <= allowed) && !(difference - allowed <= worstExcess)) {
      worst = i;
      worstExcess = difference - allowed;
    }
  }
  if (worst < 0) return;
  const difference = Math.abs(found[worst] - expected[worst]);
  expect.fail(
    `${label}[${worst}]: ${found[worst]} instead of ${expected[worst]}, off by ${difference} (absolute ${absolute}, relative ${relative})`,
  );
}
