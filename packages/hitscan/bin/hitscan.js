#!/usr/bin/env node
// Plain JavaScript, so that any Node can read it. The program is TypeScript, which Node runs directly from version 24;
// where `node` is older, this starts the one that is installed beside hitscan.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const oldest = 24;

/** The installed Node's program, or null where its package does not exist for this platform. */
function findNode() {
  const require = createRequire(import.meta.url);
  for (const prefix of ['node', 'node-bin']) {
    const platform = process.platform === 'win32' ? 'win' : process.platform;
    try {
      const folder = dirname(require.resolve(`${prefix}-${platform}-${process.arch}/package.json`));
      const program = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(program)) return program;
    } catch {
      // Not installed under this name.
    }
  }
  return null;
}

if (Number.parseInt(process.versions.node, 10) >= oldest) {
  await import(main);
} else {
  const program = findNode();
  if (program) {
    const child = spawn(program, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
    // The terminal sends Ctrl-C to both; the child decides what it means.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('exit', (code, signal) => {
      process.exitCode = signal ? 1 : code;
    });
  } else {
    process.stderr.write(`hitscan: Node ${oldest} or newer is needed, got ${process.versions.node}\n`);
    process.exitCode = 2;
  }
}
