import type { Kernels } from '../kernels.ts';
import { allocateParameters, type ParameterBlock, type ParameterSpec, parameter } from '../parameters.ts';
import type { Backend } from '../tape.ts';
import { sizeOf, type Tensor, viewColumns } from '../tensor.ts';
import { learningRateFactor, type Schedule } from './schedule.ts';

export interface OptimiserConfig {
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** Decoupled (AdamW); spares the parameters that declare no decay. */
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Largest global norm of the gradient; null for no clipping. */
  readonly clipNorm: number | null;
}

export interface Optimiser<Handle extends Tensor> {
  /** Running means of the gradient and of its square. */
  readonly first: ParameterBlock<Handle>;
  readonly second: ParameterBlock<Handle>;
  /** Takes step number `step` of `steps`, counted from 1, along the gradient. */
  apply(gradient: ParameterBlock, step: number, steps: number): void;
}

/** Neighbouring parameters that one update can take together, as a range of their block. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly weightDecay: number;
  readonly rate: number;
}

function joinNeighbours(specs: readonly ParameterSpec[], weights: ParameterBlock, weightDecay: number): Range[] {
  const { all, tensors } = weights;
  const begins = specs.map(({ name }) => (parameter(tensors, name).address - all.address) / all.elementBytes);
  const ranges: Range[] = [];
  specs.forEach(({ decay, rate = 1 }, i) => {
    const to = begins[i + 1] ?? sizeOf(all.shape);
    const range = { from: begins[i], to, weightDecay: decay ? weightDecay : 0, rate };
    const last = ranges.at(-1);
    if (last?.weightDecay === range.weightDecay && last.rate === rate)
      ranges[ranges.length - 1] = { ...last, to: range.to };
    else ranges.push(range);
  });
  return ranges;
}

/** AdamW with a schedule and clipping, for the weights of one block. */
export function createOptimiser<Handle extends Tensor>(
  backend: Backend<Kernels, Handle>,
  specs: readonly ParameterSpec[],
  weights: ParameterBlock,
  config: OptimiserConfig,
): Optimiser<Handle> {
  const { adamW } = backend.kernels;
  const { beta1, beta2, epsilon, clipNorm } = config;
  const first = allocateParameters(backend, specs);
  const second = allocateParameters(backend, specs);
  const ranges = joinNeighbours(specs, weights, config.weightDecay);
  const viewsOf = ({ all }: ParameterBlock): Tensor[] => ranges.map(({ from, to }) => viewColumns(all, from, to));
  const views = { weights: viewsOf(weights), first: viewsOf(first), second: viewsOf(second) };
  // Stays where the gradients are: the host never asks for the norm.
  const gradientScale = backend.arena.allocate([1]);
  backend.write(gradientScale, [1]);
  const gradientViews = new Map<ParameterBlock, Tensor[]>();

  return {
    first,
    second,
    apply(gradient, step, steps) {
      const known = gradientViews.get(gradient) ?? viewsOf(gradient);
      gradientViews.set(gradient, known);
      if (clipNorm !== null) adamW.clip(gradient.all, clipNorm, gradientScale);
      const rateNow = config.learningRate * learningRateFactor(config.schedule, step, steps);
      ranges.forEach(({ weightDecay, rate }, i) => {
        const numbers = { learningRate: rate * rateNow, beta1, beta2, epsilon, step, gradientScale, weightDecay };
        adamW.update(views.weights[i], known[i], views.first[i], views.second[i], numbers);
      });
    },
  };
}
