import type { TrainingOutcome } from '../../evaluate/results.ts';
import { average } from '../../statistics/moments.ts';
import type { Tracks } from '../../tracks/tracks.ts';
import { shorten } from '../figures/draw.ts';
import { renderTable } from '../html.ts';
import { formatNumber, stripControls, typeset } from '../text/format.ts';

/** Held-out songs to look at: predicted best, predicted worst, and surprising. */
export function renderExampleSongs(outcome: TrainingOutcome, tracks: Tracks, own: string | undefined): string {
  const { predictions, testRows, testActual } = outcome;
  const shown = predictions.find(({ name }) => name === own) ?? predictions.at(-1);
  if (!shown) return '';
  const songs = Array.from(testRows, (row, i) => ({
    artist: tracks.artist[row],
    title: tracks.title[row],
    actual: testActual[i],
    predicted: shown.predicted[i],
  }));
  return renderExamples('songs', shown.name, songs);
}

/** Letters of an artist's name that are shown at most. */
const artistLength = 32;

/** Points within which a prediction is called right. */
const rightWithin = 5;

/** One held-out song. */
export interface SongExample {
  readonly artist: string;
  readonly title: string;
  readonly actual: number;
  readonly predicted: number;
}

/** Songs to look at; of equal ones the earlier come first. */
export interface SongExamples {
  /** The smallest errors. */
  readonly best: readonly SongExample[];
  /** The largest errors. */
  readonly worst: readonly SongExample[];
  /** Within 5 points, and the furthest from the mean prediction: where the model dared something and was right. */
  readonly bold: readonly SongExample[];
}

/** Picks `count` songs of each kind; fewer where there are fewer. */
export function selectExamples(songs: readonly SongExample[], count: number): SongExamples {
  const errorOf = ({ actual, predicted }: SongExample) => Math.abs(predicted - actual);
  const byError = [...songs].sort((a, b) => errorOf(a) - errorOf(b));
  const mean = average(Float64Array.from(songs, ({ predicted }) => predicted));
  const distanceOf = ({ predicted }: SongExample) => Math.abs(predicted - mean);
  return {
    best: byError.slice(0, count),
    worst: [...songs].sort((a, b) => errorOf(b) - errorOf(a)).slice(0, count),
    bold: songs
      .filter((song) => errorOf(song) <= rightWithin)
      .sort((a, b) => distanceOf(b) - distanceOf(a))
      .slice(0, count),
  };
}

/**
 * Tables of the songs that one model predicted best, worst, and boldly and right; empty without songs.
 *
 * @param id unique in the page; the tables' own ids begin with it
 */
export function renderExamples(id: string, model: string, songs: readonly SongExample[], count = 8): string {
  if (songs.length === 0) return '';
  const { best, worst, bold } = selectExamples(songs, count);
  const named = songs.some(({ artist }) => artist !== '');
  const labels = ['song', 'popularity', 'predicted', 'error', ...(named ? ['artist'] : [])];
  const head = labels.map((label) => ({ label }));
  const groups = [
    { key: 'best', caption: `Predicted best by ${model}`, songs: best },
    { key: 'worst', caption: `Predicted worst by ${model}`, songs: worst },
    { key: 'bold', caption: `Surprising and right: within ${rightWithin} points, furthest from the mean`, songs: bold },
  ];
  const tables = groups
    .filter((group) => group.songs.length > 0)
    .map((group) =>
      renderTable(
        `${id}-${group.key}`,
        group.caption,
        head,
        group.songs.map((song) => listCells(song).slice(0, labels.length)),
      ),
    );
  return `<div class="songs">\n${tables.join('\n')}\n</div>`;
}

function listCells({ artist, title, actual, predicted }: SongExample): string[] {
  const error = predicted - actual;
  return [
    stripControls(title) || '–',
    formatNumber(actual, 0),
    formatNumber(predicted, 1),
    `${error > 0 ? '+' : ''}${typeset(formatNumber(error, 1))}`,
    shorten(stripControls(artist), artistLength) || '–',
  ];
}
