export type { ExplainedSongs, FeatureValues } from './explainSong.ts';
