/** A figure and how it was come by. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly runs: number;
  /** Of what this machine can do at most, 0–1; null where there is no such bound. */
  readonly shareOfPeak: number | null;
  /** In words: shape, threads, and what the bound is. */
  readonly note: string;
  readonly peers: Readonly<Record<string, { readonly median: number; readonly ratio: number }>>;
}

export interface Sample {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly runs: number;
}

export function summarise(values: readonly number[]): Sample {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, minimum: sorted[0], maximum: sorted[sorted.length - 1], runs: sorted.length };
}

/** Milliseconds a call, over `runs` runs of as many calls as take about `milliseconds`; warm beforehand. */
export function time(call: () => void, { runs = 9, milliseconds = 60 } = {}): Sample {
  const started = performance.now();
  let calls = 0;
  while (performance.now() - started < milliseconds) {
    call();
    calls++;
  }
  const values = Array.from({ length: runs }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) call();
    return (performance.now() - start) / calls;
  });
  return summarise(values);
}

/** Turns a sample of milliseconds into another unit; a rate turns the order around. */
export function convert(sample: Sample, change: (milliseconds: number) => number): Sample {
  const [a, b] = [change(sample.minimum), change(sample.maximum)];
  return { median: change(sample.median), minimum: Math.min(a, b), maximum: Math.max(a, b), runs: sample.runs };
}
