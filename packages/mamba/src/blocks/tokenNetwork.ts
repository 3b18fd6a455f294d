import { SettingError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { addToTokens } from '../ops/addToTokens.ts';
import { dropout } from '../ops/dropout.ts';
import { embedding } from '../ops/embedding.ts';
import { hide } from '../ops/hide.ts';
import { linear } from '../ops/linear.ts';
import { offsetColumns } from '../ops/offsetColumns.ts';
import { piecewiseLinear } from '../ops/piecewiseLinear.ts';
import { pool } from '../ops/pool.ts';
import { constant, normal, type ParameterSpec, type Parameters, parameter, uniformByFanIn } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import { reshape, type Tensor } from '../tensor.ts';
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
  /**
   * Whether a linear map of all tokens to one is added to each of them before the first block, so that each can meet
   * every other from the start; false where it is not given.
   */
  readonly summary?: boolean;
  /**
   * How far apart the categories of a feature begin, and the learning rate at which they part, as shares of what other
   * parameters have. Optimisers of Adam's kind move rare categories as fast as common parameters, by noise; a small
   * spread holds them together until the data tell otherwise. 1 where it is not given.
   */
  readonly categorySpread?: number;
};

/** Deviation of an embedding's initial values. */
const embeddingDeviation = 0.5;

/** Rows of the table that the categorical features share: for each one a missing value and its categories. */
function countEntries(categories: readonly number[]): number {
  return categories.reduce((sum, count) => sum + count + 1, 0);
}

/** Rows of the shared table, those of one feature at a distance of `spread` from the row of its missing value. */
function spreadCategories(categories: readonly number[], width: number, spread: number): ParameterSpec['initialise'] {
  const draw = normal(embeddingDeviation);
  const kept = Math.sqrt(1 - spread * spread);
  return (values, random) => {
    draw(values, random);
    let first = 0;
    for (const count of categories) {
      for (let i = width; i < (count + 1) * width; i++) {
        values[first + i] = kept * values[first + (i % width)] + spread * values[first + i];
      }
      first += (count + 1) * width;
    }
  };
}

function tokenParameters(config: TokenNetworkConfig): ParameterSpec[] {
  const { edges, categories, dModel, pooling, summary = false, categorySpread = 1 } = config;
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
    specs.push({
      name: 'tokens.categorical.weight',
      shape: [countEntries(categories), dModel],
      decay: false,
      rate: categorySpread,
      initialise: spreadCategories(categories, dModel, categorySpread),
    });
  }
  if (pooling === 'cls') spec('cls.weight', [1, dModel], normal(embeddingDeviation));
  if (summary) {
    const inputs = (edges.length + categories.length + (pooling === 'cls' ? 1 : 0)) * dModel;
    // Of the variance that its input has.
    const initialise = uniformByFanIn(inputs, Math.sqrt(3));
    specs.push({ name: 'tokens.summary.weight', shape: [dModel, inputs], decay: true, initialise });
  }
  return specs;
}

function requirePermutation(positions: readonly number[], features: number): void {
  const isOne = positions.length === features && new Set(positions).size === features;
  if (isOne && positions.every((position) => Number.isInteger(position) && position >= 0 && position < features))
    return;
  throw new SettingError('tokenNetwork positions', `hold 0 … ${features - 1} once each`, positions.join(', '));
}

/** Where each feature's rows begin in the shared table: after those of the features before it. */
function offsetsOf(categories: readonly number[]): number[] {
  return categories.map((_, k) => countEntries(categories.slice(0, k)));
}

/**
 * Each feature a token of its own: numeric ones by piecewise-linear encoding, categorical ones by embedding, a missing
 * value by a learned token; if wanted, a summary of all of them added to each; then residual Mamba blocks over the tokens,
 * their mean or another pooling, dropout, and a linear head.
 *
 * Inputs: `numeric` (rows, numeric features), NaN where missing; `codes` (rows, categorical features), 0 where missing,
 * else 1 … the number of categories. Tokens stand in that order unless `positions` says otherwise.
 * Throws: SettingError. Source: Thielmann et al. 2024 (Mambular).
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
  const summarise = (tape: Tape<Kernels>, parameters: Parameters, embedded: Tensor): Tensor => {
    if (!config.summary) return embedded;
    const flat = reshape(embedded, [embedded.shape[0], tokens * dModel]);
    return addToTokens(tape, embedded, linear(tape, flat, parameter(parameters, 'tokens.summary.weight')));
  };
  const parts: TokenParts = {
    embed(tape, parameters, { numeric, codes }) {
      const rows = (numeric ?? codes).shape[0];
      const get = (name: string) => parameter(parameters, name);
      const embedded = tape.tensor([rows, tokens, dModel]);
      if (numeric) {
        const edgeTable = tape.backend.arena.allocate([edges.length, bins + 1]);
        tape.backend.write(
          edgeTable,
          edges.flatMap((row) => Array.from(row)),
        );
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
          offsetColumns(tape, shown, offsetsOf(categories)),
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
      const mixed = stack(tape, parameters, 'backbone', config, summarise(tape, parameters, embedded));
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
