import type { Peer } from './askPeer.ts';
import { type Case, type Measurement, summarise } from './measure.ts';
import type { Roofline } from './roofline.ts';

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
