import { holdsTooFew } from '../compare/summariseModels.ts';
import type { TrainingOutcome } from '../evaluate/results.ts';
import { version } from '../version.ts';
import { formatCount, formatNumber, typeset } from './numbers.ts';
import { formatFigure } from './summaryTable.ts';
import { describeDraws } from './summaryWords.ts';
import { describeVerdict } from './verdict.ts';

/** Markdown takes these for its own; names of files and runs are text. */
function escapeMarkdown(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|~&-]/g, (sign) => `\\${sign}`);
}

function describeData({ data, split, context }: TrainingOutcome): string[] {
  const { source, rows, rejected } = data;
  const kind = source.synthetic
    ? 'The *synthetic* twin: made-up songs after the statistics of real ones. **Nothing below says anything about real songs.**'
    : 'Songs as they were brought by whoever trained the model; hitscan ships none.';
  return [
    kind,
    '',
    `- Source: ${escapeMarkdown(source.name)}, SHA-256 \`${source.sha256}\``,
    `- Rows: ${formatCount(rows)} read, ${formatCount(rejected)} set aside as broken`,
    `- Inputs: ${data.schema.features.length - data.unknown.length} audio features as Spotify gave them${data.unknown.length > 0 ? ` (of ${data.unknown.join(', ')} no song has a value)` : ''}${context.length > 0 ? `, and what is not audio: ${context.join(', ')}` : ''}. Target: popularity, 0 to 100, on the day the data were taken`,
    `- Split: ${split.kind}, seed ${split.seed}: ${formatCount(split.train.length)} songs to train on, ${formatCount(split.validation.length)} watched, ${formatCount(split.test.length)} held out. ${split.note}`,
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
    `Made by hitscan ${version}. The weights, with all that is needed to predict, are in \`model.safetensors\`; every setting is in \`config.json\`.`,
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
    '## What it is for',
    '',
    '- To rank songs that are like those it was trained on, and to see which audio features go with popularity in that list.',
    '- To teach and to study protocols: what a split, a baseline and an interval show.',
    '',
    '## What it is not for',
    '',
    '- To decide about a song or an artist. Most of what makes a song popular is not in its audio features.',
    '- To say what would happen if a song were changed: the model knows what goes together, not what causes what.',
    '',
    '## Limits',
    '',
    '- **Era.** Audio features tell the time a song was made, loudness above all, and newer songs are more popular on the day of the count. Much of what such a model explains is that. Songs newer than those it was trained on are predicted badly.',
    '- **Survivors.** A list of hits holds only songs that became hits: the model has seen no flops, and what it says of an unknown song is what it would be worth among hits.',
    '- **Snapshot.** Popularity is a number of one day, by a rule that Spotify does not disclose; it rises and falls with plays.',
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
    ? '- **Artists.** Who made a song says more about its popularity than its audio does; the model knows only if it was told (`--context artist`).'
    : '- **Artists.** These songs do not say who made them: songs of one artist may be among those trained on and those held out, which flatters the figures, and are taken as independent, which makes intervals too narrow.';
}

/** Sentences are our own but for the names in them. */
function escapeSentence(sentence: string): string {
  return sentence.replace(/[\\`*_<>[\]|]/g, (sign) => `\\${sign}`);
}
