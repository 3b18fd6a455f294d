import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../packages/hitscan/src/storages/journal.ts';

/**
 * The names of the files in which two runs differ, files that only one of them has included. What docs/architecture.md lists as
 * times is left out, and nothing else.
 */
export async function listDifferences(first: string, second: string): Promise<string[]> {
  const [a, b] = [await readRun(first), await readRun(second)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}

/** A run's files by name, each as text without its times. */
async function readRun(run: string): Promise<Map<string, string>> {
  const names = readdirSync(run, { recursive: true, encoding: 'utf8' });
  const files = new Map<string, string>();
  for (const name of names.filter((entry) => statSync(join(run, entry)).isFile())) {
    files.set(name, await readWithoutTimes(join(run, name), name));
  }
  return files;
}

async function readWithoutTimes(path: string, name: string): Promise<string> {
  const bytes = readFileSync(path);
  if (name === 'timings.json') return 'times';
  if (name === 'study.journal') return readStudies(path);
  if (name === 'report.html') return bytes.toString('latin1').replace(/<footer>[\s\S]*<\/footer>/, '');
  if (name.includes('tfevents')) blankTimes(bytes);
  return bytes.toString('latin1');
}

/** What Optuna reads from a journal, without the times of trials and hitscan's own attributes, which name processes. */
async function readStudies(path: string): Promise<string> {
  const storage = openJournal(path);
  try {
    const studies = await storage.listStudies();
    const trials = await Promise.all(studies.map(({ id }) => storage.readTrials(id)));
    const text = JSON.stringify([studies, trials], (key, value) => {
      if (key === 'started' || key === 'ended' || key.startsWith('hitscan:')) return undefined;
      return value instanceof Map ? [...value] : value;
    });
    return text;
  } finally {
    await storage.close();
  }
}

/** Zeroes the times of a TensorBoard file, in place: the time of each event, and the start and end of a session. */
function blankTimes(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    // Between the length's checksum and the payload's own, which the times change.
    const payload = bytes.subarray(at + 12, at + 12 + length);
    // An event begins with its time: a tag, and eight bytes of a number; a session's record ends with its own.
    payload.fill(0, 1, 9);
    if (payload.includes('_hparams_/session_')) payload.fill(0, length - 8);
    bytes.fill(0, at + 12 + length, at + 16 + length);
    at += 16 + length;
  }
}
