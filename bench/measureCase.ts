import type { Peer } from './askPeer.ts';
import { type Sample, summarise } from './measure.ts';
import type { Roofline } from './roofline.ts';

/** What a case adds to its figures. */
export interface Remark {
  /** Share of what this machine can do at most, 0–1; null if there is no such bound. */
  readonly shareOfPeak: number | null;
  /** In words: shape, threads, and what the bound is. */
  readonly note: string;
  /** Further figures, for programs. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A figure and how it was measured. */
export interface Measurement extends Sample, Remark {
  readonly name: string;
  readonly unit: string;
  /** A ratio above 1 means that hitscan is faster, or needs less. */
  readonly peers: Readonly<Record<string, { readonly median: number; readonly ratio: number }>>;
}

/** Work that is ready to be measured repeatedly. */
export interface Prepared {
  /** One figure, in the case's unit; short, as rounds take turns with the peers'. */
  round(): number | Promise<number>;
  remark(sample: Sample): Remark;
  dispose?(): Promise<void>;
}

export interface Case {
  readonly name: string;
  readonly unit: string;
  /** One is enough if every round gives the same figure. */
  readonly rounds: number;
  /** Trainable numbers of the network that is measured, embeddings left out: a peer must have as many. */
  readonly parameters?: number;
  prepare(roofline: Roofline): Prepared | Promise<Prepared>;
}

/** A peer is asked no more in a row once its rounds took this long. */
const patienceMs = 45_000;

/** Lets threads that wait for more work go to sleep. */
const pauseMs = 30;

const rest = () => new Promise((resolve) => setTimeout(resolve, pauseMs));

/** Measures in rounds, the peers' between ours, so that whatever disturbs the machine disturbs all alike. */
export async function measureCase(
  one: Case,
  roofline: Roofline,
  peers: readonly Peer[],
  tell: (line: string) => void,
): Promise<Measurement> {
  const { name, unit } = one;
  const prepared = await one.prepare(roofline);
  const own: number[] = [];
  const theirs = peers.map((peer) => ({ peer, values: [] as number[], spentMs: 0 }));
  for (let round = 0; round < one.rounds; round++) {
    own.push(await prepared.round());
    for (const their of theirs) {
      if (their.spentMs > patienceMs) continue;
      await rest();
      const started = performance.now();
      try {
        their.values.push(await their.peer.ask(name));
        their.spentMs += performance.now() - started;
      } catch (error) {
        their.spentMs = Number.POSITIVE_INFINITY;
        tell(`${name}: ${their.peer.name}: ${(error as Error).message}`);
      }
    }
    if (peers.length > 0) await rest();
  }
  await prepared.dispose?.();
  const sample = summarise(own);
  const compared = theirs
    .filter(({ values }) => values.length > 0)
    .map(({ peer, values }) => {
      const { median } = summarise(values);
      const ratio = unit.endsWith('/s') ? sample.median / median : median / sample.median;
      return [peer.name, { median, ratio, runs: values.length }] as const;
    });
  return { name, unit, ...sample, ...prepared.remark(sample), peers: Object.fromEntries(compared) };
}
