import { z } from 'zod';
import type { EvaluationStore, KeptModel } from '../evaluate/holdout.ts';
import { type ModelFigures, modelFiguresSchema } from '../evaluate/results.ts';
import type { Calibration } from '../intervals/conformal.ts';
import { keepCalibration } from '../intervals/keptCalibration.ts';
import { loadRegressor } from '../models/catalogue.ts';
import type { SavedModel } from '../models/regressor.ts';
import { readPlain } from '../models/savedParts.ts';
import { type ModelName, presetModel } from '../optionNames.ts';
import { version } from '../version.ts';
import type { RunConfig } from './configuration.ts';
import type { PreparedRun } from './preparedRun.ts';

/** The file of a fitted model: the chosen preset's Mamba is *the* model of a run, the others stand beside it. */
export function modelFile(name: string, { preset }: RunConfig): string {
  return name === presetModel(preset) ? 'model.safetensors' : `models/${name}.safetensors`;
}

/** Of a model's file; an older version kept the time as well. */
const storedResultSchema = z.object({
  ...modelFiguresSchema.unwrap().shape,
  seconds: z.number().min(0).exactOptional(),
});

/** What was measured of a saved model. Throws: DataError where that is not whole, or another model's. */
export function readResult(saved: SavedModel, name: string): ModelFigures & { readonly seconds?: number } {
  return readPlain(
    saved,
    'result',
    storedResultSchema.refine((result) => result.name === name, {
      path: ['name'],
      message: `must be "${name}"`,
    }),
  );
}

/** Where a run's models are kept. */
export interface ModelStore extends EvaluationStore {
  /** With what intervals around its predictions are made of. */
  saveCalibrated(model: KeptModel, calibration: Calibration): void;
}

/**
 * Keeps each finished model in its file, with its result among the file's metadata: one write, so never one without the other.
 * How long the fit took is kept with the run's times.
 */
export function openModelStore({ files, record: { config }, timings }: PreparedRun): ModelStore {
  const save = ({ fitted, result: { seconds: _, ...figures } }: KeptModel): SavedModel => {
    const saved = fitted.save();
    return { ...saved, metadata: { hitscan: version, ...saved.metadata, result: JSON.stringify(figures) } };
  };
  const write = ({ result: { name } }: KeptModel, saved: SavedModel) =>
    files.writeModel(modelFile(name, config), saved);
  return {
    load(name) {
      const saved = files.readModel(modelFile(name, config));
      // Without a result it was left by an interruption before it was measured.
      if (saved?.metadata.result === undefined) return null;
      const { fitted } = loadRegressor(saved, name as ModelName);
      return { fitted, result: { seconds: timings.secondsOf(name), ...readResult(saved, name) } };
    },
    save(model) {
      timings.keep([[model.result.name, model.result.seconds]]);
      write(model, save(model));
    },
    saveCalibrated: (model, calibration) => write(model, keepCalibration(save(model), calibration)),
    checkpoints: (name) => files.checkpoints(name),
  };
}
