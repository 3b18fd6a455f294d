/**
 * What the pipeline asks of the host that it runs on: Node, a browser, or a test's memory. Each interface is small; nothing else
 * of a host is known in this package.
 */
import type { ContestData, FitThread } from '../evaluate/fitTask.ts';
import type { ByteSource } from '../readers/byteSource.ts';
import type { Processes } from '../tune/processes.ts';
import type { Storage } from '../tune/storage.ts';
import type { TrialData, TrialThread } from '../tune/trialRunner.ts';
import type { RunStore } from './runFiles.ts';

/** Where runs lie. */
export interface RunStores {
  /**
   * Makes the place of a new run. `name` is a suggestion; `out` is the place itself, null where the host is to choose one.
   * Throws: ConfigError where `out` is taken or cannot be made.
   */
  create(name: string, out: string | null): RunStore;
  /** Opens the place of a run that was begun before. Throws: DataError where there is none. */
  open(path: string): RunStore;
}

/** Where songs come from. */
export interface SongSources {
  /** Whether there is something under this name. */
  has(name: string): boolean;
  /** Without its folder and its ending: a name for a run. */
  stem(name: string): string;
  /** The bytes of a table of songs, which a reader reads. Throws: DataError where there are none. */
  open(name: string): Promise<ByteSource>;
}

/** What computes. */
export interface Machine {
  /** Threads that can work at a time. */
  readonly threads: number;
  /** Bytes that all work may use; Infinity where the host does not say. */
  readonly memoryBytes: number;
  /** The largest twin that can be made, in songs. */
  readonly mostTwinSongs: number;
  startFitThread(data: ContestData): FitThread;
  startTrialThread(data: TrialData): TrialThread;
}

/** Where studies lie: among a run's own files, or at an address that others may share. */
export interface StudyStorages {
  readonly processes: Processes;
  /**
   * Opens a storage, and makes it where there is none. One among a run's files has the address that the run's `locate` gives.
   * Throws: ConfigError where it cannot be had, DataError where it holds something else.
   */
  open(address: string, notify?: (line: string) => void): Promise<Storage>;
  /** An address as it may be shown, without password. */
  show(address: string): string;
  /** An address as it may be kept in files, without password. */
  withoutPassword(address: string): string;
}

export interface Host {
  readonly runs: RunStores;
  readonly songs: SongSources;
  readonly machine: Machine;
  readonly studies: StudyStorages;
  /** The time of day. */
  now(): Date;
}
