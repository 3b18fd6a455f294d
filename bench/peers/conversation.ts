/** What peers in JavaScript share: how they are asked, see conversation.py, and where they are found. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { summarise } from '../measure.ts';

/** The folder that peers are installed in, the first argument. */
const folder = process.argv[2] ?? 'node_modules';

/** A round's figure in the row's unit. */
export type Measure = () => Promise<number>;

export interface Row {
  /** Of its network; null where there is none. */
  readonly parameters: number | null;
  prepare(): Promise<Measure>;
}

export function readVersion(name: string): string {
  const manifest = join(folder, name, 'package.json');
  if (!existsSync(manifest)) throw new Error(`${name} is not in ${folder}`);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

/** A module of an installed package; it is no dependency of the project, so nothing is known of its types. */
export function load(path: string) {
  return import(pathToFileURL(join(folder, path)).href);
}

/** Throws unless the loss fell: a peer whose loss does not fall does other work than ours. */
export function checkFalling(first: number, last: number): void {
  if (!(last < first)) throw new Error(`the loss went from ${first} to ${last}`);
}

export async function converse(
  peer: string,
  versions: Readonly<Record<string, string>>,
  rows: Readonly<Record<string, Row>>,
): Promise<void> {
  const say = (document: unknown) => void process.stdout.write(`${JSON.stringify(document)}\n`);
  const flag = process.argv.indexOf('--rounds');
  if (flag > 0) {
    const medians: Record<string, number> = {};
    for (const [name, { prepare }] of Object.entries(rows)) {
      const measure = await prepare();
      const values: number[] = [];
      for (let round = 0; round < Number(process.argv[flag + 1]); round++) values.push(await measure());
      medians[name] = summarise(values).median;
    }
    say({ peer, versions, medians });
    return;
  }
  say({
    peer,
    versions,
    rows: Object.fromEntries(Object.entries(rows).map(([name, { parameters }]) => [name, parameters])),
  });
  const ready = new Map<string, Measure>();
  for await (const row of createInterface(process.stdin)) {
    try {
      const measure = ready.get(row) ?? (await rows[row].prepare());
      ready.set(row, measure);
      say({ row, value: await measure() });
    } catch (error) {
      say({ row, error: String(error).split('\n')[0].slice(0, 200) });
    }
  }
}
