import { dropout } from '../ops/dropout.ts';
import { embedding } from '../ops/embedding.ts';
import { hide } from '../ops/hide.ts';
import { linear } from '../ops/linear.ts';
import { piecewiseLinear } from '../ops/piecewiseLinear.ts';
import { pool } from '../ops/pool.ts';
import { constant, normal, type ParameterSpec, parameter, uniformByFanIn } from '../parameters.ts';
import type { Model } from './model.ts';
import { type StackConfig, stack, stackParameters } from './stack.ts';

export interface TokenNetworkConfig extends StackConfig {
  /** Ascending bin edges of each numeric feature, all of one length. */
  readonly edges: readonly Float32Array[];
  /** Number of categories of each categorical feature. */
  readonly categories: readonly number[];
  /** Share of the pooled representation dropped in training. */
  readonly dropout: number;
  /** Share of the values hidden in training, so that the tokens of missing values are learned from any data. */
  readonly hidden: number;
  /** Key of the masks of both. */
  readonly seed: number;
}

/** Deviation of an embedding's initial values. */
const embeddingDeviation = 0.5;

function tokenParameters({ edges, categories, dModel }: TokenNetworkConfig): ParameterSpec[] {
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
    const entries = categories.reduce((sum, count) => sum + count + 1, 0);
    spec('categorical.weight', [entries, dModel], normal(embeddingDeviation));
  }
  return specs;
}

/** First row of each categorical feature in the shared table: one row for a missing value, then one a category. */
export function categoryOffsets(categories: readonly number[]): number[] {
  let next = 0;
  return categories.map((count) => {
    const offset = next;
    next += count + 1;
    return offset;
  });
}

/**
 * Each feature a token of its own: numeric ones by piecewise-linear encoding, categorical ones by embedding, a missing
 * value by a learned token; then residual Mamba blocks over the tokens, their mean, dropout, and a linear head.
 *
 * Inputs: `numeric` (rows, numeric features), NaN where missing; `codes` (rows, categorical features), rows of the
 * shared table, see categoryOffsets. Tokens stand in that order. Source: Thielmann et al. 2024 (Mambular).
 */
export function tokenNetwork(config: TokenNetworkConfig): Model {
  const { edges, categories, dModel } = config;
  const bins = edges.length > 0 ? edges[0].length - 1 : 0;
  const tokens = edges.length + categories.length;
  const numericPositions = edges.map((_, f) => f);
  const codePositions = categories.map((_, k) => edges.length + k);
  const inputs: Record<string, number> = {};
  if (edges.length > 0) inputs.numeric = edges.length;
  if (categories.length > 0) inputs.codes = categories.length;
  return {
    parameters: [
      ...tokenParameters(config),
      ...stackParameters('backbone', config),
      { name: 'head.weight', shape: [1, dModel], decay: true, initialise: uniformByFanIn(dModel) },
      { name: 'head.bias', shape: [1], decay: false, initialise: constant(0) },
    ],
    definition: { network: 'tokens', config },
    tokens,
    inputs,
    record(tape, parameters, { numeric, codes }) {
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
        const shown = hide(tape, codes, categoryOffsets(categories), {
          rate: config.hidden,
          seed: config.seed,
          site: 2,
        });
        embedding(tape, shown, get('tokens.categorical.weight'), codePositions, embedded);
      }
      const pooled = pool(tape, stack(tape, parameters, 'backbone', config, embedded));
      const kept = dropout(tape, pooled, { rate: config.dropout, seed: config.seed, site: 0 });
      return linear(tape, kept, get('head.weight'), get('head.bias'));
    },
  };
}
