import { type Examples, type Model, randomStream, tokenNetwork } from '@hitscan/mamba';

/** The step that peers are measured on: 13 tokens, d_model 64, 4 layers, d_state 16, batch 128. */
export const tokens = { length: 13, dModel: 64, layers: 4, dState: 16, dConv: 4, expand: 2, batch: 128, bins: 16 };

const categories = [12, 2, 5];
const numeric = tokens.length - categories.length;

export function buildTokens(): Model {
  const edges = Array.from({ length: numeric }, () =>
    Float32Array.from({ length: tokens.bins + 1 }, (_, j) => -2 + (4 * j) / tokens.bins),
  );
  return tokenNetwork({ ...tokens, edges, categories, dropout: 0.1, hidden: 0, seed: 1 });
}

export function drawTokens(rows: number): Examples & { readonly target: Float32Array } {
  const random = randomStream(1, 'bench tokens');
  return {
    rows,
    inputs: {
      numeric: Float32Array.from({ length: rows * numeric }, () => random.normal()),
      codes: Float32Array.from({ length: rows * 3 }, (_, i) => 1 + random.below(categories[i % 3])),
    },
    target: Float32Array.from({ length: rows }, () => random.normal()),
  };
}

/** Its training; the rest is as by default. */
export const tokensConfig = {
  loss: 'meanSquaredError',
  epochs: 1,
  batchRows: tokens.batch,
  schedule: { kind: 'constant', warmup: 0 },
} as const;

/**
 * What a step must do at least: floating-point operations of its matrix products, forward and twice that backward, and
 * exponentials of its scan, forward and recomputed. All else (convolution, norms, embeddings, AdamW) is left out, so the
 * bound is low.
 */
export function countTokensWork(): { readonly flops: number; readonly exponentials: number } {
  const { length, dModel, layers, dState, expand, batch } = tokens;
  const inner = expand * dModel;
  const rank = Math.ceil(dModel / 16);
  const positions = batch * length;
  const products = dModel * 2 * inner + inner * (rank + 2 * dState) + rank * inner + inner * dModel;
  // No position before the first: its states do not decay.
  const exponentials = 2 * batch * (length - 1) * layers * inner * dState;
  return { flops: 3 * 2 * positions * products * layers, exponentials };
}
