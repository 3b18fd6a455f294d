import type { ExplainedSongs, SongEntry } from '../explain/explainSong.ts';
import { quoteValue } from '../quoteValue.ts';
import { formatNumber, formatSigned } from './numbers.ts';
import {
  describeCounterfactual,
  describeModel,
  describePrediction,
  describeReading,
  describeReasons,
  describeWhatIfs,
} from './songSentences.ts';
import { formatFeature, isFeature } from './songWords.ts';
import { alignColumns } from './table.ts';
import { wrapText } from './wrapText.ts';

/** Contributions below this many points share a line. */
const leastPoints = 0.1;

/** `"Title" by "Artist"`, harmless in a terminal. */
function nameSong({ title, artist, row }: SongEntry, file: string): string {
  const by = artist === '' ? '' : ` by ${quoteValue(artist)}`;
  return `${title === '' ? 'A song without a title' : quoteValue(title)}${by} (${file}:${row})`;
}

/** A line for each factor that moves the prediction by a tenth of a point, one for the others, and what they come to. */
function tabulate({ contributions, base, prediction, told }: SongEntry): string[] {
  const own = contributions.filter(({ contribution }) => Math.abs(contribution) >= leastPoints);
  const others = contributions.slice(own.length);
  const rest = others.reduce((sum, { contribution }) => sum + contribution, 0);
  const rows = [
    ['', 'this song', 'typical', 'points'],
    ['mean prediction', '', '', formatNumber(base, 2)],
    ...own.map(({ factor, value, typical, contribution }) => [
      factor,
      isFeature(factor)
        ? formatFeature(factor, value)
        : factor === 'release'
          ? String(told.release ?? 'not known')
          : '',
      isFeature(factor) ? formatFeature(factor, typical) : '',
      formatSigned(contribution, 2),
    ]),
    ...(others.length > 0 ? [[`${others.length} smaller`, '', '', formatSigned(rest, 2)]] : []),
    ['prediction', '', '', formatNumber(prediction, 2)],
  ];
  return alignColumns(rows, [0])
    .split('\n')
    .map((line) => `  ${line}`);
}

function formatSong(song: SongEntry, { file, gain }: ExplainedSongs): string {
  const indented = (sentences: readonly string[]) => sentences.map((text) => wrapText(text, '  '));
  return [
    nameSong(song, file.source),
    ...indented(describePrediction(song)),
    '',
    ...tabulate(song),
    '',
    ...indented([...describeReasons(song), describeCounterfactual(song, gain), ...describeWhatIfs(song)]),
  ].join('\n');
}

/** Songs explained, as text for the terminal. The same document gives the same text. */
export function formatSongs(document: ExplainedSongs): string {
  const parts = [
    describeModel(document)
      .map((text) => wrapText(text, ''))
      .join('\n'),
    ...document.songs.map((song) => formatSong(song, document)),
    ['How to read this', ...describeReading(document).map((text) => wrapText(text, '- '))].join('\n'),
  ];
  return parts.join('\n\n');
}
