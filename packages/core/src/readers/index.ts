export {
  describeFile,
  type FileDescription,
  type ReadOptions,
  type ReadProgress,
  type ReadResult,
  readTracks,
} from './readCsv.ts';
export { formatRejects, type Reject } from './rejects.ts';
