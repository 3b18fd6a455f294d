/**
 * Fits the synthetic twin's statistics to a real table of songs in playlist order, newest playlist first:
 *
 *   node scripts/fitTwin.ts <songs.csv>
 *
 * Writes packages/core/src/tracks/twin.json: quantiles, shares, correlations, regressions and counts; no row, no name.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openBytes, readTracks } from '@hitscan/core/readers';
import { leastSquares, normalQuantile, normalScores } from '@hitscan/core/statistics';
import {
  eraPowers,
  featureNames,
  findFeature,
  groupArtists,
  groupRecordings,
  quantileShare,
  spotifySchema,
  type TwinStatistics,
} from '@hitscan/core/tracks';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** Points of the quantile tables of a feature, and of popularity in one playlist. */
const quantilePoints = 81;
const playlistPoints = 9;
/** Terms of the polynomials in the era. */
const driftTerms = 8;
const spreadTerms = 3;
/** Playlists of the file, and how many rows one may have: the lists were cut at 100, less the songs of earlier ones. */
const playlistCount = 50;
const fewestRows = 35;
const mostRows = 100;
/**
 * By how much the features' measured effects within a playlist are raised. As measured, linear regression explains 0.14
 * of the twin but 0.155 of the real table, whose features go together in ways that a Gaussian copula has not.
 */
const slopeGain = 1.5;
/**
 * By how much the measured share of the artist is raised. As measured, 0.18, linear regression with the artist's mean
 * explains 0.26 of the twin but 0.29 of the real table, for what the model of one level an artist leaves out.
 */
const artistGain = 1.5;

const [path] = process.argv.slice(2);
if (!path) throw new Error('usage: node scripts/fitTwin.ts <songs.csv>');
const { tracks } = await readTracks(openBytes(path, readFileSync(path)), { strict: true });
const { count } = tracks;
const rows = Array.from({ length: count }, (_, row) => row);

const round = (value: number, digits = 3): number => Number(value.toPrecision(digits));
const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
const meanSquareOf = (values: ArrayLike<number>): number => meanOf(Array.from(values, (v) => v * v));

function quantilesOf(values: Float64Array, points: number): number[] {
  const sorted = values.toSorted();
  const last = sorted.length - 1;
  return Array.from({ length: points }, (_, j) => {
    const at = quantileShare(j, points) * last;
    const below = Math.floor(at);
    return round(sorted[below] + (at - below) * (sorted[Math.min(last, below + 1)] - sorted[below]), 4);
  });
}

function sharesOf(values: Float64Array): { values: number[]; shares: number[] } {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  return {
    values: distinct,
    shares: distinct.map((value) => round(values.filter((v) => v === value).length / count, 4)),
  };
}

/**
 * First rows of the playlists. Within one popularity falls, so it rises where the next begins: the cuts at which it
 * rises most in all, by dynamic programming over the possible lengths.
 */
function findPlaylists(popularity: Float64Array): number[] {
  const riseAt = (row: number) => meanOf(popularity.slice(row, row + 6)) - meanOf(popularity.slice(row - 12, row));
  const best = Array.from({ length: playlistCount + 1 }, () =>
    new Float64Array(count + 1).fill(Number.NEGATIVE_INFINITY),
  );
  const starts = Array.from({ length: playlistCount + 1 }, () => new Uint32Array(count + 1));
  best[0][0] = 0;
  for (let k = 1; k <= playlistCount; k++) {
    for (let end = fewestRows; end <= count; end++) {
      const rise = end < count ? riseAt(end) : 0;
      for (let start = Math.max(0, end - mostRows); start <= end - fewestRows; start++) {
        if (best[k - 1][start] + rise <= best[k][end]) continue;
        best[k][end] = best[k - 1][start] + rise;
        starts[k][end] = start;
      }
    }
  }
  const found: number[] = [];
  for (let k = playlistCount, end = count; k > 0; k--) {
    end = starts[k][end];
    found.unshift(end);
  }
  return found;
}

const popularityValues = tracks.popularity.values;
const firstRows = findPlaylists(popularityValues);
const playlistRows = firstRows.map((first, k) => rows.slice(first, firstRows[k + 1] ?? count));
const playlistOf = playlistRows.flatMap((members, k) => members.map(() => k));

/** Fits a polynomial in the era. */
function fitEra(values: Float64Array, terms: number): number[] {
  const x = Float64Array.from(rows.flatMap((row) => eraPowers(playlistOf[row], playlistCount, terms).slice(1)));
  const { intercept, coefficients } = leastSquares(x, count, terms - 1, values);
  return [intercept, ...coefficients].map((value) => round(value));
}

const evaluateEra = (coefficients: readonly number[], row: number): number =>
  eraPowers(playlistOf[row], playlistCount, coefficients.length).reduce((sum, x, k) => sum + x * coefficients[k], 0);

// Features as normal scores, each split into its drift over the eras and deviations from it, these brought to unit size.
const drift: number[][] = [];
const spread: number[][] = [];
const deviations = featureNames.map((name) => {
  const scores = normalScores(tracks.features[name].values);
  // Ties flatten scores, so covariances with them are too small by this share: their covariance with untied scores.
  const kept = meanOf(scores.toSorted().map((score, i) => score * normalQuantile((i + 0.5) / count)));
  const latent = scores.map((score) => score / kept);
  const means = fitEra(latent, driftTerms);
  const rest = latent.map((score, row) => score - evaluateEra(means, row));
  const sizes = playlistRows.map((members) => Math.sqrt(meanSquareOf(members.map((row) => rest[row]))));
  const logSizes = fitEra(
    Float64Array.from(rows, (row) => Math.log(sizes[playlistOf[row]])),
    spreadTerms,
  );
  // In all, drift and deviations must make variance 1.
  const driftVariance = meanSquareOf(rows.map((row) => evaluateEra(means, row)));
  const spreadVariance = meanSquareOf(rows.map((row) => Math.exp(evaluateEra(logSizes, row))));
  const scale = Math.sqrt((1 - driftVariance) / spreadVariance);
  drift.push(means);
  spread.push([round(logSizes[0] + Math.log(scale)), ...logSizes.slice(1)]);
  return rest.map((value, row) => value / (scale * Math.exp(evaluateEra(logSizes, row))));
});

/** The lower Cholesky factor of the deviations' correlations, these shrunk towards 0 as little as it takes to have one. */
function factorise(): number[][] {
  const correlation = (i: number, j: number) => meanOf(deviations[i].map((value, row) => value * deviations[j][row]));
  for (let shrink = 1; shrink > 0; shrink -= 0.01) {
    const matrix = Matrix.zeros(featureNames.length, featureNames.length);
    for (let i = 0; i < featureNames.length; i++) {
      for (let j = 0; j < featureNames.length; j++) matrix.set(i, j, i === j ? 1 : shrink * correlation(i, j));
    }
    const cholesky = new CholeskyDecomposition(matrix);
    if (cholesky.isPositiveDefinite()) {
      const lower = cholesky.lowerTriangularMatrix.to2DArray();
      return lower.map((row, i) => row.slice(0, i + 1).map((value) => round(value)));
    }
  }
  throw new Error('no positive definite correlation matrix');
}

// Popularity as its standing in the playlist, a normal score: what the features add to it, and the rest.
const popularityOf = (members: readonly number[]) => Float64Array.from(members, (row) => popularityValues[row]);
const standing = Float64Array.from(playlistRows.flatMap((members) => [...normalScores(popularityOf(members))]));

/**
 * How far a playlist's rows fall by popularity: correlation of a song's standing with the level of its place, told from
 * the steps between neighbours, since a list's first few songs are often in an order of their own.
 */
function orderOf(members: readonly number[]): number {
  const steps = members.slice(1).map((row) => standing[row] - standing[row - 1]);
  const unordered = meanSquareOf(steps) / 2 / meanSquareOf(members.map((row) => standing[row]));
  return Math.sqrt(Math.max(0, 1 - unordered));
}

const width = 2 * featureNames.length;
const design = new Float64Array(count * width);
for (const row of rows) {
  for (const [f, name] of featureNames.entries()) {
    const deviation = deviations[f][row];
    design[row * width + f] = deviation;
    // Categories have no curvature.
    design[row * width + featureNames.length + f] =
      findFeature(spotifySchema, name).kind === 'numeric' ? deviation ** 2 - 1 : 0;
  }
}
// Weighted by the playlist's deviation, in which the twin's standing counts: a list of hits and failures tells more than
// one in which all are popular.
const deviationOf = playlistRows.map((members) => {
  const values = popularityOf(members);
  return Math.sqrt(meanSquareOf(values) - meanOf(values) ** 2);
});
const fit = leastSquares(
  design.map((value, i) => value * deviationOf[playlistOf[Math.floor(i / width)]]),
  count,
  width,
  Float64Array.from(rows, (row) => popularityValues[row] - meanOf(popularityOf(playlistRows[playlistOf[row]]))),
);
const effects = fit.coefficients.map((coefficient) => round(coefficient, 2));
const noise = standing.map((value, row) => {
  return value - effects.reduce((sum, effect, j) => sum + effect * design[row * width + j], 0);
});
const noiseVariance = meanSquareOf(noise);

const artistOf = groupArtists(tracks);
const songsByArtist = Map.groupBy(rows, (row) => artistOf[row]);

/** Mean over pairs of an artist's songs; artists count by their songs less one, so that the largest do not outweigh all. */
function meanOfPairs(measure: (a: number, b: number) => number): number {
  let sum = 0;
  let weight = 0;
  for (const songs of songsByArtist.values()) {
    for (const [i, a] of songs.entries()) {
      for (const b of songs.slice(0, i)) {
        sum += measure(a, b) / songs.length;
        weight += 1 / songs.length;
      }
    }
  }
  return sum / weight;
}

// Artists of many hits have greater ones: that part of the rest goes by the logarithm of their songs in the table.
const logSongs = Float64Array.from(rows, (row) => Math.log((songsByArtist.get(artistOf[row]) ?? []).length));
const bySongs = leastSquares(logSongs, count, 1, noise);
const ownNoise = noise.map((value, row) => value - bySongs.intercept - bySongs.coefficients[0] * logSongs[row]);

const ofKind = (kind: 'numeric' | 'category') =>
  featureNames.filter((name) => findFeature(spotifySchema, name).kind === kind);
const sizeCounts = Map.groupBy(songsByArtist.values(), (songs) => songs.length);

const statistics: TwinStatistics = {
  quantiles: Object.fromEntries(
    ofKind('numeric').map((name) => [name, quantilesOf(tracks.features[name].values, quantilePoints)]),
  ),
  shares: Object.fromEntries(ofKind('category').map((name) => [name, sharesOf(tracks.features[name].values)])),
  playlists: {
    rows: playlistRows.map((members) => members.length),
    popularity: playlistRows.map((members) => quantilesOf(popularityOf(members), playlistPoints)),
    order: playlistRows.map((members) => round(orderOf(members))),
  },
  drift,
  spread,
  factor: factorise(),
  slopes: Array.from(effects.subarray(0, featureNames.length), (slope) => round(slopeGain * slope)),
  bends: [...effects.subarray(featureNames.length)],
  noise: round(Math.sqrt(noiseVariance)),
  artists: {
    sizes: [...sizeCounts].map(([songs, artists]) => [songs, artists.length] as const).sort(([a], [b]) => a - b),
    // Two songs of an artist each deviate from the centre: their squared distance is twice the variance.
    spread: round(Math.sqrt(meanOfPairs((a, b) => ((a - b) / count) ** 2) / 2)),
    featureShare: round(meanOf(deviations.map((values) => meanOfPairs((a, b) => values[a] * values[b])))),
    songsSlope: round(bySongs.coefficients[0] / Math.sqrt(meanSquareOf(ownNoise))),
    noiseShare: round((artistGain * meanOfPairs((a, b) => ownNoise[a] * ownNoise[b])) / meanSquareOf(ownNoise)),
  },
  repeats: count - new Set(groupRecordings(tracks)).size,
};

const output = fileURLToPath(new URL('../packages/core/src/tracks/twin.json', import.meta.url));
// One line a list: readable, and a third of the size of one line a number.
const text = JSON.stringify(statistics, null, 1)
  .replace(/,\n\s+(?=[-\d[])/g, ',')
  .replace(/\[\n\s+/g, '[')
  .replace(/\n\s+\]/g, ']');
writeFileSync(output, `${text}\n`);
process.stdout.write(`${output}: ${text.length + 1} bytes\n`);
