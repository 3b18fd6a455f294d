import { linear } from '../ops/linear.ts';
import { relu } from '../ops/relu.ts';
import { sigmoid } from '../ops/sigmoid.ts';
import { parameter, uniformByFanIn } from '../parameters.ts';
import { reshape } from '../tensor.ts';
import { type MambaConfig, mamba, mambaParameters } from './mamba.ts';
import type { Model } from './model.ts';

export interface VectorNetworkConfig extends MambaConfig {
  readonly outputScale: number;
}

/**
 * A row's features as one token: Mamba block → ReLU → Linear → sigmoid, so a number between 0 and `outputScale` a row.
 *
 * With a sequence of length 1 the state starts at zero and is never carried on, so `A_log` and all but the last tap
 * of the convolution cannot learn (docs/mamba.md). Kept for parity with models of this form.
 * Input `features` (rows, d_model).
 */
export function vectorNetwork(config: VectorNetworkConfig): Model {
  const { dModel, outputScale } = config;
  return {
    parameters: [
      ...mambaParameters('mamba', config),
      { name: 'head.weight', shape: [1, dModel], decay: true, initialise: uniformByFanIn(dModel) },
      { name: 'head.bias', shape: [1], decay: false, initialise: uniformByFanIn(dModel) },
    ],
    definition: { network: 'vector', config },
    tokens: 1,
    inputs: { features: dModel },
    targets: 1,
    outputs: 1,
    record(tape, parameters, { features }) {
      const x = reshape(features, [features.shape[0], 1, dModel]);
      const mixed = reshape(mamba(tape, parameters, 'mamba', config, x), features.shape);
      const head = linear(
        tape,
        relu(tape, mixed),
        parameter(parameters, 'head.weight'),
        parameter(parameters, 'head.bias'),
      );
      return sigmoid(tape, head, outputScale);
    },
  };
}
