export { applyCalibration, type Calibration, calibratedCoverages } from './conformal.ts';
export { forecastIntervals } from './intervalForecast.ts';
export { makeForecast } from './intervals.ts';
export { intervalFiguresSchema, measureIntervals } from './measureIntervals.ts';
