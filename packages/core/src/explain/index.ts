export { explainRun, type RunExplanation, runExplanationSchema } from './explainRun.ts';
export type { ExplainedSongs, SongEntry } from './explainSong.ts';
export {
  type Explainer,
  type ExplainSongOptions,
  explainSong,
  type FeatureValues,
  findTrained,
  makeExplainer,
} from './explainSong.ts';
