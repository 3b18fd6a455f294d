/**
 * A process that runs one command line after the other, as the command line program would, so that thousands can be tried. Whatever
 * asks is answered with the status and all that was printed.
 */
import { runLine } from '../../packages/hitscan/src/cli/program.ts';

export interface LineRequest {
  readonly args: readonly string[];
  readonly folder: string;
}

export interface LineAnswer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let printed = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr'] as const) {
  process[name].write = ((chunk: string | Uint8Array) => {
    printed[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  }) as typeof process.stdout.write;
}

function answer(status: number): void {
  process.send?.({ status, ...printed } satisfies LineAnswer);
}

// Node would end a program that leaves a rejection to nobody, with status 1.
process.on('uncaughtException', (error) => {
  printed.stderr += `uncaught: ${error?.stack ?? error}\n`;
  answer(1);
});

process.on('message', async ({ args, folder }: LineRequest) => {
  printed = { stdout: '', stderr: '' };
  process.exitCode = 0;
  process.chdir(folder);
  await runLine(args);
  answer(Number(process.exitCode));
});
