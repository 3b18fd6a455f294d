import { pipeline } from 'node:stream/promises';
import { ConfigError } from '@hitscan/core/errors';
import { expectTwinFits, readingIn } from '@hitscan/core/pipeline';
import { formatJson, showLine, showText } from '@hitscan/core/quoteValue';
import { describeInterpretation, describeTracks, plainDialect, type TracksDescription } from '@hitscan/core/readers';
import { describeQuality, formatTracksInPieces, generateTwin, type Quality } from '@hitscan/core/tracks';
import { createNodeHost } from '../host.ts';
import { writeFileInPieces } from '../runs/atomicFile.ts';
import { holdSession } from './session.ts';

/** Rejected rows that are shown; the others are counted. */
const shownRejects = 10;

function formatColumns({ columns }: Quality): string[] {
  const number = (value: number | null) => (value === null ? '–' : String(Number(value.toPrecision(6))));
  const rows = [
    ['column', 'missing', 'minimum', 'median', 'maximum'],
    ...Object.entries(columns).map(([name, { missing, minimum, median, maximum }]) => [
      name,
      String(missing),
      ...[minimum, median, maximum].map(number),
    ]),
  ];
  const widths = rows[0].map((_, j) => Math.max(...rows.map((row) => row[j].length)));
  return rows.map((row) =>
    row.map((cell, j) => (j === 0 ? cell.padEnd(widths[j]) : cell.padStart(widths[j]))).join('  '),
  );
}

function formatQuality({ source, rejects, quality, dialect, renamed }: TracksDescription): string {
  const lines = [
    `${source.name}${source.synthetic ? ' (synthetic: no real songs)' : ''}`,
    `${quality.rows} songs by ${quality.artists} artists, ${quality.repeats} repeats of a recording, ${rejects.length} rows set aside`,
    `SHA-256 ${source.sha256}`,
    ...describeInterpretation(dialect, renamed),
    '',
    ...formatColumns(quality),
    ...quality.notes,
  ];
  if (quality.ignoredColumns.length > 0)
    lines.push(`Not used: ${quality.ignoredColumns.map((name) => JSON.stringify(name)).join(', ')}`);
  if (rejects.length > 0) {
    lines.push('', 'Set aside:');
    for (const { faults } of rejects.slice(0, shownRejects)) lines.push(...faults.map(({ message }) => `  ${message}`));
    if (rejects.length > shownRejects) lines.push(`  and ${rejects.length - shownRejects} more rows`);
  }
  return `${lines.join('\n')}\n`;
}

function describeTwin(): TracksDescription {
  const tracks = generateTwin();
  return { source: tracks.source, rejects: [], quality: describeQuality(tracks), dialect: plainDialect, renamed: [] };
}

/** `hitscan data describe`: what a file of songs holds, and what is wrong with it. */
export async function describeData(
  path: string | undefined,
  { json = false, quiet = false }: { json?: boolean; quiet?: boolean },
): Promise<void> {
  await holdSession({ quiet }, async ({ environment }) => {
    const description =
      path === undefined
        ? describeTwin()
        : await describeTracks(await environment.host.songs.open(path), readingIn(environment));
    environment.onEvent({ kind: 'read' });
    if (!json) return showText(formatQuality(description));
    const { source, rejects, quality } = description;
    const document = {
      source: source.name,
      synthetic: source.synthetic,
      sha256: source.sha256,
      rejected: rejects.length,
      quality,
      rejects: rejects.map(({ row, faults }) => ({ row, faults })),
    };
    return `${formatJson(document)}\n`;
  });
}

/** `hitscan data twin`: the synthetic twin as CSV. */
export async function writeTwin({ rows, seed, out }: { rows?: number; seed?: number; out?: string }): Promise<void> {
  if (rows !== undefined && !(rows >= 20 && rows <= 10_000_000)) {
    throw new ConfigError('--rows', `must be between 20 and 10000000, got ${rows}`);
  }
  if (rows !== undefined) expectTwinFits(rows, createNodeHost().machine.mostTwinSongs);
  const twin = generateTwin({ ...(rows === undefined ? {} : { rows }), ...(seed === undefined ? {} : { seed }) });
  const pieces = formatTracksInPieces(twin);
  if (out === undefined) {
    // Asking for a piece when the last one has been taken keeps them from piling up behind a slow reader.
    await pipeline(pieces, process.stdout, { end: false });
    return;
  }
  try {
    writeFileInPieces(out, pieces);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError('--out', `must be a file that can be written, got ${JSON.stringify(out)} (${code})`);
  }
  process.stderr.write(`${showLine(out)}: synthetic twin, no real songs\n`);
}
