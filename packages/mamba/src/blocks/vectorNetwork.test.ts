import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { modelCase } from '../../testing/networkCase.ts';
import { runCase, uniformInput } from '../../testing/operationCase.ts';
import { countParameters } from '../parameters.ts';
import { vectorNetwork } from './vectorNetwork.ts';

const config = { dModel: 4, dState: 3, dConv: 4, expand: 2, outputScale: 100 };
const vectorCase = (rows: number, outputScale = 100) =>
  modelCase(vectorNetwork({ ...config, outputScale }), { features: uniformInput('features', [rows, 4], 1.5) });

describe('vectorNetwork', () => {
  test('derivative by every parameter', () => {
    // At scale 100 the outputs' rounding alone would come near the tolerance of the smallest derivatives.
    expectGradient('vectorNetwork', vectorCase(6, 1));
  });

  test.each([1, 3, 8])('every backend agrees with the definition, %i rows', async (rows) => {
    // The sigmoid's 1e-6 of the scale, and a block's roundings.
    await expectAgreement('vectorNetwork', vectorCase(rows), { absolute: 1e-5, ofLargest: 1e-5 });
  });

  test('outputs lie between 0 and the scale', () => {
    const inputs = { features: uniformInput('features', [8, 4], 1000) };
    for (const backend of createBackends()) {
      const { output } = runCase(backend, modelCase(vectorNetwork(config), inputs));
      expect(
        output.every((value) => value >= 0 && value <= 100),
        backend.name,
      ).toBe(true);
    }
  });

  test("the seed's network has its 3,550 parameters", () => {
    const model = vectorNetwork({ dModel: 13, dState: 16, dConv: 4, expand: 2, outputScale: 100 });
    expect(countParameters(model.parameters)).toBe(
      2 * 26 * 13 + 26 * 4 + 26 + 33 * 26 + 26 + 26 + 26 * 16 + 26 + 13 * 26 + 14,
    );
  });
});
