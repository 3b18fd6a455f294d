import { fewestClusters } from '../../compare/comparison.ts';
import {
  type Difference,
  type Figure,
  findComparison,
  type HeldOut,
  holdsTooFew,
  type ModelSummaries,
} from '../../compare/summariseModels.ts';
import { formatCount, formatNumber, formatSigned, keepSigns, typeset } from './format.ts';

/** What is drawn for intervals: songs of an artist together where any is named, for they are alike. */
export function describeDraws({ songs, named }: HeldOut): string {
  if (named === 0) return 'songs resampled one by one';
  return named === songs
    ? 'songs of an artist resampled together'
    : 'songs of an artist resampled together where one is named';
}

/** What brackets in a table of standings hold, in a sentence; empty where there are none, as too little was held out. */
export function describeBrackets({ heldOut }: ModelSummaries): string {
  return holdsTooFew(heldOut)
    ? ''
    : `In brackets: 95 % intervals (${describeDraws(heldOut)}); those of differences have the level beside them. `;
}

/** That too few songs were held out to compare the models; null where there are enough. */
export function warnOfFew(heldOut: HeldOut): string | null {
  if (!holdsTooFew(heldOut)) return null;
  const { songs, named, clusters } = heldOut;
  const count = formatCount(songs);
  const rest = `from fewer than ${fewestClusters} nothing can be told of which model is better`;
  if (clusters === songs) return `Only ${count} ${songs === 1 ? 'song was' : 'songs were'} held out: ${rest}.`;
  const artists = `${clusters} ${clusters === 1 ? 'artist' : 'artists'}`;
  if (named === songs) return `The ${count} songs held out are by only ${artists}, whose songs are alike: ${rest}.`;
  return `The ${count} songs held out count for only ${clusters}, as those of one artist are alike: ${rest}.`;
}

/** `95 %`, `98.75 %`: never rounded up to certainty. */
export function formatLevel(level: number): string {
  return `${Number((100 * level).toFixed(2))} %`;
}

/** Ends of an interval of a difference, which is not to look as if it held 0 where it does not, nor the other way round. */
function setEnds(
  { difference, low, high }: Difference,
  decimals: number,
): { at: string; ends: [string, string] } | null {
  if (difference === null || low === null || high === null) return null;
  const digits = keepSigns([low, high], decimals);
  return {
    at: formatSigned(difference, digits),
    ends: [formatSigned(low, digits), formatSigned(high, digits)],
  };
}

/** `-2.94 [-4.57, -1.31]`; without an interval the difference alone. */
export function formatDifference(found: Difference | null, decimals: number): string {
  if (!found || found.difference === null) return '';
  const set = setEnds(found, decimals);
  return set ? `${set.at} [${set.ends.join(', ')}]` : formatSigned(found.difference, decimals);
}

/** `−2.94 (95 % interval −4.57 to −1.31)`; null without an interval. */
export function describeDifference(found: Difference | null, decimals: number): string | null {
  const set = found && setEnds(found, decimals);
  return set && `${typeset(set.at)} (${describeInterval(found, decimals)})`;
}

/** `95 % interval −4.57 to −1.31`; empty without one. */
export function describeInterval(found: Difference, decimals: number): string {
  const set = setEnds(found, decimals);
  return set && found.level !== null
    ? `${formatLevel(found.level)} interval ${set.ends.map(typeset).join(' to ')}`
    : '';
}

/** What a table of standings says of one comparison: the level of its interval, and the word; empty where nothing can be said. */
export function labelVerdict(found: Difference | null): { readonly level: string; readonly word: string } {
  if (!found || found.level === null) return { level: '', word: '' };
  const level = formatLevel(found.level);
  return { level: found.family === 'primary' ? `${level}, primary` : level, word: found.verdict };
}

/** Which comparisons are made, what was allowed for, and how words follow from intervals. */
export function describeTests({ comparisons, reference }: ModelSummaries): string[] {
  const primary = comparisons.find(({ family }) => family === 'primary');
  const count = comparisons.filter(({ family }) => family === 'secondary').length;
  const sentences: string[] = [];
  if (primary) {
    const own = primary.a === reference ? primary.b : primary.a;
    sentences.push(
      `${own} − ${reference} is the primary comparison, chosen in advance and tested alone at the 95 % level.`,
    );
  }
  const others = primary ? 'other comparisons' : 'comparisons';
  if (count > 1)
    sentences.push(
      `The ${count} ${others} are corrected for multiple testing (Holm), each at the level of its interval.`,
    );
  if (count === 1)
    sentences.push(
      primary ? 'The other comparison is tested alone, too.' : 'The comparison is tested at the 95 % level.',
    );
  if (sentences.length > 0)
    sentences.push('A difference is significant, and called better or worse, if and only if its interval excludes 0.');
  return sentences;
}

/** A figure of a model with its 95 % interval: `110.43 (95 % interval 104.60 to 116.60)`. */
export function describeFigure(
  figure: { readonly mean: number; readonly low: number; readonly high: number } | null,
  decimals: number,
): string {
  if (!figure) return '–';
  const [mean, low, high] = [figure.mean, figure.low, figure.high].map((value) =>
    typeset(formatNumber(value, decimals)),
  );
  return `${mean} (95 % interval ${low} to ${high})`;
}

/** R² of a model, with its interval where enough was held out for one. */
export function describeR2({ heldOut, models }: ModelSummaries, name: string): string {
  const figure = models.find((model) => model.name === name)?.r2 ?? null;
  return holdsTooFew(heldOut) ? typeset(formatNumber(figure?.mean ?? null, 3)) : describeFigure(figure, 3);
}

/** How a model's squared error differs from another's, and the word for it; without a full stop. */
export function compare(standings: ModelSummaries, name: string, other: string): string {
  if (holdsTooFew(standings.heldOut)) return `Nothing can be told of ${name} against ${other}`;
  const found = findComparison(standings, name, other);
  const size = describeDifference(found, 2);
  return found && size
    ? `MSE of ${name} minus that of ${other}: ${size}: ${found.verdict}`
    : `${name} and ${other} cannot be compared on these songs`;
}

/** Which models are significantly better or worse than the reference, and what that means; of too few songs just that. */
export function describeSummaries(standings: ModelSummaries): string[] {
  const { heldOut, reference } = standings;
  const few = warnOfFew(heldOut);
  if (few) return [few];
  const names = (verdict: string) =>
    standings.models
      .filter(({ name }) => name !== reference && findComparison(standings, name, reference)?.verdict === verdict)
      .map(({ name }) => name);
  const sentences = (['better', 'worse', 'no difference shown'] as const)
    .map((verdict) => ({ verdict, found: names(verdict) }))
    .filter(({ found }) => found.length > 0)
    .map(({ verdict, found }) =>
      verdict === 'no difference shown'
        ? `Not significantly different from ${reference}: ${found.join(', ')}.`
        : `Significantly ${verdict} than ${reference}: ${found.join(', ')}.`,
    );
  const tests = describeTests(standings);
  if (tests.length > 0)
    tests.push(
      `The interval of a difference covers two: that over songs (${describeDraws(heldOut)}) and, with several folds, the corrected resampled t interval over folds (Nadeau & Bengio).`,
    );
  return tests.length > 0 ? [...sentences, tests.join(' ')] : sentences;
}

/** `110.43 [104.60, 116.60]` */
export function formatFigure(figure: Figure | null, decimals: number): string {
  if (!figure) return '–';
  const [mean, low, high] = [figure.mean, figure.low, figure.high].map((value) => formatNumber(value, decimals));
  return `${mean} [${low}, ${high}]`;
}

/** Heads of the columns of standings that follow the names. Of too few songs there are neither intervals nor words. */
export function listSummariesHeads({ heldOut, reference }: ModelSummaries): readonly string[] {
  const difference = `MSE − ${reference}`;
  return holdsTooFew(heldOut)
    ? ['MSE', 'R²', 'MAE', 'Spearman', difference]
    : ['MSE [95 %]', 'R² [95 %]', 'MAE', 'Spearman', difference, 'level', 'verdict'];
}

/** The cells of each model under these heads. */
export function listSummaries(standings: ModelSummaries): readonly string[][] {
  const few = holdsTooFew(standings.heldOut);
  const set = (figure: Figure | null, decimals: number) =>
    few ? formatNumber(figure?.mean ?? null, decimals) : formatFigure(figure, decimals);
  return standings.models.map(({ name, mse, r2, overFolds }) => {
    const against = findComparison(standings, name, standings.reference);
    const { level, word } = labelVerdict(against);
    return [
      set(mse, 1),
      set(r2, 3),
      formatNumber(overFolds.mae, 2),
      formatNumber(overFolds.spearman, 3),
      formatDifference(against, 2),
      ...(few ? [] : [level, word]),
    ];
  });
}
