import { SettingError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { dropout } from '../ops/dropout.ts';
import { embedding } from '../ops/embedding.ts';
import { linear } from '../ops/linear.ts';
import { type Pooling, pool } from '../ops/pool.ts';
import { constant, normal, type ParameterSpec, type Parameters, parameter, uniformByFanIn } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import { columnsOf, reshape, rowsOf, type Tensor } from '../tensor.ts';
import type { Model } from './model.ts';
import { type StackConfig, type StackContext, stack, stackParameters } from './stack.ts';

export type SequenceNetworkConfig = StackConfig & {
  /** Number of different tokens. */
  readonly vocabulary: number;
  /** Positions of a row, padding included. */
  readonly length: number;
  /** Numbers predicted for a row, or for each of its positions. */
  readonly outputs: number;
  /** What stands for a row; `none` to predict at every position. */
  readonly pooling: Pooling | 'none';
  /** Whether rows are padded on the right, and their `lengths` an input; false where it is not given. */
  readonly padded?: boolean;
  /** Share of the representation before the head dropped in training. */
  readonly dropout: number;
  /** Key of its mask. */
  readonly seed: number;
};

/** The embedding and the head, which stand before and after the stack of the same configuration. */
function endParameters({ vocabulary, dModel, outputs }: SequenceNetworkConfig): [ParameterSpec, ...ParameterSpec[]] {
  return [
    { name: 'backbone.embedding.weight', shape: [vocabulary, dModel], decay: false, initialise: normal(1) },
    { name: 'head.weight', shape: [outputs, dModel], decay: true, initialise: uniformByFanIn(dModel) },
    { name: 'head.bias', shape: [outputs], decay: false, initialise: constant(0) },
  ];
}

/** Records the embedding and the blocks: codes (rows, positions), however many positions → (rows, positions, d_model). */
export function mixCodes(
  tape: Tape<Kernels>,
  parameters: Parameters,
  config: SequenceNetworkConfig,
  codes: Tensor,
  context: StackContext,
): Tensor {
  const [rows, length] = codes.shape;
  const embedded = tape.tensor([rows, length, config.dModel]);
  const positions = Array.from({ length }, (_, t) => t);
  embedding(tape, codes, parameter(parameters, 'backbone.embedding.weight'), positions, embedded);
  return stack(tape, parameters, 'backbone', config, embedded, context);
}

/** Records the head: x (…, d_model) → (rows of x, outputs). */
export function predictFrom(tape: Tape<Kernels>, parameters: Parameters, x: Tensor): Tensor {
  const flat = reshape(x, [rowsOf(x), columnsOf(x)]);
  return linear(tape, flat, parameter(parameters, 'head.weight'), parameter(parameters, 'head.bias'));
}

/**
 * Sequences of tokens: an embedding, residual Mamba blocks, pooling, dropout, and a linear head.
 *
 * Inputs: `codes` (rows, length), whole numbers 0 … vocabulary − 1; `lengths` (rows, 1) where rows are padded, whole
 * numbers 1 … length. What stands in the padding changes no prediction before it and, with pooling, nothing at all; with
 * `none`, padding is predicted for as well, and a loss that leaves targets out (crossEntropy) is to be told to.
 * Targets: one a row, or with `none` one a position. Throws: SettingError.
 */
export function sequenceNetwork(config: SequenceNetworkConfig): Model {
  const { vocabulary, length, outputs, pooling, padded = false } = config;
  for (const name of ['vocabulary', 'length', 'outputs'] as const) {
    const value = config[name];
    if (!(Number.isInteger(value) && value > 0)) throw new SettingError(name, 'be a whole number above 0', value);
  }
  const [table, ...head] = endParameters(config);
  return {
    parameters: [table, ...stackParameters('backbone', config), ...head],
    definition: { network: 'sequence', config },
    tokens: length,
    inputs: padded ? { codes: length, lengths: 1 } : { codes: length },
    ranges: { codes: [0, vocabulary - 1], lengths: [1, length] },
    targets: pooling === 'none' ? length : 1,
    outputs,
    record(tape, parameters, { codes, lengths = null }) {
      const mixed = mixCodes(tape, parameters, config, codes, { lengths });
      const pooled = pooling === 'none' ? mixed : pool(tape, mixed, pooling, lengths);
      return predictFrom(tape, parameters, dropout(tape, pooled, { rate: config.dropout, seed: config.seed, site: 0 }));
    },
  };
}
