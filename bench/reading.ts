/**
 * Time and memory of describing a large CSV file of songs, beside DuckDB where it is installed (peers/README.md):
 *
 *   node bench/reading.ts [rows] [--rounds n] [--json]
 *   node bench/reading.ts [rows] --write songs.csv      only the file that is read
 *
 * Rounds take turns, each in a process of its own: its peak memory is then that of the work. Seconds are without the start of the
 * process; seconds of processors say more where others use the machine.
 */
import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { describeTracks } from '@hitscan/core/readers';
import { formatTracksInPieces, generateTwin } from '@hitscan/core/tracks';
import { openFile } from 'hitscan/sources';
import { listPythons } from './peers.ts';

/** What one round says, ours and DuckDB's alike. */
interface Round {
  readonly name: string;
  readonly seconds: number;
  /** Of all threads. */
  readonly processorSeconds: number;
  readonly peakBytes: number;
  readonly rows: number;
  readonly repeats: number;
}

const self = fileURLToPath(import.meta.url);
const duckDb = fileURLToPath(new URL('peers/duckdb_describe.py', import.meta.url));

/** Songs of the twin that are drawn; further ones are these under other names, with other durations. */
const drawnRows = 100_000;

/** Writes a file of songs of which each is another recording than the others, but for the twin's own repeats. */
function writeSongs(path: string, rows: number): void {
  const twin = generateTwin({ rows: Math.min(rows, drawnRows) });
  const file = openSync(path, 'w');
  try {
    for (let from = 0; from < rows; from += twin.count) {
      const copy = from / twin.count;
      const duration = twin.features.duration_ms.values.map((value) => value + 3001 * copy);
      const table = {
        ...twin,
        count: Math.min(twin.count, rows - from),
        trackId: twin.trackId.map((id) => `${id.slice(0, 18)}${String(copy).padStart(4, '0')}`),
        artist: twin.artist.map((name) => `${name} of ${copy}`),
        features: { ...twin.features, duration_ms: { ...twin.features.duration_ms, values: duration } },
      };
      const [header, ...pieces] = formatTracksInPieces(table);
      for (const piece of copy === 0 ? [header, ...pieces] : pieces) writeSync(file, piece);
    }
  } finally {
    closeSync(file);
  }
}

/** Our round, in a process of its own. */
async function describeOnce(path: string): Promise<Round> {
  const begun = performance.now();
  const { quality } = await describeTracks(await openFile(path));
  const { user, system } = process.cpuUsage();
  return {
    name: 'hitscan',
    seconds: (performance.now() - begun) / 1000,
    processorSeconds: (user + system) / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    rows: quality.rows,
    repeats: quality.repeats,
  };
}

async function ask(command: readonly string[]): Promise<Round> {
  const [program, ...args] = command;
  const { stdout } = await promisify(execFile)(program, args);
  return JSON.parse(stdout);
}

async function findDuckDb(): Promise<string | null> {
  for (const python of listPythons()) {
    const works = await promisify(execFile)(python, ['-c', 'import duckdb']).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  return null;
}

function summarise(rounds: readonly Round[]) {
  const best = (values: readonly number[]) => Math.min(...values);
  return {
    rounds: rounds.length,
    seconds: best(rounds.map(({ seconds }) => seconds)),
    processorSeconds: best(rounds.map(({ processorSeconds }) => processorSeconds)),
    peakBytes: Math.max(...rounds.map(({ peakBytes }) => peakBytes)),
  };
}

async function compare(path: string, rounds: number) {
  const python = await findDuckDb();
  const commands = [[process.execPath, self, '--once', path], ...(python ? [[python, duckDb, path]] : [])];
  const all: Round[] = [];
  for (let round = 0; round < rounds; round++) for (const command of commands) all.push(await ask(command));
  const [{ rows, repeats }] = all;
  for (const round of all) {
    if (round.rows !== rows) throw new Error(`${round.name} found ${round.rows} rows, hitscan ${rows}`);
  }
  const names = [...new Set(all.map(({ name }) => name))];
  const results = names.map((name) => ({ name, ...summarise(all.filter((round) => round.name === name)) }));
  return { rows, repeats, fileBytes: statSync(path).size, results, missing: python ? [] : ['DuckDB'] };
}

function format({ rows, fileBytes, results, missing }: Awaited<ReturnType<typeof compare>>): string {
  const lines = results.map(({ name, seconds, processorSeconds, peakBytes }) =>
    [
      name.padEnd(14),
      `${seconds.toFixed(2)} s`.padStart(10),
      `${processorSeconds.toFixed(2)} s of processors`.padStart(24),
      `${Math.round(rows / seconds).toLocaleString('en-US')} rows/s`.padStart(20),
      `${Math.round(peakBytes / 1e6)} MB`.padStart(10),
      `${(results[0].seconds / seconds).toFixed(2)} × its time`.padStart(16),
    ].join(''),
  );
  const absent = missing.map((name) => `${name}: not installed; bench/peers/README.md says how`);
  return [`${rows.toLocaleString('en-US')} rows, ${Math.round(fileBytes / 1e6)} MB`, ...lines, ...absent, ''].join(
    '\n',
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    once: { type: 'string' },
    write: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const rows = Number(positionals[0] ?? 1_000_000);
if (values.once !== undefined) process.stdout.write(JSON.stringify(await describeOnce(values.once)));
else if (values.write !== undefined) writeSongs(values.write, rows);
else {
  const folder = mkdtempSync(join(tmpdir(), 'hitscan-reading-'));
  try {
    const path = join(folder, 'songs.csv');
    writeSongs(path, rows);
    const comparison = await compare(path, Number(values.rounds ?? 3));
    process.stdout.write(values.json ? `${JSON.stringify(comparison)}\n` : format(comparison));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
