import type { Kernels } from '../kernels.ts';
import { causalConv } from '../ops/causalConv.ts';
import { convStep } from '../ops/convStep.ts';
import { linear } from '../ops/linear.ts';
import { scanStep } from '../ops/scanStep.ts';
import { selectiveScan } from '../ops/selectiveScan.ts';
import { constant, type ParameterSpec, type Parameters, parameter, uniformByFanIn } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import { type Tensor, viewColumns } from '../tensor.ts';

/** A Mamba-1 block's size, in the authors' terms. */
export interface MambaConfig {
  readonly dModel: number;
  readonly dState: number;
  readonly dConv: number;
  readonly expand: number;
}

/** The authors' defaults beside `d_model`. */
export const mambaDefaults = { dState: 16, dConv: 4, expand: 2 } as const;

/** Range from which the initial step sizes Δ are drawn, log-uniformly, and their floor. */
const deltaMinimum = 1e-3;
const deltaMaximum = 0.1;
const deltaFloor = 1e-4;

export const innerWidth = ({ dModel, expand }: MambaConfig): number => dModel * expand;
export const dtRank = ({ dModel }: MambaConfig): number => Math.ceil(dModel / 16);

/** softplus⁻¹ of log-uniform step sizes, so that softplus(bias) starts as Δ. */
const initialiseDtBias: ParameterSpec['initialise'] = (values, random) => {
  const span = Math.log(deltaMaximum / deltaMinimum);
  for (let i = 0; i < values.length; i++) {
    const delta = Math.max(deltaFloor, deltaMinimum * Math.exp(random.uniform() * span));
    values[i] = delta + Math.log(-Math.expm1(-delta));
  }
};

/** A_log[d, n] = ln(n + 1): the states decay at rates 1 … N. */
const initialiseALog =
  (dState: number): ParameterSpec['initialise'] =>
  (values) => {
    for (let i = 0; i < values.length; i++) values[i] = Math.log((i % dState) + 1);
  };

/**
 * The parameters of a Mamba-1 block under the authors' names, shapes and initial values.
 *
 * `residuals` is the number of residual branches in the whole model: out_proj starts smaller by its square root, as
 * the authors' language model does; 1 leaves it alone. Source: Gu & Dao 2023, §3.6, and docs/mamba.md.
 */
export function mambaParameters(prefix: string, config: MambaConfig, residuals = 1): ParameterSpec[] {
  const { dModel, dState, dConv } = config;
  const inner = innerWidth(config);
  const rank = dtRank(config);
  const spec = (
    name: string,
    shape: readonly number[],
    decay: boolean,
    initialise: ParameterSpec['initialise'],
  ): ParameterSpec => ({ name: `${prefix}.${name}`, shape, decay, initialise });
  return [
    spec('in_proj.weight', [2 * inner, dModel], true, uniformByFanIn(dModel)),
    spec('conv1d.weight', [inner, 1, dConv], true, uniformByFanIn(dConv)),
    spec('conv1d.bias', [inner], false, uniformByFanIn(dConv)),
    spec('x_proj.weight', [rank + 2 * dState, inner], true, uniformByFanIn(inner)),
    spec('dt_proj.weight', [inner, rank], true, uniformByFanIn(rank)),
    spec('dt_proj.bias', [inner], false, initialiseDtBias),
    spec('A_log', [inner, dState], false, initialiseALog(dState)),
    spec('D', [inner], false, constant(1)),
    spec('out_proj.weight', [dModel, inner], true, uniformByFanIn(inner, 1 / Math.sqrt(residuals))),
  ];
}

/** What a block keeps of the positions that it has read, to go on from; zeros before the first. */
export interface MambaState {
  /** The convolution's last inputs, (batch, dConv − 1, inner). */
  readonly window: Tensor;
  /** The scan's state, (batch, inner, dState). */
  readonly h: Tensor;
}

/**
 * What a block does between its projections, from x to the scan's output: x and z (batch, length, inner) may be column
 * views. `get` finds a parameter by its name without the block's prefix. With a `state`, the positions go on from it and
 * leave theirs in it.
 */
export function mixSequence(
  tape: Tape<Kernels>,
  get: (name: string) => Tensor,
  config: MambaConfig,
  x: Tensor,
  z: Tensor,
  state: MambaState | null = null,
): Tensor {
  const rank = dtRank(config);
  const { dState } = config;
  const [weight, bias] = [get('conv1d.weight'), get('conv1d.bias')];
  const u = state ? convStep(tape, x, weight, bias, state.window) : causalConv(tape, x, weight, bias);
  const selection = linear(tape, u, get('x_proj.weight'));
  const dt = linear(tape, viewColumns(selection, 0, rank), get('dt_proj.weight'));
  const inputs = {
    u,
    dt,
    dtBias: get('dt_proj.bias'),
    ALog: get('A_log'),
    B: viewColumns(selection, rank, rank + dState),
    C: viewColumns(selection, rank + dState, rank + 2 * dState),
    D: get('D'),
    z,
  };
  return state ? scanStep(tape, inputs, state.h) : selectiveScan(tape, inputs);
}

/**
 * A Mamba-1 block: x (batch, length, d_model) → the same shape, plus `residual` where one is given. With a `state`, the
 * positions go on from it and leave theirs in it; on tapes that predict only.
 *
 * Source: Gu & Dao 2023, Figure 3 and Algorithm 2.
 */
export function mamba(
  tape: Tape<Kernels>,
  parameters: Parameters,
  prefix: string,
  config: MambaConfig,
  x: Tensor,
  residual: Tensor | null = null,
  state: MambaState | null = null,
): Tensor {
  const inner = innerWidth(config);
  const get = (name: string): Tensor => parameter(parameters, `${prefix}.${name}`);
  const xz = linear(tape, x, get('in_proj.weight'));
  const y = mixSequence(tape, get, config, viewColumns(xz, 0, inner), viewColumns(xz, inner, 2 * inner), state);
  return linear(tape, y, get('out_proj.weight'), null, residual);
}
