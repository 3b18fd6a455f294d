import { expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { addToTokens } from './addToTokens.ts';

const shapes = [
  { rows: 1, tokens: 1, width: 1 },
  { rows: 3, tokens: 4, width: 5 },
] as const;

function addCase({ rows, tokens, width }: (typeof shapes)[number]): OperationCase {
  return {
    inputs: { tokens: uniformInput('tokens', [rows, tokens, width]), summary: uniformInput('summary', [rows, width]) },
    record: (tape, { tokens, summary }) => addToTokens(tape, tokens, summary),
  };
}

test.each(shapes)('adds a row’s vector to each of its tokens: %o', (shape) => {
  const { inputs } = addCase(shape);
  const { tokens, width } = shape;
  const expected = Array.from(inputs.tokens.values, (value, i) => {
    const row = Math.floor(i / (tokens * width));
    return value + inputs.summary.values[row * width + (i % width)];
  });
  const [reference] = createBackends();
  expect([...runCase(reference, addCase(shape)).output]).toEqual(expected);
});

test.each(shapes)('derivatives, and every backend alike: %o', async (shape) => {
  expectGradient('addToTokens', addCase(shape), 25);
  // A few additions of numbers up to 2 in float32: 5 roundings of 6e-8, twice.
  await expectAgreement('addToTokens', addCase(shape), { absolute: 1e-6, ofLargest: 0 });
});
