import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '@hitscan/core/errors';
import { explainSongs, openFinishedRun } from '@hitscan/core/pipeline';
import { formatJson, showLine } from '@hitscan/core/quoteValue';
import type { ReadResult } from '@hitscan/core/readers';
import { formatSongs } from '@hitscan/core/reportText';
import { spotifySchema } from '@hitscan/core/tracks';
import { writeFileAtomically } from '../runs/atomicFile.ts';
import { holdSession } from './session.ts';
import { chooseSongs, parseWhatIf } from './songChoice.ts';

export interface ExplainOptions {
  readonly song?: readonly string[];
  readonly most?: number;
  readonly model?: string;
  readonly whatIf?: readonly string[];
  readonly gain?: string;
  readonly data?: string;
  readonly html?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Songs that are explained unless more are asked for. */
const mostSongs = 10;

/** Points more that a counterfactual is to be predicted, unless others are asked for. */
const defaultGain = 5;

function parseGain(text: string): number {
  const gain = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(gain > 0 && gain <= 100))
    throw new ConfigError('--gain', `must be above 0 and at most 100, got ${JSON.stringify(text)}`);
  return gain;
}

function writePage(path: string, page: string): void {
  try {
    writeFileAtomically(path, page);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError('--html', `must be a file that can be written, got ${JSON.stringify(path)} (${code})`);
  }
}

/** What the options ask for. Throws: ConfigError. */
function readRequest({ most = mostSongs, whatIf = [], gain, html }: ExplainOptions) {
  if (most < 1) throw new ConfigError('--most', `must be at least 1, got ${most}`);
  // Better known before the work than after it.
  if (html !== undefined && !existsSync(dirname(html)))
    throw new ConfigError('--html', `must be in a folder that exists, got ${JSON.stringify(html)}`);
  return {
    most,
    whatIfs: whatIf.map((text) => parseWhatIf(text, spotifySchema)),
    gain: gain === undefined ? defaultGain : parseGain(gain),
  };
}

/** `hitscan explain`: what drives a finished run's predictions for the songs of any file. */
export async function explain(run: string, file: string, options: ExplainOptions): Promise<void> {
  const { most, whatIfs, gain } = readRequest(options);
  await holdSession(options, async ({ environment }) => {
    const { song, model, data, json, html } = options;
    const finished = openFinishedRun(run, environment.host);
    const choose = (read: ReadResult) => chooseSongs(read, song);
    const request = { source: file, choose, most, model, data, gain, whatIfs };
    const document = await explainSongs(finished, request, environment);
    if (html !== undefined) {
      // Figures take longer to load than the song to explain.
      const { renderSongs } = await import('@hitscan/core/report');
      writePage(html, renderSongs(document));
    }
    const page = html === undefined ? '' : `\nPage: ${showLine(html)}\n`;
    return json ? `${formatJson(document)}\n` : `${formatSongs(document)}\n${page}`;
  });
}
