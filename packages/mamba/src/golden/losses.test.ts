import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createBackends } from '../../testing/backends.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { numbersOf } from '../../testing/operationCase.ts';
import { type Loss, measureLoss, predictionColumns, recordLoss } from '../ops/losses.ts';
import { readSafetensors } from '../safetensors.ts';
import { createTape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import { goldenTensor } from './inputs.ts';

const { tensors } = readSafetensors(readFileSync(new URL('losses.safetensors', import.meta.url)));

function golden(name: string): Float64Array {
  const found = tensors.get(name);
  if (!found) throw new Error(`losses.safetensors has no ${name}`);
  return Float64Array.from(found.data as Float64Array);
}

const rows = 23;

const cases: readonly (readonly [name: string, loss: Loss, scale: number])[] = [
  ['meanSquaredError', 'meanSquaredError', 3],
  ['huber delta=0.25', { kind: 'huber', delta: 0.25 }, 3],
  ['huber delta=1', 'huber', 3],
  ['huber delta=2.5', { kind: 'huber', delta: 2.5 }, 3],
  ['gaussian', { kind: 'gaussian' }, 3],
  ['quantiles', { kind: 'quantiles', levels: [0.05, 0.25, 0.5, 0.9] }, 3],
  ['crossEntropy', { kind: 'crossEntropy', classes: 7 }, 20],
];

/** Every backend's losses against PyTorch's (scripts/golden/losses.py). */
describe.each(cases)('%s against PyTorch', (name, loss, scale) => {
  const columns = predictionColumns(loss);
  const predictions = goldenTensor(`${name}/prediction`, [rows, columns], scale);
  const target =
    name === 'crossEntropy'
      ? Float32Array.from(golden('crossEntropy/classes'))
      : goldenTensor('losses/target', [rows], 2);

  test('value and derivative', () => {
    for (const backend of createBackends()) {
      const tape = createTape(backend, true);
      // PyTorch does not count what it ignores.
      tape.context.batchRows = target.filter((value) => name !== 'crossEntropy' || value >= 0).length;
      const [prediction, targets] = [tape.tensor([rows, columns]), backend.arena.allocate([rows, 1])];
      numbersOf(prediction).set(predictions);
      targets.data.set(target);
      const result = recordLoss(tape, loss, prediction, targets);
      tape.forward();
      tape.backward();
      // Both sum the same 23 rows in float64, the reference throughout; float32 rounds the results, and a Gaussian's
      // derivatives of up to e³·25/2 are the difference of numbers as large.
      const relative = backend.name === 'reference' ? 1e-13 : 1e-6;
      expectClose(`${backend.name} value`, numbersOf(result), golden(`${name}/loss`), { relative });
      const slopes = golden(`${name}/gradient`);
      const largest = Math.max(...slopes.map(Math.abs));
      const found = numbersOf(prediction.gradient as Tensor);
      expectClose(`${backend.name} derivative`, found, slopes, { absolute: relative * largest });
    }
  });

  test('validation measures the same', () => {
    expectClose('loss', [measureLoss(loss, predictions, target)], golden(`${name}/loss`), { relative: 1e-13 });
  });
});

test('the golden classes leave rows out, and every class is asked for', () => {
  expect(new Set(golden('crossEntropy/classes'))).toEqual(new Set([-1, 0, 1, 2, 3, 4, 5, 6]));
});
