import type { EvaluatedModel } from '@hitscan/core/evaluate';
import { type ModelIntervals, modelIntervalsSchema } from '@hitscan/core/evaluate';
import { type Calibration, forecastIntervals, keepCalibration, measureIntervals } from '@hitscan/core/intervals';
import { createRegressor } from '@hitscan/core/models';
import { type ModelName, presetModel } from '@hitscan/core/optionNames';
import { z } from 'zod';
import { makeAgain } from '../runs/readRunFile.ts';
import type { FindingOptions } from './explaining.ts';
import { modelFile, type PreparedRun } from './preparedRun.ts';

/** Of a run: all that is measured of its models' intervals. */
export const intervalsFile = 'intervals.json';

/** The intervals of some of these models around predictions of so many songs; others may have been left out. */
function keptSchema(names: readonly string[], rows: number) {
  const areSome = (found: readonly ModelIntervals[]) =>
    names.filter((name) => found.some((entry) => entry.name === name)).join() === found.map(({ name }) => name).join();
  return z
    .array(modelIntervalsSchema.refine(({ figures }) => figures.rows === rows, `must be of ${rows} songs`))
    .refine(areSome, `must be of ${names.join(', ')}, each once`);
}

/** The models that intervals are put around: the run's own, and the one that it is held against. */
function chooseModels({ record: { config } }: PreparedRun, evaluated: readonly EvaluatedModel[]): EvaluatedModel[] {
  return evaluated.filter(({ result }) => ['linear', presetModel(config.preset)].includes(result.name));
}

/**
 * Puts intervals around predictions, by folds of the training rows, keeps what they are made of with each model, and
 * measures them on the held-out rows. What was measured before an interruption is kept. Throws `signal.reason` when
 * interrupted.
 */
export async function measureRunIntervals(
  prepared: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  { settings, reporter, signal, parts }: FindingOptions,
): Promise<readonly ModelIntervals[]> {
  const { directory, record, timings, loaded, split } = prepared;
  const { intervalFolds: folds, seed, context } = record.config;
  if (folds === 0) return [];
  const chosen = chooseModels(prepared, evaluated);
  const names = chosen.map(({ result }) => result.name);
  const known = directory.has(intervalsFile)
    ? directory.readJson(intervalsFile, keptSchema(names, split.test.length), makeAgain)
    : [];
  const found: ModelIntervals[] = [];
  for (const [i, { fitted, result }] of chosen.entries()) {
    const { name } = result;
    const before = known.find((entry) => entry.name === name);
    if (before) {
      found.push(before);
      continue;
    }
    reporter.draw({
      place: `intervals  ${name}`,
      share: i / chosen.length,
      rest: `${folds} fits on folds of the training songs`,
    });
    const made = await parts.attemptLater(`intervals of ${name}`, null, async () => {
      const { calibration, ...forecast } = await forecastIntervals(
        loaded.tracks,
        split,
        createRegressor(name as ModelName, settings, context),
        { kind: split.kind === 'artist' ? 'artist' : 'random', folds, seed, threads: timings.threads, fitted, signal },
      );
      return { calibration, figures: measureIntervals(forecast) };
    });
    if (!made) continue;
    calibrateModel(prepared, name, made.calibration);
    found.push({ name, figures: made.figures });
  }
  directory.writeJson(intervalsFile, found);
  return found;
}

function calibrateModel({ directory, record }: PreparedRun, name: string, calibration: Calibration): void {
  const file = modelFile(name, record.config);
  const saved = directory.readModel(file);
  if (saved) directory.writeModel(file, keepCalibration(saved, calibration));
}

/** Coverage and width of every model and method, as `--json` has them; by decile and by share in the run's folder. */
export function summariseIntervals(intervals: readonly ModelIntervals[]) {
  return intervals.flatMap(({ name, figures }) =>
    figures.methods.map(({ method, reported }) => ({
      name,
      method,
      reported: reported.map(({ coverage, covered, coveredLow, coveredHigh, meanWidth }) => ({
        coverage,
        covered,
        coveredLow,
        coveredHigh,
        meanWidth,
      })),
    })),
  );
}
