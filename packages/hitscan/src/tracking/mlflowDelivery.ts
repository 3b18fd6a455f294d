import { MlflowFailure } from './mlflowClient.ts';

/** What came to the server of all that was to be sent: figures, parameters, tags, files, starts and ends of runs. */
export interface MlflowDelivery {
  readonly delivered: number;
  readonly lost: number;
  /** Why, with how many were lost so; the most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  /** What was not to be sent, and why. */
  readonly notes: readonly string[];
}

export interface DeliveryPatience {
  /** After the run's end, without anything taken or refused in this time the rest is lost. */
  readonly silenceSeconds: number;
  /** After the run's end, the rest is lost when this is over. */
  readonly finishSeconds: number;
}

export interface DeliveryQueue {
  /** Does this after all that was added before. `send` tells what became of its things and throws nothing. */
  add(send: () => Promise<void>): void;
  /** Announces things that will be delivered or lost; false where there is no room for them, and they are lost. */
  expect(count: number): boolean;
  deliver(count: number): void;
  lose(count: number, error: unknown): void;
  note(text: string): void;
  /** Waits for what is still to be sent, as long as there is hope, or patience. Never throws. */
  finish(patience?: DeliveryPatience): Promise<MlflowDelivery>;
}

/** More would be a memory full of figures for a server that does not take them. */
const mostWaiting = 200_000;

/** Sends one thing after another, beside the work that they are about. Aborts `stop` when the rest is given up. */
export function createDeliveryQueue(usual: DeliveryPatience, stop: AbortController): DeliveryQueue {
  let last = Promise.resolve();
  let waiting = 0;
  let delivered = 0;
  let ended: number | null = null;
  let progressed = 0;
  const losses = new Map<string, number>();
  const notes: string[] = [];

  function countLoss(count: number, reason: string): void {
    losses.set(reason, (losses.get(reason) ?? 0) + count);
  }

  function giveUpWhenLate({ silenceSeconds, finishSeconds }: DeliveryPatience): void {
    const now = performance.now();
    if (now - progressed > 1000 * silenceSeconds) {
      stop.abort(new MlflowFailure(`no answer for ${silenceSeconds} s`));
    } else if (now - Number(ended) > 1000 * finishSeconds) {
      stop.abort(new MlflowFailure(`more than could be sent within ${finishSeconds} s of the run's end`));
    }
  }

  return {
    add(send) {
      // What fails here is a bug or a folder that has gone; either is told, and neither costs the run.
      last = last.then(send).catch((error) => countLoss(1, (error as Error).message));
    },
    note(text) {
      notes.push(text);
    },
    expect(count) {
      if (waiting + count > mostWaiting) {
        countLoss(count, `the server was too slow: more than ${mostWaiting} were waiting`);
        return false;
      }
      waiting += count;
      return true;
    },
    deliver(count) {
      waiting -= count;
      delivered += count;
      progressed = performance.now();
    },
    lose(count, error) {
      waiting -= count;
      countLoss(count, (error as Error).message);
      const passing = error instanceof MlflowFailure && error.passing;
      // There is no later for the others once the run has ended.
      if (passing && ended !== null) stop.abort(error);
      else if (!passing) progressed = performance.now();
    },
    async finish(patience = usual) {
      ended = performance.now();
      progressed = ended;
      const watch = setInterval(giveUpWhenLate, 100, patience);
      await last;
      clearInterval(watch);
      const reasons = [...losses].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
      return { delivered, lost: reasons.reduce((sum, { count }) => sum + count, 0), reasons, notes };
    },
  };
}

/** More reasons than these are not for a line. */
const mostReasons = 3;

/** Lines for people; none where all was delivered. */
export function describeDelivery({ delivered, lost, reasons, notes }: MlflowDelivery): string[] {
  const lines = notes.map((note) => `MLflow: ${note}`);
  if (lost === 0) return lines;
  const told = reasons.slice(0, mostReasons).map(({ reason, count }) => `${count} (${reason})`);
  const others = reasons.length > mostReasons ? ['the rest for other reasons'] : [];
  return [
    ...lines,
    `MLflow: ${lost} of ${delivered + lost} entries were not delivered: ${[...told, ...others].join(', ')}`,
  ];
}
