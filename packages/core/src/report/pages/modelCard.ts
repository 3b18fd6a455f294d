import { holdsTooFew } from '../../compare/summariseModels.ts';
import type { TrainingOutcome } from '../../evaluate/results.ts';
import { version } from '../../version.ts';
import { formatCount, formatNumber, typeset } from '../text/format.ts';
import { describeVerdict } from '../text/models.ts';
import { describeDraws, formatFigure } from '../text/summaries.ts';

/** Markdown takes these for its own; names of files and runs are text. */
function escapeMarkdown(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|~&-]/g, (sign) => `\\${sign}`);
}

function describeData({ data, split, context }: TrainingOutcome): string[] {
  const { source, rows, rejected } = data;
  const kind = source.synthetic
    ? 'The *synthetic* twin: songs generated to match the statistics of real ones. **Nothing below says anything about real songs.**'
    : 'Songs supplied by whoever trained the model; hitscan ships none.';
  return [
    kind,
    '',
    `- Source: ${escapeMarkdown(source.name)}, SHA-256 \`${source.sha256}\``,
    `- Rows: ${formatCount(rows)} read, ${formatCount(rejected)} rejected as invalid`,
    `- Inputs: ${data.schema.features.length - data.unknown.length} audio features from Spotify${data.unknown.length > 0 ? ` (of ${data.unknown.join(', ')} no song has a value)` : ''}${context.length > 0 ? `, plus ${context.join(' and ')} (not audio)` : ''}. Target: popularity, 0 to 100, on the day the data were taken`,
    `- Split: ${split.kind}, seed ${split.seed}: ${formatCount(split.train.length)} training songs, ${formatCount(split.validation.length)} validation songs, ${formatCount(split.test.length)} held-out songs. ${split.note}`,
  ];
}

function tabulate({ models, standings }: TrainingOutcome): string[] {
  const few = holdsTooFew(standings.heldOut);
  const rows = models.map(({ name, test }) => {
    const standing = standings.models.find((entry) => entry.name === name);
    const cells = [
      few ? formatNumber(test.mse, 1) : formatFigure(standing?.mse ?? null, 1),
      few ? formatNumber(test.r2, 3) : formatFigure(standing?.r2 ?? null, 3),
      formatNumber(test.mae, 2),
      formatNumber(test.spearman, 3),
      `${formatNumber(100 * test.within10, 0)} %`,
    ];
    return `| ${escapeMarkdown(name)} | ${cells.map(typeset).join(' | ')} |`;
  });
  const brackets = few ? [] : ['', `In brackets: 95 % intervals, ${describeDraws(standings.heldOut)}.`];
  return ['| model | MSE | R² | MAE | Spearman | within ± 10 |', '|---|---|---|---|---|---|', ...rows, ...brackets];
}

/**
 * The card of a run's model in Markdown: what it was made from and how, what it reached with which uncertainty, what it is
 * for and what it is not. The same outcome gives the same text.
 */
export function writeModelCard(outcome: TrainingOutcome, { model }: { readonly model: string }): string {
  const { lead, comparisons, caution } = describeVerdict(outcome);
  const lines = [
    `# ${escapeMarkdown(model)}: popularity from audio features`,
    '',
    `Made by hitscan ${version}. The weights, with everything needed to predict, are in \`model.safetensors\`; every setting is in \`config.json\`.`,
    '',
    '## Data',
    '',
    ...describeData(outcome),
    '',
    '## Results on the held-out songs',
    '',
    ...tabulate(outcome),
    '',
    escapeSentence(lead),
    '',
    ...comparisons.map((sentence) => `- ${escapeSentence(sentence)}`),
    ...(comparisons.length > 0 ? [''] : []),
    ...(caution ? [escapeSentence(caution), ''] : []),
    '## Intended use',
    '',
    '- Ranking songs similar to those it was trained on, and seeing which audio features are associated with popularity among them.',
    '- Teaching and studying evaluation: what a split, a baseline and an interval show.',
    '',
    '## Out of scope',
    '',
    '- Decisions about a song or an artist. Most of what makes a song popular is not in its audio features.',
    '- Predicting what would happen if a song were changed: the model has learnt associations, not causes.',
    '',
    '## Limits',
    '',
    '- **Era.** Audio features, loudness above all, reveal when a song was made, and newer songs are more popular on the day of the count. Much of what such a model explains is this. Songs newer than its training songs are predicted poorly.',
    '- **Survivorship.** A list of hits holds only songs that became hits: the model has seen no flops, and its prediction for an unknown song holds only among hits.',
    '- **Snapshot.** Popularity is measured on one day, by a rule that Spotify does not disclose; it rises and falls with plays.',
    describeArtists(outcome),
    '',
    '## Terms',
    '',
    'Spotify’s Developer Terms (version 10, section IV.2.a.i) and Policy (III.14) forbid training machine-learning models on Spotify content. Whoever trains or passes on a model answers for the rights in the data it was trained on.',
    '',
  ];
  return lines.join('\n');
}

function describeArtists({ standings: { heldOut } }: TrainingOutcome): string {
  return heldOut.named > 0
    ? '- **Artists.** Who made a song says more about its popularity than its audio does; the model knows the artist only with `--context artist`.'
    : '- **Artists.** These songs do not name their artists: songs of one artist may be in both the training and the held-out part, which makes the results optimistic, and are treated as independent, which makes intervals too narrow.';
}

/** Sentences are our own but for the names in them. */
function escapeSentence(sentence: string): string {
  return sentence.replace(/[\\`*_<>[\]|]/g, (sign) => `\\${sign}`);
}
