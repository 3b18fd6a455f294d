import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, extname } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import type { Host } from '@hitscan/core/pipeline';
import { twinSongBytes } from '@hitscan/core/tracks';
import { createRunDirectory, openRunDirectory } from './runs/runDirectory.ts';
import { openFile } from './sources/openFile.ts';
import { openStorage } from './storages/openStorage.ts';
import { showStorageAddress, withoutPassword } from './storages/storageAddress.ts';
import { startFitThread } from './workers/fitThread.ts';
import { findMachineMemory } from './workers/machine.ts';
import { identifyProcess } from './workers/processes.ts';
import { startTrialThread } from './workers/trialThread.ts';

/** Node as the pipeline's host: folders for runs, files for songs, threads for fits and trials. */
export function createNodeHost(): Host {
  return {
    runs: { create: (name, out) => createRunDirectory(name, out), open: openRunDirectory },
    songs: {
      has: existsSync,
      stem: (name) => basename(name, extname(name)),
      open: openFile,
    },
    machine: {
      threads: availableParallelism(),
      memoryBytes: findMachineMemory(),
      mostTwinSongs: Math.floor(getHeapStatistics().heap_size_limit / twinSongBytes),
      startFitThread,
      startTrialThread,
    },
    studies: {
      processes: identifyProcess(),
      open: (address, notify = () => {}) => openStorage(address, { notify }),
      show: showStorageAddress,
      withoutPassword,
    },
    now: () => new Date(),
  };
}
