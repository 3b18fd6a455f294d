import type { Definition, Tensor } from '../tensor.ts';

/** One optimiser step's numbers. */
export interface AdamWStep {
  readonly learningRate: number;
  /** Decoupled: the weight shrinks by `learningRate · weightDecay` of itself. */
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Counted from 1, for the bias corrections. */
  readonly step: number;
  /** Shape (1): every gradient is multiplied by it first; 1, or less where the global norm was clipped. */
  readonly gradientScale: Tensor;
}

export interface AdamWKernels {
  /** Updates weight and both moments in place; all four of one shape and contiguous. */
  update(weight: Tensor, gradient: Tensor, first: Tensor, second: Tensor, step: AdamWStep): void;
  /**
   * `scale = min(1, limit / (‖x‖ + 1e-6))`, the small term being PyTorch's, against a norm of zero. Σ x² is summed in an order
   * that depends on the length alone; on the host in float64.
   */
  clip(x: Tensor, limit: number, scale: Tensor): void;
  /** `target += x` */
  add(x: Tensor, target: Tensor): void;
}

/** The factor that brings a gradient, of which the sum of squares is known, to a norm of at most `limit`. */
export function clippedScale(sumOfSquares: number, limit: number): number {
  return Math.min(1, limit / (Math.sqrt(sumOfSquares) + 1e-6));
}

/**
 * AdamW: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
 * `w ← w − lr·weightDecay·w − lr·m̂/(√v̂ + ε)`, with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). Without decay it is Adam.
 *
 * Source: Loshchilov & Hutter 2019, in PyTorch's form. Float64 definition.
 */
export const adamWDefinition: Definition<AdamWKernels> = {
  update(weight, gradient, first, second, step) {
    const { learningRate, beta1, beta2, epsilon } = step;
    const [scale] = step.gradientScale.data;
    const stepSize = learningRate / (1 - beta1 ** step.step);
    const correction = 1 / Math.sqrt(1 - beta2 ** step.step);
    const keep = 1 - learningRate * step.weightDecay;
    for (let i = 0; i < weight.data.length; i++) {
      const g = gradient.data[i] * scale;
      first.data[i] = beta1 * first.data[i] + (1 - beta1) * g;
      second.data[i] = beta2 * second.data[i] + (1 - beta2) * g * g;
      const root = Math.sqrt(second.data[i]) * correction + epsilon;
      weight.data[i] = weight.data[i] * keep - (stepSize * first.data[i]) / root;
    }
  },

  clip(x, limit, scale) {
    let sum = 0;
    for (let i = 0; i < x.data.length; i++) sum += x.data[i] * x.data[i];
    scale.data[0] = clippedScale(sum, limit);
  },

  add(x, target) {
    for (let i = 0; i < x.data.length; i++) target.data[i] += x.data[i];
  },
};
