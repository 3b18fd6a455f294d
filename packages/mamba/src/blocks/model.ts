import type { Kernels } from '../kernels.ts';
import type { ParameterSpec, Parameters } from '../parameters.ts';
import type { Tape } from '../tape.ts';
import type { Tensor, WholeRange } from '../tensor.ts';

/** Plain data from which another thread makes the same model; see networks.ts. */
export interface NetworkDefinition {
  readonly network: 'tokens' | 'sequence' | 'vector';
  readonly config: unknown;
}

/** A network cut where its tokens are ready for the blocks. */
export interface TokenParts {
  /** Records the way from inputs, of shape (rows, width), to tokens (rows, tokens, width of a token). */
  embed(tape: Tape<Kernels>, parameters: Parameters, inputs: Readonly<Record<string, Tensor>>): Tensor;
  /** Records the rest, to predictions (rows, outputs). */
  read(tape: Tape<Kernels>, parameters: Parameters, tokens: Tensor): Tensor;
}

/** A network from rows of numbers to predictions; all that training needs to know of it. */
export interface Model {
  readonly parameters: readonly ParameterSpec[];
  /** Absent for a model that only the thread knows which made it; it trains on that one. */
  readonly definition?: NetworkDefinition;
  /** Positions of the sequence that a row becomes. */
  readonly tokens: number;
  /** Numbers a row in each input, by name. */
  readonly inputs: Readonly<Record<string, number>>;
  /** Of inputs that are whole numbers, such as codes: which they may be. */
  readonly ranges?: Readonly<Record<string, WholeRange>>;
  /** Targets a row: 1, or as many as it has positions to predict for. */
  readonly targets: number;
  /** Numbers predicted for each target: predictionColumns(loss) of the loss that it is trained with. */
  readonly outputs: number;
  /** Its two parts, where it can be cut; `record` is both. */
  readonly parts?: TokenParts;
  /** Records the network on a tape; inputs have shape (rows, width), the result (rows · targets, outputs). */
  record(tape: Tape<Kernels>, parameters: Parameters, inputs: Readonly<Record<string, Tensor>>): Tensor;
}
