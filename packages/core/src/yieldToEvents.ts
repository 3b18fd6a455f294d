/** Work that takes longer than this lets others have a turn: signals, output, messages. */
const turnMilliseconds = 50;

/** Resolves after events that wait have been handled. A message's way takes microseconds; a timer would take a millisecond or more. */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * For work in synchronous steps: to be awaited between them. Yields where the last time is 50 ms ago.
 * Throws: `signal.reason` when it was aborted.
 */
export function createPause(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last >= turnMilliseconds) {
      await yieldToEvents();
      last = performance.now();
    }
    if (signal?.aborted) throw signal.reason;
  };
}

/** Does work that yields now and then, all at once. */
export function workAtOnce<T>(work: Generator<unknown, T>): T {
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

/** Milliseconds of work between two pauses. */
const stretch = 20;

/** Does work that yields now and then, with a pause every few milliseconds in which others may have their turn, or stop it by throwing. */
export async function workWithPauses<T>(work: Generator<void, T>, pause: () => Promise<void>): Promise<T> {
  let since = performance.now();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    if (performance.now() - since < stretch) continue;
    await pause();
    since = performance.now();
  }
}

/** Resolves after so many milliseconds, or when the signal aborts. */
export function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
