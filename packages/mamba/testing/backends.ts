import { createBackend } from '../src/backend.ts';
import type { Kernels } from '../src/kernels.ts';
import type { Backend, HostBackend } from '../src/tape.ts';
import { createQueueBackend } from './queueBackend.ts';

/** A backend that is held to the definitions. */
export interface TestedBackend {
  readonly name: string;
  create(): Backend<Kernels> | Promise<Backend<Kernels>>;
  /** Tests, by a part of their names, that it is spared, and why. */
  readonly skip: readonly { readonly name: string; readonly reason: string }[];
}

/** Every backend beside the definitions themselves. A new one passes the suite by standing here. */
export const testedBackends: readonly TestedBackend[] = [
  { name: 'simd', create: () => createBackend('simd'), skip: [] },
  { name: 'relaxed', create: () => createBackend('relaxed'), skip: [] },
  { name: 'queue', create: createQueueBackend, skip: [] },
];

const opened = new Map<TestedBackend, Backend<Kernels> | Promise<Backend<Kernels>>>();

/** Those that a test is not to skip, each opened once in a file of tests. */
export async function openBackends(
  testName: string,
  tested: readonly TestedBackend[] = testedBackends,
): Promise<readonly Backend<Kernels>[]> {
  const chosen = tested.filter(({ skip }) => !skip.some(({ name }) => testName.includes(name)));
  return Promise.all(
    chosen.map((each) => {
      const backend = opened.get(each) ?? each.create();
      opened.set(each, backend);
      return backend;
    }),
  );
}

/** The backends on the host's memory, the definition first. */
export function createBackends(): HostBackend<Kernels>[] {
  return [createBackend('reference'), createBackend('simd'), createBackend('relaxed')];
}
