export { actualOf } from './actual.ts';
