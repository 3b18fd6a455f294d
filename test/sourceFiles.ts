import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. Every path here is relative to it. */
export const root = fileURLToPath(new URL('..', import.meta.url));

export const packages = ['mamba', 'core', 'hitscan'] as const;

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');
export const readManifest = (name: string): Manifest => JSON.parse(readText(`packages/${name}/package.json`));

export const manifests = new Map(packages.map((name) => [name, readManifest(name)]));

/** The TypeScript files of a folder. Kernels in AssemblyScript and what is compiled from them are left out. */
export function listSources(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/(^|\/)(assembly|build|node_modules)\//.test(name))
    .map((name) => join(folder, name));
}

/** Lines of comments name modules too; they import none. */
const withoutComments = (text: string): string => text.replace(/^\s*(\/\*[\s\S]*?\*\/|\/\/.*)$/gm, '');

/** The modules that a file names in import and export statements, types included. */
export function listImports(file: string): string[] {
  const statements = withoutComments(readText(file)).matchAll(
    /^\s*(?:import|export)\s[^'"`;]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm,
  );
  return [...statements].map(([, named, bare, dynamic]) => named ?? bare ?? dynamic);
}

/** The files that a file names by their place: modules to be started on a thread or in a process, data to be read. */
export function listNamed(file: string): string[] {
  const places = withoutComments(readText(file)).matchAll(/new URL\(\s*'([^':]*\.\w+)'\s*,\s*import\.meta\.url/g);
  return [...places].map(([, place]) => (place.startsWith('.') ? place : `./${place}`));
}

/** The file of this repository that an import means; null for modules of Node and of other packages. */
export function resolveImport(file: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  for (const [folder, { name, exports }] of manifests) {
    if (specifier !== name && !specifier.startsWith(`${name}/`)) continue;
    const entry = exports?.[`.${specifier.slice(name.length)}`];
    return entry === undefined ? `packages/${folder}: no export named ${specifier}` : join('packages', folder, entry);
  }
  return null;
}

/** A file's package, whether it is in its `src`, `testing` or another folder, and the room: a folder of `src`, else ''. */
export function locate(file: string): { readonly home: string; readonly part: string; readonly room: string } {
  const [top, home, part, room, ...rest] = file.split('/');
  if (top !== 'packages') return { home: top, part: '', room: '' };
  return { home, part, room: part === 'src' && rest.length > 0 ? room : '' };
}

export const isTest = (file: string): boolean => file.endsWith('.test.ts') || locate(file).part !== 'src';

/** Circles of a graph, each once, as `a → b → a`. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) cycles.push([...path.slice(path.indexOf(node)), node].join(' → '));
    if (done.has(node) || path.includes(node)) return;
    for (const next of graph.get(node) ?? []) if (graph.has(next)) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}

/** What a module declares and exports itself, without what it exports of others. */
export function listDeclared(file: string): { readonly name: string; readonly kind: string }[] {
  const declarations = withoutComments(readText(file)).matchAll(
    /^export\s+(?:declare\s+|abstract\s+|async\s+)*(function|class|const|let|enum|interface|type)\b\*?\s+(\w+)/gm,
  );
  return [...declarations].map(([, kind, name]) => ({ name, kind }));
}

/** The types that a module exports, its own and those of others. */
export function listExportedTypes(file: string): string[] {
  const own = listDeclared(file).filter(({ kind }) => kind === 'interface' || kind === 'type');
  const lists = withoutComments(readText(file)).matchAll(/^export\s+(type\s+)?\{([^}]*)\}/gm);
  const others = [...lists].flatMap(([, all, list]) =>
    list
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '' && (all || entry.startsWith('type ')))
      .map((entry) => entry.split(/\s+/).at(-1) ?? ''),
  );
  return [...own.map(({ name }) => name), ...others];
}
