import { z } from 'zod';
import { fitScale } from '../features/standardise.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { type FeatureName, featureNames, featureRules } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { mixSongs, predictAll, readFeature, setFeatures, takeSongs } from './alterTracks.ts';
import { chooseQuantiles } from './featureDistribution.ts';
import { featureChangeSchema } from './whatIf.ts';

export interface CounterfactualOptions {
  /** By how much the prediction shall rise, in points; above 0. */
  readonly gain: number;
  /** Songs whose values bound the search, and in whose standard deviations changes are measured: training rows. */
  readonly observed: { readonly tracks: Tracks; readonly rows: Rows };
  /**
   * What may change; where left out, the numeric features. Key, mode and time signature are no matter of more or less, and
   * have no distance.
   */
  readonly features?: readonly FeatureName[];
  /** How many features may change together at most; 3 where left out. */
  readonly atMost?: number;
}

/** A song near the one given for which the model predicts more. */
const counterfactualSchema = z
  .object({
    /** In the features' order. */
    changes: z.array(featureChangeSchema).readonly(),
    /** Sum of the changes' sizes, in standard deviations of the observed songs. */
    distance: z.number(),
    prediction: z.number(),
  })
  .readonly();
export type Counterfactual = z.infer<typeof counterfactualSchema>;

export const counterfactualSearchSchema = z
  .object({
    before: z.number(),
    /** What had to be reached. */
    wanted: z.number(),
    /** The nearest found for each number of changed features, of those that are nearer than with fewer; fewest first. */
    found: z.array(counterfactualSchema).readonly(),
    /** The song of the highest prediction that the search met, for when nothing was found. */
    highest: counterfactualSchema,
  })
  .readonly();
export type CounterfactualSearch = z.infer<typeof counterfactualSearchSchema>;

/** Values a feature is tried at, between the 1 % and 99 % quantiles of the observed songs. */
const gridPoints = 16;
/** Sets of changes that the search keeps after each step. */
const beamWidth = 24;
/** Parts of the way that a change is drawn back to. */
const fractions = 20;

/** Changed values by feature; features that are not in it stay. */
type Changes = ReadonlyMap<FeatureName, number>;

/**
 * Searches the smallest changes of a song that raise its prediction by a wanted number of points.
 *
 * First one feature at each value of a grid, then one more beside the most promising sets of changes, and so on; what
 * reaches the goal is drawn back towards the song as far as it still does. Every value stays between the 1 % and 99 %
 * quantiles of the observed songs. Deterministic; it need not find the nearest there is.
 *
 * What it finds are songs that the model thinks more popular, mostly because songs like them were: an association in the
 * data, no recipe. A song made over would still be the same artist's, of the same time, with the same promotion.
 * Features whose value is not known stay so.
 * Source: Wachter, Mittelstadt & Russell 2018, "Counterfactual explanations without opening the black box".
 * Throws: RangeError for a gain that is not above 0, or no feature to change; ConfigError as `takeSongs`.
 */
export function searchCounterfactual(
  fitted: FittedRegressor,
  tracks: Tracks,
  row: number,
  { gain, observed, features = numericFeatures, atMost = 3 }: CounterfactualOptions,
): CounterfactualSearch {
  if (!(gain > 0)) throw new RangeError(`searchCounterfactual: gain must be above 0, got ${gain}`);
  const song = takeSongs(fitted, tracks, Uint32Array.of(row));
  const known = features.filter((feature) => readFeature(tracks, row, feature) !== null);
  if (known.length === 0) throw new RangeError('searchCounterfactual: needs a feature with a known value, got none');
  const [before] = song.predicted;
  const wanted = before + gain;
  const ownValue = (feature: FeatureName) => song.tracks.features[feature].values[0];
  const deviations = new Map(
    known.map((name) => [name, fitScale(observed.tracks.features[name], observed.rows).deviation]),
  );

  const measure = (changes: Changes): number => {
    let sum = 0;
    for (const [name, to] of changes) sum += Math.abs(to - ownValue(name)) / (deviations.get(name) as number);
    return sum;
  };
  const evaluate = (sets: readonly Changes[]): Attempt[] => {
    const table = mixSongs(song.tracks, new Uint32Array(sets.length));
    const values = known.map((name): [FeatureName, Float64Array] => [
      name,
      Float64Array.from(sets, (changes) => changes.get(name) ?? ownValue(name)),
    ]);
    const predicted = predictAll(fitted, setFeatures(table, new Map(values)));
    return sets.map((changes, i) => ({ changes, distance: measure(changes), prediction: predicted[i] }));
  };
  const moves = known.flatMap((name) =>
    chooseQuantiles(observed.tracks.features[name], observed.rows, gridPoints).map((to) => ({ name, to })),
  );

  let beam: readonly Attempt[] = [{ changes: new Map(), distance: 0, prediction: before }];
  let highest = beam[0];
  const found: Attempt[] = [];
  for (let size = 1; size <= Math.min(atMost, known.length); size++) {
    const attempts = evaluate(extend(beam, moves));
    for (const attempt of attempts) if (attempt.prediction > highest.prediction) highest = attempt;
    const reaching = attempts.filter(({ prediction }) => prediction >= wanted).sort(byDistance);
    const drawn = reaching.slice(0, beamWidth).map((attempt) => drawBack(attempt, wanted, ownValue, evaluate));
    const [nearest] = drawn.sort(byDistance);
    if (nearest && nearest.distance < (found.at(-1)?.distance ?? Number.POSITIVE_INFINITY)) found.push(nearest);
    beam = choosePromising(attempts, before);
  }
  const describe = ({ changes, distance, prediction }: Attempt): Counterfactual => ({
    changes: featureNames.flatMap((feature) => {
      const to = changes.get(feature);
      return to === undefined ? [] : [{ feature, from: ownValue(feature), to }];
    }),
    distance,
    prediction,
  });
  return { before, wanted, found: found.map(describe), highest: describe(highest) };
}

const numericFeatures = featureNames.filter((name) => featureRules[name].kind === 'numeric');

/** Whether a song has a numeric feature that is known, so that a search has anything to change. */
export function hasChangeableFeature(tracks: Tracks, row: number): boolean {
  return numericFeatures.some((name) => readFeature(tracks, row, name) !== null);
}

interface Attempt {
  readonly changes: Changes;
  readonly distance: number;
  readonly prediction: number;
}

function byDistance(a: Attempt, b: Attempt): number {
  return a.distance - b.distance;
}

/** Every set of the beam with one more feature moved, each set once. */
function extend(
  beam: readonly Attempt[],
  moves: readonly { readonly name: FeatureName; readonly to: number }[],
): Changes[] {
  const sets = new Map<string, Changes>();
  for (const { changes } of beam) {
    for (const { name, to } of moves) {
      if (changes.has(name)) continue;
      const next = new Map([...changes, [name, to] as const]);
      const key = [...next]
        .map((change) => change.join(' '))
        .sort()
        .join(', ');
      sets.set(key, next);
    }
  }
  return [...sets.values()];
}

/** Half of the beam are those that rise most, half those that rise most for their distance. */
function choosePromising(attempts: readonly Attempt[], before: number): Attempt[] {
  const rise = ({ prediction }: Attempt) => prediction - before;
  const moved = attempts.filter(({ distance }) => distance > 0);
  const highest = moved.toSorted((a, b) => rise(b) - rise(a)).slice(0, beamWidth / 2);
  const rest = moved.filter((attempt) => !highest.includes(attempt));
  const steepest = rest.sort((a, b) => rise(b) / b.distance - rise(a) / a.distance).slice(0, beamWidth / 2);
  return [...highest, ...steepest];
}

/** Draws one change after the other back towards the song, as far as the goal is still reached; a change may vanish. */
function drawBack(
  reached: Attempt,
  wanted: number,
  ownValue: (feature: FeatureName) => number,
  evaluate: (sets: readonly Changes[]) => Attempt[],
): Attempt {
  let best = reached;
  for (;;) {
    const shorter = [...best.changes].flatMap(([name, to]) =>
      Array.from({ length: fractions }, (_, step): Changes => {
        const value = ownValue(name) + (step / fractions) * (to - ownValue(name));
        const kept = [...best.changes].filter(([other]) => other !== name);
        return new Map(step === 0 ? kept : [...kept, [name, value] as const]);
      }),
    );
    const [nearest] = evaluate(shorter)
      .filter(({ prediction }) => prediction >= wanted)
      .sort(byDistance);
    // The last tenth of a hundredth of a standard deviation is nobody's concern.
    if (!nearest || nearest.distance > best.distance - 1e-3) return best;
    best = nearest;
  }
}
