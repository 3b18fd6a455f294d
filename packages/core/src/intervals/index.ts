export {
  applyCalibration,
  type Calibration,
  calibratedCoverages,
  calibrationSchema,
  type IntervalKind,
} from './conformal.ts';
export { forecastIntervals } from './intervalForecast.ts';
export { makeForecast } from './intervals.ts';
export { intervalFiguresSchema, measureIntervals } from './measureIntervals.ts';
