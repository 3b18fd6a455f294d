/** Of several rounds. */
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

/** Warms up, then returns a function that measures milliseconds per call, over as many calls as take about `milliseconds`. */
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
