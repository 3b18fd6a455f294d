import { z } from 'zod';
import { UserError, WriteError } from './errors.ts';

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
function endsCommand(error: unknown): boolean {
  const { name } = error as { name?: string };
  return error instanceof WriteError || name === 'Interrupted' || name === 'DivergenceError';
}

function explain(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
  if (error instanceof UserError) return text;
  return `this is a bug in hitscan, please report it: ${error instanceof Error ? error.name : 'error'}: ${text}`;
}

/** `onFailure` is given a line for each part that has failed, for whoever watches. */
export function openParts(onFailure: (line: string) => void = () => {}): Parts {
  const omitted: Omission[] = [];
  const omit = (part: string, error: unknown): void => {
    if (endsCommand(error)) throw error;
    const reason = explain(error);
    omitted.push({ part, reason });
    onFailure(`${part}: left out, the rest goes on: ${reason}`);
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
