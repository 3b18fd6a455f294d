#!/usr/bin/env node
import { isMainThread } from 'node:worker_threads';
import { runOnThread } from './commandThread.ts';
import { runLine } from './program.ts';

// A reader that closes the pipe early, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// The thread that a command works on begins here as well.
await runLine(process.argv.slice(2), isMainThread ? () => runOnThread(new URL(import.meta.url)) : null);
