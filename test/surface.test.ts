import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listExportedTypes, manifests, packages, readText, resolveImport } from './sourceFiles.ts';

/** What one entry of a package exports: values as they are at run time, types as the file's text has them. */
async function listNames(entry: string): Promise<string[]> {
  const file = resolveImport('', entry) ?? '';
  // A list of what `*` stands for would need the other file's text.
  expect(readText(file)).not.toMatch(/^export\s+(type\s+)?\*/m);
  const values = Object.keys(await import(entry));
  return [
    ...values.toSorted(),
    ...listExportedTypes(file)
      .toSorted()
      .map((name) => `type ${name}`),
  ];
}

test.each(packages)('what %s exports is what test/surface says', async (home) => {
  const { name, exports = {} } = manifests.get(home) ?? { name: home };
  const entries = Object.keys(exports).filter((path) => path !== './package.json');
  const parts: string[] = [];
  for (const path of entries.toSorted()) {
    const entry = `${name}${path.slice(1)}`;
    parts.push([entry, ...(await listNames(entry)).map((each) => `  ${each}`), ''].join('\n'));
  }
  const kept = fileURLToPath(new URL(`surface/${home}.txt`, import.meta.url));
  // Vitest writes a snapshot that is missing, and passes.
  expect(existsSync(kept), `${kept}: create it empty, then run vitest with -u`).toBe(true);
  await expect(parts.join('\n') || 'nothing\n').toMatchFileSnapshot(kept);
});
