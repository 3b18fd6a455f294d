import { dtRank, innerWidth, type MambaConfig } from '../blocks/mamba.ts';
import type { StackConfig } from '../blocks/stack.ts';
import { SettingError } from '../errors.ts';
import type { Layout } from './layout.ts';
import {
  type ConfigFields,
  expectKnown,
  expectSetting,
  readCount,
  readFlag,
  readGroup,
  unlimited,
} from './settings.ts';

/**
 * The authors' mamba_ssm: MambaLMHeadModel.
 *
 * Defaults of absent fields are those of MambaConfig and of the blocks' constructors in mamba_ssm 2.3.2. It refuses
 * fields that it does not know, and so does this.
 */

const modelFields = [
  ...['d_model', 'n_layer', 'vocab_size', 'pad_vocab_size_multiple', 'tie_embeddings', 'ssm_cfg'],
  ...['rms_norm', 'd_intermediate', 'attn_layer_idx', 'attn_cfg', 'residual_in_fp32', 'fused_add_norm'],
];

const blockFields = [
  ...['layer', 'd_state', 'd_conv', 'expand', 'bias', 'conv_bias'],
  ...['dt_min', 'dt_max', 'dt_init_floor'],
];

type Width = Pick<StackConfig, 'dModel' | 'layers'>;

/** What both blocks have under the same names. */
function readSizes(block: ConfigFields, width: Width, dState: number): MambaConfig & Width {
  return {
    ...width,
    dState: readCount(block, 'd_state', dState),
    dConv: readCount(block, 'd_conv', 4),
    expand: readCount(block, 'expand', 2),
  };
}

function readMamba1(block: ConfigFields, width: Width): StackConfig {
  expectKnown(block, [...blockFields, 'dt_rank', 'dt_init', 'dt_scale', 'use_fast_path']);
  const config = readSizes(block, width, 16);
  expectSetting(block, 'dt_rank', ['auto', dtRank(config)]);
  return config;
}

function readMamba2(block: ConfigFields, width: Width): StackConfig {
  expectKnown(block, [
    ...[...blockFields, 'headdim', 'ngroups', 'd_ssm', 'D_has_hdim', 'rmsnorm', 'norm_before_gate', 'dt_limit'],
    ...['A_init_range', 'conv_init', 'chunk_size', 'use_mem_eff_path', 'process_group', 'sequence_parallel'],
  ]);
  const sizes = readSizes(block, width, 128);
  expectSetting(block, 'd_ssm', [null, innerWidth(sizes)]);
  expectSetting(block, 'D_has_hdim', [false]);
  expectSetting(block, 'rmsnorm', [true]);
  expectSetting(block, 'norm_before_gate', [false]);
  expectSetting(block, 'dt_limit', unlimited);
  const [headDim, groups] = [readCount(block, 'headdim', 64), readCount(block, 'ngroups', 1)];
  return { block: 'mamba2', ...sizes, headDim, groups };
}

function readBlock(block: ConfigFields, width: Width): StackConfig {
  expectSetting(block, 'layer', ['Mamba1', 'Mamba2']);
  expectSetting(block, 'bias', [false]);
  expectSetting(block, 'conv_bias', [true]);
  return block.layer === 'Mamba2' ? readMamba2(block, width) : readMamba1(block, width);
}

function writeBlock(config: StackConfig): ConfigFields {
  const sizes = { d_state: config.dState, d_conv: config.dConv, expand: config.expand };
  if (config.block !== 'mamba2') return { layer: 'Mamba1', ...sizes };
  return { layer: 'Mamba2', ...sizes, headdim: config.headDim, ngroups: config.groups };
}

/** Rows of the embedding: the tokens, and as many more as make the next multiple. */
function readVocabulary(settings: ConfigFields): number {
  const multiple = readCount(settings, 'pad_vocab_size_multiple', 8);
  return Math.ceil(readCount(settings, 'vocab_size', 50277) / multiple) * multiple;
}

export const mambaSsm: Layout = {
  repeatsTied: true,

  read(settings) {
    expectKnown(settings, modelFields);
    expectSetting(settings, 'rms_norm', [true]);
    expectSetting(settings, 'd_intermediate', [0]);
    expectSetting(settings, 'attn_layer_idx', [[]]);
    const width = { dModel: readCount(settings, 'd_model', 2560), layers: readCount(settings, 'n_layer', 64) };
    return {
      config: readBlock(readGroup(settings, 'ssm_cfg'), width),
      vocabulary: readVocabulary(settings),
      head: readFlag(settings, 'tie_embeddings', true) ? 'embedding' : 'own',
    };
  },

  write({ config, vocabulary, head }, others) {
    if (head === null) throw new SettingError('writePretrained head', 'be there for mamba_ssm', 'null');
    // Which of the rows are tokens, only the file that they came from can say.
    const isPadded = Object.hasOwn(others, 'vocab_size') && readVocabulary(others) === vocabulary;
    return {
      d_model: config.dModel,
      n_layer: config.layers,
      ...(!isPadded && { vocab_size: vocabulary, pad_vocab_size_multiple: 1 }),
      ssm_cfg: { ...readGroup(others, 'ssm_cfg'), ...writeBlock(config) },
      rms_norm: true,
      tie_embeddings: head === 'embedding',
    };
  },

  nameOf: (name) => name,
};
