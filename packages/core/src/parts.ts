import { z } from 'zod';
import { DivergedError, UserError, WriteError } from './errors.ts';

/** What could not be made, and why, in words. */
export const omissionSchema = z.object({ part: z.string(), reason: z.string() }).readonly();
export type Omission = z.infer<typeof omissionSchema>;

/**
 * The parts that a command makes of its results, each of which it can do without: once models are fitted, nothing that is found
 * out or drawn afterwards may cost the run. What cannot be made is left out with its reason, which the report gives.
 */
export interface Parts {
  /** In the order in which they were left out. */
  readonly omitted: readonly Omission[];
  /** For what is known to have no answer. */
  leaveOut(part: string, reason: string): void;
  /**
   * What `make` returns or resolves to; where it fails, `instead`, and the part is left out. An interruption, a divergence and a
   * file that cannot be written are thrown on: they concern the whole command.
   */
  attempt<Made>(part: string, instead: Made, make: () => Made): Made;
  /** The same for what takes its time. */
  attemptLater<Made>(part: string, instead: Made, make: () => Promise<Made>): Promise<Made>;
}

/** Whether a failure is of the whole command, and not of the part that it met. */
function endsCommand(error: unknown, signal: AbortSignal | undefined): boolean {
  return (
    error instanceof WriteError ||
    error instanceof DivergedError ||
    (signal?.aborted === true && error === signal.reason)
  );
}

function explain(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
  if (error instanceof UserError) return text;
  return `this is a bug in hitscan, please report it: ${error instanceof Error ? error.name : 'error'}: ${text}`;
}

/** `onFailure` is called for each part that has failed. `signal`: of the command, which ends with the signal's reason. */
export function openParts(onFailure: (omission: Omission) => void = () => {}, signal?: AbortSignal): Parts {
  const omitted: Omission[] = [];
  const omit = (part: string, error: unknown): void => {
    if (endsCommand(error, signal)) throw error;
    const reason = explain(error);
    omitted.push({ part, reason });
    onFailure({ part, reason });
  };
  return {
    omitted,
    leaveOut(part, reason) {
      omitted.push({ part, reason });
    },
    attempt(part, instead, make) {
      try {
        return make();
      } catch (error) {
        omit(part, error);
        return instead;
      }
    },
    async attemptLater(part, instead, make) {
      try {
        return await make();
      } catch (error) {
        omit(part, error);
        return instead;
      }
    },
  };
}
