export { noStandings, rankModels, type Standings } from './summariseModels.ts';
