/** Signals and output are let through this often. */
const breathMilliseconds = 50;

/**
 * For fits of one synchronous step after another: to be awaited between them, so that an interruption is heard.
 * Throws: `signal.reason` when it was aborted.
 */
export function createBreath(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    const now = performance.now();
    if (now - last >= breathMilliseconds) {
      last = now;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (signal?.aborted) throw signal.reason;
  };
}
