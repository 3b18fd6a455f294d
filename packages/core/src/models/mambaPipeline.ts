import { type Examples, type Model, tokenNetwork, vectorNetwork } from '@hitscan/mamba';
import { z } from 'zod';
import {
  type ContextEncoder,
  type ContextGroup,
  nameContext,
  nameInputs,
  withoutContext,
} from '../features/context.ts';
import { withoutGroups } from '../features/shrunkenMeans.ts';
import {
  encodeVectors,
  fitScale,
  fitVectors,
  type Scale,
  scaleSchema,
  standardise,
  vectorEncoderSchema,
} from '../features/standardise.ts';
import { encodeTokens, fitTokens, placeTokens, tokenEncoderSchema } from '../features/tokens.ts';
import type { Preset } from '../optionNames.ts';
import { featureNames, findFeature, listFeatures, type Schema } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { defineHead } from './mambaHead.ts';
import { type MambaSettings, mambaSettingsSchema, nameForEngine } from './mambaSettings.ts';
import type { SavedModel } from './regressor.ts';
import { damaged, readPlain } from './savedParts.ts';
import { gatherPopularity } from './trainingRows.ts';

const tokensPipelineSchema = z
  .object({ preset: z.literal('tokens'), encoder: tokenEncoderSchema, target: scaleSchema })
  .readonly();
const seedPipelineSchema = z.object({ preset: z.literal('seed'), encoder: vectorEncoderSchema }).readonly();

/** All that turns tracks into a network's inputs and its outputs into popularity; plain data, kept with the weights. */
export type Pipeline = z.infer<typeof tokensPipelineSchema> | z.infer<typeof seedPipelineSchema>;

/** What a saved Mamba model consists of beside its weights. */
export interface SavedNetwork {
  readonly settings: MambaSettings;
  readonly pipeline: Pipeline;
}

/** Throws: DataError where either is not whole, or they do not belong together. */
export function readNetwork(saved: SavedModel, preset: Preset): SavedNetwork {
  const settings = readPlain(saved, 'settings', mambaSettingsSchema);
  if (preset === 'seed') {
    if (defineHead(settings.loss).outputs > 1)
      throw damaged(saved, 'settings loss', `must be meanSquaredError or huber, got ${settings.loss}`);
    return { settings, pipeline: readPlain(saved, 'pipeline', seedPipelineSchema) };
  }
  const pipeline = readPlain(saved, 'pipeline', tokensPipelineSchema);
  const other = pipeline.encoder.numeric.find(({ edges }) => edges.length !== settings.bins + 1);
  if (other) {
    const rule = `must have ${settings.bins + 1} edges for as many bins and one, got ${other.edges.length}`;
    throw damaged(saved, `pipeline encoder.numeric ${other.feature}`, rule);
  }
  return { settings, pipeline };
}

/** The columns that the seed standardised; it left the other eight as they are. */
const seedStandardised: readonly string[] = ['duration_ms', 'loudness', 'tempo', 'energy', 'liveness'];

/** The features that the seed's preset standardises: the seed's, and all that the seed's data did not have. */
function listStandardised(schema: Schema): readonly string[] {
  const names = listFeatures(schema);
  return [
    ...seedStandardised.filter((name) => names.includes(name)),
    ...names.filter((name) => !featureNames.includes(name)),
  ];
}

/** Fits on the given rows only: the training rows, on which the context was fitted too. */
export function fitPipeline(
  preset: Preset,
  settings: MambaSettings,
  tracks: Tracks,
  rows: Rows,
  context: ContextEncoder,
): Pipeline {
  if (preset === 'seed') return { preset, encoder: fitVectors(tracks, rows, listStandardised(tracks.schema), context) };
  return {
    preset,
    encoder: fitTokens(tracks, rows, settings.bins, context),
    target: fitScale(tracks.popularity, rows),
  };
}

/** The unit of the network's numbers; the seed's are points of popularity already. */
export function targetScale(pipeline: Pipeline): Scale {
  return pipeline.preset === 'seed' ? { mean: 0, deviation: 1 } : pipeline.target;
}

/** The network that the settings describe, for the pipeline's inputs. */
export function buildMamba(pipeline: Pipeline, described: MambaSettings, seed: number): Model {
  const settings = nameForEngine(described);
  if (pipeline.preset === 'seed') {
    return vectorNetwork({ ...settings, dModel: pipeline.encoder.features.length, outputScale: 100 });
  }
  const { numeric, categories } = pipeline.encoder;
  return tokenNetwork({
    ...settings,
    positions: placeTokens(settings.order, numeric.length + categories.length),
    edges: pipeline.encoder.numeric.map(({ edges }) => Float32Array.from(edges)),
    categories: pipeline.encoder.categories.map(({ values }) => values.length),
    seed,
    outputs: defineHead(settings.loss).outputs,
  });
}

/** A network's inputs. */
export function encodeInputs(pipeline: Pipeline, tracks: Tracks, rows: Rows): Examples {
  if (pipeline.preset === 'seed') {
    return { rows: rows.length, inputs: { features: encodeVectors(pipeline.encoder, tracks, rows) } };
  }
  return { rows: rows.length, inputs: { ...encodeTokens(pipeline.encoder, tracks, rows) } };
}

/** What a network is to predict, in units of its target's scale. Throws: DataError, see gatherPopularity. */
export function encodeTarget(pipeline: Pipeline, tracks: Tracks, rows: Rows): Float32Array {
  const scale = targetScale(pipeline);
  return Float32Array.from(gatherPopularity(tracks, rows), (value) => standardise(value, scale));
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
