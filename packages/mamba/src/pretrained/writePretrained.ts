import { stackParameters } from '../blocks/stack.ts';
import { SettingError, ShapeError } from '../errors.ts';
import { type TensorToStore, writeSafetensors } from '../safetensors.ts';
import type { Contents, Layout } from './layout.ts';
import { mambaSsm } from './mambaSsm.ts';
import type { Pretrained, Weight } from './readPretrained.ts';
import { formatSettings, parseSettings, parseVerbatim } from './settings.ts';
import { transformers } from './transformers.ts';

const layouts: Readonly<Record<'transformers' | 'mamba_ssm', Layout>> = { transformers, mamba_ssm: mambaSsm };

/**
 * Writes a model as Hugging Face transformers or mamba_ssm has it: the text of a config.json, and a safetensors file of
 * float32 (`model.safetensors`).
 *
 * `weights` may be a network's parameters: of those, the embedding's and the stack's are written. `settings`, the
 * config.json that a model came with, keeps its other fields, such as token ids. transformers leaves out a tied head,
 * which mamba_ssm's `load_state_dict` asks for.
 * Throws: ShapeError; SettingError on what the library has not, and on settings that contradict the model.
 */
export function writePretrained(
  library: 'transformers' | 'mamba_ssm',
  { config, vocabulary, weights, head }: Pretrained,
  settings = '{}',
): { readonly config: string; readonly file: Uint8Array<ArrayBuffer> } {
  if (config.bidirectional) throw new SettingError('writePretrained', 'read in one direction', 'bidirectional');
  const layout = layouts[library];
  const contents: Contents = { config, vocabulary, head: head === null || head === 'embedding' ? head : 'own' };
  // The older name of dtype.
  const { torch_dtype, ...others } = parseVerbatim(settings);
  const text = formatSettings({ ...others, ...layout.write(contents, others) });
  layout.read(parseSettings(text), []);

  const tensors: [string, TensorToStore][] = [];
  function put(name: string, shape: readonly number[], weight: Weight | undefined): void {
    if (weight?.shape.join() !== shape.join()) {
      throw new ShapeError(`writePretrained ${name}`, `(${shape.join(', ')})`, weight?.shape ?? 'nothing');
    }
    tensors.push([layout.nameOf(name, contents), { shape, data: Float32Array.from(weight.data) }]);
  }

  const table = [vocabulary, config.dModel];
  const embedding = weights.get('backbone.embedding.weight');
  put('backbone.embedding.weight', table, embedding);
  for (const { name, shape } of stackParameters('backbone', config)) put(name, shape, weights.get(name));
  if (head === 'embedding') {
    if (layout.repeatsTied) put('lm_head.weight', table, embedding);
  } else if (head !== null) {
    put('lm_head.weight', table, head);
  }
  // By name, as the reference implementation orders tensors of one type; transformers asks for the format.
  tensors.sort(([a], [b]) => (a < b ? -1 : 1));
  return { config: text, file: writeSafetensors(new Map(tensors), { format: 'pt' }) };
}
