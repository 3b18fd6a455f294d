/** Does work that yields now and then, all at once. */
export function workAtOnce<T>(work: Generator<void, T>): T {
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
