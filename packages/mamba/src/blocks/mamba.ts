import type { Kernels } from '../kernels.ts';
import { linear } from '../ops/linear.ts';
import { scanStep } from '../ops/scanStep.ts';
import { selectiveScan } from '../ops/selectiveScan.ts';
import { constant, type ParameterSpec, type Parameters, uniformByFanIn } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import {
  convolve,
  initialiseDtBias,
  type MambaState,
  type Mixer,
  runMixer,
  specsUnder,
  splitColumns,
} from './mixer.ts';

/** A Mamba-1 block's size, in the authors' terms. */
export interface MambaConfig {
  readonly dModel: number;
  readonly dState: number;
  readonly dConv: number;
  readonly expand: number;
}

/** The authors' defaults beside `d_model`. */
export const mambaDefaults = { dState: 16, dConv: 4, expand: 2 } as const;

export const innerWidth = ({ dModel, expand }: MambaConfig): number => dModel * expand;
export const dtRank = ({ dModel }: MambaConfig): number => Math.ceil(dModel / 16);

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
  const spec = specsUnder(prefix);
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

/** The kind's mixer: convolution, selection, scan with the gate. Source: Gu & Dao 2023, Algorithm 2. */
export function mambaMixer(config: MambaConfig): Mixer {
  const { dState, dConv } = config;
  const inner = innerWidth(config);
  const rank = dtRank(config);
  return {
    parameters: (prefix, residuals) => mambaParameters(prefix, config, residuals),
    parts: [inner, inner],
    state: { window: [dConv - 1, inner], h: [inner, dState] },
    mix(tape, get, [x, z], state) {
      const u = convolve(tape, get, x, state);
      const selection = linear(tape, u, get('x_proj.weight'));
      const [low, B, C] = splitColumns(selection, [rank, dState, dState]);
      const dt = linear(tape, low, get('dt_proj.weight'));
      const inputs = { u, dt, dtBias: get('dt_proj.bias'), ALog: get('A_log'), B, C, D: get('D'), z };
      return state ? scanStep(tape, inputs, state.h) : selectiveScan(tape, inputs);
    },
  };
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
  return runMixer(tape, parameters, prefix, mambaMixer(config), x, residual, state);
}
