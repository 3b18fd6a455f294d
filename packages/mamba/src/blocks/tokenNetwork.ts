import { ConfigError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { dropout } from '../ops/dropout.ts';
import { embedding } from '../ops/embedding.ts';
import { hide } from '../ops/hide.ts';
import { linear } from '../ops/linear.ts';
import { piecewiseLinear } from '../ops/piecewiseLinear.ts';
import { pool } from '../ops/pool.ts';
import { constant, normal, type ParameterSpec, parameter, uniformByFanIn } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import type { Model, TokenParts } from './model.ts';
import { type StackConfig, stack, stackParameters } from './stack.ts';

export type TokenNetworkConfig = StackConfig & {
  /** Ascending bin edges of each numeric feature, all of one length; as plain arrays if the definition is to be JSON. */
  readonly edges: readonly ArrayLike<number>[];
  /** Number of categories of each categorical feature. */
  readonly categories: readonly number[];
  /** Share of the pooled representation dropped in training. */
  readonly dropout: number;
  /** Share of the values hidden in training, so that the tokens of missing values are learned from any data. */
  readonly hidden: number;
  /** Key of the masks of both. */
  readonly seed: number;
  /** Numbers predicted for a row; 1 where it is not given. */
  readonly outputs?: number;
  /**
   * What stands for a row: the mean of its tokens, the last feature's, or `cls`, a learned token after the features, where
   * causal blocks have read all of them. The mean where it is not given.
   */
  readonly pooling?: 'mean' | 'last' | 'cls';
  /** The place of each feature's token in the sequence, numeric features first; 0, 1, 2, … where it is not given. */
  readonly positions?: readonly number[];
};

/** Deviation of an embedding's initial values. */
const embeddingDeviation = 0.5;

/** Rows of the table that the categorical features share: for each one a missing value and its categories. */
function countEntries(categories: readonly number[]): number {
  return categories.reduce((sum, count) => sum + count + 1, 0);
}

function tokenParameters({ edges, categories, dModel, pooling }: TokenNetworkConfig): ParameterSpec[] {
  const specs: ParameterSpec[] = [];
  const spec = (name: string, shape: readonly number[], initialise: ParameterSpec['initialise']): void => {
    specs.push({ name: `tokens.${name}`, shape, decay: false, initialise });
  };
  if (edges.length > 0) {
    const bins = edges[0].length - 1;
    spec('numeric.weight', [edges.length, bins, dModel], uniformByFanIn(bins));
    spec('numeric.bias', [edges.length, dModel], normal(embeddingDeviation));
    spec('numeric.mask', [edges.length, dModel], normal(embeddingDeviation));
  }
  if (categories.length > 0) {
    spec('categorical.weight', [countEntries(categories), dModel], normal(embeddingDeviation));
  }
  if (pooling === 'cls') spec('cls.weight', [1, dModel], normal(embeddingDeviation));
  return specs;
}

function requirePermutation(positions: readonly number[], features: number): void {
  const isOne = positions.length === features && new Set(positions).size === features;
  if (isOne && positions.every((position) => Number.isInteger(position) && position >= 0 && position < features))
    return;
  throw new ConfigError('tokenNetwork positions', `hold 0 … ${features - 1} once each`, positions.join(', '));
}

/** Codes as rows of the shared table, in which each feature's begin after those of the features before it. */
function findEntries(tape: Tape<Kernels>, codes: Tensor, categories: readonly number[]): Tensor {
  const offsets = categories.map((_, k) => countEntries(categories.slice(0, k)));
  const entries = tape.backend.arena.allocate(codes.shape);
  tape.record({
    inputs: [],
    forward() {
      for (let i = 0; i < entries.data.length; i++) entries.data[i] = codes.data[i] + offsets[i % offsets.length];
    },
    backward() {},
  });
  return entries;
}

/**
 * Each feature a token of its own: numeric ones by piecewise-linear encoding, categorical ones by embedding, a missing
 * value by a learned token; then residual Mamba blocks over the tokens, their mean or another pooling, dropout, and a
 * linear head.
 *
 * Inputs: `numeric` (rows, numeric features), NaN where missing; `codes` (rows, categorical features), 0 where missing,
 * else 1 … the number of categories. Tokens stand in that order unless `positions` says otherwise.
 * Throws: ConfigError. Source: Thielmann et al. 2024 (Mambular).
 */
export function tokenNetwork(config: TokenNetworkConfig): Model {
  const { edges, categories, dModel, outputs = 1, pooling = 'mean' } = config;
  const bins = edges.length > 0 ? edges[0].length - 1 : 0;
  const features = edges.length + categories.length;
  const tokens = pooling === 'cls' ? features + 1 : features;
  const positions = config.positions ?? Array.from({ length: features }, (_, f) => f);
  requirePermutation(positions, features);
  const numericPositions = positions.slice(0, edges.length);
  const codePositions = positions.slice(edges.length);
  const inputs: Record<string, number> = {};
  if (edges.length > 0) inputs.numeric = edges.length;
  if (categories.length > 0) inputs.codes = categories.length;
  const parts: TokenParts = {
    embed(tape, parameters, { numeric, codes }) {
      const rows = (numeric ?? codes).shape[0];
      const get = (name: string) => parameter(parameters, name);
      const embedded = tape.tensor([rows, tokens, dModel]);
      if (numeric) {
        const edgeTable = tape.backend.arena.allocate([edges.length, bins + 1]);
        edges.forEach((row, f) => {
          edgeTable.data.set(row, f * (bins + 1));
        });
        const missing = edges.map(() => Number.NaN);
        const pieces = {
          x: hide(tape, numeric, missing, { rate: config.hidden, seed: config.seed, site: 1 }),
          edges: edgeTable,
          weight: get('tokens.numeric.weight'),
          bias: get('tokens.numeric.bias'),
          mask: get('tokens.numeric.mask'),
        };
        piecewiseLinear(tape, pieces, numericPositions, embedded);
      }
      if (codes) {
        const missing = categories.map(() => 0);
        const shown = hide(tape, codes, missing, { rate: config.hidden, seed: config.seed, site: 2 });
        embedding(
          tape,
          findEntries(tape, shown, categories),
          get('tokens.categorical.weight'),
          codePositions,
          embedded,
        );
      }
      if (pooling === 'cls') {
        // The table's only row, over and over.
        const only = tape.backend.arena.allocate([rows, 1]);
        embedding(tape, only, get('tokens.cls.weight'), [features], embedded);
      }
      return embedded;
    },
    read(tape, parameters, embedded) {
      const mixed = stack(tape, parameters, 'backbone', config, embedded);
      const pooled = pool(tape, mixed, pooling === 'cls' ? 'last' : pooling);
      const kept = dropout(tape, pooled, { rate: config.dropout, seed: config.seed, site: 0 });
      return linear(tape, kept, parameter(parameters, 'head.weight'), parameter(parameters, 'head.bias'));
    },
  };
  return {
    parameters: [
      ...tokenParameters(config),
      ...stackParameters('backbone', config),
      { name: 'head.weight', shape: [outputs, dModel], decay: true, initialise: uniformByFanIn(dModel) },
      { name: 'head.bias', shape: [outputs], decay: false, initialise: constant(0) },
    ],
    definition: { network: 'tokens', config },
    tokens,
    inputs,
    ranges: { codes: [0, categories] },
    targets: 1,
    outputs,
    parts,
    record: (tape, parameters, inputs) => parts.read(tape, parameters, parts.embed(tape, parameters, inputs)),
  };
}
