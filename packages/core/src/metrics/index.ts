export { actualOf } from './pairs.ts';
