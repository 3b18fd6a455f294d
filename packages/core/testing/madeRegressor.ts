import type { FittedRegressor } from '../src/models/regressor.ts';
import { type FeatureName, featureNames } from '../src/tracks/schema.ts';

/** For tests: a model that is a function of the features; missing values come as NaN. */
export function regressBy(predict: (song: Record<FeatureName, number>) => number): FittedRegressor {
  return {
    name: 'made',
    predict: (tracks, rows) =>
      Float64Array.from(rows, (row) => {
        const values = featureNames.map((name) => {
          const column = tracks.features[name];
          return [name, column.missing[row] ? Number.NaN : column.values[row]] as const;
        });
        return predict(Object.fromEntries(values) as Record<FeatureName, number>);
      }),
    save() {
      throw new Error('a made model is not saved');
    },
  };
}
