import { type ModelSummaries, summariseModels } from '../src/compare/summariseModels.ts';
import { measureModelHits } from '../src/evaluate/hits.ts';
import type { ModelResult, TrainingOutcome } from '../src/evaluate/results.ts';
import { measure } from '../src/metrics/metrics.ts';
import type { Epoch } from '../src/models/regressor.ts';
import { makeRandom } from './madeTracks.ts';

/** For tests: how an outcome differs from the usual one. */
export interface OutcomeChange {
  readonly rows?: number;
  readonly names?: readonly string[];
  readonly source?: string;
  readonly run?: string;
  readonly synthetic?: boolean;
  readonly history?: readonly Epoch[];
}

/** For tests: an outcome of models that predict noise around a constant; the last one is iterative. */
export function makeOutcome(change: OutcomeChange = {}): TrainingOutcome {
  const {
    rows = 40,
    names = ['mean', 'linear', 'mamba-tokens'],
    source = 'songs.csv',
    run = 'run',
    synthetic = false,
  } = change;
  const random = makeRandom(11);
  const testActual = Float64Array.from({ length: rows }, () => Math.floor(101 * random()));
  const history =
    change.history ?? [3, 2, 1].map((loss, i) => ({ epoch: i + 1, trainLoss: loss, validationLoss: loss + 1 }));
  const predictions = names.map((name, i) => ({
    name,
    predicted: testActual.map((value) => 50 + (i === 0 ? 0 : 0.2 * (value - 50) + 10 * (random() - 0.5))),
  }));
  const models = predictions.map(({ name, predicted }, i): ModelResult => {
    const metrics = measure(testActual, predicted);
    return { name, train: metrics, test: metrics, seconds: i, history: i === names.length - 1 ? history : [] };
  });
  const standings = rankHoldout(testActual, predictions);
  const testRows = Uint32Array.from({ length: rows }, (_, i) => i);
  return {
    run,
    data: { source: { name: source, synthetic, sha256: 'ab'.repeat(32) }, rows: 3 * rows, rejected: 2, unknown: [] },
    split: { kind: 'random', seed: 1, train: testRows, validation: testRows, test: testRows, note: 'Random rows.' },
    context: [],
    models,
    testRows,
    testActual,
    predictions,
    standings,
    hits: measureModelHits(testActual, predictions, { cutoff: 50, probabilities: [] }),
    intervals: [],
    omitted: [],
  };
}

/** For tests: the standings of predictions for the given rows, every row of another artist. */
export function rankHoldout(
  actual: Float64Array,
  predictions: readonly { readonly name: string; readonly predicted: Float64Array }[],
): ModelSummaries {
  const rows = Uint32Array.from(actual.keys());
  const fold = { repeat: 0, fold: 0, rows, trainCount: 4 * rows.length, actual };
  const models = predictions.map(({ name, predicted }) => ({ name, folds: [{ ...fold, predicted }] }));
  return summariseModels(models, { clusters: rows, seed: 1 });
}
