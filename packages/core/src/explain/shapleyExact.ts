import type { Coalition, SongGame } from './songGame.ts';

/** Shapley values of a game and what they cost. Shapes: (factors). */
export interface GameValues {
  readonly contributions: Float64Array;
  readonly standardErrors: Float64Array;
  readonly predictions: number;
}

/**
 * Shapley values by all 2^factors coalitions in all songs of the background: with v(S) the mean prediction of songs that have
 * the factors S from the explained song, `φ_j = Σ |S|!·(n − |S| − 1)! / n! · (v(S ∪ j) − v(S))` over all S without j.
 */
export function enumerateShapley({ factors, background, play }: SongGame): GameValues {
  const count = factors.length;
  const coalitions = 2 ** count;
  const songs = background.tracks.count;
  const values = new Float64Array(coalitions);
  const isMember = (coalition: number, factor: number) => ((coalition >> factor) & 1) === 1;
  for (let among = 0; among < songs; among++) {
    const played = Array.from({ length: coalitions }, (_, coalition): Coalition => {
      return { among, members: factors.map((_, f) => isMember(coalition, f)) };
    });
    play(played).forEach((value, coalition) => {
      values[coalition] += value / songs;
    });
  }

  // By size of S: 1 / (n · (n − 1 over |S|)).
  const weights = [1 / count];
  for (let size = 1; size < count; size++) weights.push((weights[size - 1] * size) / (count - size));
  const contributions = new Float64Array(count);
  for (let coalition = 0; coalition < coalitions; coalition++) {
    const size = factors.filter((_, f) => isMember(coalition, f)).length;
    for (let f = 0; f < count; f++) {
      if (isMember(coalition, f)) continue;
      contributions[f] += weights[size] * (values[coalition | (1 << f)] - values[coalition]);
    }
  }
  return { contributions, standardErrors: new Float64Array(count), predictions: coalitions * songs };
}
