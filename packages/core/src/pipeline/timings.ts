import { z } from 'zod';
import { baseName } from '../quoteValue.ts';
import type { FitTime, PageTimes } from '../report/pages/page.ts';
import type { RunFiles } from './runFiles.ts';

export const timingsFile = 'timings.json';

const timingsSchema = z.object({
  started: z.iso.datetime(),
  written: z.iso.datetime(),
  seconds: z.number().min(0),
  threads: z.int().min(1).max(64),
  fits: z.record(z.string(), z.number().min(0)),
});

const remedy = 'put it back, or remove it: the run goes on, and only its times are lost';

/**
 * When a run was worked on, for how long, and on how many threads: all in which equal runs may differ, and kept in a file of
 * its own, so that the others do not.
 */
export interface Timings {
  readonly started: Date;
  readonly threads: number;
  /** Wall time of the work on the run, in seconds, that of earlier processes included as far as it was kept. */
  seconds(): number;
  /** Wall time of a fit, in seconds; NaN where none was kept. */
  secondsOf(fit: string): number;
  /** Keeps the wall times of fits, in seconds. To be called before their results are kept, so that none goes without. */
  keep(fits: Iterable<readonly [fit: string, seconds: number]>): void;
  /** Writes the file, to which the work since the last time is added. */
  save(): void;
}

/**
 * The times of a run that begins here, or goes on: then they add up, and `threads` counts only where the files do not say. `now`: the time of day.
 * Throws: DataError where the file is not as a run wrote it.
 */
export function openTimings(files: RunFiles, threads: number, now: () => Date): Timings {
  const known = files.has(timingsFile) ? files.readJson(timingsFile, timingsSchema, remedy) : null;
  const started = known ? new Date(known.started) : now();
  const fits = new Map(Object.entries(known?.fits ?? {}));
  const opened = performance.now();
  const seconds = () => (known?.seconds ?? 0) + (performance.now() - opened) / 1000;
  const timings: Timings = {
    started,
    threads: known?.threads ?? threads,
    seconds,
    secondsOf: (fit) => fits.get(fit) ?? Number.NaN,
    keep(added) {
      for (const [fit, taken] of added) fits.set(fit, taken);
      timings.save();
    },
    save: () =>
      files.writeJson(timingsFile, {
        started: started.toISOString(),
        written: now().toISOString(),
        seconds: seconds(),
        threads: timings.threads,
        fits: Object.fromEntries(fits),
      }),
  };
  timings.save();
  return timings;
}

/** What the foot of a run's page says: when and how long the run was worked on until now, and how long its fits took. */
export function describeTimes(
  { files, timings }: { readonly files: RunFiles; readonly timings: Timings },
  fits: readonly FitTime[],
): PageTimes {
  const { started, threads } = timings;
  return { run: baseName(files.path), started, seconds: timings.seconds(), threads, fits };
}
