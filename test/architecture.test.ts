import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  findCycles,
  isTest,
  listDeclared,
  listImports,
  listNamed,
  listSources,
  locate,
  manifests,
  packages,
  readText,
  resolveImport,
  root,
} from './sourceFiles.ts';

/**
 * What each room may import from its own package, beside itself and the files at the root of `src`. A file at the root may import no
 * room, and any room may import it, unless it is listed as a room.
 */
const rooms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  core: {
    statistics: [],
    tracks: ['statistics'],
    readers: ['tracks', 'statistics'],
    features: ['tracks', 'statistics'],
    models: ['features', 'tracks', 'statistics'],
    metrics: ['tracks', 'statistics'],
    compare: ['metrics', 'tracks', 'statistics'],
    intervals: ['compare', 'metrics', 'models', 'tracks', 'statistics'],
    tune: ['metrics', 'models', 'features', 'tracks', 'statistics'],
    explain: ['intervals', 'compare', 'metrics', 'models', 'features', 'tracks', 'statistics'],
    evaluate: ['tune', 'intervals', 'compare', 'metrics', 'models', 'features', 'tracks', 'statistics'],
    export: ['tracks'],
    report: ['explain', 'evaluate', 'tune', 'intervals', 'compare', 'metrics', 'models', 'tracks', 'statistics'],
    pipeline: [
      ...['report', 'export', 'explain', 'evaluate', 'tune', 'intervals', 'compare', 'metrics'],
      ...['models', 'features', 'readers', 'tracks', 'statistics'],
    ],
  },
  hitscan: {
    sources: [],
    runs: [],
    storages: [],
    workers: [],
    tracking: [],
    'host.ts': ['sources', 'runs', 'storages', 'workers', 'tracking'],
    cli: ['host.ts', 'sources', 'runs', 'storages', 'workers', 'tracking'],
  },
};

/** Packages that a package may import, itself left out. */
const below: Readonly<Record<string, readonly string[]>> = { mamba: [], core: ['mamba'], hitscan: ['core', 'mamba'] };

/** Scripts that look at what has no public name, each with the file or folder that it may enter. */
const exceptions: Readonly<Record<string, string>> = {
  // The product has no public names, and the script writes a study as the product does.
  'scripts/checkOptuna.ts': 'packages/hitscan/src/',
  // Compares hidden states, which no public function gives.
  'scripts/checkPretrained.ts': 'packages/mamba/src/',
};

const sources = packages.flatMap((name) => listSources(`packages/${name}`));
const outside = ['bench', 'scripts', 'test'].flatMap(listSources);
const edges = [...sources, ...outside].flatMap((file) =>
  [...listImports(file), ...listNamed(file).filter((place) => place.endsWith('.ts'))].map((specifier) => {
    return { file, specifier, target: resolveImport(file, specifier) };
  }),
);
/** The room of a file in a package's `src`: a folder, or a file at the root that is listed as a room; else ''. */
function roomOf(file: string): string {
  const { home, room } = locate(file);
  return room || (rooms[home]?.[basename(file)] ? basename(file) : '');
}

const describeEdge = ({ file, specifier }: { file: string; specifier: string }) => `${file} imports ${specifier}`;

describe('imports', () => {
  test('point down the rooms of core and of hitscan', () => {
    const wrong = edges.filter(({ file, target }) => {
      const { home } = locate(file);
      if (isTest(file) || target === null || isTest(target) || locate(target).home !== home || !rooms[home])
        return false;
      const [from, to] = [roomOf(file), roomOf(target)];
      return to !== '' && to !== from && !rooms[home][from]?.includes(to);
    });
    expect(wrong.map(describeEdge)).toEqual([]);
  });

  test('are listed for every room, and for no room that is gone', () => {
    for (const [name, allowed] of Object.entries(rooms)) {
      const there = new Set(listSources(`packages/${name}/src`).map(roomOf));
      expect(Object.keys(allowed).toSorted()).toEqual([...there].filter((room) => room !== '').toSorted());
    }
  });

  test('point from hitscan to core to mamba, tests included', () => {
    const wrong = edges.filter(({ file, target }) => {
      if (!file.startsWith('packages/') || target === null) return false;
      const [from, to] = [locate(file).home, locate(target).home];
      return to !== from && !below[from].includes(to);
    });
    expect(wrong.map(describeEdge)).toEqual([]);
  });

  test('enter a package by the names that it exports, or by its rigs in tests', () => {
    const wrong = edges.filter(({ file, specifier, target }) => {
      if (target?.includes(': no export named')) return true;
      const from = locate(file);
      const to = locate(target ?? '');
      // Whole commands are tested from outside, by whatever shows what they did.
      if (!target?.startsWith('packages/') || !specifier.startsWith('.') || from.home === 'test') return false;
      if (to.home === from.home || (exceptions[file] && target.startsWith(exceptions[file]))) return false;
      return !(to.part === 'testing' && isTest(file));
    });
    expect(wrong.map(describeEdge)).toEqual([]);
  });

  test('reach no rig from what is shipped', () => {
    const wrong = edges.filter(({ file, target }) => !isTest(file) && target?.endsWith('.ts') && isTest(target));
    expect(wrong.map(describeEdge)).toEqual([]);
  });

  test('name packages that are declared, and Node in hitscan alone', () => {
    const wrong = edges.filter(({ file, specifier, target }) => {
      const { home } = locate(file);
      if (isTest(file) || specifier.startsWith('.') || file === 'packages/mamba/src/wasm/build.ts') return false;
      if (specifier.startsWith('node:')) return home !== 'hitscan';
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
      const manifest = manifests.get(home as (typeof packages)[number]);
      return target?.includes(': no export named') || !manifest?.dependencies?.[name];
    });
    expect(wrong.map(describeEdge)).toEqual([]);
  });

  test('form no circle, types included', () => {
    const files = [...sources, ...outside];
    const graph = new Map(
      files.map((file) => [
        file,
        listImports(file).flatMap((specifier) => {
          const target = resolveImport(file, specifier);
          return target === null ? [] : [target];
        }),
      ]),
    );
    expect(findCycles(graph)).toEqual([]);
    // A graph without edges would pass as well.
    expect([...graph.values()].flat().filter((target) => graph.has(target)).length).toBeGreaterThan(2 * files.length);
    expect(
      findCycles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
    ).toEqual(['b → c → b']);
  });

  test('and places of data lead to files that are there', () => {
    const data = [...sources, ...outside].flatMap((file) =>
      listNamed(file).map((place) => ({ file, specifier: place, target: resolveImport(file, place) })),
    );
    const wrong = [...edges, ...data].filter(({ target }) => {
      // What is beside the repository need not be there.
      return target !== null && !target.startsWith('../') && !existsSync(join(root, target));
    });
    expect(wrong.map(describeEdge)).toEqual([]);
    expect(data.length).toBeGreaterThan(20);
  });
});

describe('names', () => {
  test('of types and functions are declared once in all packages, where they are exported', () => {
    const files = new Map<string, string[]>();
    for (const file of sources.filter((name) => !isTest(name))) {
      for (const { name, kind } of listDeclared(file)) {
        // Values may be named like an operation: the model `linear`, the operation `linear`.
        if (kind !== 'const') files.set(name, [...(files.get(name) ?? []), file]);
      }
    }
    const repeated = [...files].filter(([, places]) => new Set(places).size > 1);
    expect(repeated.map(([name, places]) => `${name}: ${places.join(', ')}`)).toEqual([]);
    expect(files.size).toBeGreaterThan(500);
  });

  test('that @hitscan/mamba exports from its entry are at most 21', () => {
    const names = [...readText('packages/mamba/src/index.ts').matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(
      ([, list]) => list.split(','),
    );
    expect(names.length).toBeGreaterThan(10);
    expect(names.length).toBeLessThanOrEqual(21);
  });
});

test.each(['mamba', 'core'])(
  '%s is compiled with no types of Node and of the DOM, which some import might bring',
  (name) => {
    // `npm run check` compiles these programs; here it is enough to know what they are made of.
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const files = execFileSync(process.execPath, [compiler, '--listFilesOnly', '-p', `packages/${name}`], {
      cwd: root,
      encoding: 'utf8',
    }).split('\n');
    expect(files.filter((file) => /@types\/node\/|\/lib\.(dom|webworker)/.test(file))).toEqual([]);
    expect(files).toContain(join(root, 'packages/mamba/src/platform.d.ts'));
    expect(files).toContain(join(root, `packages/${name}/src/errors.ts`));
  },
);

test('the packages have one version', () => {
  const versions = [...manifests.values()].map(({ version }) => version);
  const among = [...manifests.values()].flatMap(({ dependencies = {} }) =>
    [...manifests.values()].flatMap(({ name }) => dependencies[name] ?? []),
  );
  expect(new Set([...versions, ...among, JSON.parse(readText('package.json')).version]).size).toBe(1);
  expect(among).toHaveLength(3);
});

test('paths that scripts and benchmarks name are there', () => {
  const files = ['bench', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|py|md)$/.test(name) && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  );
  const named = files.flatMap((file) => [...readText(file).matchAll(/packages\/[\w/.-]*[\w]/g)].map(([path]) => path));
  expect(named.length).toBeGreaterThan(20);
  // The name of several files ends where their names begin to differ.
  const isThere = (path: string) => {
    const folder = join(root, dirname(path));
    return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(basename(path)));
  };
  expect(named.filter((path) => !isThere(path))).toEqual([]);
});

/** The paths of the README's folder map: a code block of `name/   what it is`, two spaces of indent a level. */
function readMap(): string[] {
  const [, block] = /## The folders\n[\s\S]*?```\n([\s\S]*?)```/.exec(readText('README.md')) ?? [];
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
  const isFolder = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
  const inside = (folder: string): string[] =>
    readdirSync(join(root, folder))
      .map((name) => `${folder}/${name}`)
      .filter((path) => isFolder(path) && !/\/(node_modules|build)$/.test(path));
  const top = ['bench', 'docs', 'packages', 'scripts', 'test'].filter(isFolder);
  const homes = inside('packages');
  return [...top, ...homes, ...homes.flatMap(inside), ...homes.flatMap((home) => inside(`${home}/src`))];
}

describe('the map in README.md', () => {
  const map = readMap();

  test('shows nothing that is not there', () => {
    expect(map.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('shows every room that is there', () => {
    expect(listFolders().filter((path) => !map.includes(path))).toEqual([]);
  });
});
