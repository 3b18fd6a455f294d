/** Somebody wants the command to stop; what it has is to be kept. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** npm passes a signal on that the terminal has already sent, so a second one counts only after this. */
const echoMilliseconds = 1000;

/**
 * A signal that aborts at Ctrl-C (SIGINT) or SIGTERM, so that the work can save itself first; a second Ctrl-C ends the
 * process at once. `release` gives the signals back.
 */
export function listenForInterrupt(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let first = 0;
  const stop = () => {
    if (!controller.signal.aborted) {
      first = performance.now();
      controller.abort(new Interrupted('interrupted'));
    } else if (performance.now() - first > echoMilliseconds) process.exit(130);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
