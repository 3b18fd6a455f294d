import type { Schema } from './schema.ts';

/** One numeric column: `values[i]` counts only where `missing[i]` is 0. */
export interface Column {
  readonly values: Float64Array;
  readonly missing: Uint8Array;
}

/** Where a table came from. `synthetic` is true for the twin, read from a file as well, and every output must then say so. */
export interface Source {
  /** A file's name without its folder, or `synthetic twin`. */
  readonly name: string;
  readonly synthetic: boolean;
  /** Hex SHA-256 of the file's bytes; for the twin, of its generated table. */
  readonly sha256: string;
}

/**
 * A checked table of songs: every value is in its schema's range or marked missing.
 * Row order is the file's, with rejected rows left out; rows are named by their index here.
 */
export interface Tracks {
  readonly count: number;
  readonly source: Source;
  readonly schema: Schema;
  /** Empty strings where the file has no ids. */
  readonly trackId: readonly string[];
  readonly artist: readonly string[];
  readonly title: readonly string[];
  /** By name: those of the schema. */
  readonly features: Readonly<Record<string, Column>>;
  /** In the schema's range, 0–100 in Spotify's. */
  readonly popularity: Column;
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; empty strings where a row has none; undefined where the file has no such column. */
  readonly releaseDate?: readonly string[];
  /** 1-based row in the file (the header is row 1), for messages. */
  readonly fileRow: Uint32Array;
}

/** Rows of a table, by index, ascending unless a function says otherwise. */
export type Rows = Uint32Array;
