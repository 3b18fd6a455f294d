import type { ModelResult, TrainingOutcome } from '../evaluate/results.ts';
import { findComparison, findReference, type Standings } from '../evaluate/standing.ts';
import { formatCount, formatNumber, typeset } from './numbers.ts';

/** What the table of models does and does not show, in plain sentences. */
export interface Verdict {
  readonly lead: string;
  /** One for each model beside the one that all are held against, and one for what tuning has changed. */
  readonly comparisons: readonly string[];
  readonly caution: string;
}

/** Models that are compared in words; of more, Mamba alone is, and the figure shows the rest. */
const mostTold = 5;

/** Words the held-out errors, and how far chance alone could have moved them. All text is plain, not HTML. */
export function describeVerdict(outcome: TrainingOutcome): Verdict {
  const { models, testActual, standings } = outcome;
  const songs = `${formatCount(testActual.length)} held-out ${testActual.length === 1 ? 'song' : 'songs'}`;
  if (models.length === 0) return { lead: 'No model was fitted.', comparisons: [], caution: '' };

  const best = models.reduce((lowest, model) => (model.test.mse < lowest.test.mse ? model : lowest));
  const interval = standings.models.find(({ name }) => name === best.name)?.mse ?? null;
  const range = interval
    ? ` (95 % interval ${formatNumber(interval.low, 1)} to ${formatNumber(interval.high, 1)})`
    : '';
  const lead = `On ${songs} the lowest test MSE is that of ${best.name}: ${formatNumber(best.test.mse, 2)}${range}. ${describeR2(best)}`;

  const reference = findReference(standings);
  const others = models.filter(({ name }) => name !== reference);
  const told = others.length <= mostTold ? others : others.filter(({ name }) => name.startsWith('mamba-'));
  const pairs = told.map(({ name }) => [name, reference] as const);
  const names = new Set(models.map(({ name }) => name));
  if (names.has('mamba-tokens') && names.has('mamba-untuned')) pairs.push(['mamba-tokens', 'mamba-untuned']);
  const comparisons = pairs.map(([name, other]) => describeDifference(standings, name, other));
  return { lead, comparisons, caution: describeCaution(testActual.length, comparisons.length) };
}

function describeR2({ test }: ModelResult): string {
  if (test.r2 === null) return '';
  if (test.r2 <= 0)
    return `Its R² is ${typeset(formatNumber(test.r2, 3))}: no better than the mean of these songs for every one.`;
  const share = formatNumber(100 * test.r2, 0);
  return `Its R² is ${formatNumber(test.r2, 3)}: it accounts for about ${share} % of the variance of their popularity.`;
}

function describeDifference(standings: Standings, name: string, other: string): string {
  const found = findComparison(standings, name, other);
  if (!found || found.difference === null || found.low === null || found.high === null)
    return `${name} against ${other}: songs of one artist cannot show a difference.`;
  const { difference, low, high, verdict } = found;
  if (difference === 0) return `${name}: test MSE equal to that of ${other}: no difference shown.`;
  const size = formatNumber(Math.abs(difference), 2);
  const range = `${formatSigned(low)} to ${formatSigned(high)}`;
  const words = `test MSE ${size} ${difference < 0 ? 'lower' : 'higher'} than ${other} (95 % interval ${range})`;
  return `${name}: ${words}: ${verdict}${verdict === 'no difference shown' ? '' : ' on these songs'}.`;
}

function formatSigned(value: number): string {
  return `${value > 0 ? '+' : ''}${typeset(formatNumber(value, 2))}`;
}

function describeCaution(rows: number, comparisons: number): string {
  const sentences = [
    `Intervals allow for songs of one artist being alike, but not for another choice of the ${formatCount(rows)} test songs’ companions in training: hitscan evaluate cuts the songs many times over.`,
  ];
  if (comparisons > 1) sentences.push('The words allow for the number of comparisons (Holm).');
  return sentences.join(' ');
}
