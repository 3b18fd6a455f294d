import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { encodePiece, piecewiseLinear } from './piecewiseLinear.ts';

interface PiecewiseShape {
  readonly rows: number;
  readonly features: number;
  readonly bins: number;
  readonly width: number;
}

/** Edges −1 … 1, the last feature's first two equal, so that one bin is a step. */
function edgesOf(features: number, bins: number): CaseInput {
  const values = Float32Array.from({ length: features * (bins + 1) }, (_, i) => {
    const [f, j] = [Math.floor(i / (bins + 1)), i % (bins + 1)];
    return (2 * (f === features - 1 && j === 1 && bins > 1 ? 0 : j)) / bins - 1;
  });
  return { shape: [features, bins + 1], values, differentiable: false };
}

/** Values from beyond the edges on both sides, some missing, some on an edge. */
function pieceCase({ rows, features, bins, width }: PiecewiseShape): OperationCase {
  const edges = edgesOf(features, bins);
  const x = uniformInput('x', [rows, features], 1.5);
  const values = Float32Array.from(x.values, (value, i) => {
    if (i % 5 === 1) return Number.NaN;
    return i % 7 === 3 ? edges.values[(i % features) * (bins + 1) + (i % (bins + 1))] : value;
  });
  // Tokens in another order than the features, with one between that this operation does not write.
  const tokens = features + 1;
  const positions = Array.from({ length: features }, (_, f) => (f === 0 ? tokens - 1 : f - 1));
  return {
    inputs: {
      x: { ...x, values, differentiable: false },
      edges,
      weight: uniformInput('weight', [features, bins, width]),
      bias: uniformInput('bias', [features, width]),
      mask: uniformInput('mask', [features, width]),
    },
    record(tape, { x, edges, weight, bias, mask }) {
      const y = tape.tensor([rows, tokens, width]);
      piecewiseLinear(tape, { x, edges, weight, bias, mask }, positions, y);
      return y;
    },
  };
}

/** At most bins + 1 terms below 1 an output; a derivative sums over up to 37 rows. */
const agreement = { absolute: 1e-6, ofLargest: 1e-6 };

describe('piecewiseLinear', () => {
  test.each([
    { rows: 7, features: 3, bins: 4, width: 2 },
    { rows: 4, features: 1, bins: 1, width: 3 },
  ])('derivative of the definition: %o', (shape) => {
    expectGradient('piecewiseLinear', pieceCase(shape));
  });

  test('every backend agrees with the definition', async () => {
    for (const rows of [1, 3, 4, 5, 37]) {
      for (const [features, bins] of [
        [1, 1],
        [1, 6],
        [3, 5],
        [13, 8],
      ]) {
        for (const width of [1, 2, 3, 5, 8, 13, 33]) {
          const shape = { rows, features, bins, width };
          await expectAgreement(JSON.stringify(shape), pieceCase(shape), agreement);
        }
      }
    }
  });

  test('a missing value is the mask; beyond the edges the token stays where it was', () => {
    const operation = pieceCase({ rows: 6, features: 1, bins: 3, width: 2 });
    const values = [Number.NaN, Number.NEGATIVE_INFINITY, -1, 1, 5, Number.POSITIVE_INFINITY];
    const x = { shape: [6, 1], values, differentiable: false };
    const edges = { shape: [1, 4], values: [-1, -0.5, 0.5, 1], differentiable: false };
    for (const backend of createBackends()) {
      const { output } = runCase(backend, { ...operation, inputs: { ...operation.inputs, x, edges } });
      // Two tokens a row, of which the second is the feature's.
      const tokens = values.map((_, r) => Array.from(output.subarray(r * 4 + 2, r * 4 + 4)));
      expect(tokens[0]).toEqual(Array.from(operation.inputs.mask.values));
      expect(tokens[1]).toEqual(Array.from(operation.inputs.bias.values));
      expect(tokens[2]).toEqual(tokens[1]);
      expect(tokens[4]).toEqual(tokens[3]);
      expect(tokens[5]).toEqual(tokens[3]);
      expect(tokens[3]).not.toEqual(tokens[2]);
    }
  });

  test('a share runs from 0 to 1 through its bin, and a bin of no width is a step', () => {
    expect([0, 1, 1.5, 2, 3].map((x) => encodePiece(x, 1, 2))).toEqual([0, 0, 0.5, 1, 1]);
    expect([0.9, 1, 1.1].map((x) => encodePiece(x, 1, 1))).toEqual([0, 1, 1]);
  });
});
