import type { SongExplanation } from './explainSong.ts';

/** A song of somebody's file, explained. */
export interface SongEntry extends SongExplanation {
  /** 1-based row in the file; the header is row 1. */
  readonly row: number;
  readonly artist: string;
  readonly title: string;
  /** As the file has it; null where it has none. */
  readonly actual: number | null;
  /** Whether the model was fitted on this very recording. */
  readonly trained: boolean;
}

interface SongSource {
  readonly source: string;
  readonly synthetic: boolean;
  readonly sha256: string;
}

/** The document of `hitscan explain --json`: an interface, see docs/architecture.md. */
export interface ExplainedSongs {
  readonly run: string;
  readonly model: string;
  /** What the model was trained on. */
  readonly data: SongSource & { readonly trainingSongs: number };
  /** Where the songs come from. */
  readonly file: SongSource & { readonly rows: number; readonly rejected: number };
  readonly context: readonly string[];
  /** On the run's held-out songs. */
  readonly test: { readonly mae: number; readonly r2: number | null };
  /** Songs from which the ranges were made; null where the model keeps no calibration. */
  readonly calibrationSongs: number | null;
  /** Points that counterfactuals were to gain. */
  readonly gain: number;
  readonly songs: readonly SongEntry[];
}
