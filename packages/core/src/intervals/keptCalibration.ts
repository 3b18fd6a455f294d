import type { FittedRegressor, SavedModel } from '../models/regressor.ts';
import { readPlain } from '../models/savedParts.ts';
import { type Calibration, calibratedCoverages, calibrationSchema, type IntervalKind } from './conformal.ts';

/** Where a model's file keeps it. */
const key = 'calibration';

/** The kind of interval that says most of a song, by what the model predicts beyond one number. */
function chooseKind({ distribution }: FittedRegressor): IntervalKind {
  return distribution === 'gaussian' ? 'normalised' : (distribution ?? 'absolute');
}

/** The saved model with what its intervals are made of. */
export function keepCalibration(saved: SavedModel, calibration: Calibration): SavedModel {
  return { ...saved, metadata: { ...saved.metadata, [key]: JSON.stringify(calibration) } };
}

/**
 * What a saved model's intervals are made of; null where none is kept with it. `fitted`: the model, loaded.
 * Throws: DataError where it is not whole, or of a kind that the model does not allow.
 */
export function readCalibration(saved: SavedModel, fitted: FittedRegressor): Calibration | null {
  if (saved.metadata[key] === undefined) return null;
  const kind = chooseKind(fitted);
  const schema = calibrationSchema
    .refine((found) => found.kind === kind, { path: ['kind'], message: `must be "${kind}" for this model` })
    .refine(({ coverages }) => coverages.join() === calibratedCoverages.join(), {
      path: ['coverages'],
      message: `must be ${calibratedCoverages.join(', ')}`,
    });
  return readPlain(saved, key, schema);
}
