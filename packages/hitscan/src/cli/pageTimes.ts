import { basename } from 'node:path';
import type { FitTime, PageTimes } from '@hitscan/core/report';
import type { RunDirectory } from '../runs/runDirectory.ts';
import type { Timings } from '../runs/timings.ts';

/** What the foot of a run's page says: when and how long the run was worked on until now, and how long its fits took. */
export function describeTimes(
  { directory, timings }: { readonly directory: RunDirectory; readonly timings: Timings },
  fits: readonly FitTime[],
): PageTimes {
  const { started, threads } = timings;
  return { run: basename(directory.path), started, seconds: timings.seconds(), threads, fits };
}
