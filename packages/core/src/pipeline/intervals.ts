import { z } from 'zod';
import { comparisonReference } from '../compare/comparisonPlan.ts';
import type { EvaluatedModel } from '../evaluate/holdout.ts';
import { type ModelIntervals, modelIntervalsSchema } from '../evaluate/results.ts';
import { forecastIntervals } from '../intervals/intervalForecast.ts';
import { measureIntervals } from '../intervals/measureIntervals.ts';
import { createRegressor } from '../models/catalogue.ts';
import { type ModelName, presetModel } from '../optionNames.ts';
import type { FindingOptions } from './insight.ts';
import type { PreparedRun } from './preparedRun.ts';
import { makeAgain } from './runFiles.ts';

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

/** The models that intervals are put around: the run's own, and the reference that it is compared with. */
function chooseModels({ record: { config } }: PreparedRun, evaluated: readonly EvaluatedModel[]): EvaluatedModel[] {
  const names: readonly string[] = [comparisonReference, presetModel(config.preset)];
  return evaluated.filter(({ result }) => names.includes(result.name));
}

/**
 * Puts intervals around predictions, by folds of the training rows, keeps what they are made of with each model, and
 * measures them on the held-out rows. What was measured before an interruption is kept. Throws `signal.reason` when
 * interrupted.
 */
export async function measureRunIntervals(
  prepared: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  { settings, store, parts, environment: { signal, onEvent } }: FindingOptions,
): Promise<readonly ModelIntervals[]> {
  const { files, record, timings, songs, split } = prepared;
  const { intervalFolds: folds, seed, context } = record.config;
  if (folds === 0) return [];
  const chosen = chooseModels(prepared, evaluated);
  const names = chosen.map(({ result }) => result.name);
  const known = files.has(intervalsFile)
    ? files.readJson(intervalsFile, keptSchema(names, split.test.length), makeAgain)
    : [];
  const found: ModelIntervals[] = [];
  for (const [i, { fitted, result }] of chosen.entries()) {
    const { name } = result;
    const before = known.find((entry) => entry.name === name);
    if (before) {
      found.push(before);
      continue;
    }
    onEvent({ kind: 'intervals', model: name, share: i / chosen.length, folds });
    const made = await parts.attemptLater(`intervals of ${name}`, null, async () => {
      const { calibration, ...forecast } = await forecastIntervals(
        songs.tracks,
        split,
        createRegressor(name as ModelName, settings, context),
        { kind: split.kind === 'artist' ? 'artist' : 'random', folds, seed, threads: timings.threads, fitted, signal },
      );
      return { calibration, figures: measureIntervals(forecast) };
    });
    if (!made) continue;
    store.saveCalibrated({ fitted, result }, made.calibration);
    found.push({ name, figures: made.figures });
  }
  files.writeJson(intervalsFile, found);
  return found;
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
