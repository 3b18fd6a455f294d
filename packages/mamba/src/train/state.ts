import type { Model } from '../blocks/model.ts';
import { FormatError } from '../errors.ts';
import { fillParameters, fingerprint, type ParameterBlock } from '../parameters.ts';
import { hashText } from '../random.ts';
import type { Floats } from '../tensor.ts';

/** A training between two steps; can be stored as a safetensors file. */
export interface TrainingState {
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Floats }>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One epoch's mean losses; `validationLoss` is that of the loss watched, null without validation rows. */
export interface EpochLosses {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validationLoss: number | null;
}

/** Numbers that change as training goes, beside the tensors. */
export interface Position {
  step: number;
  epoch: number;
  /** Batches done in this epoch. */
  batch: number;
  /** Targets that counted in this epoch, and loss × these, summed. */
  answers: number;
  lossSum: number;
  bestLoss: number | null;
  bestEpoch: number;
  history: EpochLosses[];
}

/** Of the state's own form; a state of another one cannot be gone on from. */
const version = '2';

/** What a state must agree on to be gone on from: the network, whatever of it shows in shapes or not, and the settings. */
export function identify(model: Model, settings: unknown): string {
  const network = hashText(JSON.stringify(model.definition ?? null)).toString(16);
  return `${fingerprint(model.parameters)} ${network} ${JSON.stringify(settings)}`;
}

/** A copy of all that is needed to go on; blocks by the name that they are stored under. */
export function saveState(
  identity: string,
  position: Position,
  blocks: Readonly<Record<string, ParameterBlock>>,
): TrainingState {
  const tensors = new Map<string, { shape: readonly number[]; data: Floats }>();
  for (const [kind, block] of Object.entries(blocks)) {
    for (const [name, { shape, data }] of block.tensors) {
      tensors.set(`${kind}/${name}`, { shape, data: data.slice() });
    }
  }
  return { tensors, metadata: { version, training: identity, position: JSON.stringify(position) } };
}

/** Fills the blocks and returns the position. Throws: FormatError on a state that is another's or incomplete. */
export function restoreState(
  { tensors, metadata }: TrainingState,
  identity: string,
  blocks: Readonly<Record<string, ParameterBlock>>,
): Position {
  if (metadata.version !== version) {
    const found = metadata.version ?? 'none';
    throw new FormatError(`training state: must be of version ${version}, got ${found}; begin the training anew`);
  }
  if (metadata.training !== identity) {
    throw new FormatError('training state: it belongs to another model or configuration');
  }
  for (const [kind, block] of Object.entries(blocks)) {
    fillParameters('training state', block.tensors, tensors, `${kind}/`);
  }
  try {
    return JSON.parse(metadata.position);
  } catch {
    throw new FormatError('training state: its position must be JSON');
  }
}
