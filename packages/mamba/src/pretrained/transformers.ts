import { dtRank, innerWidth, type MambaConfig } from '../blocks/mamba.ts';
import type { StackConfig } from '../blocks/stack.ts';
import { SettingError } from '../errors.ts';
import { rmsNormEpsilon } from '../ops/rmsNorm.ts';
import type { Layout } from './layout.ts';
import { type ConfigFields, expectSetting, readCount, readFlag, unlimited } from './settings.ts';

/**
 * Hugging Face transformers: MambaModel and MambaForCausalLM, Mamba2Model and Mamba2ForCausalLM.
 *
 * Defaults of absent fields are those of MambaConfig and Mamba2Config in transformers 5.23.0.
 */

interface Family {
  readonly className: string;
  readonly vocabulary: number;
  readonly tied: boolean;
  read(settings: ConfigFields): StackConfig;
}

/** What both families have under the same names. */
function readSizes(
  settings: ConfigFields,
  defaults: { readonly dModel: number; readonly dState: number; readonly layers: number },
): MambaConfig & { readonly layers: number } {
  return {
    dModel: readCount(settings, 'hidden_size', defaults.dModel),
    dState: readCount(settings, 'state_size', defaults.dState),
    dConv: readCount(settings, 'conv_kernel', 4),
    expand: readCount(settings, 'expand', 2),
    layers: readCount(settings, 'num_hidden_layers', defaults.layers),
  };
}

function readMamba(settings: ConfigFields): StackConfig {
  const config = readSizes(settings, { dModel: 768, dState: 16, layers: 32 });
  expectSetting(settings, 'intermediate_size', [innerWidth(config)]);
  expectSetting(settings, 'time_step_rank', ['auto', dtRank(config)]);
  return config;
}

function readMamba2(settings: ConfigFields): StackConfig {
  const sizes = readSizes(settings, { dModel: 4096, dState: 128, layers: 64 });
  const headDim = readCount(settings, 'head_dim', 64);
  const heads = readCount(settings, 'num_heads', 128);
  if (heads * headDim !== innerWidth(sizes)) {
    throw new SettingError('config.json num_heads', `be hidden_size · expand / head_dim (${headDim})`, heads);
  }
  expectSetting(settings, 'time_step_limit', unlimited);
  return { block: 'mamba2', ...sizes, headDim, groups: readCount(settings, 'n_groups', 8) };
}

const families: Readonly<Record<string, Family>> = {
  mamba: { className: 'Mamba', vocabulary: 50280, tied: true, read: readMamba },
  mamba2: { className: 'Mamba2', vocabulary: 32768, tied: false, read: readMamba2 },
};

/** What only one of the families has. */
function writeBlock(config: StackConfig): ConfigFields {
  if (config.block !== 'mamba2') return { intermediate_size: innerWidth(config), time_step_rank: dtRank(config) };
  const { headDim, groups } = config;
  return { num_heads: innerWidth(config) / headDim, head_dim: headDim, n_groups: groups };
}

function familyOf(settings: ConfigFields): Family {
  expectSetting(settings, 'model_type', Object.keys(families));
  return families[settings.model_type as string];
}

/** The classes of a family: the backbone alone, and with a language model's head. */
const classesOf = ({ className }: Family): [string, string] => [`${className}Model`, `${className}ForCausalLM`];

/** Whether a model has a head, as its class says; where none is named, as the names of its tensors do. */
function findHead(family: Family, settings: ConfigFields, names: Iterable<string>): boolean {
  const [alone, withHead] = classesOf(family);
  expectSetting(settings, 'architectures', [[alone], [withHead], null]);
  if (!settings.architectures) return Iterator.from(names).some((name) => name.startsWith('backbone.'));
  return (settings.architectures as string[])[0] === withHead;
}

export const transformers: Layout = {
  repeatsTied: false,

  read(settings, names) {
    const family = familyOf(settings);
    expectSetting(settings, 'use_bias', [false]);
    expectSetting(settings, 'use_conv_bias', [true]);
    expectSetting(settings, 'hidden_act', ['silu', 'swish']);
    expectSetting(settings, 'layer_norm_epsilon', [rmsNormEpsilon]);
    const config = family.read(settings);
    const tied = readFlag(settings, 'tie_word_embeddings', family.tied) ? 'embedding' : 'own';
    return {
      config,
      vocabulary: readCount(settings, 'vocab_size', family.vocabulary),
      head: findHead(family, settings, names) ? tied : null,
    };
  },

  write({ config, vocabulary, head }) {
    const model_type = config.block ?? 'mamba';
    const family = families[model_type];
    const [alone, withHead] = classesOf(family);
    return {
      model_type,
      architectures: [head ? withHead : alone],
      vocab_size: vocabulary,
      hidden_size: config.dModel,
      state_size: config.dState,
      num_hidden_layers: config.layers,
      conv_kernel: config.dConv,
      expand: config.expand,
      ...writeBlock(config),
      use_bias: false,
      use_conv_bias: true,
      hidden_act: 'silu',
      layer_norm_epsilon: rmsNormEpsilon,
      ...(head && { tie_word_embeddings: head === 'embedding' }),
      dtype: 'float32',
    };
  },

  nameOf(name, { head }) {
    const theirs = name.replace('backbone.embedding.', 'backbone.embeddings.');
    return head ? theirs : theirs.replace('backbone.', '');
  },
};
