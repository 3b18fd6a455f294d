import type { Roofline } from './roofline.ts';

/** Of several rounds. */
export interface Sample {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly runs: number;
}

/** What a case says of its figures once they are there. */
export interface Remark {
  /** Of what this machine can do at most, 0–1; null where there is no such bound. */
  readonly shareOfPeak: number | null;
  /** In words: shape, threads, and what the bound is. */
  readonly note: string;
  /** Further figures, for programs. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A figure and how it was come by. */
export interface Measurement extends Sample, Remark {
  readonly name: string;
  readonly unit: string;
  /** A ratio above 1 says that hitscan is faster, or needs less. */
  readonly peers: Readonly<Record<string, { readonly median: number; readonly ratio: number }>>;
}

/** Work that is ready to be measured, again and again. */
export interface Prepared {
  /** One figure, in the case's unit; short, as rounds take turns with the peers'. */
  round(): number | Promise<number>;
  remark(sample: Sample): Remark;
  dispose?(): Promise<void>;
}

export interface Case {
  readonly name: string;
  readonly unit: string;
  /** Where the same figure comes out every time, one is enough. */
  readonly rounds: number;
  /** Trainable numbers of the network that is measured, embeddings left out: a peer must have as many. */
  readonly parameters?: number;
  prepare(roofline: Roofline): Prepared | Promise<Prepared>;
}

export function summarise(values: readonly number[]): Sample {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, minimum: sorted[0], maximum: sorted[sorted.length - 1], runs: sorted.length };
}

/** Milliseconds a call, over as many calls as take about `milliseconds`; warms up first, and tells how to go on. */
export function createTimer(call: () => void, milliseconds = 60): () => number {
  const started = performance.now();
  let calls = 0;
  while (performance.now() - started < milliseconds) {
    call();
    calls++;
  }
  return () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) call();
    return (performance.now() - start) / calls;
  };
}
