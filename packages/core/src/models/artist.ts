import { type ArtistMeans, artistMeansSchema, fitArtistMeans, sumOtherSongs } from '../features/artistMeans.ts';
import { shrinkMean } from '../features/shrunkenMeans.ts';
import type { FittedRegressor, Regressor } from './regressor.ts';
import { readName, readPlain } from './savedParts.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';

export interface FittedArtist extends FittedRegressor {
  readonly means: ArtistMeans;
}

/**
 * The mean popularity of the artist's other training songs, drawn towards the mean of all artists by as much as their few
 * songs leave uncertain (see `fitGroupEffects`); that mean itself for an artist who is not known. It uses no audio: what
 * it reaches is fame.
 *
 * Fitted on training and validation rows together. A song is never told of itself: where it is predicted again, in
 * whatever table, its recording is left out.
 */
export const artist: Regressor<FittedArtist> = {
  name: 'artist',
  async fit(tracks, { train, validation, seed }) {
    const rows = joinRows(train, validation);
    gatherPopularity(tracks, rows);
    return fitted(fitArtistMeans(tracks, rows, { folds: null, seed }));
  },
  load(saved) {
    readName(saved, 'artist');
    return fitted(readPlain(saved, 'means', artistMeansSchema));
  },
};

function fitted(means: ArtistMeans): FittedArtist {
  return {
    name: 'artist',
    means,
    predict(tracks, rows) {
      const { sums, counts } = sumOtherSongs(means, tracks, rows);
      return sums.map((sum, i) => shrinkMean(means.effects, sum, counts[i]));
    },
    save: () => ({ tensors: new Map(), metadata: { model: 'artist', means: JSON.stringify(means) } }),
  };
}
