import { type ArtistMeans, artistMeansSchema, fitArtistMeans, sumOtherSongs } from '../features/artistMeans.ts';
import { shrinkMean } from '../features/shrunkenMeans.ts';
import type { FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { readPlain } from './savedParts.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';

export interface FittedArtist extends FittedRegressor {
  readonly means: ArtistMeans;
}

/**
 * The mean popularity of the artist's other training songs, drawn towards the mean of all artists by as much as their few
 * songs leave uncertain (see `fitGroupEffects`); that mean itself for an artist who is not known. It uses no audio: what
 * it reaches is fame.
 *
 * Fitted on training and validation rows together. A song's own popularity is never used: where it is predicted
 * again, in whatever table, its recording is left out.
 */
export const artist: Regressor<FittedArtist> = {
  name: 'artist',
  async fit(tracks, { train, validation, seed }) {
    const rows = joinRows(train, validation);
    gatherPopularity(tracks, rows);
    return fitted(fitArtistMeans(tracks, rows, { folds: null, seed }));
  },
};

/** Throws: DataError where the saved model is not whole. */
export function loadArtist(saved: SavedModel): FittedArtist {
  return fitted(readPlain(saved, 'means', artistMeansSchema));
}

function fitted(means: ArtistMeans): FittedArtist {
  return {
    name: 'artist',
    context: ['artist'],
    means,
    predict(tracks, rows) {
      const { sums, counts } = sumOtherSongs(means, tracks, rows);
      return sums.map((sum, i) => shrinkMean(means.effects, sum, counts[i]));
    },
    save: () => ({ tensors: new Map(), metadata: { model: 'artist', means: JSON.stringify(means) } }),
  };
}
