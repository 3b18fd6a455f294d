import {
  type Choice,
  type Distribution,
  hasOneValue,
  type SearchSpace,
  toInternal,
  toValue,
} from '../distributions.ts';
import { rankByDominance, toLosses } from '../paretoFront.ts';
import type { JointDraw, Sampler } from '../sampler.ts';
import type { Direction, StudyView, Trial } from '../trial.ts';
import { selectByHypervolume } from './hypervolume.ts';
import { createMersenneTwister } from './mersenneTwister.ts';
import { type Columns, estimateDensity } from './parzen.ts';
import { drawUniformly } from './random.ts';

/** Finished trials before which parameters are drawn at random. */
const startupTrials = 10;
/** Candidates of which the best is chosen. */
const candidates = 24;
/** The good trials: this share of all, and no more than that where there is one objective. */
const goodShare = 0.1;
const mostGood = 25;
/** What a running trial has been given, for others to reckon with; Optuna's key, in pieces that every storage takes. */
const relativeAttribute = 'tpe:relative_params';
const pieceLength = 2045;

const isDone = ({ state }: Trial): boolean => state === 'complete' || state === 'pruned';

/** Whether two distributions are the same, for a parameter to belong to all trials. */
function isSame(a: Distribution, b: Distribution | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The parameters that all finished trials have in common, by name. */
function intersectSpaces(trials: readonly Trial[]): SearchSpace {
  const done = trials.filter(isDone);
  const last = done.at(-1);
  if (!last) return new Map();
  const common = [...last.parameters]
    .map(([name, { distribution }]) => [name, distribution] as const)
    .filter(([name, distribution]) =>
      done.every(({ parameters }) => isSame(distribution, parameters.get(name)?.distribution)),
    );
  return new Map(common.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Complete trials from the best to the worst, then pruned ones: those that came furthest, then by their last report. */
function sortTrials(trials: readonly Trial[], direction: Direction): readonly Trial[] {
  const sign = direction === 'maximize' ? -1 : 1;
  const errorOf = ({ values }: Trial) => sign * (values?.[0] ?? Number.NaN);
  const compare = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0);
  const lastReport = ({ intermediate }: Trial): [step: number, value: number] => {
    const last = [...intermediate].at(-1);
    if (!last) return [1, 0];
    return [-last[0], Number.isNaN(last[1]) ? Number.POSITIVE_INFINITY : sign * last[1]];
  };
  const complete = trials.filter(({ state }) => state === 'complete').sort((a, b) => compare(errorOf(a), errorOf(b)));
  const pruned = trials
    .filter(({ state }) => state === 'pruned')
    .map((trial) => ({ trial, report: lastReport(trial) }))
    .sort((a, b) => compare(a.report[0], b.report[0]) || compare(a.report[1], b.report[1]))
    .map(({ trial }) => trial);
  return [...complete, ...pruned];
}

/** The trials to be like: the best by one objective, or those nearest to the Pareto front by several. */
function findGood(trials: readonly Trial[], directions: readonly Direction[]): ReadonlySet<Trial> {
  const done = trials.filter(isDone);
  const wanted = Math.ceil(goodShare * done.length);
  if (directions.length === 1) return new Set(sortTrials(done, directions[0]).slice(0, Math.min(mostGood, wanted)));
  const complete = done.filter(({ state }) => state === 'complete');
  const points = complete.map((trial) => toLosses(trial, directions));
  const ranks = rankByDominance(points);
  const good = new Set<Trial>();
  for (let rank = 0; good.size < Math.min(wanted, complete.length); rank++) {
    const layer = complete.map((_, i) => i).filter((i) => ranks[i] === rank);
    const room = wanted - good.size;
    const chosen =
      layer.length <= room
        ? layer
        : selectByHypervolume(
            layer.map((i) => points[i]),
            room,
          ).map((place) => layer[place]);
    for (const i of chosen) good.add(complete[i]);
  }
  return good;
}

/** A trial's internal values by name; of one that runs, also what it was given but has not asked for yet. */
function readValues({ parameters, state, systemAttributes }: Trial, space: SearchSpace): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  if (state === 'running') {
    let text = '';
    for (let i = 0; `${relativeAttribute}:${i}` in systemAttributes; i++)
      text += systemAttributes[`${relativeAttribute}:${i}`];
    for (const [name, value] of Object.entries(parseRelative(text))) {
      const distribution = space.get(name);
      if (distribution) values.set(name, toInternal(distribution, value));
    }
  }
  for (const [name, { internal }] of parameters) values.set(name, internal);
  return values;
}

/** Pieces are written one after the other: while some are missing, the whole is no JSON. */
function parseRelative(text: string): Readonly<Record<string, Choice>> {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Columns of the trials that have every parameter of the space. */
function gather(trials: readonly Trial[], space: SearchSpace): Columns {
  const names = [...space.keys()];
  const rows = trials
    .map((trial) => readValues(trial, space))
    .filter((values) => names.every((name) => values.has(name)));
  return names.map((name) => Float64Array.from(rows, (values) => values.get(name) as number));
}

/** Pieces of the relative parameters under their attributes' names. */
function describeRelative(space: SearchSpace, values: ReadonlyMap<string, number>): Record<string, string> {
  const external = [...space].map(([name, distribution]) => [name, toValue(distribution, values.get(name) as number)]);
  const text = JSON.stringify(Object.fromEntries(external));
  const attributes: Record<string, string> = {};
  for (let i = 0; i * pieceLength < text.length; i++) {
    attributes[`${relativeAttribute}:${i}`] = text.slice(i * pieceLength, (i + 1) * pieceLength);
  }
  return attributes;
}

/**
 * The tree-structured Parzen estimator with Optuna 5's defaults, draw for draw: parameters that all trials share are drawn
 * together, and trials that run count among the bad, so that several at a time do not try the same.
 *
 * The same seed and study give the same draws. A study that is gone on with needs another seed, or the first draws come again.
 * Orders ties as they stand, where Optuna's order depends on the machine. With several objectives the good trials are those of
 * the first layers of the Pareto front, and of the layer that is cut those that dominate the most volume.
 * Source: Watanabe 2023; Optuna 5.0, TPESampler.
 */
export function createTpeSampler({ seed }: { readonly seed: number }): Sampler {
  const startup = createMersenneTwister(seed);
  const random = createMersenneTwister(seed);

  function draw({ directions, trials }: StudyView, asking: Trial, space: SearchSpace): ReadonlyMap<string, number> {
    const others = trials.filter(({ number }) => number !== asking.number);
    const good = findGood(others, directions);
    const bad = others.filter((trial) => !good.has(trial) && (isDone(trial) || trial.state === 'running'));
    const below = estimateDensity(
      space,
      gather(
        others.filter((trial) => good.has(trial)),
        space,
      ),
      { forgets: directions.length === 1 },
    );
    const above = estimateDensity(space, gather(bad, space));
    const drawn = below.draw(random, candidates);
    const [likely, unlikely] = [below.measure(drawn), above.measure(drawn)];
    let best = 0;
    for (let i = 1; i < candidates; i++) {
      if (likely[i] - unlikely[i] > likely[best] - unlikely[best]) best = i;
    }
    return new Map([...space.keys()].map((name, i) => [name, drawn[i][best]]));
  }

  const isStarting = ({ trials }: StudyView): boolean => trials.filter(isDone).length < startupTrials;

  return {
    inferJointSpace({ directions, trials }) {
      // With several objectives each parameter is drawn by itself, as Optuna does.
      if (directions.length > 1) return new Map();
      return new Map([...intersectSpaces(trials)].filter(([, distribution]) => !hasOneValue(distribution)));
    },
    drawJointly(study, trial, space): JointDraw {
      if (space.size === 0 || isStarting(study)) return { values: new Map(), systemAttributes: {} };
      const values = draw(study, trial, space);
      return { values, systemAttributes: describeRelative(space, values) };
    },
    drawAlone(study, trial, name, distribution) {
      if (isStarting(study)) return drawUniformly(startup, distribution);
      return draw(study, trial, new Map([[name, distribution]])).get(name) as number;
    },
  };
}
