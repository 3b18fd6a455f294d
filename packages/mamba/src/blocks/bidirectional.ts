import type { Kernels } from '../kernels.ts';
import { linear } from '../ops/linear.ts';
import { reverseSequence } from '../ops/reverseSequence.ts';
import { type ParameterSpec, type Parameters, parameter } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import { type Tensor, viewColumns } from '../tensor.ts';
import { innerWidth, type MambaConfig, mambaParameters, mixSequence } from './mamba.ts';

/** The second direction's name for what both have, as Vision Mamba names it: `conv1d_b`, `A_b_log`, `D_b`. */
function backwardName(name: string): string {
  return name.replace(/^(conv1d|x_proj|dt_proj|A|D)/, '$1_b');
}

/** A Mamba-1 block's parameters, those between the projections twice; the second direction starts as the first does. */
export function bidirectionalParameters(prefix: string, config: MambaConfig, residuals = 1): ParameterSpec[] {
  return mambaParameters(prefix, config, residuals).flatMap((spec) => {
    const name = `${prefix}.${backwardName(spec.name.slice(prefix.length + 1))}`;
    return name === spec.name ? [spec] : [spec, { ...spec, name }];
  });
}

/**
 * A Mamba-1 block that reads in both directions: one in_proj and one out_proj, and between them a convolution and a scan
 * for each direction, whose outputs are summed. x (batch, length, d_model) → the same shape, plus `residual`.
 *
 * `lengths` (batch, 1) says where padding begins, which the second direction must not begin with.
 * Source: Zhu et al. 2024 (Vision Mamba), Algorithm 1.
 */
export function bidirectionalMamba(
  tape: Tape<Kernels>,
  parameters: Parameters,
  prefix: string,
  config: MambaConfig,
  x: Tensor,
  residual: Tensor | null = null,
  lengths: Tensor | null = null,
): Tensor {
  const inner = innerWidth(config);
  const get = (name: string): Tensor => parameter(parameters, `${prefix}.${name}`);
  const getBackward = (name: string): Tensor => get(backwardName(name));
  const xz = linear(tape, x, get('in_proj.weight'));
  const u = viewColumns(xz, 0, inner);
  const z = viewColumns(xz, inner, 2 * inner);
  const forwards = mixSequence(tape, get, config, u, z);
  const [reversedU, reversedZ] = [reverseSequence(tape, u, lengths), reverseSequence(tape, z, lengths)];
  const backwards = mixSequence(tape, getBackward, config, reversedU, reversedZ);
  const y = reverseSequence(tape, backwards, lengths, forwards);
  return linear(tape, y, get('out_proj.weight'), null, residual);
}
