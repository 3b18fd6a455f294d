import { expect } from 'vitest';
import { createBackend } from '../src/backend.ts';
import { openBackends } from './backends.ts';
import { expectClose } from './expectClose.ts';
import { awaitCase, earlierDerivative, type OperationCase, runCase } from './operationCase.ts';

/** How far a float32 kernel may be from the definition. */
export interface Agreement {
  readonly absolute: number;
  /** Of the largest element of the same tensor: what sums of many terms, which may cancel, can be held to. */
  readonly ofLargest?: number;
  /** Further absolute allowance for derivatives of so few elements that all may happen to cancel, by input. */
  readonly cancelling?: Readonly<Record<string, number>>;
}

/**
 * Every tested backend against the float64 definition on the same inputs, the output and every derivative, where
 * derivatives replace what is there and where they add to it. Nothing may be written outside a tensor or beside a view.
 */
export async function expectAgreement(
  label: string,
  operation: OperationCase,
  { absolute, ofLargest = 0, cancelling = {} }: Agreement,
): Promise<void> {
  const reference = createBackend('reference');
  const expected = runCase(reference, operation);
  const backends = await openBackends(expect.getState().currentTestName ?? '');
  const compare = (part: string, found: Float64Array, definition: Float64Array, further = 0): void => {
    const largest = definition.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expectClose(`${label}: ${part}`, found, definition, { absolute: absolute + ofLargest * largest + further });
  };
  // The definition's own adding is checked where that is cheap; it does not depend on the size.
  const isSmall = expected.output.length < 2000;
  for (const backend of isSmall ? [reference, ...backends] : backends) {
    for (const earlier of backend === reference ? [true] : [false, true]) {
      const found = await awaitCase(backend, operation, earlier);
      compare(`${backend.name} output`, found.output, expected.output);
      for (const [name, gradient] of Object.entries(found.gradients)) {
        const held = earlierDerivative(name, operation.inputs[name].shape);
        const shared = name === 'residual';
        const definition = expected.gradients[name].map((value, i) => value + (earlier && !shared ? held[i] : 0));
        const part = `${backend.name} derivative by ${name}${earlier ? ', added' : ''}`;
        compare(part, gradient, definition, cancelling[name]);
      }
    }
  }
}
