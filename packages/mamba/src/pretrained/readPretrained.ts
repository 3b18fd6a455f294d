import type { SequenceNetworkConfig } from '../blocks/sequenceNetwork.ts';
import { type StackConfig, stackParameters } from '../blocks/stack.ts';
import { FormatError, SettingError } from '../errors.ts';
import { readSafetensors, type StoredTensor } from '../safetensors.ts';
import type { Floats } from '../tensor.ts';
import { toFloat32 } from './floats.ts';
import type { Layout } from './layout.ts';
import { mambaSsm } from './mambaSsm.ts';
import { type ConfigFields, parseSettings } from './settings.ts';
import { transformers } from './transformers.ts';

/** A parameter's numbers, row-major; a backend's tensor is one. */
export interface Weight {
  readonly shape: readonly number[];
  readonly data: Floats;
}

/** A model of another library, as the blocks here can run it. */
export interface Pretrained {
  /** The stack's. */
  readonly config: StackConfig;
  /** Rows of the embedding: one a token, and padding where the library pads. */
  readonly vocabulary: number;
  /**
   * Under the names of sequenceNetwork: `backbone.embedding.weight` (vocabulary, d_model), and all of
   * stackParameters('backbone', config).
   */
  readonly weights: ReadonlyMap<string, Weight>;
  /** What makes logits of hidden states: weights (vocabulary, d_model), the embedding's where tied, or nothing. */
  readonly head: Weight | 'embedding' | null;
}

/** A model as it was read, and ready to run. */
export interface ReadPretrained extends Pretrained {
  /** A network that predicts logits at every position, or passes hidden states on where there is no head. */
  readonly network: {
    readonly config: SequenceNetworkConfig;
    /** The model's weights, and `head.weight` and `head.bias`. */
    readonly weights: ReadonlyMap<string, Weight>;
  };
}

/** The head as a sequenceNetwork has it. */
function headWeights(head: Weight): [string, Weight][] {
  const [outputs] = head.shape;
  return [
    ['head.weight', head],
    ['head.bias', { shape: [outputs], data: new Float32Array(outputs) }],
  ];
}

/** A head that changes nothing. */
function identity(width: number): Weight {
  const data = new Float32Array(width * width);
  for (let i = 0; i < width; i++) data[i * width + i] = 1;
  return { shape: [width, width], data };
}

/** For messages, of which a checkpoint may give cause for thousands: the first, and how many more. */
function listNames(names: readonly string[]): string {
  const first = JSON.stringify(names[0]);
  return names.length > 1 ? `${first} and ${names.length - 1} more` : first;
}

function joinFiles(files: readonly Uint8Array[]): Map<string, StoredTensor> {
  const joined = new Map<string, StoredTensor>();
  for (const file of files) {
    for (const [name, tensor] of readSafetensors(file).tensors) {
      if (joined.has(name)) throw new FormatError('pretrained', `${listNames([name])} is in two files`);
      joined.set(name, tensor);
    }
  }
  return joined;
}

/** The library that wrote a config.json. */
function layoutOf(settings: ConfigFields): Layout {
  if (Object.hasOwn(settings, 'model_type')) return transformers;
  if (Object.hasOwn(settings, 'd_model')) return mambaSsm;
  throw new SettingError('config.json', 'have model_type, or the d_model of mamba_ssm', 'neither');
}

function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return a.length === b.length;
}

/**
 * Reads a model of Hugging Face transformers (MambaModel, MambaForCausalLM, Mamba2Model, Mamba2ForCausalLM) or of
 * mamba_ssm (MambaLMHeadModel): the text of its config.json, and its safetensors files, several where it is sharded.
 *
 * Numbers come as float32: float16 and bfloat16 exactly, float64 rounded.
 * Throws: SettingError on a setting that the blocks here do not support; FormatError on files that break their format,
 * and on tensors that are missing, unexpected or of another shape than config.json says.
 */
export function readPretrained(config: string, files: readonly Uint8Array[]): ReadPretrained {
  const settings = parseSettings(config);
  const layout = layoutOf(settings);
  const stored = joinFiles(files);
  const contents = layout.read(settings, stored.keys());
  const { dModel, layers } = contents.config;
  // Before as many names are made as a broken config.json asks for.
  if (layers > stored.size)
    throw new FormatError('pretrained', `${layers} layers must have tensors, got ${stored.size}`);

  const missing: string[] = [];
  function take(name: string, shape: readonly number[]): Weight {
    const theirs = layout.nameOf(name, contents);
    const tensor = stored.get(theirs);
    stored.delete(theirs);
    if (!tensor) {
      missing.push(theirs);
      return { shape, data: new Float32Array() };
    }
    if (tensor.shape.join() !== shape.join()) {
      const sizes = `shape (${shape.join(', ')}), got (${tensor.shape.join(', ')})`;
      throw new FormatError('pretrained', `${listNames([theirs])} must have ${sizes}`);
    }
    return { shape, data: toFloat32(theirs, tensor) };
  }

  const table = [contents.vocabulary, dModel];
  const embedding = take('backbone.embedding.weight', table);
  const weights = new Map([['backbone.embedding.weight', embedding]]);
  for (const { name, shape } of stackParameters('backbone', contents.config)) weights.set(name, take(name, shape));
  const head: Pretrained['head'] = contents.head === 'own' ? take('lm_head.weight', table) : contents.head;
  // Some writers store tied weights twice.
  if (head === 'embedding' && stored.has('lm_head.weight')) {
    const { data } = take('lm_head.weight', table);
    if (!isSame(data, embedding.data))
      throw new FormatError('pretrained', '"lm_head.weight" must be the embedding, as config.json ties them');
  }
  if (missing.length > 0) throw new FormatError('pretrained', `tensors must be there, missing ${listNames(missing)}`);
  if (stored.size > 0) throw new FormatError('pretrained', `unexpected ${listNames([...stored.keys()])}`);
  const { config: stackConfig, vocabulary } = contents;
  const ownHead = head === 'embedding' ? embedding : (head ?? identity(dModel));
  const outputs = ownHead.shape[0];
  const network = {
    config: { ...stackConfig, vocabulary, length: 1, outputs, pooling: 'none', dropout: 0, seed: 0 } as const,
    weights: new Map([...weights, ...headWeights(ownHead)]),
  };
  return { config: stackConfig, vocabulary, weights, head, network };
}
