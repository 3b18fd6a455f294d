/**
 * The half of scripts/checkPretrained.py that runs here: `node scripts/checkPretrained.ts <folder>`.
 *
 * For each model in <folder>/theirs: writes the hidden states that it gives here and the model itself to <folder>/ours.
 * Writes models of its own to <folder>/ours as well, with fresh weights, token ids and the hidden states of those.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend } from '../packages/mamba/src/backend.ts';
import { type StackConfig, stackParameters } from '../packages/mamba/src/blocks/stack.ts';
import { createStackStepper } from '../packages/mamba/src/blocks/step.ts';
import { allocateParameters, initialise, normal } from '../packages/mamba/src/parameters.ts';
import { type Pretrained, readPretrained } from '../packages/mamba/src/pretrained/readPretrained.ts';
import { writePretrained } from '../packages/mamba/src/pretrained/writePretrained.ts';
import { randomStream } from '../packages/mamba/src/random.ts';
import { readSafetensors, type TensorToStore, writeSafetensors } from '../packages/mamba/src/safetensors.ts';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node scripts/checkPretrained.ts <folder>');

/** Hidden states (batch, length, d_model) of ids (batch, length), in the memory of a fresh backend. */
function run({ config, weights }: Pretrained, ids: ArrayLike<number>, batch: number): Float32Array {
  const backend = createBackend('relaxed');
  const { tensors } = allocateParameters(backend, stackParameters('backbone', config));
  for (const [name, { data }] of tensors) data.set(weights.get(name)?.data ?? []);
  const table = weights.get('backbone.embedding.weight')?.data ?? new Float32Array();
  const x = Array.from(ids).flatMap((id) => [...table.subarray(id * config.dModel, (id + 1) * config.dModel)]);
  return Float32Array.from(createStackStepper(backend, tensors, 'backbone', config, batch).prefill(x));
}

function write(name: string, model: Pretrained, ids: Int32Array, shape: readonly number[], settings?: string): void {
  const target = join(folder, 'ours', name);
  const hidden = { shape: [...shape, model.config.dModel], data: run(model, ids, shape[0]) };
  for (const library of ['transformers', 'mamba_ssm'] as const) {
    const written =
      library === 'transformers'
        ? writePretrained(library, model, settings)
        : writePretrained(library, { ...model, head: model.head ?? 'embedding' });
    mkdirSync(join(target, library), { recursive: true });
    writeFileSync(join(target, library, 'config.json'), written.config);
    writeFileSync(join(target, library, 'model.safetensors'), written.file);
  }
  const answers = new Map<string, TensorToStore>([
    ['ids', { shape, data: ids }],
    ['hidden', hidden],
  ]);
  writeFileSync(join(target, 'answers.safetensors'), writeSafetensors(answers));
}

for (const name of readdirSync(join(folder, 'theirs'))) {
  const load = (file: string): Buffer => readFileSync(join(folder, 'theirs', name, file));
  const config = load('config.json').toString();
  const ids = readSafetensors(load('ids.safetensors')).tensors.get('ids');
  if (!ids) throw new Error(`${name}: no ids`);
  write(name, readPretrained(config, [load('model.safetensors')]), ids.data as Int32Array, ids.shape, config);
}

const fresh: Readonly<Record<string, StackConfig>> = {
  'fresh mamba': { dModel: 48, dState: 16, dConv: 4, expand: 2, layers: 3 },
  'fresh mamba2': { block: 'mamba2', dModel: 48, dState: 32, dConv: 4, expand: 2, headDim: 16, groups: 2, layers: 3 },
};
const vocabulary = 60;
for (const [name, config] of Object.entries(fresh)) {
  const table = { name: 'backbone.embedding.weight', shape: [vocabulary, config.dModel], decay: false };
  const specs = [{ ...table, initialise: normal(1) }, ...stackParameters('backbone', config)];
  const backend = createBackend('relaxed');
  const { tensors } = allocateParameters(backend, specs);
  initialise(backend, specs, tensors, 1);
  const random = randomStream(1, name);
  const ids = Int32Array.from({ length: 3 * 40 }, () => random.below(vocabulary));
  write(name, { config, vocabulary, weights: tensors, head: null }, ids, [3, 40]);
}
