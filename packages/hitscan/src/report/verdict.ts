import type { ModelResult, TrainingOutcome } from '../evaluate/results.ts';
import { compareSquaredErrors, measureSquaredError } from '../evaluate/squaredErrors.ts';
import { formatCount, formatNumber, typeset } from './numbers.ts';

/** The model that all others are held against. */
const referenceName = 'linear';

/** A difference below this many paired standard errors is not told apart from noise. */
const leastErrors = 2;

/** What the table of models does and does not show, in plain sentences. */
export interface Verdict {
  readonly lead: string;
  /** One for each model beside linear regression; empty where that was not fitted. */
  readonly comparisons: readonly string[];
  readonly caution: string;
}

/** Words the held-out errors, and how far chance alone could have moved them. All text is plain, not HTML. */
export function describeVerdict(outcome: TrainingOutcome): Verdict {
  const { models, testActual, predictions } = outcome;
  const predictionsOf = new Map(predictions.map(({ name, predicted }) => [name, predicted]));
  const songs = `${formatCount(testActual.length)} held-out ${testActual.length === 1 ? 'song' : 'songs'}`;
  if (models.length === 0) return { lead: 'No model was fitted.', comparisons: [], caution: '' };

  const best = models.reduce((lowest, model) => (model.test.mse < lowest.test.mse ? model : lowest));
  const errorOf = (name: string): number | null => {
    const predicted = predictionsOf.get(name);
    return predicted ? measureSquaredError(testActual, predicted).standardError : null;
  };
  const bestError = errorOf(best.name);
  const spread = bestError === null ? '' : ` (standard error ${formatNumber(bestError, 1)})`;
  const lead = `On ${songs} the lowest test MSE is that of ${best.name}: ${formatNumber(best.test.mse, 2)}${spread}. ${describeR2(best)}`;

  const reference = predictionsOf.get(referenceName);
  const comparisons: string[] = [];
  for (const { name } of models) {
    const predicted = predictionsOf.get(name);
    if (!reference || !predicted || name === referenceName) continue;
    comparisons.push(describeDifference(name, compareSquaredErrors(testActual, predicted, reference)));
  }
  return { lead, comparisons, caution: describeCaution(testActual.length, bestError, comparisons.length) };
}

function describeR2({ test }: ModelResult): string {
  if (test.r2 === null) return '';
  if (test.r2 <= 0)
    return `Its R² is ${typeset(formatNumber(test.r2, 3))}: no better than the mean of these songs for every one.`;
  const share = formatNumber(100 * test.r2, 0);
  return `Its R² is ${formatNumber(test.r2, 3)}: it accounts for about ${share} % of the variance of their popularity.`;
}

function describeDifference(name: string, found: { mean: number; standardError: number | null }): string {
  const { mean, standardError } = found;
  if (standardError === null) return `${name} against ${referenceName}: one song cannot show a difference.`;
  const size = formatNumber(Math.abs(mean), 2);
  const direction = mean < 0 ? 'lower' : 'higher';
  const difference =
    mean === 0
      ? `${name}: test MSE equal to that of ${referenceName}`
      : `${name}: test MSE ${size} ${direction} than ${referenceName} (paired standard error ${formatNumber(standardError, 2)})`;
  if (mean === 0 || Math.abs(mean) < leastErrors * standardError) return `${difference}: no difference shown.`;
  return `${difference}: ${mean < 0 ? 'better' : 'worse'} on these songs, by more than ${leastErrors} standard errors.`;
}

function describeCaution(rows: number, error: number | null, comparisons: number): string {
  if (error === null) return 'One split cannot tell small differences from noise.';
  const sentences = [
    `One split cannot tell small differences from noise: with ${formatCount(rows)} test songs the standard error of a test MSE is about ${formatNumber(error, 1)}, and another split would move every figure.`,
    'Songs of one artist or one year are alike, so the true uncertainty is larger.',
  ];
  if (comparisons > 2) sentences.push('About one comparison in twenty looks like a difference by chance alone.');
  return sentences.join(' ');
}
