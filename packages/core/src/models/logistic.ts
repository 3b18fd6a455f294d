import { z } from 'zod';
import type { ContextGroup } from '../features/context.ts';
import { type Design, designSchema, encodeDesign, fitDesign } from '../features/designMatrix.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { fitLogistic, type LogisticFit, logistic } from './logisticRegression.ts';
import type { SavedModel } from './regressor.ts';
import { readName, readPlain, readTensor } from './savedParts.ts';
import { cutInnerFolds, gatherPopularity, joinRows } from './trainingRows.ts';

export interface ClassifierOptions {
  readonly seed: number;
  /** Songs of at least this popularity are hits. */
  readonly cutoff: number;
  readonly train: Rows;
  /** Models that need none add them to the training rows. */
  readonly validation: Rows;
}

export interface FittedClassifier {
  readonly name: string;
  readonly cutoff: number;
  /** The probability that each of the given rows is a hit, in their order; within 0–1. */
  predictProbability(tracks: Tracks, rows: Rows): Float64Array;
  save(): SavedModel;
}

/** A way to tell hits from other songs. Encoders are fitted on the training rows it is given, never on others. */
export interface Classifier<Fitted extends FittedClassifier = FittedClassifier> {
  readonly name: string;
  fit(tracks: Tracks, options: ClassifierOptions): Promise<Fitted>;
}

const name = 'logistic';

/** Values of C that are tried, rising: from 0.0001 to 100. */
const strengths = Array.from({ length: 13 }, (_, k) => 10 ** (k / 2 - 4));

export interface FittedLogistic extends FittedClassifier, LogisticFit {
  /** scikit-learn's `C`; null where the training rows were all hits, or none was. */
  readonly strength: number | null;
}

/** Whether each row is a hit: (rows), 0 or 1. */
function labelHits(tracks: Tracks, rows: Rows, cutoff: number): Uint8Array {
  return Uint8Array.from(gatherPopularity(tracks, rows), (value) => (value >= cutoff ? 1 : 0));
}

/**
 * Where all labels are equal, the share of hits by Laplace's rule of succession, (hits + 1) / (rows + 2): it is never
 * 0 or 1. Else the fit.
 */
function fitLabels(x: Float64Array, labels: Uint8Array, C: number): LogisticFit {
  const hits = labels.reduce((sum, label) => sum + label, 0);
  if (hits > 0 && hits < labels.length) return fitLogistic(x, labels, C);
  const intercept = Math.log((hits + 1) / (labels.length - hits + 1));
  return { intercept, coefficients: new Float64Array(x.length / labels.length) };
}

/** (rows): each row's score; its logistic is the probability. */
function scoreRows(x: Float64Array, { intercept, coefficients }: LogisticFit): Float64Array {
  const columns = coefficients.length;
  return Float64Array.from({ length: x.length / columns }, (_, row) => {
    let sum = intercept;
    for (let j = 0; j < columns; j++) sum += coefficients[j] * x[row * columns + j];
    return sum;
  });
}

/** The C of greatest likelihood over the folds; of equal ones the smallest. */
function chooseStrength(
  tracks: Tracks,
  rows: Rows,
  {
    groups,
    cutoff,
    seed,
  }: { readonly groups: readonly ContextGroup[]; readonly cutoff: number; readonly seed: number },
): number {
  const losses = strengths.map(() => 0);
  for (const { train, heldOut } of cutInnerFolds(tracks, rows, seed)) {
    const design = fitDesign(tracks, train, groups, seed);
    const x = encodeDesign(design, tracks, train);
    const labels = labelHits(tracks, train, cutoff);
    const queries = encodeDesign(design, tracks, heldOut);
    const actual = labelHits(tracks, heldOut, cutoff);
    strengths.forEach((C, k) => {
      const scores = scoreRows(queries, fitLabels(x, labels, C));
      scores.forEach((score, i) => {
        losses[k] -= Math.log(logistic(actual[i] === 1 ? score : -score));
      });
    });
  }
  return strengths[losses.indexOf(Math.min(...losses))];
}

/**
 * Logistic regression on standardised columns, with a squared penalty: the probability that a song is a hit, of at least
 * `cutoff`. Fitted on training and validation rows together.
 *
 * The penalty is the one of greatest likelihood over five folds of those rows, repeats of a song together. It keeps the
 * coefficients finite where hits and others can be separated. Missing values count as the training mean.
 */
export function logisticClassifier(groups: readonly ContextGroup[]): Classifier<FittedLogistic> {
  return {
    name,
    async fit(tracks, { train, validation, cutoff, seed }) {
      const rows = joinRows(train, validation);
      const labels = labelHits(tracks, rows, cutoff);
      const design = fitDesign(tracks, rows, groups, seed);
      const strength = labels.every((label) => label === labels[0])
        ? null
        : chooseStrength(tracks, rows, { groups, cutoff, seed });
      return fitted(design, cutoff, strength, fitLabels(encodeDesign(design, tracks, rows), labels, strength ?? 1));
    },
  };
}

/** Throws: DataError where the saved model is another, or not whole. */
export function loadLogistic(saved: SavedModel): FittedLogistic {
  readName(saved, [name]);
  const design = readPlain(saved, 'design', designSchema);
  const [intercept, cutoff] = readTensor(saved, 'line', [2]);
  const coefficients = readTensor(saved, 'coefficients', [design.scales.length]);
  const strength = readPlain(saved, 'strength', z.number().positive().nullable());
  return fitted(design, cutoff, strength, { intercept, coefficients });
}

function fitted(design: Design, cutoff: number, strength: number | null, fit: LogisticFit): FittedLogistic {
  const { intercept, coefficients } = fit;
  return {
    name,
    cutoff,
    strength,
    ...fit,
    predictProbability: (tracks, rows) => scoreRows(encodeDesign(design, tracks, rows), fit).map(logistic),
    save: () => ({
      tensors: new Map([
        ['line', { shape: [2], data: Float64Array.of(intercept, cutoff) }],
        ['coefficients', { shape: [coefficients.length], data: coefficients.slice() }],
      ]),
      metadata: { model: name, design: JSON.stringify(design), strength: JSON.stringify(strength) },
    }),
  };
}
