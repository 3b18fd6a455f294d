import { z } from 'zod';
import { type EraEncoder, encodeEra, eraSchema, fitEra } from '../features/era.ts';
import {
  fitGroupEffects,
  type GroupEffects,
  groupEffectsSchema,
  shrinkMean,
  withoutGroups,
} from '../features/shrunkenMeans.ts';
import type { FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { readPlain } from './savedParts.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';

/** Popularity by release year, or by block of the file; plain data. */
interface Eras {
  readonly encoder: EraEncoder;
  readonly effects: GroupEffects;
  /** Year or block, sum and number of its training rows; ascending. */
  readonly sums: readonly (readonly [era: number, sum: number, count: number])[];
}

const erasSchema: z.ZodType<Eras> = z.object({
  encoder: eraSchema,
  effects: groupEffectsSchema,
  sums: z.array(z.tuple([z.number(), z.number(), z.int().min(1)])),
});

export interface FittedEra extends FittedRegressor {
  readonly eras: Eras;
}

/**
 * The mean popularity of the song's release year, drawn towards the mean of all years by as much as its few rows leave
 * uncertain (see `fitGroupEffects`); in a table without release dates, that of its tenth of the file (see `fitEra`).
 * A song whose time is not known, or of which there is no training row, gets the mean of all. It uses no audio.
 *
 * Fitted on training and validation rows together.
 */
export const era: Regressor<FittedEra> = {
  name: 'era',
  async fit(tracks, { train, validation }) {
    const rows = joinRows(train, validation);
    const popularity = gatherPopularity(tracks, rows);
    const encoder = fitEra(tracks);
    const { values, missing } = encodeEra(encoder, tracks, rows);
    const known = [...rows.keys()].filter((i) => !missing[rows[i]]);
    const eras = known.map((i) => values[rows[i]]);
    const ofEras = known.map((i) => popularity[i]);
    const sums = new Map<number, [number, number]>();
    eras.forEach((when, i) => {
      const [sum, count] = sums.get(when) ?? [0, 0];
      sums.set(when, [sum + ofEras[i], count + 1]);
    });
    return fitted({
      encoder,
      effects: known.length > 0 ? fitGroupEffects(eras, ofEras) : withoutGroups(popularity),
      sums: [...sums].map(([when, [sum, count]]) => [when, sum, count] as const).sort(([a], [b]) => a - b),
    });
  },
};

/** Throws: DataError where the saved model is not whole. */
export function loadEra(saved: SavedModel): FittedEra {
  return fitted(readPlain(saved, 'eras', erasSchema));
}

function fitted(eras: Eras): FittedEra {
  const { encoder, effects } = eras;
  const predictions = new Map(eras.sums.map(([when, sum, count]) => [when, shrinkMean(effects, sum, count)]));
  return {
    name: 'era',
    context: ['era'],
    eras,
    predict(tracks, rows) {
      const { values, missing } = encodeEra(encoder, tracks, rows);
      return Float64Array.from(
        rows,
        (row) => (missing[row] ? undefined : predictions.get(values[row])) ?? effects.mean,
      );
    },
    save: () => ({ tensors: new Map(), metadata: { model: 'era', eras: JSON.stringify(eras) } }),
  };
}
