import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FormatError, SettingError, ShapeError } from '../errors.ts';
import { randomStream } from '../random.ts';
import { readSafetensors, type StoredTensor, type TensorToStore, writeSafetensors } from '../safetensors.ts';
import { type Pretrained, readPretrained } from './readPretrained.ts';
import { writePretrained } from './writePretrained.ts';

const load = (name: string): Buffer => readFileSync(new URL(`../golden/pretrained/${name}`, import.meta.url));

function loadCase(name: string): { settings: Record<string, unknown>; tensors: Map<string, StoredTensor> } {
  const settings = JSON.parse(load(`${name}.json`).toString());
  return { settings, tensors: new Map(readSafetensors(load(`${name}.safetensors`)).tensors) };
}

/** Reads a case of the golden files with other settings, `undefined` for absent ones, and other tensors. */
function readChanged(
  name: string,
  settings: Readonly<Record<string, unknown>>,
  change: (tensors: Map<string, TensorToStore>) => void = () => {},
): Pretrained {
  const original = loadCase(name);
  change(original.tensors);
  return readPretrained(JSON.stringify({ ...original.settings, ...settings }), [writeSafetensors(original.tensors)]);
}

/** The same model in the layout of mamba_ssm, with other settings. */
function readMambaSsm(name: string, settings: Readonly<Record<string, unknown>>): Pretrained {
  const { config, file } = writePretrained('mamba_ssm', readChanged(name, {}));
  return readPretrained(JSON.stringify({ ...JSON.parse(config), ...settings }), [file]);
}

/** The error that something throws, which must have this class and this text in one line. */
function expectRefusal(run: () => unknown, kind: new (...of: never[]) => Error, text: string): void {
  let found: unknown = null;
  try {
    run();
  } catch (error) {
    found = error;
  }
  expect(found).toBeInstanceOf(kind);
  expect((found as Error).message).toContain(text);
  expect((found as Error).message).not.toContain('\n');
}

describe('a config.json of transformers is refused', () => {
  test.each<[string, string, Record<string, unknown>, string]>([
    ['mamba', 'another family', { model_type: 'jamba' }, 'config.json model_type: must be "mamba" or "mamba2"'],
    ['mamba', 'no family', { model_type: undefined }, 'config.json: must have model_type'],
    ['mamba', 'another class', { architectures: ['MambaForX'] }, 'got ["MambaForX"]'],
    ['mamba', 'biases of projections', { use_bias: true }, 'config.json use_bias: must be false, got true'],
    ['mamba', 'no bias of convolutions', { use_conv_bias: false }, 'use_conv_bias: must be true'],
    ['mamba', 'another activation', { hidden_act: 'gelu' }, 'hidden_act: must be "silu" or "swish", got "gelu"'],
    ['mamba', 'another epsilon', { layer_norm_epsilon: 1e-6 }, 'layer_norm_epsilon: must be 0.00001, got 0.000001'],
    ['mamba', 'another rank', { time_step_rank: 3 }, 'time_step_rank: must be "auto" or 2, got 3'],
    ['mamba', 'another width', { intermediate_size: 60 }, 'intermediate_size: must be 40, got 60'],
    ['mamba', 'no layers', { num_hidden_layers: 0 }, 'num_hidden_layers: must be a whole number from 1, got 0'],
    ['mamba', 'half a channel', { expand: 1.5 }, 'expand: must be a whole number from 1, got 1.5'],
    ['mamba', 'a width in words', { hidden_size: 'wide\nest' }, 'got "wide\\nest"'],
    ['mamba2', 'other heads', { num_heads: 3 }, 'num_heads: must be hidden_size · expand / head_dim (10), got 3'],
    ['mamba2', 'the default heads', { num_heads: undefined }, 'head_dim (10), got 128'],
    ['mamba2', 'groups of half a head', { n_groups: 3 }, 'groups: must divide the 4 heads, got 3'],
    ['mamba2', 'limited step sizes', { time_step_limit: [0, 0.1] }, 'time_step_limit: must be [0,"Infinity"] or'],
    ['mamba2', 'biases of projections', { use_bias: true }, 'config.json use_bias: must be false, got true'],
    ['mamba2', 'the other family’s class', { architectures: ['MambaModel'] }, 'got ["MambaModel"]'],
    ['mamba-tied', 'a tie in words', { tie_word_embeddings: 'yes' }, 'must be true or false, got "yes"'],
  ])('%s with %s', (name, _, settings, text) => {
    expectRefusal(() => readChanged(name, settings), SettingError, text);
  });

  test.each(['', '[]', 'null', '{"model_type":"mamba"', '{"model_type":Infinit}'])(
    'that is no JSON object: %s',
    (text) => {
      expectRefusal(() => readPretrained(text, []), FormatError, 'config.json: must be ');
    },
  );
});

describe('a config.json of mamba_ssm is refused', () => {
  test.each<[string, string, Record<string, unknown>, string]>([
    ['mamba-tied', 'layer norms', { rms_norm: false }, 'config.json rms_norm: must be true, got false'],
    ['mamba-tied', 'an MLP', { d_intermediate: 64 }, 'd_intermediate: must be 0, got 64'],
    ['mamba-tied', 'attention', { attn_layer_idx: [1] }, 'attn_layer_idx: must be [], got [1]'],
    ['mamba-tied', 'an unknown field', { rotary: true }, 'rotary: must be absent'],
    ['mamba-tied', 'blocks that are a list', { ssm_cfg: [] }, 'ssm_cfg: must be an object, got []'],
    ['mamba-tied', 'another block', { ssm_cfg: { layer: 'Mamba3' } }, 'got "Mamba3"'],
    ['mamba-tied', 'an unknown field of blocks', { ssm_cfg: { heads: 2 } }, 'heads: must be absent'],
    ['mamba-tied', 'biases', { ssm_cfg: { bias: true } }, 'bias: must be false, got true'],
    ['mamba-tied', 'no biases', { ssm_cfg: { conv_bias: false } }, 'conv_bias: must be true, got false'],
    ['mamba-tied', 'another rank', { ssm_cfg: { dt_rank: 1 } }, 'dt_rank: must be "auto" or 2, got 1'],
    [
      'mamba2-tied',
      'a part without SSM',
      { ssm_cfg: { layer: 'Mamba2', d_ssm: 20 } },
      'd_ssm: must be null or 40, got 20',
    ],
    ['mamba2-tied', 'a wide D', { ssm_cfg: { layer: 'Mamba2', D_has_hdim: true } }, 'D_has_hdim: must be false'],
    ['mamba2-tied', 'no inner norm', { ssm_cfg: { layer: 'Mamba2', rmsnorm: false } }, 'rmsnorm: must be true'],
    ['mamba2-tied', 'an early norm', { ssm_cfg: { layer: 'Mamba2', norm_before_gate: true } }, 'gate: must be false'],
    ['mamba2-tied', 'limits', { ssm_cfg: { layer: 'Mamba2', dt_limit: [0.1, 1] } }, 'dt_limit: must be [0,"Infinity"]'],
    [
      'mamba2-tied',
      'the default heads',
      { ssm_cfg: { layer: 'Mamba2' } },
      'headDim: must divide the 40 inner channels',
    ],
    ['mamba2-tied', 'the other block’s field', { ssm_cfg: { layer: 'Mamba2', dt_rank: 2 } }, 'dt_rank: must be absent'],
  ])('%s with %s', (name, _, settings, text) => {
    expectRefusal(() => readMambaSsm(name, settings), SettingError, text);
  });
});

describe('tensors are refused', () => {
  const zeros = (shape: readonly number[]): TensorToStore => ({
    shape,
    data: new Float32Array(shape.reduce((size, length) => size * length, 1)),
  });
  const [layer, norm] = ['layers.1.mixer.D', 'norm_f.weight'];

  test.each<[string, string, Record<string, unknown>, (tensors: Map<string, TensorToStore>) => void, string]>([
    ['mamba', 'one missing', {}, (t) => t.delete(layer), `missing "${layer}"`],
    ['mamba', 'two missing', {}, (t) => [layer, norm].map((key) => t.delete(key)), `missing "${layer}" and 1 more`],
    ['mamba', 'one too many', {}, (t) => t.set('x', zeros([2])), 'unexpected "x"'],
    ['mamba', 'a layer too many', { num_hidden_layers: 1 }, () => {}, 'unexpected "layers.1.mixer.A_log" and 9 more'],
    ['mamba', 'layers without end', { num_hidden_layers: 1e15 }, () => {}, '1000000000000000 layers must have tensors'],
    ['mamba', 'another shape', {}, (t) => t.set(norm, zeros([21])), `"${norm}" must have shape (20), got (21)`],
    ['mamba', 'another rank', {}, (t) => t.set(norm, zeros([20, 1])), 'must have shape (20), got (20, 1)'],
    ['mamba', 'whole numbers', {}, (t) => t.set(norm, { shape: [20], data: new Int32Array(20) }), 'BF16, got I32'],
    ['mamba', 'names of the other class', { architectures: ['MambaForCausalLM'] }, () => {}, 'missing "backbone.'],
    ['mamba-tied', 'names of the other class', { architectures: ['MambaModel'] }, () => {}, 'missing "embeddings.'],
    ['mamba-untied', 'a head where it is tied', { tie_word_embeddings: true }, () => {}, 'must be the embedding'],
    ['mamba-tied', 'no head where it is not', { tie_word_embeddings: false }, () => {}, 'missing "lm_head.weight"'],
    ['mamba2', 'heads of another width', { num_heads: 2, head_dim: 20 }, () => {}, 'must have shape ('],
    // Absent fields are transformers' defaults, not what the tensors have.
    ['mamba', 'another default', { vocab_size: undefined }, () => {}, 'must have shape (50280, 20), got (40, 20)'],
  ])('%s with %s', (name, _, settings, change, text) => {
    expectRefusal(() => readChanged(name, settings, change), FormatError, text);
  });

  test('one that is in two files; in files of its own each is read', () => {
    const { settings, tensors } = loadCase('mamba');
    const config = JSON.stringify(settings);
    const shards = [...tensors].map((entry) => writeSafetensors(new Map([entry])));
    expect(readPretrained(config, shards)).toEqual(readChanged('mamba', {}));
    expectRefusal(() => readPretrained(config, [...shards, shards[3]]), FormatError, 'is in two files');
  });
});

test('2,000 mutations of a config.json: read, or an error in one line', () => {
  const text = load('mamba2-tied.json').toString();
  const file = load('mamba2-tied.safetensors');
  const pieces = ['0', '1', '9', '-', '.', 'e', '"', '\\', '{', '}', '[', ']', ',', ':', 'Infinity', 'null', 'true'];
  const random = randomStream(1, 'mutations');
  let [read, refused] = [0, 0];
  for (let round = 0; round < 2000; round++) {
    const at = random.below(text.length);
    const piece = pieces[random.below(pieces.length)];
    try {
      readPretrained(text.slice(0, at) + piece + text.slice(at + random.below(3)), [file]);
      read++;
    } catch (error) {
      refused++;
      if (!(error instanceof FormatError || error instanceof SettingError)) throw error;
      expect(error.message).not.toContain('\n');
    }
  }
  // Both must occur, or the mutations test nothing.
  expect(Math.min(read, refused)).toBeGreaterThan(200);
});

describe('what libraries do differently is read', () => {
  test('a class that is not named, a head that is stored though tied, and Python’s Infinity', () => {
    const model = readChanged('mamba-tied', {});
    for (const architectures of [undefined, null]) {
      expect(readChanged('mamba-tied', { architectures })).toEqual(model);
      expect(readChanged('mamba', { architectures }).head).toBe(null);
    }
    const twice = (tensors: Map<string, TensorToStore>): void => {
      const embedding = tensors.get('backbone.embeddings.weight');
      if (embedding) tensors.set('lm_head.weight', embedding);
    };
    expect(readChanged('mamba-tied', {}, twice)).toEqual(model);
    const { settings } = loadCase('mamba-tied');
    const text = `{"limit":[-Infinity,Infinity],"note":"\\"Infinity",${JSON.stringify(settings).slice(1)}`;
    expect(readPretrained(text, [load('mamba-tied.safetensors')])).toEqual(model);
    const kept = writePretrained('transformers', model, text).config;
    expect(JSON.parse(kept)).toMatchObject({ limit: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] });
    expect(JSON.parse(kept).note).toBe('"Infinity');
  });

  test('the fields of mamba_ssm that change nothing', () => {
    const model = readChanged('mamba2-tied', {});
    const { config, file } = writePretrained('mamba_ssm', model);
    const { ssm_cfg, ...fields } = JSON.parse(config);
    const free = { dt_min: 0.01, A_init_range: [1, 8], chunk_size: 64, d_ssm: null };
    const all = { ...fields, ssm_cfg: { ...ssm_cfg, ...free }, d_intermediate: 0, attn_layer_idx: [], attn_cfg: {} };
    const text = JSON.stringify(all).replace('"d_ssm":null', '"dt_limit":[0.0,Infinity]');
    expect(readPretrained(text, [file])).toEqual(model);
    const again = writePretrained('mamba_ssm', model, text);
    expect(JSON.parse(again.config).ssm_cfg).toMatchObject({ dt_min: 0.01, dt_limit: [0, Number.POSITIVE_INFINITY] });
    expect(again.config).toContain('0.0,');
  });

  test('mamba_ssm’s padding of the vocabulary, and its file without a tied head', () => {
    const model = readChanged('mamba-tied', {});
    for (const padding of [
      { vocab_size: 37, pad_vocab_size_multiple: 8 },
      { vocab_size: 33, pad_vocab_size_multiple: undefined },
    ]) {
      const written = writePretrained('mamba_ssm', model, JSON.stringify(padding));
      expect(JSON.parse(written.config)).toMatchObject(JSON.parse(JSON.stringify(padding)));
      expect(readPretrained(written.config, [written.file])).toEqual(model);
    }
    const { config, file } = writePretrained('mamba_ssm', model);
    const { tensors } = readSafetensors(file);
    expect(tensors.get('lm_head.weight')).toEqual(tensors.get('backbone.embedding.weight'));
    const once = writeSafetensors(new Map([...tensors].filter(([name]) => name !== 'lm_head.weight')));
    expect(readPretrained(config, [once])).toEqual(model);
  });
});

test('absent fields of mamba_ssm are its defaults', () => {
  const file = writeSafetensors(new Map([['backbone.embedding.weight', { shape: [1], data: new Float32Array(1) }]]));
  const read = (settings: object) => () => readPretrained(JSON.stringify({ n_layer: 1, ...settings }), [file]);
  expectRefusal(read({ d_model: 768 }), FormatError, 'must have shape (50280, 768)');
  expectRefusal(read({ d_model: 768, pad_vocab_size_multiple: 16 }), FormatError, 'must have shape (50288, 768)');
});

describe('writing is refused', () => {
  const model = readChanged('mamba', {});

  test('for what the library has not', () => {
    const both = { ...model, config: { ...model.config, bidirectional: true } };
    expectRefusal(() => writePretrained('transformers', both), SettingError, 'must read in one direction');
    expectRefusal(() => writePretrained('mamba_ssm', model), SettingError, 'must be there for mamba_ssm, got null');
  });

  test('with settings that say something else', () => {
    const settings = JSON.stringify({ attn_layer_idx: [0] });
    const withHead: Pretrained = { ...model, head: 'embedding' };
    expectRefusal(() => writePretrained('mamba_ssm', withHead, settings), SettingError, 'attn_layer_idx: must be []');
  });

  test('with weights missing or of another shape', () => {
    const lacking = new Map(model.weights);
    lacking.delete('backbone.norm_f.weight');
    const text = 'writePretrained backbone.norm_f.weight: expected (20), got nothing';
    expectRefusal(() => writePretrained('transformers', { ...model, weights: lacking }), ShapeError, text);
    expectRefusal(() => writePretrained('transformers', { ...model, vocabulary: 39 }), ShapeError, 'expected (39, 20)');
    const head = { shape: [40, 19], data: new Float32Array(760) };
    expectRefusal(
      () => writePretrained('transformers', { ...model, head }),
      ShapeError,
      'expected (40, 20), got (40, 19)',
    );
  });
});
