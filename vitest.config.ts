import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    pool: 'forks',
    // Pictures and other snapshots are written by `npx vitest run -u` alone: one that is missing fails.
    update: 'none',
  },
});
