import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measurement } from './measure.ts';

/** A peer's medians, in the units of ours. */
export interface Peer {
  readonly peer: string;
  readonly medians: Readonly<Record<string, number>>;
}

const run = promisify(execFile);
const scripts = ['eager.py'];

/** Runs every peer that an interpreter on this machine can import; the others are named with what was missing. */
export async function measurePeers(tell: (line: string) => void): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (const script of scripts) {
    const path = fileURLToPath(new URL(`peers/${script}`, import.meta.url));
    let reason = 'no Python';
    for (const python of ['python3', '/usr/bin/python3']) {
      try {
        const { stdout } = await run(python, [path]);
        peers.push(JSON.parse(stdout));
        reason = '';
        break;
      } catch (error) {
        const { stderr } = error as { stderr?: string };
        reason = stderr?.trim().split('\n').at(-1) ?? reason;
      }
    }
    if (reason) tell(`${script}: not measured (${reason})`);
  }
  return peers;
}

/** Adds the peers' medians; a ratio above 1 says that hitscan is faster. */
export function comparePeers(measurement: Measurement, peers: readonly Peer[]): Measurement {
  const faster = (median: number) =>
    measurement.unit.includes('/s') ? measurement.median / median : median / measurement.median;
  const known = peers.filter(({ medians }) => measurement.name in medians);
  const compared = known.map(({ peer, medians }) => {
    const median = medians[measurement.name];
    return [peer, { median, ratio: faster(median) }] as const;
  });
  return { ...measurement, peers: Object.fromEntries(compared) };
}
