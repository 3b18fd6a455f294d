/**
 * The smallest values that samplers find in 100 trials, beside those of the real Optuna, over 30 seeds each:
 *
 *   node bench/samplers.ts
 */
import { readFileSync } from 'node:fs';
import { createRandomSampler, createTpeSampler, findSmallest, problems } from '@hitscan/core/tune';

const trials = 100;
const seeds = Array.from({ length: 30 }, (_, seed) => seed);
const path = '../packages/core/src/tune/samplers/golden/optunaProblems.json';
const optuna: Readonly<Record<keyof typeof problems, readonly number[]>> = JSON.parse(
  readFileSync(new URL(path, import.meta.url), 'utf8'),
).smallest;

function describe(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1) + 0.5)].toPrecision(4);
  return `${at(0.5)} [${at(0.25)}, ${at(0.75)}]`;
}

/** Mann and Whitney's: the probability that ours is smaller than theirs, and how many standard errors it is from ½. */
function compare(ours: readonly number[], theirs: readonly number[]): { share: number; z: number } {
  let wins = 0;
  for (const a of ours) for (const b of theirs) wins += a < b ? 1 : a === b ? 0.5 : 0;
  const [m, n] = [ours.length, theirs.length];
  return { share: wins / (m * n), z: (wins - (m * n) / 2) / Math.sqrt((m * n * (m + n + 1)) / 12) };
}

process.stdout.write(`${trials} trials, ${seeds.length} seeds: median [quartiles] of the smallest value\n`);
for (const [name, problem] of Object.entries(problems)) {
  const tpe = seeds.map((seed) => findSmallest(createTpeSampler({ seed }), problem, trials));
  const random = seeds.map((seed) => findSmallest(createRandomSampler({ seed }), problem, trials));
  const theirs = optuna[name as keyof typeof problems];
  const { share, z } = compare(tpe, theirs);
  const verdict = `ours is smaller in ${Math.round(100 * share)} % of pairs (${z.toFixed(1)} standard errors from half)`;
  const columns = [`tpe ${describe(tpe)}`, `Optuna ${describe(theirs)}`, `random ${describe(random)}`];
  process.stdout.write(`${name.padEnd(17)} ${columns.join('   ')}   ${verdict}\n`);
}
