import type { Tensor } from '../tensor.ts';

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
  /** Every gradient is multiplied by this first: 1, or less where the global norm was clipped. */
  readonly gradientScale: number;
}

export interface AdamWKernels {
  /** Updates weight and both moments in place; all four of one shape and contiguous. */
  update(weight: Tensor, gradient: Tensor, first: Tensor, second: Tensor, step: AdamWStep): void;
  /** Σ x² in float64, in an order that depends on the length alone. */
  sumOfSquares(x: Tensor): number;
  /** `target += x` */
  add(x: Tensor, target: Tensor): void;
}

/**
 * AdamW: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
 * `w ← w − lr·weightDecay·w − lr·m̂/(√v̂ + ε)`, with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). Without decay it is Adam.
 *
 * Source: Loshchilov & Hutter 2019, in PyTorch's form. Float64 definition.
 */
export const adamWDefinition: AdamWKernels = {
  update(weight, gradient, first, second, step) {
    const { learningRate, beta1, beta2, epsilon } = step;
    const stepSize = learningRate / (1 - beta1 ** step.step);
    const correction = 1 / Math.sqrt(1 - beta2 ** step.step);
    const keep = 1 - learningRate * step.weightDecay;
    for (let i = 0; i < weight.data.length; i++) {
      const g = gradient.data[i] * step.gradientScale;
      first.data[i] = beta1 * first.data[i] + (1 - beta1) * g;
      second.data[i] = beta2 * second.data[i] + (1 - beta2) * g * g;
      const root = Math.sqrt(second.data[i]) * correction + epsilon;
      weight.data[i] = weight.data[i] * keep - (stepSize * first.data[i]) / root;
    }
  },

  sumOfSquares(x) {
    let sum = 0;
    for (let i = 0; i < x.data.length; i++) sum += x.data[i] * x.data[i];
    return sum;
  },

  add(x, target) {
    for (let i = 0; i < x.data.length; i++) target.data[i] += x.data[i];
  },
};
