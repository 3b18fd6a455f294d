/** `@hitscan/mamba/blocks`: for networks of one's own, blocks, the operations around them, and how parameters are declared. */
export { dropout } from '../ops/dropout.ts';
export { embedding } from '../ops/embedding.ts';
export { linear } from '../ops/linear.ts';
export { pool } from '../ops/pool.ts';
export { relu } from '../ops/relu.ts';
export { rmsNorm } from '../ops/rmsNorm.ts';
export { constant, normal, type ParameterSpec, type Parameters, parameter, uniformByFanIn } from '../parameters.ts';
export { reshape, type Tensor } from '../tensor.ts';
export { mamba, mambaDefaults, mambaParameters } from './mamba.ts';
export { mamba2, mamba2Defaults, mamba2Parameters } from './mamba2.ts';
export { stack, stackParameters } from './stack.ts';
