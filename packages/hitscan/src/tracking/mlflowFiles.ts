import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quoteBriefly } from './mlflowClient.ts';
import { putFile } from './mlflowRest.ts';
import { type MlflowSession, sendOne } from './mlflowTracked.ts';

/** Larger ones are for a store of files, not for a server of figures. */
const largestFileBytes = 16 * 2 ** 20;

interface FolderFiles {
  /** In the order of their names. */
  readonly small: readonly string[];
  readonly large: readonly string[];
}

/** The files that lie in a folder itself, without hidden ones, links and folders. */
function listFiles(folder: string): FolderFiles {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map(({ name }) => name).filter((name) => !name.startsWith('.'));
  const isSmall = (name: string) => statSync(join(folder, name)).size <= largestFileBytes;
  const { small = [], large = [] } = Object.groupBy(names.sort(), (name) => (isSmall(name) ? 'small' : 'large'));
  return { small, large };
}

/**
 * Where the server takes a run's files, as an encoded path; null where it does not: its files lie elsewhere, and only programs
 * that can write there can put them.
 *
 * `address`: the run's `artifact_uri`, `mlflow-artifacts:/…` where the server hands files on.
 */
export function findFilePath(address: string): string | null {
  const [, path] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(address) ?? [];
  if (path === undefined) return null;
  const parts = path.replace(/\/$/, '').split('/');
  // Those lead out of the place for files.
  if (parts.some((part) => ['', '.', '..'].includes(part))) return null;
  return parts.map(encodeURIComponent).join('/');
}

/** Sends the small files of a folder, where the server takes a run's files. `address`: the run's `artifact_uri`. */
export async function sendFiles(session: MlflowSession, address: string, folder: string): Promise<void> {
  const { client, queue } = session;
  const path = findFilePath(address);
  if (path === null) {
    return queue.note(
      `files stay in ${folder}: the server takes none itself, but has them put to ${quoteBriefly(address)}`,
    );
  }
  const { small, large } = listFiles(folder);
  for (const name of large)
    queue.note(`${name} stays in ${folder}: it is larger than ${largestFileBytes / 2 ** 20} MiB`);
  for (const name of small) {
    if (!queue.expect(1)) continue;
    await sendOne(session, async () => {
      await putFile(client, `${path}/${encodeURIComponent(name)}`, await readFile(join(folder, name)));
    });
  }
}
