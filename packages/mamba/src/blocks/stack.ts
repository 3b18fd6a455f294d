import { SettingError, ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { rmsNorm } from '../ops/rmsNorm.ts';
import { constant, type ParameterSpec, type Parameters, parameter } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import { bidirectionalMamba, bidirectionalParameters } from './bidirectional.ts';
import { type BlockConfig, mixerOf } from './block.ts';
import { type MambaState, runMixer } from './mixer.ts';

/** Blocks of one kind and size. */
export type StackConfig = BlockConfig & {
  readonly layers: number;
  /** Whether every block reads in both directions; false where it is not given. */
  readonly bidirectional?: boolean;
};

function normParameter(name: string, width: number): ParameterSpec {
  return { name, shape: [width], decay: false, initialise: constant(1) };
}

/** Throws: SettingError on blocks that there are not, and on sizes that do not fit together. */
export function stackParameters(prefix: string, config: StackConfig): ParameterSpec[] {
  const { dModel, layers, bidirectional } = config;
  const { parameters } = mixerOf(config);
  const specs: ParameterSpec[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const mixer = `${prefix}.layers.${layer}.mixer`;
    specs.push(normParameter(`${prefix}.layers.${layer}.norm.weight`, dModel));
    specs.push(...(bidirectional ? bidirectionalParameters(mixer, config, layers) : parameters(mixer, layers)));
  }
  specs.push(normParameter(`${prefix}.norm_f.weight`, dModel));
  return specs;
}

/** What a stack may be told beside its input. */
export interface StackContext {
  /** (batch, 1): positions before the padding. Only bidirectional blocks need it, as causal ones see no padding. */
  readonly lengths?: Tensor | null;
  /** One state a layer, to go on from: createState. Not for bidirectional blocks. */
  readonly states?: readonly MambaState[] | null;
}

/**
 * Residual Mamba blocks, each after an RMSNorm, and a last RMSNorm: `h ← h + block(norm(h))`, then `norm_f(h)`.
 *
 * x and the result (batch, length, d_model). Throws: ShapeError; SettingError as stackParameters, and on states for blocks that cannot go on.
 */
export function stack(
  tape: Tape<Kernels>,
  parameters: Parameters,
  prefix: string,
  config: StackConfig,
  x: Tensor,
  { lengths = null, states = null }: StackContext = {},
): Tensor {
  if (states && config.bidirectional) {
    throw new SettingError('stack', 'read in one direction to go on from a state', 'bidirectional');
  }
  if (states && states.length !== config.layers) {
    throw new ShapeError('stack states', `${config.layers} layers`, [states.length]);
  }
  const mixer = mixerOf(config);
  let h = x;
  for (let layer = 0; layer < config.layers; layer++) {
    const normed = rmsNorm(tape, h, parameter(parameters, `${prefix}.layers.${layer}.norm.weight`));
    const name = `${prefix}.layers.${layer}.mixer`;
    h = config.bidirectional
      ? bidirectionalMamba(tape, parameters, name, config, normed, h, lengths)
      : runMixer(tape, parameters, name, mixer, normed, h, states?.[layer] ?? null);
  }
  return rmsNorm(tape, h, parameter(parameters, `${prefix}.norm_f.weight`));
}
