import { defineConfig } from 'vitest/config';

const shared = { testTimeout: 60_000, hookTimeout: 60_000, pool: 'forks' } as const;

/** Kill, interrupt or time a command at a moment, so nothing else may run beside them. */
const alone = ['mlflow', 'readLarge', 'signals', 'torture'].map((name) => `test/${name}.test.ts`);

const project = (name: string, groupOrder: number, maxWorkers: number, files: object) => ({
  test: { ...shared, ...files, name, maxWorkers, sequence: { groupOrder } },
});

export default defineConfig({
  test: {
    projects: [
      project('units', 0, 2, { include: ['packages/**/*.test.ts'] }),
      // Whole commands; those of most tests work on one thread most of the time.
      project('commands', 1, 2, { include: ['test/**/*.test.ts'], exclude: alone }),
      project('alone', 2, 1, { include: alone }),
    ],
    // Pictures and other snapshots are written by `npx vitest run -u` alone: one that is missing fails.
    update: 'none',
  },
});
