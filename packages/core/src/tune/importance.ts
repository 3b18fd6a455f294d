import { type Distribution, hasOneValue } from './distributions.ts';
import { logNormalMass } from './samplers/truncatedNormal.ts';
import type { Direction, Trial } from './trial.ts';

/** The trials that a parameter is to have led to: the best tenth. */
const targetShare = 0.1;
/** Cells that a range is cut into, at most. */
const mostCells = 50;
/** Keeps cells that nothing fell into from dividing by zero. */
const epsilon = 1e-12;
/** Trials of one distribution of a parameter below which nothing is said of it. */
const fewestTrials = 2;

/** Trials by the cell of their value, and the range's cells as categories or as neighbours. */
interface Grid {
  readonly counts: Float64Array;
  readonly ordered: boolean;
}

function countCells(distribution: Distribution, values: readonly number[]): Grid {
  if (distribution.kind === 'categorical') {
    const counts = new Float64Array(distribution.choices.length);
    for (const value of values) counts[value]++;
    return { counts, ordered: false };
  }
  const { kind, log, step } = distribution;
  let cells = mostCells;
  if (kind === 'int' && log) cells = Math.ceil(Math.log2(distribution.high - distribution.low + 1)) + 1;
  else if (step !== null) cells = Math.round((distribution.high - distribution.low) / step) + 1;
  cells = Math.min(cells, mostCells);
  const scale = log ? Math.log : (x: number) => x;
  const [low, high] = [scale(distribution.low), scale(distribution.high)];
  const width = (high - low) / (cells - 1);
  const counts = new Float64Array(cells);
  for (const value of values) {
    const cell = Math.ceil((scale(value) - low) / width - 0.5);
    counts[Math.max(0, Math.min(cells - 1, cell))]++;
  }
  return { counts, ordered: true };
}

/** The first place at which running sums reach, or pass, a threshold. */
function findPlace(sums: readonly number[], isThere: (sum: number) => boolean): number {
  const place = sums.findIndex(isThere);
  return place < 0 ? sums.length : place;
}

/** The width of a kernel by Scott's rule, from values and how often each occurs. */
function fitWidth(values: readonly number[], weights: readonly number[]): number {
  const sums: number[] = [];
  for (const weight of weights) sums.push((sums.at(-1) ?? 0) + weight);
  const total = sums.at(-1) ?? 0;
  const mean = values.reduce((sum, value, i) => sum + value * weights[i], 0) / total;
  const squares = values.reduce((sum, value, i) => sum + (value - mean) ** 2 * weights[i], 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  const lower = findPlace(sums, (sum) => sum >= Math.floor(total / 4));
  const upper = Math.min(
    values.length - 1,
    findPlace(sums, (sum) => sum > Math.floor((total * 3) / 4)),
  );
  const spread = (values[upper] - values[lower]) / 1.34;
  // At least so wide that nine tenths of it fill a cell.
  return Math.max(1.059 * Math.min(spread, deviation) * total ** -0.2, 0.5 / 1.64);
}

/** The density over the cells: a kernel around every cell with trials, as heavy as they are many, and one over all. */
function estimateCells({ counts, ordered }: Grid): Float64Array {
  const cells = counts.length;
  const occupied = Array.from(counts.keys()).filter((cell) => counts[cell] > 0);
  const weights = occupied.map((cell) => counts[cell]);
  const total = weights.reduce((sum, weight) => sum + weight, 0) + 1;
  const density = new Float64Array(cells);
  const add = (weight: number, shareOf: (cell: number) => number) => {
    for (let cell = 0; cell < cells; cell++) density[cell] += (weight / total) * shareOf(cell);
  };
  if (!ordered) {
    const kernels = occupied.length + 1;
    const spread = 1 / kernels;
    occupied.forEach((own, i) => {
      add(weights[i], (cell) => (spread + (cell === own ? 1 : 0)) / (1 + cells * spread));
    });
    add(1, () => 1 / cells);
    return density;
  }
  const addKernel = (weight: number, mean: number, width: number) => {
    const mass = logNormalMass((-0.5 - mean) / width, (cells - 0.5 - mean) / width);
    add(weight, (cell) => Math.exp(logNormalMass((cell - 0.5 - mean) / width, (cell + 0.5 - mean) / width) - mass));
  };
  const width = fitWidth(occupied, weights);
  occupied.forEach((cell, i) => {
    addKernel(weights[i], cell, width);
  });
  addKernel(1, (cells - 1) / 2, cells);
  return density;
}

/** How far the density of good trials is from that of all: Pearson's divergence. */
function measureDivergence(distribution: Distribution, good: readonly number[], all: readonly number[]): number {
  const [top, local] = [good, all].map((values) => estimateCells(countCells(distribution, values)));
  return local.reduce((sum, _, cell) => {
    const base = local[cell] + epsilon;
    return sum + base * ((top[cell] + epsilon) / base - 1) ** 2;
  }, 0);
}

/** Complete trials with finite values, and the best of them: ties with the last that belongs are in. */
function selectTrials(trials: readonly Trial[], direction: Direction): { all: readonly Trial[]; good: Set<Trial> } {
  const sign = direction === 'maximize' ? -1 : 1;
  const all = trials.filter(({ state, values }) => state === 'complete' && values?.every(Number.isFinite));
  const errorOf = ({ values }: Trial) => sign * (values as readonly number[])[0];
  const sorted = all.map(errorOf).sort((a, b) => a - b);
  const cutoff = sorted[Math.ceil(targetShare * all.length) - 1];
  return { all, good: new Set(all.filter((trial) => errorOf(trial) <= cutoff)) };
}

/**
 * How much each parameter had to do with being among the best tenth of the complete trials, as shares of 1, largest first: by
 * PED-ANOVA, as Optuna 5 measures importance. A parameter that not all trials have counts where it is.
 * Sources: Watanabe et al. 2023, Ito et al. 2026.
 */
export function measureImportances(trials: readonly Trial[], direction: Direction): ReadonlyMap<string, number> {
  const complete = trials.filter(({ state }) => state === 'complete');
  const names = [...new Set(complete.flatMap(({ parameters }) => [...parameters.keys()]))];
  const { all, good } = selectTrials(trials, direction);
  const importances = names.map((name): [string, number] => {
    if (all.length <= 1) return [name, 0];
    const regimes = Map.groupBy(all, ({ parameters }) => JSON.stringify(parameters.get(name)?.distribution));
    let sum = 0;
    for (const members of regimes.values()) {
      const distribution = members[0].parameters.get(name)?.distribution;
      const best = members.filter((trial) => good.has(trial));
      if (!distribution || hasOneValue(distribution) || members.length < fewestTrials || best.length === 0) continue;
      const valuesOf = (part: readonly Trial[]) =>
        part.map(({ parameters }) => parameters.get(name)?.internal as number);
      const weight = (best.length / good.size) ** 2 / (members.length / all.length);
      sum += weight * measureDivergence(distribution, valuesOf(best), valuesOf(members));
    }
    return [name, sum];
  });
  const total = importances.reduce((sum, [, importance]) => sum + importance, 0);
  const shares = importances.map(([name, importance]): [string, number] => [
    name,
    total === 0 ? 1 / names.length : importance / total,
  ]);
  return new Map(shares.sort(([, a], [, b]) => b - a));
}
