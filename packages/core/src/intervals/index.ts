export { applyCalibration } from './conformal.ts';
export { makeForecast } from './intervals.ts';
