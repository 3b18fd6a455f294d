import { ConfigError } from '@hitscan/core/errors';
import { inferenceBatch, inferenceRow } from './inference.ts';
import { exp, matmul } from './kernels.ts';
import { longScan } from './longScan.ts';
import type { Case } from './measureCase.ts';
import { seedTraining, stepShare, tokensActivations, tokensStep } from './training.ts';

/** The rows of the table; `npm run bench -- <name>` takes some of them. */
const cases: readonly Case[] = [
  seedTraining,
  tokensStep,
  tokensActivations,
  longScan,
  matmul,
  exp,
  stepShare,
  inferenceRow,
  inferenceBatch,
];

export interface Arguments {
  readonly cases: readonly Case[];
  /** One JSON document on standard output, lines for people on standard error. */
  readonly json: boolean;
  /** Beside the peers that are installed. */
  readonly peers: boolean;
}

/**
 * What to measure: names of rows, all where there is none, and flags, in any order.
 * Throws: ConfigError on a name or flag that is not known.
 */
export function readArguments(args: readonly string[]): Arguments {
  const flags = args.filter((arg) => arg.startsWith('--'));
  const names = args.filter((arg) => !arg.startsWith('--'));
  for (const flag of flags) {
    if (flag !== '--json' && flag !== '--peers')
      throw new ConfigError('bench', `must be called with --json or --peers, got ${flag}`);
  }
  for (const name of names) {
    const known = cases.map((one) => one.name);
    if (!known.includes(name))
      throw new ConfigError('bench', `must be called with names of ${known.join(', ')}, got ${name}`);
  }
  return {
    cases: names.length > 0 ? cases.filter(({ name }) => names.includes(name)) : cases,
    json: flags.includes('--json'),
    peers: flags.includes('--peers'),
  };
}
