import type { createPredictor, Examples } from '@hitscan/mamba';
import { restore, type Scale } from '../features/standardise.ts';
import { placeTokens, type TokenEncoder } from '../features/tokens.ts';
import { quantileLevels } from './mambaHead.ts';
import type { MambaSettings } from './mambaSettings.ts';
import type { FeatureAttribution } from './regressor.ts';

type Predictor = ReturnType<typeof createPredictor>;

/** Largest error of a network's attributions, in points of popularity, that more points on the line are taken against. */
const tolerance = 1e-3;

/** A song of which nothing is known: every token is the learned one for a missing value. */
export function encodeUnknown({ numeric, categories }: TokenEncoder): Examples {
  return {
    rows: 1,
    inputs: {
      numeric: new Float32Array(numeric.length).fill(Number.NaN),
      codes: new Float32Array(categories.length),
    },
  };
}

/**
 * The number among the networks' that is their prediction: of quantiles, once they are put in order, the median; else the
 * first, which is the mean of a Gaussian or the only one.
 */
function chooseOutput(predictors: readonly Predictor[], loss: MambaSettings['loss'], song: Examples): number {
  if (loss !== 'quantiles') return 0;
  const sums = new Float64Array(quantileLevels.length);
  for (const predictor of predictors) {
    predictor.predict(song).forEach((value, level) => {
      sums[level] += value;
    });
  }
  const ascending = [...sums.keys()].sort((a, b) => sums[a] - sums[b]);
  return ascending[quantileLevels.indexOf(0.5)];
}

/**
 * Integrated gradients of an ensemble's prediction of one song, from the mean tokens of the baseline's rows; the mean of the
 * networks' own. In points of popularity, before clipping.
 */
export function attributePrediction(
  predictors: readonly Predictor[],
  { encoder, target, settings }: { encoder: TokenEncoder; target: Scale; settings: MambaSettings },
  song: Examples,
  baseline: Examples,
): FeatureAttribution {
  const inputs = [...encoder.numeric, ...encoder.categories].map(({ feature }) => feature);
  const places = placeTokens(settings.order, inputs.length);
  const output = chooseOutput(predictors, settings.loss, song);
  const options = { baseline, output, tolerance: tolerance / target.deviation };
  const found = predictors.map((predictor) => predictor.attribute(song, options));
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    inputs,
    contributions: Float64Array.from(
      places,
      (place) => average(found.map(({ values }) => values[place])) * target.deviation,
    ),
    prediction: restore(average(found.map(({ outputs }) => outputs[0])), target),
    base: restore(average(found.map((each) => each.baseline)), target),
    error: average(found.map(({ errors }) => errors[0])) * target.deviation,
    points: Math.max(...found.map(({ points }) => points[0])),
  };
}
