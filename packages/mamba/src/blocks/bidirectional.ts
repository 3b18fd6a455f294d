import type { Kernels } from '../kernels.ts';
import { linear } from '../ops/linear.ts';
import { reverseSequence } from '../ops/reverseSequence.ts';
import { type ParameterSpec, type Parameters, parameter } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import { type BlockConfig, mixerOf } from './block.ts';
import { splitColumns } from './mixer.ts';

/** The second direction's name for what both have, as Vision Mamba names it: `conv1d_b`, `A_b_log`, `D_b`. */
function backwardName(name: string): string {
  return name.replace(/^(conv1d|x_proj|dt_proj|dt_bias|A|D|norm)/, '$1_b');
}

/** A block's parameters, those between the projections twice; the second direction starts as the first does. */
export function bidirectionalParameters(prefix: string, config: BlockConfig, residuals = 1): ParameterSpec[] {
  return mixerOf(config)
    .parameters(prefix, residuals)
    .flatMap((spec) => {
      const name = `${prefix}.${backwardName(spec.name.slice(prefix.length + 1))}`;
      return name === spec.name ? [spec] : [spec, { ...spec, name }];
    });
}

/**
 * A block that reads in both directions: one in_proj and one out_proj, and between them a mixer for each direction, whose
 * outputs are summed. x (batch, length, d_model) → the same shape, plus `residual`.
 *
 * `lengths` (batch, 1) says where padding begins, which the second direction must not begin with.
 * Source: Zhu et al. 2024 (Vision Mamba), Algorithm 1, for Mamba-1; Mamba-2 likewise.
 */
export function bidirectionalMamba(
  tape: Tape<Kernels>,
  parameters: Parameters,
  prefix: string,
  config: BlockConfig,
  x: Tensor,
  residual: Tensor | null = null,
  lengths: Tensor | null = null,
): Tensor {
  const { parts, mix } = mixerOf(config);
  const get = (name: string): Tensor => parameter(parameters, `${prefix}.${name}`);
  const getBackward = (name: string): Tensor => get(backwardName(name));
  const projected = splitColumns(linear(tape, x, get('in_proj.weight')), parts);
  const forwards = mix(tape, get, projected, null);
  const reversed = projected.map((part) => reverseSequence(tape, part, lengths));
  const backwards = mix(tape, getBackward, reversed, null);
  const y = reverseSequence(tape, backwards, lengths, forwards);
  return linear(tape, y, get('out_proj.weight'), null, residual);
}
