import type { Kernels } from '../kernels.ts';
import { causalConv } from '../ops/causalConv.ts';
import { convStep } from '../ops/convStep.ts';
import { linear } from '../ops/linear.ts';
import { type ParameterSpec, type Parameters, parameter } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import { type Tensor, viewColumns } from '../tensor.ts';

/** What a block keeps of the positions that it has read, to go on from; zeros before the first. */
export interface MambaState<Handle extends Tensor = Tensor> {
  /** The convolution's last inputs, (batch, dConv − 1, channels). */
  readonly window: Handle;
  /** The scan's state: (batch, inner, dState), and (batch, heads, headDim, dState) in Mamba-2. */
  readonly h: Handle;
}

/** Finds a parameter by its name without the block's prefix. */
export type FindParameter = (name: string) => Tensor;

/** What a block of one kind and size does between its projections: all in which Mamba-1 and Mamba-2 differ. */
export interface Mixer {
  /** The whole block's; `residuals` as for mambaParameters. */
  parameters(prefix: string, residuals: number): ParameterSpec[];
  /** How in_proj's result is split: the number of columns of each part. */
  readonly parts: readonly number[];
  /** Shapes without the batch. */
  readonly state: { readonly [Name in keyof MambaState]: readonly number[] };
  /**
   * From those parts, (batch, length, columns), to what out_proj takes, (batch, length, inner). With a `state`, the
   * positions go on from it and leave theirs in it.
   */
  mix(tape: Tape<Kernels>, get: FindParameter, parts: readonly Tensor[], state: MambaState | null): Tensor;
}

/** Makes specs of parameters under a block's prefix. */
export function specsUnder(prefix: string) {
  return (
    name: string,
    shape: readonly number[],
    decay: boolean,
    initialise: ParameterSpec['initialise'],
  ): ParameterSpec => ({ name: `${prefix}.${name}`, shape, decay, initialise });
}

/** Range from which the initial step sizes Δ are drawn, log-uniformly, and their floor. */
const deltaMinimum = 1e-3;
const deltaMaximum = 0.1;
const deltaFloor = 1e-4;

/** softplus⁻¹ of log-uniform step sizes, so that softplus(bias) starts as Δ. */
export const initialiseDtBias: ParameterSpec['initialise'] = (values, random) => {
  const span = Math.log(deltaMaximum / deltaMinimum);
  for (let i = 0; i < values.length; i++) {
    const delta = Math.max(deltaFloor, deltaMinimum * Math.exp(random.uniform() * span));
    values[i] = delta + Math.log(-Math.expm1(-delta));
  }
};

/** Views of so many columns each, one after another. */
export function splitColumns(tensor: Tensor, widths: readonly number[]): Tensor[] {
  let from = 0;
  return widths.map((width) => {
    from += width;
    return viewColumns(tensor, from - width, from);
  });
}

/** The block's convolution with SiLU; with a `state`, it goes on from the inputs there. */
export function convolve(tape: Tape<Kernels>, get: FindParameter, x: Tensor, state: MambaState | null): Tensor {
  const [weight, bias] = [get('conv1d.weight'), get('conv1d.bias')];
  return state ? convStep(tape, x, weight, bias, state.window) : causalConv(tape, x, weight, bias);
}

/** A whole block: in_proj, split; the mixer; out_proj, plus `residual` where one is given. */
export function runMixer(
  tape: Tape<Kernels>,
  parameters: Parameters,
  prefix: string,
  { parts, mix }: Mixer,
  x: Tensor,
  residual: Tensor | null,
  state: MambaState | null,
): Tensor {
  const get: FindParameter = (name) => parameter(parameters, `${prefix}.${name}`);
  const projected = splitColumns(linear(tape, x, get('in_proj.weight')), parts);
  return linear(tape, mix(tape, get, projected, state), get('out_proj.weight'), null, residual);
}
