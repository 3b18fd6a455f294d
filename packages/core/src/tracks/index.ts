export { type CheckedNumber, checkNumber } from './checkRow.ts';
export { cutFolds, type FoldKind } from './folds.ts';
export { checkLearnable, listUnknown } from './learnable.ts';
export { foldName } from './nameKeys.ts';
export { describeQuality, type Quality } from './quality.ts';
export { firstRows, groupArtists, groupCatalogues, groupRecordings } from './repeats.ts';
export {
  type ColumnRule,
  type Feature,
  featureNames,
  findFeature,
  listFeatures,
  listFileColumns,
  type Schema,
  seedColumns,
  spotifySchema,
} from './schema.ts';
export { hasReleaseDates, type Split, splitKinds, splitTracks } from './split.ts';
export type { Rows, Source, Tracks } from './tracks.ts';
export { generateTwin, twinSongBytes } from './twin.ts';
export { eraPowers, quantileShare, type TwinStatistics } from './twinStatistics.ts';
export { type CellValue, csvCell, formatTracksInPieces } from './writeCsv.ts';
