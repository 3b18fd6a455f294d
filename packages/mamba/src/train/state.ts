import type { Model } from '../blocks/model.ts';
import { FormatError } from '../errors.ts';
import { fillParameters, fingerprint, type ParameterBlock } from '../parameters.ts';
import { hashText } from '../random.ts';
import type { HostBackend } from '../tape.ts';
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

/** How long a training can be. */
export interface TrainingLength {
  readonly epochs: number;
  /** Batches an epoch. */
  readonly batches: number;
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
  backend: HostBackend<unknown>,
  identity: string,
  position: Position,
  blocks: Readonly<Record<string, ParameterBlock>>,
): TrainingState {
  const tensors = new Map<string, { shape: readonly number[]; data: Floats }>();
  for (const [kind, block] of Object.entries(blocks)) {
    for (const [name, tensor] of block.tensors) {
      tensors.set(`${kind}/${name}`, { shape: tensor.shape, data: backend.read(tensor).slice() });
    }
  }
  return { tensors, metadata: { version, training: identity, position: JSON.stringify(position) } };
}

const isCount = (value: unknown, below = Number.POSITIVE_INFINITY): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < below;
const isLoss = (value: unknown): boolean => value === null || Number.isFinite(value);

/** The first field of a position that is not as `saveState` can have left it; null where all are. */
function findFault(value: unknown, { epochs, batches }: TrainingLength): string | null {
  if (typeof value !== 'object' || value === null) return 'position';
  const { step, epoch, batch, answers, lossSum, bestLoss, bestEpoch, history } = value as Record<string, unknown>;
  if (!isCount(epoch, epochs + 1)) return 'epoch';
  if (!isCount(batch, epoch < epochs ? batches : 1)) return 'batch';
  if (step !== epoch * batches + batch) return 'step';
  if (!isCount(answers)) return 'answers';
  if (!Number.isFinite(lossSum)) return 'lossSum';
  if (!isLoss(bestLoss)) return 'bestLoss';
  if (bestEpoch !== -1 && !isCount(bestEpoch, epoch)) return 'bestEpoch';
  if ((bestEpoch === -1) !== (bestLoss === null)) return 'bestEpoch';
  const isEpoch = (each: unknown, i: number): boolean => {
    const { epoch: at, trainLoss, validationLoss } = (each ?? {}) as Record<string, unknown>;
    return at === i && Number.isFinite(trainLoss) && isLoss(validationLoss);
  };
  if (!Array.isArray(history) || history.length !== epoch || !history.every(isEpoch)) return 'history';
  return null;
}

function readPosition(text: string | undefined, length: TrainingLength): Position {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    throw new FormatError('training state', 'its position must be JSON');
  }
  const fault = findFault(value, length);
  if (fault === null) return value as Position;
  throw new FormatError('training state', `its position must be one of this training, got another ${fault}`);
}

/** Fills the blocks and returns the position. Throws: FormatError on a state that is another's, incomplete or not finite. */
export function restoreState(
  backend: HostBackend<unknown>,
  { tensors, metadata }: TrainingState,
  identity: string,
  length: TrainingLength,
  blocks: Readonly<Record<string, ParameterBlock>>,
): Position {
  if (metadata.version !== version) {
    const found = metadata.version ?? 'none';
    throw new FormatError('training state', `must be of version ${version}, got ${found}; begin the training anew`);
  }
  if (metadata.training !== identity) {
    throw new FormatError('training state', 'it belongs to another model or configuration');
  }
  for (const [kind, block] of Object.entries(blocks)) {
    fillParameters(backend, 'training state', block.tensors, tensors, `${kind}/`);
    for (const [name, tensor] of block.tensors) {
      if (!backend.read(tensor).every(Number.isFinite))
        throw new FormatError('training state', `${kind}/${name} must be finite`);
    }
  }
  return readPosition(metadata.position, length);
}
