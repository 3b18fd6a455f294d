import { defineConfig } from 'vitest/config';

const shared = { testTimeout: 60_000, pool: 'forks' } as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'units',
          include: ['packages/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Whole commands, which use every core themselves. Some are killed or interrupted at a moment, so they run alone.
        test: {
          ...shared,
          name: 'commands',
          include: ['test/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    // Pictures and other snapshots are written by `npx vitest run -u` alone: one that is missing fails.
    update: 'none',
  },
});
