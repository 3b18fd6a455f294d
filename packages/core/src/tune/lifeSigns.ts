import type { LifeSign } from './storage.ts';

/** How often a running trial is said to be alive, and how long silence must last to mean death. Milliseconds. */
export interface Pace {
  readonly beatMs: number;
  /** Silence of this length is suspicious by the storage's clock, and enough by one's own. */
  readonly graceMs: number;
  /** The same for processes of other programs, who beat as seldom as they like. */
  readonly strangerGraceMs: number;
  /** How long a suspect must go on to be silent while it is watched: a clock that was changed makes everybody one. */
  readonly confirmMs: number;
}

/**
 * Six beats are missed before anybody is suspected, and one more is waited for. Optuna's interval is for its user to choose,
 * a minute in its own examples, and is written down nowhere.
 */
export const usualPace: Pace = { beatMs: 10_000, graceMs: 60_000, strangerGraceMs: 600_000, confirmMs: 15_000 };

/** A sign with how long its sender may be silent. */
export type WatchedSign = LifeSign & { readonly graceMs: number };

interface Watched {
  readonly mark: string;
  readonly graceMs: number;
  readonly seenAt: number;
  /** For how long it has been silent while it was watched. */
  readonly silentMs: number;
  /** The same, from when the storage's clock made it a suspect; null while it is none. */
  readonly suspectMs: number | null;
}

/** What is known of trials' processes by what they let hear. */
export interface Liveness {
  /** Ids of trials whose processes count as dead. */
  readonly silent: readonly number[];
  /** How long suspects have still to be watched, 0 where there is none. */
  readonly doubtMs: number;
}

/**
 * Watches trials' signs of life. Time is what passes between two looks, by one's own clock, which nobody sets; of a longer
 * time than that of a beat and a half, in which this process may have been stopped with all the others, only so much counts.
 * `now`: milliseconds.
 */
export function createWatch(pace: Pick<Pace, 'beatMs' | 'confirmMs'>, now: () => number = () => performance.now()) {
  let watched = new Map<number, Watched>();

  const look = ({ mark, ageMs, graceMs }: WatchedSign, before: Watched | undefined): Watched => {
    const seenAt = now();
    const suspected = ageMs >= graceMs;
    if (before?.mark !== mark) return { mark, graceMs, seenAt, silentMs: 0, suspectMs: suspected ? 0 : null };
    const passed = Math.min(seenAt - before.seenAt, 1.5 * pace.beatMs);
    const suspectMs = before.suspectMs === null ? 0 : before.suspectMs + passed;
    const silentMs = before.silentMs + passed;
    return { mark, graceMs, seenAt, silentMs, suspectMs: suspected ? suspectMs : null };
  };

  return (signs: ReadonlyMap<number, WatchedSign>): Liveness => {
    watched = new Map([...signs].map(([id, sign]) => [id, look(sign, watched.get(id))]));
    const silent: number[] = [];
    let doubtMs = 0;
    for (const [id, { silentMs, suspectMs, graceMs }] of watched) {
      const leftMs = suspectMs === null ? 0 : pace.confirmMs - suspectMs;
      if (silentMs >= graceMs || (suspectMs !== null && leftMs <= 0)) silent.push(id);
      else doubtMs = Math.max(doubtMs, leftMs);
    }
    return { silent, doubtMs };
  };
}

/** Does something again and again while there are trials in hand; a failure is left to whoever needs the storage next. */
export interface Pulse {
  readonly inHand: ReadonlySet<number>;
  take(trialId: number): void;
  release(trialId: number): void;
}

/** `onBeat` is called for every trial in hand, `onRound` after these. Keeps no process alive. */
export function createPulse(
  beatMs: number,
  onBeat: (trialId: number) => Promise<void>,
  onRound: () => Promise<void>,
): Pulse {
  const inHand = new Set<number>();
  let timer: unknown = null;

  const round = async (): Promise<void> => {
    for (const id of inHand) await onBeat(id).catch(() => {});
    await onRound().catch(() => {});
    timer = null;
    schedule();
  };
  const schedule = (): void => {
    if (timer !== null || inHand.size === 0) return;
    timer = setTimeout(round, beatMs);
    // Only in Node does a timer keep the process alive, and only there can it be told not to.
    (timer as { unref?(): void }).unref?.();
  };
  return {
    inHand,
    take(trialId) {
      inHand.add(trialId);
      schedule();
    },
    release: (trialId) => {
      inHand.delete(trialId);
    },
  };
}
