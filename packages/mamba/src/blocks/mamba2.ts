import { SettingError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { gatedRmsNorm } from '../ops/gatedRmsNorm.ts';
import { ssd } from '../ops/ssd.ts';
import { ssdStep } from '../ops/ssdStep.ts';
import { constant, type ParameterSpec, type Parameters, uniformByFanIn } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import { innerWidth, type MambaConfig } from './mamba.ts';
import {
  convolve,
  initialiseDtBias,
  type MambaState,
  type Mixer,
  runMixer,
  specsUnder,
  splitColumns,
} from './mixer.ts';

/** A Mamba-2 block's size, in the authors' terms. */
export interface Mamba2Config extends MambaConfig {
  /** Channels of a head: `expand · dModel` is a multiple of it. */
  readonly headDim: number;
  /** B and C are shared by all heads of a group, and normalisation keeps to one; a divisor of the number of heads. */
  readonly groups: number;
}

/** The authors' defaults beside `d_model`. */
export const mamba2Defaults = { dState: 128, dConv: 4, expand: 2, headDim: 64, groups: 1 } as const;

/** The range from which the decay rates −A are drawn. */
const slowest = 1;
const fastest = 16;

const initialiseALog: ParameterSpec['initialise'] = (values, random) => {
  for (let i = 0; i < values.length; i++) values[i] = Math.log(slowest + random.uniform() * (fastest - slowest));
};

/** The widths that follow from a configuration. Throws: SettingError where they do not fit together. */
function widthsOf(config: Mamba2Config) {
  const { dState, headDim, groups } = config;
  const inner = innerWidth(config);
  if (!(Number.isInteger(headDim) && headDim > 0 && inner % headDim === 0)) {
    throw new SettingError('headDim', `divide the ${inner} inner channels`, headDim);
  }
  const heads = inner / headDim;
  if (!(Number.isInteger(groups) && groups > 0 && heads % groups === 0)) {
    throw new SettingError('groups', `divide the ${heads} heads`, groups);
  }
  /** Columns of B, and of C. */
  const selection = groups * dState;
  return { inner, heads, selection, convolved: inner + 2 * selection };
}

/**
 * The parameters of a Mamba-2 block under the authors' names, shapes and initial values; in_proj's rows are those of z, x,
 * B, C and dt. `residuals` as for mambaParameters. Source: Dao & Gu 2024, §7, and docs/mamba.md.
 *
 * Throws: SettingError where inner is no multiple of headDim, or the heads are none of groups.
 */
export function mamba2Parameters(prefix: string, config: Mamba2Config, residuals = 1): ParameterSpec[] {
  const { dModel, dConv } = config;
  const { inner, heads, convolved } = widthsOf(config);
  const spec = specsUnder(prefix);
  return [
    spec('in_proj.weight', [inner + convolved + heads, dModel], true, uniformByFanIn(dModel)),
    spec('conv1d.weight', [convolved, 1, dConv], true, uniformByFanIn(dConv)),
    spec('conv1d.bias', [convolved], false, uniformByFanIn(dConv)),
    spec('dt_bias', [heads], false, initialiseDtBias),
    spec('A_log', [heads], false, initialiseALog),
    spec('D', [heads], false, constant(1)),
    spec('norm.weight', [inner], false, constant(1)),
    spec('out_proj.weight', [dModel, inner], true, uniformByFanIn(inner, 1 / Math.sqrt(residuals))),
  ];
}

/** The kind's mixer: convolution, scan, gate and norm. Source: Dao & Gu 2024, §7. Throws: as mamba2Parameters. */
export function mamba2Mixer(config: Mamba2Config): Mixer {
  const { dState, dConv, headDim, groups } = config;
  const { inner, heads, selection, convolved } = widthsOf(config);
  return {
    parameters: (prefix, residuals) => mamba2Parameters(prefix, config, residuals),
    parts: [inner, convolved, heads],
    state: { window: [dConv - 1, convolved], h: [heads, headDim, dState] },
    mix(tape, get, [z, xBC, dt], state) {
      const [x, B, C] = splitColumns(convolve(tape, get, xBC, state), [inner, selection, selection]);
      const inputs = { x, dt, dtBias: get('dt_bias'), ALog: get('A_log'), B, C, D: get('D') };
      const y = state ? ssdStep(tape, inputs, groups, state.h) : ssd(tape, inputs, groups);
      return gatedRmsNorm(tape, y, z, get('norm.weight'), groups);
    },
  };
}

/**
 * A Mamba-2 block: x (batch, length, d_model) → the same shape, plus `residual` where one is given. With a `state`, the
 * positions go on from it and leave theirs in it; on tapes that predict only.
 *
 * Source: Dao & Gu 2024, Figure 6, the parallel block. Throws: as mamba2Parameters.
 */
export function mamba2(
  tape: Tape<Kernels>,
  parameters: Parameters,
  prefix: string,
  config: Mamba2Config,
  x: Tensor,
  residual: Tensor | null = null,
  state: MambaState | null = null,
): Tensor {
  return runMixer(tape, parameters, prefix, mamba2Mixer(config), x, residual, state);
}
