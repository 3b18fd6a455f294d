import { findComparison, type HeldOut, type ModelSummaries } from '../../compare/summariseModels.ts';
import type { ModelResult, TrainingOutcome } from '../../evaluate/results.ts';
import { isMamba } from '../../optionNames.ts';
import { formatCount, formatNumber, formatSeconds, typeset } from './format.ts';
import { describeFigure, describeInterval, describeTests, warnOfFew } from './summaries.ts';

/** The inputs of the models, in words that leave no doubt what is audio. `unknown`: features of which no song has a value. */
export function describeInputs(context: readonly string[], unknown: readonly string[] = []): string {
  const inputs =
    context.length > 0 ? `audio features, plus ${context.join(' and ')} (not audio)` : 'audio features alone';
  const are = unknown.length === 1 ? 'is' : 'are';
  return unknown.length === 0 ? inputs : `${inputs}; ${unknown.join(', ')} ${are} unknown in every row and left out`;
}

/** One column of the table of models, in the terminal and in the report alike. */
export interface ModelColumn {
  readonly group: 'test' | 'train' | undefined;
  readonly label: string;
  readonly format: (model: ModelResult) => string;
}

const figures = [
  { key: 'mse', label: 'MSE', decimals: 2 },
  { key: 'rmse', label: 'RMSE', decimals: 2 },
  { key: 'mae', label: 'MAE', decimals: 2 },
  { key: 'r2', label: 'R²', decimals: 3 },
  { key: 'spearman', label: 'Spearman', decimals: 3 },
] as const;

/** The figures after the model's name: held-out rows first, as they are what counts. */
export const figureColumns: readonly ModelColumn[] = (['test', 'train'] as const).flatMap((group) =>
  figures.map(({ key, label, decimals }) => ({
    group,
    label,
    format: (model: ModelResult) => formatNumber(model[group][key], decimals),
  })),
);

/** The figures, and how long the fit took. */
export const modelColumns: readonly ModelColumn[] = [
  ...figureColumns,
  { group: undefined, label: 'time', format: (model) => formatSeconds(model.seconds) },
];

/** What the table of models does and does not show, in plain sentences. */
export interface Verdict {
  readonly lead: string;
  /** One for each model beside the one that all are held against, and one for what tuning has changed. */
  readonly comparisons: readonly string[];
  /** Empty where there is nothing to be careful with. */
  readonly caution: string;
}

/** Models that are compared in words; of more, Mamba alone is, and the figure shows the rest. */
const mostDescribed = 5;

/**
 * Words the held-out errors, and how far chance alone could have moved them; of too few songs just that. All text is plain,
 * not HTML.
 */
export function describeVerdict(outcome: TrainingOutcome): Verdict {
  const { models, testActual, standings } = outcome;
  if (models.length === 0) return { lead: 'No model was fitted.', comparisons: [], caution: '' };
  const few = warnOfFew(standings.heldOut);
  if (few) return { lead: few, comparisons: [], caution: '' };

  const best = models.reduce((lowest, model) => (model.test.mse < lowest.test.mse ? model : lowest));
  const figure = standings.models.find(({ name }) => name === best.name)?.mse ?? null;
  const error = figure ? describeFigure(figure, 2) : formatNumber(best.test.mse, 2);
  const lead = `On ${formatCount(testActual.length)} held-out songs ${best.name} has the lowest test MSE: ${error}. ${describeR2(best)}`;

  const { reference } = standings;
  const others = models.filter(({ name }) => name !== reference);
  const described = others.length <= mostDescribed ? others : others.filter(({ name }) => isMamba(name));
  const pairs = described.map(({ name }) => [name, reference] as const);
  const names = new Set(models.map(({ name }) => name));
  if (names.has('mamba-tokens') && names.has('mamba-untuned')) pairs.push(['mamba-tokens', 'mamba-untuned']);
  const comparisons = pairs.map(([name, other]) => describePair(standings, name, other));
  return { lead, comparisons, caution: [...describeTests(standings), describeLimits(standings.heldOut)].join(' ') };
}

function describeR2({ test }: ModelResult): string {
  if (test.r2 === null) return '';
  if (test.r2 <= 0)
    return `Its R² is ${typeset(formatNumber(test.r2, 3))}: no better than predicting the mean of these songs for each.`;
  const share = formatNumber(100 * test.r2, 0);
  return `Its R² is ${formatNumber(test.r2, 3)}: it explains about ${share} % of the variance of popularity.`;
}

function describePair(standings: ModelSummaries, name: string, other: string): string {
  const found = findComparison(standings, name, other);
  if (!found || found.difference === null || found.low === null)
    return `${name} against ${other}: these songs allow no comparison.`;
  const { difference, verdict } = found;
  if (difference === 0) return `${name}: test MSE equal to that of ${other}; not significant.`;
  const size = formatNumber(Math.abs(difference), 2);
  const words = `test MSE ${size} ${difference < 0 ? 'lower' : 'higher'} than ${other} (${describeInterval(found, 2)})`;
  return `${name}: ${words}; ${verdict === 'no difference shown' ? 'not significant' : `significantly ${verdict} on these songs`}.`;
}

function describeLimits({ songs, named }: HeldOut): string {
  const split = `another split into training songs and these ${formatCount(songs)} test songs; hitscan evaluate repeats the comparison over many splits`;
  return named === 0
    ? `No artist is named, so intervals treat songs as independent. They do not allow for ${split}.`
    : `Intervals allow for the similarity of songs by one artist, but not for ${split}.`;
}
