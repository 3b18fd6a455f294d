import type { Json } from './trial.ts';

/** The system attribute in which a trial remembers the process that runs it. */
export const processAttribute = 'hitscan:worker';

/** How a host tells the processes that run a study from one another. */
export interface Processes {
  /** What tells this process from all others. Kept with every trial that it runs. */
  readonly own: Json;
  /**
   * What can be known from here of the process that a trial remembers. Of one on another machine, in another container, or of
   * another program than hitscan nothing can; its heartbeat is all there is, see lifeSigns.ts.
   */
  findOut(remembered: Json | undefined): 'runs' | 'has ended' | 'unknown';
}

/** For a study in the process's own memory, which no other can reach. */
export const soleProcess: Processes = { own: null, findOut: () => 'runs' };
