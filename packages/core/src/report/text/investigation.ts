import { findComparison, holdsTooFew, type ModelSummaries, type ModelSummary } from '../../compare/summariseModels.ts';
import type { Finding, Investigation } from '../../evaluate/investigate.ts';
import {
  contextModels,
  contexts,
  listOrderVariants,
  nameWithContext,
  partVariants,
  settingVariants,
  type TokensVariant,
} from '../../evaluate/variants.ts';
import { referenceBaselines } from '../../optionNames.ts';
import type { Parts } from '../../parts.ts';
import { formatCount, formatNumber, formatSigned, typeset } from './format.ts';
import { compare, describeR2, warnOfFew } from './summaries.ts';

/** A question of the study and what was found, in sentences that follow from the numbers. All text is plain, not HTML. */
export interface Answer {
  readonly title: string;
  readonly sentences: readonly string[];
}

/** Test MSE in the seed's own report, of one split. */
const seedReport = { mamba: 106.44, linear: 105.24 };

const number = (value: number | null, decimals: number): string => typeset(formatNumber(value, decimals));
const signed = (value: number, decimals: number): string => typeset(formatSigned(value, decimals));
const percent = (share: number): string => `${number(100 * share, 0)} %`;

function find({ models }: ModelSummaries, name: string): ModelSummary | undefined {
  return models.find((model) => model.name === name);
}

const r2Of = (standings: ModelSummaries, name: string): number | null => find(standings, name)?.r2?.mean ?? null;

/** What Mamba and linear regression account for. */
const setR2Against = (standings: ModelSummaries): string =>
  `R² ${number(r2Of(standings, 'mamba-tokens'), 3)} against ${number(r2Of(standings, 'linear'), 3)}`;

function answerIdle({ idle: { block, head } }: Investigation): Answer {
  const tensors = [...block, ...head];
  const [all, idle] = (['count', 'idle'] as const).map((key) => tensors.reduce((sum, tensor) => sum + tensor[key], 0));
  const named = tensors
    .filter((tensor) => tensor.idle > 0)
    .map(
      (tensor) =>
        `${formatCount(tensor.idle)} of ${formatCount(tensor.count)} in ${tensor.name.replace(/^mamba\./, '')}`,
    );
  return {
    title: '1. What cannot learn in the seed’s network',
    sentences: [
      `Of its ${formatCount(all)} parameters ${formatCount(idle)} have a gradient of exactly 0 on every song: ${named.join(', ')}.`,
      'A song is one token there. The state begins at 0 and is written once, after which nothing reads it, so its decay (A_log) has no effect; and of the convolution’s four taps three see only the padding before the song.',
      `What remains, ${formatCount(all - idle)} parameters, is a gated network without memory: no sequence is modelled, so it is no test of Mamba.`,
    ],
  };
}

function answerSeed({ findings: { seed } }: Investigation): Answer {
  const title = '2. The seed’s network against linear regression';
  if (!seed) return { title, sentences: ['The data do not allow this question.'] };
  const { standings, note } = seed;
  const errors = find(standings, 'linear')?.foldErrors ?? [];
  const [low, high] = [Math.min(...errors), Math.max(...errors)];
  const gap = seedReport.mamba - seedReport.linear;
  const other = find(standings, 'mamba-seed')?.foldErrors ?? [];
  const wins = other.filter((error, i) => error < errors[i]).length;
  return {
    title,
    sentences: [
      `Held out: ${note}`,
      `From split to split the test MSE of linear regression alone goes from ${number(low, 1)} to ${number(high, 1)}.${high - low > gap ? ` The seed’s own report sets ${number(seedReport.mamba, 2)} against ${number(seedReport.linear, 2)}, from one split: ${number(gap, 2)} apart, which is less than the choice of the split alone makes.` : ''}`,
      `${compare(standings, 'mamba-seed', 'linear')}. It has the lower error on ${wins} of ${errors.length} splits.`,
    ],
  };
}

const errorOf = (standings: ModelSummaries, name: string): number => find(standings, name)?.mse?.mean ?? Number.NaN;
/** Whether a variant is shown to differ from `mamba-tokens`. */
const isShown = (standings: ModelSummaries, name: string): boolean =>
  findComparison(standings, name, 'mamba-tokens')?.verdict !== 'no difference shown';
const selectMeasured = (standings: ModelSummaries, variants: readonly TokensVariant[]): readonly TokensVariant[] =>
  variants.filter(({ name }) => find(standings, name));

function answerTokens({ findings: { tokens, audio, question, parts } }: Investigation): Answer {
  const title = '3. What in Mamba matters, once each feature is a token';
  if (!tokens) return { title, sentences: ['The data do not allow this question.'] };
  const { standings } = tokens;
  const base = errorOf(standings, 'mamba-tokens');
  const changed = selectMeasured(standings, settingVariants);
  const shown = changed.filter(({ name }) => isShown(standings, name));
  const list = changed.map(({ name, label }) => `${label} ${signed(errorOf(standings, name) - base, 2)}`);
  // No more orders can have been tried than there are contestants.
  const orders = selectMeasured(standings, listOrderVariants(standings.models.length));
  const sentences = [
    ...(question ? [describeQuestion(question)] : []),
    ...(parts ? describeParts(parts) : []),
    `Changes of MSE against mamba-tokens (${number(base, 2)}): ${list.join(', ')}. ${holdsTooFew(standings.heldOut) ? 'Nothing can be told of them.' : describeShown(shown)}`,
  ];
  if (orders.length > 0) sentences.push(describeOrders(standings, orders));
  sentences.push(...describeHidden(audio));
  return { title, sentences };
}

function describeShown(shown: readonly TokensVariant[]): string {
  const names = shown.map(({ label }) => label).join(', ');
  return shown.length === 0 ? 'None of them is shown to make a difference.' : `Shown to make a difference: ${names}.`;
}

function describeQuestion({ note, standings }: Finding): string {
  return `The question asked beforehand: ${setR2Against(standings)} of linear regression. ${compare(standings, 'mamba-tokens', 'linear')}. Held out: ${note}`;
}

/** Features meet in the Mamba block and in the summary: what each of the two is worth. */
function describeParts({ standings }: Finding): string[] {
  const { withoutEither, withoutSummary, withoutBlocks } = partVariants;
  const [neither, block, summary, both] = [
    withoutEither.name,
    withoutSummary.name,
    withoutBlocks.name,
    'mamba-tokens',
  ].map((name) => number(r2Of(standings, name), 3));
  const verdict = findComparison(standings, 'mamba-tokens', withoutBlocks.name)?.verdict;
  const lesson = {
    better: 'the block finds what the summary does not',
    worse: 'the block only fits noise',
    'no difference shown': 'nothing shows that the block finds more than the summary does',
  };
  return [
    `Features meet in two places, the Mamba block and the summary, a linear map of all tokens that is added to each. Without either, each feature adds a curve of its own to the prediction: R² ${neither}. With the block alone it is ${block}, with the summary alone ${summary}, with both ${both}.`,
    `${compare(standings, withoutEither.name, 'linear')}. ${compare(standings, withoutSummary.name, withoutEither.name)}. ${compare(standings, 'mamba-tokens', withoutEither.name)}.`,
    `${compare(standings, 'mamba-tokens', withoutBlocks.name)}${verdict && !holdsTooFew(standings.heldOut) ? `, so ${lesson[verdict]}` : ''}.`,
  ];
}

function describeOrders(standings: ModelSummaries, orders: readonly TokensVariant[]): string {
  const errors = orders.map(({ name }) => errorOf(standings, name));
  const range = `${number(Math.min(...errors), 2)} to ${number(Math.max(...errors), 2)}`;
  const shown = orders.some(({ name }) => isShown(standings, name));
  const lead = `Read in ${errors.length} other orders (reversed, and at random) the MSE is ${range}`;
  if (holdsTooFew(standings.heldOut)) return `${lead}.`;
  return `${lead}: the order in which features are read is ${shown ? '' : 'not '}shown to matter.`;
}

/** What is left of R² when values go missing that were there in training. */
function describeHidden(finding: Finding | null): string[] {
  if (!finding) return [];
  const names = [...new Set(finding.withHidden.map(({ name }) => name))];
  if (names.length === 0) return [];
  const share = Math.max(...finding.withHidden.map((entry) => entry.share));
  const parts = names.map((name) => {
    const r2 = finding.withHidden.find((entry) => entry.name === name && entry.share === share)?.r2 ?? null;
    return `${name} ${number(r2Of(finding.standings, name), 3)} → ${number(r2, 3)}`;
  });
  return [`R² when ${percent(share)} of the test songs’ values are hidden: ${parts.join(', ')}.`];
}

function answerCeiling({ findings: { audio, artists }, disagreement }: Investigation): Answer {
  const title = '4. The ceiling of the audio features';
  if (!audio) return { title, sentences: ['The data do not allow this question.'] };
  const models = audio.standings.models.filter(({ name }) => !referenceBaselines.includes(name));
  const best = models.reduce((a, b) => ((b.r2?.mean ?? -1) > (a.r2?.mean ?? -1) ? b : a));
  const list = models.map(({ name, r2 }) => `${name} ${number(r2?.mean ?? null, 3)}`);
  const sentences = [
    `R²: ${list.join(', ')}. Held out: ${audio.note}`,
    `The best of them, ${best.name}, accounts for ${describeR2(audio.standings, best.name)} of the variance.`,
    ...[...new Set([best.name, 'mamba-tokens'])]
      .filter((name) => name !== 'linear')
      .map((name) => `${compare(audio.standings, name, 'linear')}.`),
  ];
  if (artists)
    sentences.push(
      `With no artist on both sides: R² of mamba-tokens ${describeR2(artists.standings, 'mamba-tokens')}, of the forest ${number(r2Of(artists.standings, 'forest'), 3)}, of linear regression ${number(r2Of(artists.standings, 'linear'), 3)}. ${compare(artists.standings, 'mamba-tokens', 'linear')}.`,
    );
  if (disagreement.variance === null)
    sentences.push(
      'No recording is there twice, so nothing is known of how far popularity differs for the same music.',
    );
  else
    sentences.push(
      `${formatCount(disagreement.recordings)} recordings are there more than once; their rows differ by ${number(Math.sqrt(disagreement.variance), 1)} points (standard deviation) for the same music, which no model of audio can predict.${disagreement.ceiling !== null && disagreement.ceiling < 0 ? ' That is more than songs differ from each other at all: these few repeats are old or second releases, not typical songs.' : ''}`,
    );
  return { title, sentences };
}

/** The largest correlation of a feature with popularity, whatever its sign. */
function findStrongest(
  { features }: Investigation['era'],
  figure: 'withPopularity' | 'withPopularityGivenEra',
): number {
  return Math.max(...features.map((feature) => Math.abs(feature[figure] ?? 0)));
}

/** Whether the era accounts for most of what the strongest feature has to do with popularity. */
const reflectsEra = (era: Investigation['era']): boolean =>
  findStrongest(era, 'withPopularityGivenEra') < findStrongest(era, 'withPopularity') / 2;

function answerEncoding({ era, rowOrder, findings: { audio, time } }: Investigation): Answer {
  const dated = era.era === 'release date';
  const source = dated ? 'the release date' : 'the place in the file, its first rows taken as the newest';
  const strongest = era.features
    .filter(({ withPopularity }) => withPopularity !== null)
    .toSorted((a, b) => Math.abs(b.withPopularity as number) - Math.abs(a.withPopularity as number))
    .slice(0, 3)
    .map(({ feature, withPopularity, withEra, withPopularityGivenEra }) => {
      return `${feature} ${number(withPopularity, 2)} (with the era ${number(withEra, 2)}; given the era ${number(withPopularityGivenEra, 2)})`;
    });
  const sentences = [
    `The era is told by ${source}; a cubic in it alone accounts for ${percent(era.eraR2 ?? 0)} of the variance of popularity.`,
    `Correlations with popularity: ${strongest.join(', ')}.`,
    `Once the era is known, no feature correlates with popularity by more than ${number(findStrongest(era, 'withPopularityGivenEra'), 3)}.`,
  ];
  if (audio)
    sentences.push(
      `Without any audio, R² of the era in at most ten blocks is ${number(r2Of(audio.standings, 'era'), 3)}${find(audio.standings, 'artist') ? `, of the artist’s other songs ${number(r2Of(audio.standings, 'artist'), 3)}` : ''}; linear regression on the audio features reaches ${number(r2Of(audio.standings, 'linear'), 3)}.`,
    );
  if (time) {
    const parts = time.standings.models.map(
      ({ name, foldErrors }) => `${name} ${number(foldErrors.at(-1) ?? null, 0)}`,
    );
    const r2 = find(time.standings, 'linear')?.foldR2.at(-1) ?? null;
    const fails = r2 !== null && r2 < 0;
    sentences.push(
      `On the ${dated ? 'newest songs' : 'songs taken as the newest'}, predicted from all older ones, the MSE is: ${parts.join(', ')}. R² of linear regression there is ${number(r2, 2)}${fails ? ': their own mean would have been nearer' : ''}.${fails && reflectsEra(era) ? ' What features tell of the era does not reach beyond it.' : ''}`,
    );
  }
  return { title: '5. What the features encode', sentences: [...sentences, describeLeak(rowOrder)] };
}

function describeLeak({ autocorrelation, blocks, neighbours }: Investigation['rowOrder']): string {
  if (blocks.length === 0) return 'How much the file’s order says of popularity is not known.';
  const parts = blocks.map(({ count, r2 }) => `${number(r2, 2)} from ${count} blocks`);
  const leaks = (autocorrelation ?? 0) > 0.3;
  const lead = `Neighbouring rows have a correlation of ${number(autocorrelation, 2)} in popularity, and the place in the file alone gives an R² of ${parts.join(', ')}, and ${number(neighbours, 2)} from the two nearest rows`;
  return leaks
    ? `${lead}: the file’s order leaks the target. It may stand in for the era in ten blocks, never finer.`
    : `${lead}: the file’s order tells little.`;
}

function answerContext({ era, findings: { context } }: Investigation): Answer {
  const title = '6. What is gained by what is not audio';
  if (!context) return { title, sentences: ['The data do not allow this question.'] };
  const { standings } = context;
  const asked = contexts
    .map((groups) => ({
      groups,
      models: contextModels.filter((model) => find(standings, nameWithContext(model, groups))),
    }))
    .filter(({ models }) => models.length > 0);
  const sentences = asked.map(({ groups, models }) => {
    const list = models.map((model) => `${model} ${number(r2Of(standings, nameWithContext(model, groups)), 3)}`);
    return `R² with ${groups.join(' and ')}: ${list.join(', ')}.`;
  });
  const largest = asked.at(-1)?.groups;
  if (largest)
    sentences.push(
      `${compare(standings, nameWithContext('mamba-tokens', largest), nameWithContext('linear', largest))}.`,
    );
  const when = era.era === 'release date' ? 'when a song was made' : 'where a song stands in the file';
  sentences.push(`None of this is audio: it says ${when}${largest?.includes('artist') ? ' and who made it' : ''}.`);
  return { title, sentences };
}

function answerFair(investigation: Investigation): Answer {
  const { findings, rowOrder, era } = investigation;
  const question = findings.question?.standings;
  const few = question ? warnOfFew(question.heldOut) : null;
  const verdict = question && findComparison(question, 'mamba-tokens', 'linear')?.verdict;
  const forest = findings.audio && findComparison(findings.audio.standings, 'mamba-tokens', 'forest')?.verdict;
  const block =
    findings.parts && findComparison(findings.parts.standings, 'mamba-tokens', partVariants.withoutBlocks.name);
  const doubt = block?.verdict === 'better' ? '' : '; nothing shows that its Mamba block is what does it';
  const sentences = [
    few ??
      (question && verdict === 'better'
        ? `Fair: on songs like these, Mamba over feature tokens predicts better than linear regression, ${setR2Against(question)}${doubt}.`
        : `Fair: on these songs Mamba over feature tokens is not shown to be better than linear regression${verdict === 'worse' ? '; it is worse' : ''}.`),
    'Not fair: that Mamba was compared with linear regression by the seed’s network, which has no sequence; or that either was shown to be better by one split.',
    `Not fair: that audio features make songs popular. ${reflectsEra(era) ? 'They tell the era, and the era goes with popularity on the day of the count.' : 'That they go with popularity shows no cause.'}`,
  ];
  if (forest === 'better') sentences.push('Fair: it also predicts better than a forest of trees.');
  else if (forest && !few)
    sentences.push(`Not fair: that it is the best model for such tables; against a forest: ${forest}.`);
  if ((rowOrder.autocorrelation ?? 0) > 0.3)
    sentences.push(
      'Not fair: any figure of a model that saw the row number, or of a split with a recording on both sides.',
    );
  return { title: 'What would be a fair claim, and what not', sentences };
}

const answers = [answerIdle, answerSeed, answerTokens, answerCeiling, answerEncoding, answerContext, answerFair];

/** The study in plain words, question by question; every number is computed. */
export function describeInvestigation(investigation: Investigation, parts: Parts): readonly Answer[] {
  return answers.map((answer, i) => {
    const title = `Answer ${i + 1}`;
    return parts.attempt(title, { title, sentences: ['It could not be put into words.'] }, () => answer(investigation));
  });
}
