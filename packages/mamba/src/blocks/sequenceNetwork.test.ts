import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { modelCase, predictCase } from '../../testing/networkCase.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { SettingError } from '../errors.ts';
import { buildNetwork } from './networks.ts';
import { type SequenceNetworkConfig, sequenceNetwork } from './sequenceNetwork.ts';

const size = { dModel: 3, dState: 2, dConv: 4, expand: 2, layers: 2, vocabulary: 5, outputs: 2, seed: 3 };
const rows = 3;
const valid = [4, 1, 6];

type Shape = Pick<SequenceNetworkConfig, 'pooling' | 'length'> &
  Partial<Pick<SequenceNetworkConfig, 'padded' | 'dropout' | 'bidirectional'>>;

/** Three sequences; the padding of those that have some is `filling`. */
function sequenceCase(shape: Shape, filling = 0): OperationCase {
  const { length } = shape;
  const drawn = uniformInput('codes', [rows, 6], 2.5, 2.5).values;
  const codes = Float32Array.from({ length: rows * length }, (_, i) => {
    const [r, t] = [Math.floor(i / length), i % length];
    return t < (shape.padded ? valid[r] : 6) ? Math.floor(drawn[r * 6 + t]) : filling;
  });
  const inputs: Record<string, CaseInput> = { codes: { shape: [rows, length], values: codes } };
  if (shape.padded) inputs.lengths = { shape: [rows, 1], values: valid };
  const operation = modelCase(sequenceNetwork({ ...size, dropout: 0, ...shape }), inputs);
  return { ...operation, context: { step: 2, firstRow: 0, batchRows: rows } };
}

const shapes: readonly Shape[] = [
  { pooling: 'mean', length: 6 },
  { pooling: 'last', length: 6, padded: true },
  { pooling: 'first', length: 6, padded: true, bidirectional: true },
  { pooling: 'none', length: 6 },
  { pooling: 'none', length: 6, dropout: 0.4 },
  { pooling: 'mean', length: 1, dropout: 0.4 },
];

/** As for a stack, see mamba.test.ts. */
const agreement = { absolute: 1e-6, ofLargest: 1e-5 };

describe('sequenceNetwork', () => {
  test.each(shapes)('derivative by every parameter: %o', (shape) => {
    expectGradient('sequenceNetwork', sequenceCase(shape), 25);
  });

  test.each(shapes)('every backend agrees with the definition: %o', async (shape) => {
    await expectAgreement('sequenceNetwork', sequenceCase(shape), agreement);
  });

  test.each(['mean', 'first', 'last', 'none'] as const)('padding changes nothing, bit for bit: %s', (pooling) => {
    for (const bidirectional of [false, true]) {
      const shape = { pooling, padded: true, bidirectional };
      for (const backend of createBackends()) {
        const expected = predictCase(sequenceCase({ ...shape, length: 6 }), backend.name);
        for (const [length, filling] of [
          [6, 4],
          [9, 1],
          [70, 3],
        ]) {
          const found = predictCase(sequenceCase({ ...shape, length }, filling), backend.name);
          if (pooling !== 'none') expect(found, backend.name).toEqual(expected);
          else {
            valid.forEach((positions, r) => {
              const before = expected.slice(r * 6 * size.outputs, (r * 6 + positions) * size.outputs);
              const after = found.slice(r * length * size.outputs, (r * length + positions) * size.outputs);
              expect(after, `${backend.name}, row ${r}`).toEqual(before);
            });
          }
        }
      }
    }
  });

  test('one number a class for each row, or for each position', () => {
    const [backend] = createBackends();
    for (const shape of shapes) {
      const model = sequenceNetwork({ ...size, dropout: 0, ...shape });
      const targets = shape.pooling === 'none' ? shape.length : 1;
      expect([model.targets, model.outputs]).toEqual([targets, size.outputs]);
      const { output } = runCase(backend, sequenceCase(shape));
      expect(output.length).toBe(rows * targets * size.outputs);
    }
  });

  test('its definition makes it again, from JSON too', () => {
    for (const shape of shapes) {
      const { parameters, definition, record, ...rest } = sequenceNetwork({ ...size, dropout: 0, ...shape });
      if (!definition) throw new Error('no definition');
      const again = buildNetwork(JSON.parse(JSON.stringify(definition)));
      expect(again).toMatchObject(rest);
      expect(again.parameters.map(({ name, shape }) => [name, shape])).toEqual(
        parameters.map(({ name, shape }) => [name, shape]),
      );
    }
  });

  test('sizes that are no whole numbers above 0 are refused', () => {
    const config = { ...size, length: 6, pooling: 'none', dropout: 0 } as const;
    for (const wrong of [0, 1.5, Number.NaN]) {
      for (const name of ['vocabulary', 'length', 'outputs']) {
        expect(() => sequenceNetwork({ ...config, [name]: wrong })).toThrow(
          new SettingError(name, 'be a whole number above 0', wrong),
        );
      }
    }
  });
});
