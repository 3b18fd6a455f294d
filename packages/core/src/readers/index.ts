export { type ByteSource, openBytes, pieceLength } from './byteSource.ts';
export { plainDialect } from './dialect.ts';
export { readNumber } from './parseCell.ts';
export {
  describeInterpretation,
  describeTracks,
  type ReadOptions,
  type ReadProgress,
  type ReadResult,
  readTracks,
  type TracksDescription,
} from './readCsv.ts';
