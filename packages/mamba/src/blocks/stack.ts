import type { Kernels } from '../kernels.ts';
import { rmsNorm } from '../ops/rmsNorm.ts';
import { constant, type ParameterSpec, type Parameters, parameter } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import { type MambaConfig, mamba, mambaParameters } from './mamba.ts';

export interface StackConfig extends MambaConfig {
  readonly layers: number;
}

function normParameter(name: string, width: number): ParameterSpec {
  return { name, shape: [width], decay: false, initialise: constant(1) };
}

export function stackParameters(prefix: string, config: StackConfig): ParameterSpec[] {
  const specs: ParameterSpec[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    specs.push(normParameter(`${prefix}.layers.${layer}.norm.weight`, config.dModel));
    specs.push(...mambaParameters(`${prefix}.layers.${layer}.mixer`, config, config.layers));
  }
  specs.push(normParameter(`${prefix}.norm_f.weight`, config.dModel));
  return specs;
}

/** Residual Mamba blocks, each after an RMSNorm, and a last RMSNorm: `h ← h + mamba(norm(h))`, then `norm_f(h)`. */
export function stack(
  tape: Tape<Kernels>,
  parameters: Parameters,
  prefix: string,
  config: StackConfig,
  x: Tensor,
): Tensor {
  let h = x;
  for (let layer = 0; layer < config.layers; layer++) {
    const normed = rmsNorm(tape, h, parameter(parameters, `${prefix}.layers.${layer}.norm.weight`));
    h = mamba(tape, parameters, `${prefix}.layers.${layer}.mixer`, config, normed, h);
  }
  return rmsNorm(tape, h, parameter(parameters, `${prefix}.norm_f.weight`));
}
