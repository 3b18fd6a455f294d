import type { Model } from '@hitscan/mamba';
import { z } from 'zod';
import {
  type ContextEncoder,
  type ContextGroup,
  nameContext,
  nameInputs,
  withoutContext,
} from '../features/context.ts';
import { withoutGroups } from '../features/shrunkenMeans.ts';
import { scaleSchema, vectorEncoderSchema } from '../features/standardise.ts';
import { tokenEncoderSchema } from '../features/tokens.ts';
import type { Preset } from '../optionNames.ts';
import { findFeature, listFeatures, type Schema } from '../tracks/schema.ts';
import { type MambaSettings, mambaSettingsSchema } from './mambaSettings.ts';
import type { SavedModel } from './regressor.ts';
import { damaged, readPlain } from './savedParts.ts';

const tokensPipelineSchema = z
  .object({ preset: z.literal('tokens'), encoder: tokenEncoderSchema, target: scaleSchema })
  .readonly();
const seedPipelineSchema = z.object({ preset: z.literal('seed'), encoder: vectorEncoderSchema }).readonly();

/** All that turns tracks into a network's inputs and its outputs into popularity; plain data, kept with the weights. */
export type Pipeline = z.infer<typeof tokensPipelineSchema> | z.infer<typeof seedPipelineSchema>;

/**
 * The pipeline of a saved model. Throws: DataError where it is not whole, or not of the settings that the run has the model
 * with.
 */
export function readPipeline(saved: SavedModel, preset: Preset, settings: MambaSettings): Pipeline {
  const kept = readPlain(saved, 'settings', mambaSettingsSchema.partial());
  for (const [name, value] of Object.entries(kept)) {
    const wanted = settings[name as keyof MambaSettings];
    if (wanted !== value) throw damaged(saved, `settings ${name}`, `must be ${wanted} as the run has it, got ${value}`);
  }
  if (preset === 'seed') return readPlain(saved, 'pipeline', seedPipelineSchema);
  const pipeline = readPlain(saved, 'pipeline', tokensPipelineSchema);
  const { numeric } = pipeline.encoder;
  const other = numeric.find(({ edges }) => edges.length !== settings.bins + 1);
  if (other) {
    const rule = `must have ${settings.bins + 1} edges for as many bins and one, got ${other.edges.length}`;
    throw damaged(saved, `pipeline encoder.numeric ${other.feature}`, rule);
  }
  return pipeline;
}

/** A pipeline with as many tokens and categories as any that songs can give; its numbers mean nothing. */
export function imaginePipeline(
  preset: Preset,
  { bins }: MambaSettings,
  groups: readonly ContextGroup[],
  schema: Schema,
): Pipeline {
  const context: ContextEncoder = {
    ...withoutContext(schema),
    artist: groups.includes('artist') ? { effects: withoutGroups([0]), artists: [], songs: [] } : null,
    era: groups.includes('era') ? { kind: 'year' } : null,
  };
  const scale = { mean: 0, deviation: 1 };
  if (preset === 'seed') {
    const features = nameInputs(context);
    return { preset, encoder: { context, features, scales: features.map(() => scale), standardised: features } };
  }
  const edges = new Array<number>(bins + 1).fill(0);
  const numeric = [...listFeatures(schema, 'numeric'), ...nameContext(context)].map((feature) => ({
    feature,
    scale,
    edges,
  }));
  const categories = listFeatures(schema, 'category').map((feature) => {
    const { minimum, maximum } = findFeature(schema, feature);
    return { feature, values: Array.from({ length: maximum - minimum + 1 }, (_, i) => minimum + i) };
  });
  return { preset, encoder: { context, numeric, categories }, target: scale };
}

/** Throws: DataError unless a network's tensors are those of the model, in number, shape and finite. */
export function expectTensors(
  saved: SavedModel,
  tensors: SavedModel['tensors'],
  { parameters }: Pick<Model, 'parameters'>,
): void {
  for (const { name, shape } of parameters) {
    const found = tensors.get(name);
    if (found?.shape.join() !== shape.join()) {
      const got = found ? `(${found.shape.join(', ')})` : 'none';
      throw damaged(saved, `tensor "${name}"`, `must have the shape (${shape.join(', ')}), got ${got}`);
    }
    if (!found.data.every(Number.isFinite)) throw damaged(saved, `tensor "${name}"`, 'must hold finite numbers only');
  }
}
