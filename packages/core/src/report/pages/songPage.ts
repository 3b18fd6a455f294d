import type { ExplainedSongs, SongEntry } from '../../explain/explainSong.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { escapeHtml } from '../html.ts';
import { renderContributions } from '../sections/explanation.ts';
import { stripControls, typeset } from '../text/format.ts';
import {
  describeCounterfactual,
  describeModel,
  describePrediction,
  describeReading,
  describeReasons,
  describeWhatIfs,
  formatFeature,
  isFeature,
} from '../text/songs.ts';
import { createDrawingDocument, renderPage, renderSection } from './page.ts';

function nameSong({ title, artist, row }: SongEntry): string {
  const name = stripControls(title) || `Row ${row}`;
  return artist === '' ? name : `${stripControls(artist)} – ${name}`;
}

/** A paragraph, its numbers with true minus signs. */
function renderText(sentences: readonly string[]): string {
  return `<p>${escapeHtml(typeset(sentences.join(' ')))}</p>`;
}

function renderSong(document: DrawingDocument, song: SongEntry, gain: number): string {
  const contributions = song.contributions.map(({ factor, contribution, value }) => ({
    factor,
    contribution,
    ...(isFeature(factor) && { value: formatFeature(factor, value) }),
  }));
  return [
    renderText(describePrediction(song)),
    renderContributions(document, [{ ...song, contributions, title: nameSong(song) }]),
    renderText(describeReasons(song)),
    renderText([describeCounterfactual(song, gain)]),
    ...describeWhatIfs(song).map((text) => renderText([text])),
  ].join('\n');
}

/** Songs explained, as one HTML page without requests or scripts. The same document gives the same bytes. */
export function renderSongs(explained: ExplainedSongs): string {
  const document = createDrawingDocument();
  const { data, file, model, songs, gain } = explained;
  const sections = songs.map((song) => renderSection(nameSong(song), renderSong(document, song, gain)));
  const reading = describeReading(explained).map((text) => renderText([text]));
  const banner =
    data.synthetic || file.synthetic
      ? '<p class="banner" role="note"><strong>Synthetic twin.</strong> The songs, or those that the model was trained on, are <em>synthetic</em>: nothing below says anything about real songs.</p>\n'
      : '';
  const lead = describeModel(explained).map((text) => renderText([text]));
  return renderPage(
    `hitscan: ${file.source} explained by ${model}`,
    `<h1>What drives the predictions for ${escapeHtml(file.source)}</h1>\n${banner}${lead.join('\n')}`,
    [...sections, renderSection('How to read this', reading.join('\n'))].join('\n'),
  );
}
