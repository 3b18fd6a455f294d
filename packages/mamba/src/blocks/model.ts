import type { Kernels } from '../kernels.ts';
import type { ParameterSpec, Parameters } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';

/** Plain data from which another thread makes the same model; see networks.ts. */
export interface NetworkDefinition {
  readonly network: 'tokens' | 'vector';
  readonly config: unknown;
}

/** A network from rows of numbers to one number a row; all that training and prediction need to know of it. */
export interface Model {
  readonly parameters: readonly ParameterSpec[];
  /** Absent for a model that only the thread knows which made it; it trains on that one. */
  readonly definition?: NetworkDefinition;
  /** Positions of the sequence that a row becomes. */
  readonly tokens: number;
  /** Numbers a row in each input, by name. */
  readonly inputs: Readonly<Record<string, number>>;
  /** Records the network on a tape; inputs have shape (rows, width), the result (rows, 1). */
  record(tape: Tape<Kernels>, parameters: Parameters, inputs: Readonly<Record<string, Tensor>>): Tensor;
}
