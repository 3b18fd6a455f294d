import { chooseBackend } from '@hitscan/mamba';
import { z } from 'zod';
import type { Preset } from '../optionNames.ts';

const count = (description: string) => z.int().min(1).max(1_000_000).describe(description);

/** Every setting of a Mamba model, flat; `presetSettings` has the values that apply when none is given. */
export const mambaSettingsSchema = z.strictObject({
  layers: z
    .int()
    .min(0)
    .max(256)
    .describe('Mamba blocks; with 0, features meet in the summary alone; the seed preset has one, without residual'),
  dModel: count('width of a token (d_model); the seed preset has one a feature').max(4096),
  dState: count('size of a channel’s state (d_state)').max(256),
  dConv: count('taps of the causal convolution (d_conv)').max(4),
  expand: count('inner width as a multiple of d_model').max(16),
  bidirectional: z.boolean().describe('whether blocks read the tokens from both ends'),
  pooling: z
    .enum(['mean', 'last', 'cls'])
    .describe('what stands for a song: the mean of its tokens, the last, or one more'),
  order: z
    .union([z.enum(['table', 'reversed']), z.string().regex(/^random [1-9]\d{0,3}$/)])
    .describe('in which order a song’s tokens are read: the table’s, turned round, or the n-th random one'),
  bins: count('bins of the piecewise-linear encoding of a numeric feature').max(1024),
  summary: z.boolean().describe('whether a linear map of all tokens is added to each before the first block'),
  categorySpread: z
    .number()
    .min(0)
    .max(1)
    .describe('how far apart key, mode and time signature’s values begin, and how fast they part'),
  dropout: z.number().min(0).lt(1).describe('share of the pooled representation dropped in training'),
  maskShare: z
    .number()
    .min(0)
    .lt(1)
    .describe('share of the values masked in training, to learn what a missing one means'),
  loss: z
    .enum(['meanSquaredError', 'huber', 'gaussian', 'quantiles'])
    .describe('what training minimises; by the last two, a model also says how sure it is'),
  ensemble: count('networks, each trained from a seed of its own, whose predictions are averaged').max(64),
  epochs: count('passes through the training rows'),
  batchRows: count('rows an optimiser step'),
  learningRate: z.number().positive().max(1).describe('largest learning rate of AdamW'),
  schedule: z.enum(['constant', 'cosine']).describe('how the learning rate goes on after the warm-up'),
  warmup: z.number().min(0).lt(1).describe('share of the steps over which the learning rate rises'),
  weightDecay: z.number().min(0).max(10).describe('decoupled weight decay; spares A_log, D, norms, biases and tokens'),
  clipNorm: z.number().positive().nullable().describe('largest norm of the gradient; null for no limit'),
  patience: count('epochs without a better validation loss before training stops; null never').nullable(),
  backend: z.enum(['relaxed', 'simd', 'reference']).describe('kernels: fastest, same bytes on any machine, or float64'),
});

export type MambaSettings = z.infer<typeof mambaSettingsSchema>;

/** The same values with one key renamed, in the same order; as they are where there is no such key. */
export function renameKey<T>(values: Readonly<Record<string, T>>, from: string, to: string): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key === from ? to : key, value]));
}

/** What the engine calls `hidden` is `maskShare` here. */
export type EngineSettings = Omit<MambaSettings, 'maskShare'> & { readonly hidden: number };

/** Settings by the engine's names, in the same order: the state of a training is only continued with settings in that order. */
export function nameForEngine(settings: MambaSettings): EngineSettings {
  return renameKey<unknown>(settings, 'maskShare', 'hidden') as EngineSettings;
}

/**
 * The defaults of a preset. `seed` is the seed project's network and training to the letter; `tokens` is ours.
 * `deterministic` chooses the kernels that give the same bytes on any machine.
 */
export function presetSettings(preset: Preset, deterministic: boolean): MambaSettings {
  const backend = deterministic ? 'simd' : chooseBackend();
  const shared = {
    dState: 16,
    dConv: 4,
    expand: 2,
    bidirectional: false,
    pooling: 'mean',
    order: 'table',
    backend,
    loss: 'meanSquaredError',
    ensemble: 1,
    summary: false,
    categorySpread: 1,
  } as const;
  if (preset === 'seed') {
    return {
      ...shared,
      layers: 1,
      dModel: 13,
      bins: 1,
      dropout: 0,
      maskShare: 0,
      epochs: 450,
      batchRows: 64,
      learningRate: 1e-5,
      schedule: 'constant',
      warmup: 0,
      weightDecay: 0,
      clipNorm: null,
      patience: null,
    };
  }
  return {
    ...shared,
    layers: 1,
    dModel: 16,
    dState: 4,
    bins: 10,
    summary: true,
    categorySpread: 0.1,
    dropout: 0.1,
    maskShare: 0.05,
    epochs: 8,
    batchRows: 32,
    learningRate: 6e-3,
    schedule: 'cosine',
    warmup: 0.05,
    weightDecay: 0.5,
    clipNorm: 1,
    patience: null,
  };
}
