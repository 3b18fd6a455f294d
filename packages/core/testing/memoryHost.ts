import { DataError } from '../src/errors.ts';
import { fitHere } from '../src/evaluate/fitTask.ts';
import type { Host } from '../src/pipeline/host.ts';
import type { RunStore } from '../src/pipeline/runFiles.ts';
import { openBytes } from '../src/readers/byteSource.ts';
import type { Tracks } from '../src/tracks/tracks.ts';
import { formatTracks } from '../src/tracks/writeCsv.ts';
import { soleProcess } from '../src/tune/processes.ts';
import { createMemoryStorage } from '../src/tune/storages/memory.ts';
import { runTrialsHere } from '../src/tune/trialRunner.ts';

/** A run's files in memory. */
export interface MemoryStore extends RunStore {
  readonly files: Map<string, Uint8Array>;
  readText(name: string): string;
  readDocument(name: string): Record<string, unknown>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function createMemoryStore(path = 'run'): MemoryStore {
  const files = new Map<string, Uint8Array>();
  const locate = (name: string) => `${path}/${name}`;
  const readText = (name: string) => decoder.decode(files.get(name));
  return {
    path,
    files,
    locate,
    readText,
    readDocument: (name) => JSON.parse(readText(name)),
    has: (name) => files.has(name),
    read(name, remedy) {
      const bytes = files.get(name);
      if (!bytes) throw new DataError(locate(name), `must be a file that can be read, got none; ${remedy}`);
      return bytes;
    },
    write: (name, content) => {
      files.set(name, typeof content === 'string' ? encoder.encode(content) : content.slice());
    },
    removeFolder(name) {
      for (const file of files.keys()) if (file.startsWith(`${name}/`)) files.delete(file);
    },
    openLog(name) {
      const text = readText(name);
      const kept = text.split('\n').slice(0, -1);
      const write = (lines: readonly string[]) =>
        files.set(name, encoder.encode(lines.map((line) => `${line}\n`).join('')));
      return {
        path: locate(name),
        lines: [...kept],
        append(line) {
          kept.push(line);
          write(kept);
        },
        rewrite: write,
        close() {},
      };
    },
  };
}

/** A host that keeps all in memory and computes on the calling thread, with tables of songs by name. */
export interface MemoryHost extends Host {
  readonly stores: Map<string, MemoryStore>;
}

export function createMemoryHost(songs: Readonly<Record<string, Tracks>> = {}): MemoryHost {
  const stores = new Map<string, MemoryStore>();
  const studies = new Map<string, string[]>();
  return {
    stores,
    runs: {
      create(name, out) {
        const store = createMemoryStore(out ?? name);
        stores.set(store.path, store);
        return store;
      },
      open(path) {
        const store = stores.get(path);
        if (!store) throw new DataError(path, 'must be a run, got none');
        return store;
      },
    },
    songs: {
      has: (name) => Object.hasOwn(songs, name),
      stem: (name) => name,
      open: async (name) => openBytes(name, new TextEncoder().encode(formatTracks(songs[name]))),
    },
    machine: {
      threads: 1,
      memoryBytes: Number.POSITIVE_INFINITY,
      mostTwinSongs: 10_000_000,
      startFitThread: fitHere,
      startTrialThread: (data) => runTrialsHere(data, 1),
    },
    studies: {
      processes: soleProcess,
      async open(address) {
        const lines = studies.get(address) ?? [];
        studies.set(address, lines);
        return createMemoryStorage(lines);
      },
      show: (address) => address,
      withoutPassword: (address) => address,
    },
    now: () => new Date('2026-01-02T03:04:05.678Z'),
  };
}
