import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each room of packages/hitscan/src may import from, beside itself and what is `everywhere`. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  tracks: ['@hitscan/mamba'],
  features: ['tracks', '@hitscan/mamba'],
  models: ['features', 'tracks', '@hitscan/mamba'],
  evaluate: ['models', 'features', 'tracks', '@hitscan/mamba'],
  runs: ['evaluate', 'models', 'tracks', '@hitscan/mamba'],
  tune: ['evaluate', 'models', 'features', 'tracks', '@hitscan/mamba'],
  contest: ['tune', 'evaluate', 'models', 'features', 'tracks', '@hitscan/mamba'],
  report: ['contest', 'tune', 'evaluate', 'models', 'tracks'],
  tracking: [],
  cli: ['contest', 'tune', 'tracking', 'runs', 'report', 'evaluate', 'models', 'features', 'tracks', '@hitscan/mamba'],
};

/** Modules that any room may use. */
const everywhere = new Set(['checked.ts', 'errors.ts', 'parts.ts', 'version.ts']);

function listSources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('wasm/assembly/'))
    .map((name) => join(folder, name));
}

/** The modules that a file names in import and export statements, types included. */
function listImports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g,
  );
  return [...statements].map(([, named, dynamic]) => named ?? dynamic);
}

function resolveImport(file: string, specifier: string): string | null {
  return specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : null;
}

const mambaSources = listSources('packages/mamba/src');
const mambaTesting = listSources('packages/mamba/testing');
const hitscanSources = listSources('packages/hitscan/src');
const isTest = (file: string) => file.endsWith('.test.ts');

describe('imports', () => {
  test('point down the layers of hitscan only', () => {
    const wrong: string[] = [];
    for (const file of hitscanSources.filter((name) => !isTest(name))) {
      const [room, inRoom] = relative('packages/hitscan/src', file).split('/');
      if (!inRoom) continue;
      for (const specifier of listImports(file)) {
        const target = resolveImport(file, specifier);
        if (target === null && !specifier.startsWith('@hitscan/')) continue;
        const to = target === null ? specifier : relative('packages/hitscan/src', target).split('/')[0];
        if (to === room || everywhere.has(to) || allowed[room]?.includes(to)) continue;
        wrong.push(`${file} imports ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('leave @hitscan/mamba with no dependency and no Node module', () => {
    const wrong: string[] = [];
    for (const file of mambaSources.filter((name) => !isTest(name) && !/build\.ts$/.test(name))) {
      for (const specifier of listImports(file)) {
        const target = resolveImport(file, specifier);
        if (!target?.startsWith('packages/mamba/src/')) wrong.push(`${file} imports ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('leave the surface of @hitscan/mamba with at most 20 names', async () => {
    const text = readFileSync(join(root, 'packages/mamba/src/index.ts'), 'utf8');
    const names = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) => list.split(','));
    expect(names.length).toBeGreaterThan(10);
    expect(names.length).toBeLessThanOrEqual(20);
  });

  test('use the surface of @hitscan/mamba, not its insides', () => {
    const wrong = hitscanSources.flatMap((file) =>
      listImports(file)
        .filter((specifier) => specifier.startsWith('@hitscan/mamba/') || specifier.includes('mamba/src'))
        .map((specifier) => `${file} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('form no cycle, types included', () => {
    const files = [...mambaSources, ...mambaTesting, ...hitscanSources];
    const graph = new Map(
      files.map((file) => [file, listImports(file).map((specifier) => resolveImport(file, specifier))]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      for (const next of graph.get(file) ?? []) if (next && graph.has(next)) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
    // A graph without edges would pass as well.
    expect([...graph.values()].flat().filter(Boolean).length).toBeGreaterThan(files.length);
  });
});

/** The paths of the README's folder map: a code block of `name/   what it is`, two spaces of indent a level. */
function readMap(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, block] = /## The folders\n[\s\S]*?```\n([\s\S]*?)```/.exec(readme) ?? [];
  if (!block) throw new Error('README.md has no code block under "## The folders"');
  const path: string[] = [];
  return block
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const level = (line.length - line.trimStart().length) / 2;
      path.length = level;
      path.push(line.trim().split(/\s+/)[0].replace(/\/$/, ''));
      return path.join('/');
    });
}

/** The folders that the map must show: those with files of the project, down to the rooms. */
function listFolders(): string[] {
  const rooms = (folder: string): string[] =>
    readdirSync(join(root, folder))
      .map((name) => `${folder}/${name}`)
      .filter((path) => statSync(join(root, path)).isDirectory() && !/\/(node_modules|build)$/.test(path));
  const top = ['bench', 'docs', 'packages', 'scripts', 'test'].filter((name) =>
    statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory(),
  );
  return [...top, ...rooms('packages'), ...rooms('packages/mamba/src'), ...rooms('packages/hitscan/src')];
}

describe('the map in README.md', () => {
  const map = readMap();

  test('shows nothing that is not there', () => {
    expect(map.filter((path) => !statSync(join(root, path), { throwIfNoEntry: false }))).toEqual([]);
  });

  test('shows every room that is there', () => {
    expect(listFolders().filter((path) => !map.includes(path))).toEqual([]);
  });
});
