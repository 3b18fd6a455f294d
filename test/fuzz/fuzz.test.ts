import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

// A sample: `node scripts/fuzz.ts` tries 2,000 runs, 2,000 lines and 1,000 tables.
test('damaged runs, wrong options and strange tables are answered with status 0 or 2', {
  timeout: 300_000,
}, async () => {
  const { tried, statuses, findings } = await fuzz({ runs: 40, lines: 60, tables: 20 }, { seed: 20_000 });
  expect(findings).toEqual([]);
  expect(tried).toBe(120);
  // Nothing would be tried by lines that are all refused, or all accepted.
  expect(statuses[0]).toBeGreaterThan(20);
  expect(statuses[2]).toBeGreaterThan(20);
});
