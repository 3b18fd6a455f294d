import type { ScalarSeries } from './eventFile.ts';
import { type MlflowClient, MlflowFailure } from './mlflowClient.ts';
import type { DeliveryQueue } from './mlflowDelivery.ts';
import {
  cutBatches,
  type Entry,
  type MetricPoint,
  paramLimits,
  shortenParam,
  toMetric,
  toParam,
  toTags,
} from './mlflowEntries.ts';
import { logBatch } from './mlflowRest.ts';

/** What can be logged to a run. All of it returns at once, is sent later, and costs the run nothing if it cannot be. */
export interface TrackedRun {
  /** A parameter that was logged before keeps its value: servers refuse another. */
  logParams(params: Readonly<Record<string, unknown>>): void;
  logTags(tags: Readonly<Record<string, unknown>>): void;
  logMetrics(points: readonly MetricPoint[]): void;
}

/** Figures by step as TensorBoard has them, spread evenly over the time they took as they are there. */
export function timePoints(series: readonly ScalarSeries[], started: Date, ended: Date): MetricPoint[] {
  const [begin, end] = [started.getTime(), ended.getTime()];
  return series.flatMap(({ tag: name, values }) =>
    values.map(([step, value], i) => {
      const time = new Date(Math.round(begin + ((end - begin) * (i + 1)) / values.length));
      return { name, value, step, time };
    }),
  );
}

/** What the run and its parts share. */
export interface MlflowSession {
  readonly client: MlflowClient;
  readonly queue: DeliveryQueue;
  /** The longest value of a parameter that the server takes, as far as is known. */
  paramLimit: number;
}

/** Refused entries are looked for among others with so many requests at most. */
const mostRefusals = 100;

/** Sends one thing. */
export async function sendOne({ queue }: MlflowSession, send: () => Promise<void>): Promise<void> {
  try {
    await send();
    queue.deliver(1);
  } catch (error) {
    queue.lose(1, error);
  }
}

/** A batch in parts of which some may be taken where the whole is refused; none where it cannot be parted or shortened. */
function part(batch: readonly Entry[]): Entry[][] {
  const half = batch.length >> 1;
  if (half > 0) return [batch.slice(0, half), batch.slice(half)];
  const [{ kind, item }] = batch;
  const limit = paramLimits.find((longest) => longest < String(item.value).length);
  return kind === 'params' && limit !== undefined ? [[shortenParam(batch[0], limit)]] : [];
}

/** Sends a batch; where the server refuses entries in it, all but those. Tells whether it was taken as it is. */
async function sendBatch(
  session: MlflowSession,
  id: string,
  batch: readonly Entry[],
  budget: { refusals: number },
): Promise<boolean> {
  const { client, queue } = session;
  const short = batch.map((entry) => shortenParam(entry, session.paramLimit));
  try {
    await logBatch(client, id, short);
  } catch (error) {
    const refused = error instanceof MlflowFailure && (error.status === 400 || error.status === 413);
    const parts = refused && budget.refusals-- > 0 ? part(short) : [];
    if (parts.length === 0) queue.lose(batch.length, error);
    for (const entries of parts) {
      const taken = await sendBatch(session, id, entries, budget);
      // One entry in one part: it was the length that the server minded, and will mind again.
      if (taken && batch.length === 1) session.paramLimit = String(entries[0].item.value).length;
    }
    return false;
  }
  queue.deliver(batch.length);
  return true;
}

/**
 * Takes what is logged to one run and sends what has come together when its turn is there. `findId` is asked then, and throws
 * why the run was never begun where it was not.
 */
export function trackRun(session: MlflowSession, findId: () => string): TrackedRun {
  const { queue } = session;
  const known = new Set<string>();
  let collected: Entry[] = [];

  async function send(): Promise<void> {
    const entries = collected;
    collected = [];
    let id: string;
    try {
      id = findId();
    } catch (error) {
      return queue.lose(entries.length, error);
    }
    const budget = { refusals: mostRefusals };
    for (const batch of cutBatches(entries)) await sendBatch(session, id, batch, budget);
  }

  function collect(entries: readonly Entry[]): void {
    if (entries.length === 0 || !queue.expect(entries.length)) return;
    if (collected.length === 0) queue.add(send);
    for (const entry of entries) collected.push(entry);
  }

  return {
    logParams(params) {
      const fresh = Object.entries(params).filter(([name, value]) => value !== undefined && !known.has(name));
      for (const [name] of fresh) known.add(name);
      collect(fresh.map(([name, value]) => toParam(name, value)));
    },
    logTags(tags) {
      collect(toTags(tags));
    },
    logMetrics(points) {
      collect(points.map(toMetric));
    },
  };
}
