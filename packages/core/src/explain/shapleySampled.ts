import { randomStream } from '@hitscan/mamba';
import { findUnit } from '../features/standardise.ts';
import { leastSquares } from '../statistics/leastSquares.ts';
import { featureNames } from '../tracks/schema.ts';
import { rowsUpTo } from './alterTracks.ts';
import type { Background, Coalition, GameValues, SongGame } from './songGame.ts';

/**
 * Pairs of orders between two looks at the standard errors: well more than there are controls, and enough to draw a value
 * that one song in twenty has. Standard errors of 64 pairs were up to a third too small.
 */
const roundPairs = 256;

export interface SamplingOptions {
  readonly seed: number;
  /** Largest standard error wanted, in points. */
  readonly precision: number;
  /** Predictions at most, but for those of the first round. */
  readonly predictions: number;
}

/**
 * Shapley values from sampled orders, each in a song of the background, which are gone through in random order.
 *
 * Two devices make few predictions go far. An order is played together with its reverse, in the same song, which is exact
 * for a model in which factors act alone or in twos. And what remains, how contributions differ from song to song, is
 * regressed on what is known of all songs of the background: their predictions and numeric features, less their means.
 * The regression's intercepts are the contributions: for a linear model they are exact. Each pair's contributions sum to
 * prediction − (that song's prediction), which the regression explains wholly, so the intercepts sum to prediction − mean.
 *
 * Standard errors are the intercepts', as though songs were drawn with replacement, so they are rather too large where the
 * background is nearly used up.
 * Source: Mitchell et al. 2022, "Sampling permutations for Shapley value estimation", for reversed orders; Glynn &
 * Szechtman 2002, "Some new perspectives on the method of control variates".
 */
export function sampleShapley(game: SongGame, { seed, precision, predictions }: SamplingOptions): GameValues {
  const { factors, background } = game;
  const count = factors.length;
  const random = randomStream(seed, 'Shapley orders');
  const songs = rowsUpTo(background.tracks.count);
  random.shuffle(songs);
  const controls = gatherControls(background);
  const order = rowsUpTo(count);
  const drawn: number[] = [];
  const rounds: Float64Array[] = [];
  const pairPredictions = 2 * (count - 1);

  for (;;) {
    const orders: Uint32Array[] = [];
    const among: number[] = [];
    for (let pair = 0; pair < roundPairs; pair++) {
      random.shuffle(order);
      orders.push(order.slice());
      among.push(songs[(drawn.length + pair) % songs.length]);
    }
    rounds.push(playOrders(game, orders, among));
    drawn.push(...among);
    const estimate = regressIntercepts(rounds, count, controls, drawn);
    const spent = drawn.length * pairPredictions;
    const done = estimate.standardErrors.every((error) => error <= precision);
    if (done || spent + roundPairs * pairPredictions > predictions) return { ...estimate, predictions: spent };
  }
}

/**
 * Each pair's contributions: the means of what each factor changes as the song's factors come in an order, and in its reverse.
 * Shapes: (pairs, factors), row-major.
 */
function playOrders(
  { factors, background, prediction, play }: SongGame,
  orders: readonly Uint32Array[],
  among: readonly number[],
): Float64Array {
  const count = factors.length;
  const ways = orders.flatMap((order, pair) => [order, order.toReversed()].map((way) => ({ way, pair })));
  const coalitions = ways.flatMap(({ way, pair }) => {
    const members = factors.map(() => false);
    return Array.from(way.subarray(0, count - 1), (factor): Coalition => {
      members[factor] = true;
      return { among: among[pair], members: members.slice() };
    });
  });
  const played = play(coalitions);
  const contributions = new Float64Array(orders.length * count);
  ways.forEach(({ way, pair }, w) => {
    let before = background.predicted[among[pair]];
    way.forEach((factor, step) => {
      const after = step < count - 1 ? played[w * (count - 1) + step] : prediction;
      contributions[pair * count + factor] += (after - before) / 2;
      before = after;
    });
  });
  return contributions;
}

/** What is known of each song of the background, less its mean. Shapes: list of (songs). */
function gatherControls({ tracks, predicted }: Background): Float64Array[] {
  const columns = [predicted, ...featureNames.map((name) => tracks.features[name])].map((column) =>
    column instanceof Float64Array ? { values: column, missing: new Uint8Array(column.length) } : column,
  );
  return columns.map(({ values, missing }) => {
    const known = values.filter((_, i) => !missing[i]);
    // What is regressed on is of any unit.
    const unit = findUnit(known);
    const mean = known.reduce((sum, value) => sum + value / unit, 0) / Math.max(1, known.length);
    return values.map((value, i) => (missing[i] ? 0 : value / unit - mean));
  });
}

/** Shapes: rounds each (pairs, factors); drawn (pairs of all rounds), as indices into the background. */
function regressIntercepts(
  rounds: readonly Float64Array[],
  factors: number,
  controls: readonly Float64Array[],
  drawn: readonly number[],
): { readonly contributions: Float64Array; readonly standardErrors: Float64Array } {
  const pairs = drawn.length;
  const x = Float64Array.from({ length: pairs * controls.length }, (_, i) => {
    return controls[i % controls.length][drawn[Math.floor(i / controls.length)]];
  });
  const found = { contributions: new Float64Array(factors), standardErrors: new Float64Array(factors) };
  for (let f = 0; f < factors; f++) {
    const y = Float64Array.from({ length: pairs }, (_, pair) => {
      return rounds[Math.floor(pair / roundPairs)][(pair % roundPairs) * factors + f];
    });
    const { intercept, residual, rank, unscaledInterceptVariance } = leastSquares(x, pairs, controls.length, y);
    found.contributions[f] = intercept;
    found.standardErrors[f] = Math.sqrt((residual / (pairs - rank - 1)) * unscaledInterceptVariance);
  }
  return found;
}
