import { expect, test } from 'vitest';
import { openBackends } from '../../testing/backends.ts';
import { goldenTensor } from '../golden/inputs.ts';

test('a batch’s rows are the source’s in its order, from wherever it begins', async () => {
  const width = 3;
  const values = goldenTensor('source', [7, width]);
  const order = Uint32Array.of(5, 0, 6, 6, 2, 1);
  const backends = await openBackends(expect.getState().currentTestName ?? '');
  expect(backends.length).toBeGreaterThan(0);
  for (const backend of backends) {
    const source = backend.hold(values, [7, width]);
    for (const [from, rows] of [
      [0, 6],
      [2, 3],
      [5, 1],
    ]) {
      const y = backend.arena.allocate([rows, width]);
      backend.kernels.gatherRows.forward(source, order, from, y);
      const expected = Array.from(order.subarray(from, from + rows)).flatMap((row) => [
        ...values.subarray(row * width, (row + 1) * width),
      ]);
      expect(Array.from(await backend.read(y)), backend.name).toEqual(expected);
    }
  }
});
