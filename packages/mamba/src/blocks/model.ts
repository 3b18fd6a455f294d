import type { Kernels } from '../kernels.ts';
import type { ParameterSpec, Parameters } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';

/** A network from rows of numbers to one number a row; all that training and prediction need to know of it. */
export interface Model {
  readonly parameters: readonly ParameterSpec[];
  /** Positions of the sequence that a row becomes. */
  readonly tokens: number;
  /** Numbers a row in each input, by name. */
  readonly inputs: Readonly<Record<string, number>>;
  /** Records the network on a tape; inputs have shape (rows, width), the result (rows, 1). */
  record(tape: Tape<Kernels>, parameters: Parameters, inputs: Readonly<Record<string, Tensor>>): Tensor;
}
