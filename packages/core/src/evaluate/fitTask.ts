import { randomStream } from '@hitscan/mamba';
import { forecastIntervals } from '../intervals/intervalForecast.ts';
import { type IntervalFigures, measureIntervals } from '../intervals/measureIntervals.ts';
import { type Omission, openParts } from '../parts.ts';
import { listFeatures } from '../tracks/schema.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { type Contestant, makeRegressor } from './contestant.ts';
import type { Part } from './protocols.ts';

/** What all fits of a contest share. */
export interface ContestData {
  readonly tracks: Tracks;
  readonly parts: readonly Part[];
  readonly contestants: readonly Contestant[];
  readonly seed: number;
  readonly deterministic: boolean;
}

/** Which contestant on which part, by index. */
export interface FitTask {
  readonly contestant: number;
  readonly part: number;
}

/** What a contestant predicts for a part's test rows. */
export interface FitOutcome {
  /** Wall time of the fit. */
  readonly seconds: number;
  /** (test rows), in points of popularity. */
  readonly predicted: Float64Array;
  /** The same with values masked, for each of the contestant's shares. */
  readonly withHidden: readonly Float64Array[];
  /** Of the intervals around the predictions, where the contestant has any and they could be made. */
  readonly intervals: IntervalFigures | null;
  /** What could not be made. Not there in outcomes of before anything could be left out. */
  readonly omitted?: readonly Omission[];
}

export type FitResult =
  | { readonly kind: 'done'; readonly outcome: FitOutcome }
  | { readonly kind: 'failed'; readonly reason: string };

/** Fits a contestant on a part's training rows and predicts its test rows. */
export async function fitPart(data: ContestData, task: FitTask): Promise<FitResult> {
  const { tracks, seed, deterministic } = data;
  const part = data.parts[task.part];
  const { train, validation, test } = part;
  const contestant = data.contestants[task.contestant];
  const started = performance.now();
  try {
    const regressor = makeRegressor(contestant, deterministic);
    const fitted = await regressor.fit(tracks, { seed, train, validation });
    const seconds = (performance.now() - started) / 1000;
    const predicted = fitted.predict(tracks, test);
    const withHidden = contestant.maskedShares.map((share) => fitted.predict(maskValues(tracks, share, seed), test));
    const parts = openParts();
    const wanted = contestant.intervals;
    const makeIntervals = async () =>
      wanted && measureIntervals(await forecastIntervals(tracks, part, regressor, { ...wanted, seed, fitted }));
    const intervals = await parts.attemptLater(`intervals of ${contestant.name}`, null, makeIntervals);
    return { kind: 'done', outcome: { seconds, predicted, withHidden, intervals, omitted: parts.omitted } };
  } catch (error) {
    return { kind: 'failed', reason: `${(error as Error).name}: ${(error as Error).message}` };
  }
}

/** Fits contestants on parts, one after the other. */
export interface FitThread {
  run(task: FitTask): Promise<FitResult>;
  /** Ends the fit under way. */
  dispose(): Promise<void>;
}

/** Fits on the calling thread: for a host that has no others. */
export function fitHere(data: ContestData): FitThread {
  return { run: (task) => fitPart(data, task), dispose: async () => {} };
}

/** The same songs with a share of their audio features missing, chosen by the seed; those of a smaller share are among them. */
export function maskValues(tracks: Tracks, share: number, seed: number): Tracks {
  const features = listFeatures(tracks.schema).map((name) => {
    const { values, missing } = tracks.features[name];
    const draw = randomStream(seed, `hide ${name}`);
    return [name, { values, missing: missing.map((gone) => (draw.uniform() < share ? 1 : gone)) }] as const;
  });
  return { ...tracks, features: Object.fromEntries(features) };
}
