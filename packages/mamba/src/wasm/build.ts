/**
 * Compiles the kernels twice, with and without fused multiply-add, and writes each as a module that carries its bytes
 * as text: it loads alike in Node, in browsers and in bundlers, with neither a file system nor a request.
 */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('.', import.meta.url));
const output = `${folder}build/`;

const builds = {
  simd: [],
  relaxed: ['--enable', 'relaxed-simd'],
};

const newestSource = Math.max(
  statSync(`${folder}build.ts`).mtimeMs,
  ...readdirSync(`${folder}assembly`).map((name) => statSync(`${folder}assembly/${name}`).mtimeMs),
);

function isCurrent(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newestSource;
}

mkdirSync(output, { recursive: true });
for (const [name, flags] of Object.entries(builds)) {
  const path = `${output}${name}.ts`;
  if (isCurrent(path)) continue;
  const base = ['--runtime', 'stub', '--importMemory', '--sharedMemory', '--maximumMemory', '65536', '--noAssert'];
  const features = ['--enable', 'simd', '--enable', 'threads', ...flags];
  const { error, stderr, binary } = await compile([...base, ...features, '-O3', '--converge']);
  if (error || !binary) throw new Error(`the ${name} kernels do not compile:\n${stderr}`);
  writeFileSync(path, `export default '${Buffer.from(binary).toString('base64')}';\n`);
}

async function compile(flags: string[]) {
  let binary: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    ['assembly/index.ts', '--baseDir', folder, '--outFile', 'kernels.wasm', ...flags],
    {
      writeFile(_name, contents) {
        binary = contents as Uint8Array;
      },
    },
  );
  return { error, stderr: stderr.toString(), binary: binary as Uint8Array | null };
}
