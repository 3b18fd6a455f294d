import type { ConfigError } from '../../errors.ts';

/** Tells people something while a storage works. */
export type Notify = (line: string) => void;

/** A wait that is longer than this is spoken of. */
const quietMs = 2000;

/** What there is to say of a wait. */
export interface Patience {
  readonly notify: Notify;
  /** What is waited for and how long that may take. */
  readonly line: string;
}

/** Fulfils as the work does; says once that it is waited for. */
export async function tellOfWait<T>(work: Promise<T>, { notify, line }: Patience): Promise<T> {
  const timer = setTimeout(() => notify(line), quietMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** Fulfils as the work does, which is given up after `limitMs` by `giveUp`. Throws: ConfigError for want of an answer. */
export async function limitWait<T>(work: Promise<T>, limitMs: number, giveUp: () => ConfigError): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(giveUp()), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** `1 second`, `30 seconds`, `0.2 seconds`. */
export function formatWait(milliseconds: number): string {
  return milliseconds === 1000 ? '1 second' : `${milliseconds / 1000} seconds`;
}
