import { totalmem } from 'node:os';

/** Bytes that this process may use: the machine's, or what it has been allotted of them. */
export function findMachineMemory(): number {
  const allotted = process.constrainedMemory();
  return allotted > 0 ? Math.min(allotted, totalmem()) : totalmem();
}
