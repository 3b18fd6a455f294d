import { type RandomStream, randomStream } from '@hitscan/mamba';
import { createSha256 } from '../sha256.ts';
import { orthonormalise } from '../statistics/linearAlgebra.ts';
import { rankShares } from '../statistics/ranks.ts';
import { featureNames, spotifySchema } from './schema.ts';
import type { Column, Tracks } from './tracks.ts';
import { nameArtist, nameTitle, nameTrack } from './twinNames.ts';
import { eraPowers, lookUpFeature, lookUpPopularity, type TwinStatistics, twinStatistics } from './twinStatistics.ts';
import { formatTracksInPieces } from './writeCsv.ts';

/** Rows from which on moments are matched exactly; in a smaller table that would leave chance too little room. */
const fewestMatched = 500;

const evaluate = (coefficients: readonly number[], powers: readonly number[]) =>
  coefficients.reduce((sum, coefficient, k) => sum + coefficient * powers[k], 0);

/** The playlist of each place, newest first; each has its share of the places. */
function layPlaylists({ playlists }: TwinStatistics, rows: number): Uint8Array {
  const real = playlists.rows.reduce((sum, size) => sum + size, 0);
  const ends = playlists.rows.map((_, k) => playlists.rows.slice(0, k + 1).reduce((sum, size) => sum + size, 0) / real);
  let playlist = 0;
  return Uint8Array.from({ length: rows }, (_, place) => {
    while (playlist < ends.length - 1 && (place + 0.5) / rows > ends[playlist]) playlist++;
    return playlist;
  });
}

/** The artist of each place: as many artists as it takes, sizes as in the real table, songs of one near each other. */
function placeArtists(
  { artists }: TwinStatistics,
  rows: number,
  stream: (purpose: string) => RandomStream,
): Uint32Array {
  const sizes = Uint32Array.from(artists.sizes.flatMap(([songs, count]) => new Array<number>(count).fill(songs)));
  const sizeOrder = stream('artists');
  const random = stream('places');
  const artistOf = new Uint32Array(rows);
  const places = new Float64Array(rows);
  for (let artist = 0, song = 0; song < rows; artist++) {
    // Each size comes as often as in the real table before any comes again.
    if (artist % sizes.length === 0) sizeOrder.shuffle(sizes);
    const centre = random.uniform();
    for (let left = sizes[artist % sizes.length]; left > 0 && song < rows; left--, song++) {
      const place = Math.abs(centre + artists.spread * random.normal()) % 2;
      artistOf[song] = artist;
      // Reflected at both ends, so that the ends are as full as the middle.
      places[song] = place > 1 ? 2 - place : place;
    }
  }
  const order = Uint32Array.from(places.keys()).sort((a, b) => places[a] - places[b]);
  return order.map((song) => artistOf[song]);
}

/** Standard normal numbers, of which those of one artist correlate by `share`. */
function drawByArtist(artistOf: Uint32Array, share: number, random: RandomStream): Float64Array {
  const levels = new Map<number, number>();
  return Float64Array.from(artistOf, (artist) => {
    const level = levels.get(artist) ?? random.normal();
    levels.set(artist, level);
    return Math.sqrt(share) * level + Math.sqrt(1 - share) * random.normal();
  });
}

/** The features' standardised deviations from their eras, and what they leave of popularity's, in the order of places. */
function drawDeviations(
  { factor, drift, artists, playlists }: TwinStatistics,
  playlistOf: Uint8Array,
  artistOf: Uint32Array,
  stream: (purpose: string) => RandomStream,
): { deviations: Float64Array[]; noise: Float64Array } {
  const terms = drift[0].length;
  const powers = playlists.rows.map((_, k) => eraPowers(k, playlists.rows.length, terms));
  const eras = Array.from({ length: terms }, (_, k) =>
    Float64Array.from(playlistOf, (playlist) => powers[playlist][k]),
  );
  const random = stream('features');
  const independent = featureNames.map(() => drawByArtist(artistOf, artists.featureShare, random));
  const songs = new Map<number, number>();
  for (const artist of artistOf) songs.set(artist, (songs.get(artist) ?? 0) + 1);
  const noise = drawByArtist(artistOf, artists.noiseShare, stream('popularity')).map(
    (value, place) => value + artists.songsSlope * Math.log(songs.get(artistOf[place]) ?? 1),
  );
  // Correlations are then the real ones in every table, not only on average over seeds.
  if (playlistOf.length >= fewestMatched) orthonormalise([...eras, ...independent, noise]);
  const deviations = factor.map((weights) =>
    Float64Array.from(playlistOf, (_, place) => weights.reduce((sum, w, j) => sum + w * independent[j][place], 0)),
  );
  return { deviations, noise };
}

/** Popularity's normal score within its playlist. */
function standPopularity(
  { slopes, bends, noise: scale }: TwinStatistics,
  deviations: readonly Float64Array[],
  noise: Float64Array,
): Float64Array {
  return noise.map((value, place) => {
    let score = scale * value;
    for (const [f, { [place]: deviation }] of deviations.entries()) {
      score += slopes[f] * deviation + bends[f] * (deviation ** 2 - 1);
    }
    return score;
  });
}

/** Places in the order of the file: playlists as they lie, each more or less sorted by falling popularity. */
function orderPlaces(
  { playlists }: TwinStatistics,
  playlistOf: Uint8Array,
  standing: Float64Array,
  random: RandomStream,
): Uint32Array {
  const keys = standing.map((score, place) => {
    const order = playlists.order[playlistOf[place]];
    return order * score + Math.sqrt(1 - order ** 2) * random.normal();
  });
  return Uint32Array.from(keys.keys()).sort((a, b) => playlistOf[a] - playlistOf[b] || keys[b] - keys[a] || a - b);
}

/** Gives some songs the title of an earlier one of their artist, as often as the real table does. */
function repeatTitles({ repeats, playlists }: TwinStatistics, artist: readonly string[], title: string[]): void {
  const real = playlists.rows.reduce((sum, size) => sum + size, 0);
  let wanted = Math.round((repeats * artist.length) / real);
  // Spread over the whole file; most artists with a second song have it by then.
  const step = Math.max(1, Math.floor(artist.length / (2 * wanted + 1)));
  const titles = new Map<string, string>();
  for (const [row, name] of artist.entries()) {
    const earlier = titles.get(name);
    if (earlier === undefined) titles.set(name, title[row]);
    else if (wanted > 0 && row % step === 0) {
      title[row] = earlier;
      wanted--;
    }
  }
}

function toColumn(values: Float64Array): Column {
  return { values, missing: new Uint8Array(values.length) };
}

/** Bytes that a song of the twin takes while it is made, at most: measured, 1.25 kB at a million songs. */
export const twinSongBytes = 1300;

/**
 * Draws the synthetic twin: made-up songs by made-up artists, whose columns, correlations, eras, order and popularity
 * behave like those of a real table of hits, from statistics alone. The same rows and seed give the same bytes;
 * `source.sha256` is that of the table as `formatTracks` writes it.
 *
 * A Gaussian copula: a feature's score is its era's mean plus correlated deviations, and its rank is looked up in the
 * real column's quantiles; popularity's standing is what the features, the artist and chance add up to, and its rank is
 * looked up in the playlist's quantiles.
 */
export function generateTwin({ rows = 4771, seed = 2024 }: { rows?: number; seed?: number } = {}): Tracks {
  const twin = twinStatistics;
  const stream = (purpose: string) => randomStream(seed, `twin ${purpose}`);
  const { playlists, drift, spread } = twin;
  const playlistOf = layPlaylists(twin, rows);
  const artistOf = placeArtists(twin, rows, stream);
  const { deviations, noise } = drawDeviations(twin, playlistOf, artistOf, stream);
  const standing = standPopularity(twin, deviations, noise);
  const order = orderPlaces(twin, playlistOf, standing, stream('order'));

  const inFile = (values: Float64Array) => toColumn(Float64Array.from(order, (place) => values[place]));
  const popularity = rankShares(standing).map((share, place) => lookUpPopularity(twin, playlistOf[place], share));
  const features = featureNames.map((name, f) => {
    const levels = playlists.rows.map((_, k) => {
      const powers = eraPowers(k, playlists.rows.length, drift[f].length);
      return { mean: evaluate(drift[f], powers), deviation: Math.exp(evaluate(spread[f], powers)) };
    });
    const scores = deviations[f].map((value, place) => {
      const { mean, deviation } = levels[playlistOf[place]];
      return mean + deviation * value;
    });
    return [name, inFile(rankShares(scores).map((share) => lookUpFeature(twin, name, share)))] as const;
  });

  const titles = stream('titles');
  const ids = stream('ids');
  const artist = Array.from(order, (place) => nameArtist(artistOf[place]));
  const title = artist.map((_, row) => nameTitle(row, titles));
  repeatTitles(twin, artist, title);
  const table = {
    count: rows,
    schema: spotifySchema,
    trackId: artist.map(() => nameTrack(ids)),
    artist,
    title,
    features: Object.fromEntries(features),
    popularity: inFile(popularity),
    fileRow: Uint32Array.from({ length: rows }, (_, row) => row + 2),
  };
  const hash = createSha256();
  for (const piece of formatTracksInPieces(table)) hash.update(piece);
  return { ...table, source: { name: 'synthetic twin', synthetic: true, sha256: hash.digestHex() } };
}
