import {
  createBackend,
  createPredictor,
  createTraining,
  type Examples,
  loadParameters,
  MambaError,
  type Model,
  tokenNetwork,
  vectorNetwork,
} from '@hitscan/mamba';
import { ConfigError } from '../errors.ts';
import { type ContextEncoder, type ContextGroup, fitContext } from '../features/context.ts';
import { encodeVectors, fitScale, fitVectors, type Scale, standardise } from '../features/standardise.ts';
import { encodeTokens, fitTokens, placeTokens } from '../features/tokens.ts';
import type { Preset } from '../optionNames.ts';
import { featureNames, listFeatures, type Schema, spotifySchema } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { attributePrediction, encodeUnknown } from './mambaAttribution.ts';
import { joinMembers, type Member, partMembers, restoreMembers, saveEnsemble, seedMember } from './mambaEnsemble.ts';
import { type Decoded, defineHead } from './mambaHead.ts';
import { expectRoom, type TrainingSize } from './mambaMemory.ts';
import { expectTensors, imaginePipeline, type Pipeline, readPipeline } from './mambaPipeline.ts';
import type { MambaSettings } from './mambaSettings.ts';
import type { Epoch, FitOptions, FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { damaged, readName } from './savedParts.ts';
import { drive } from './trainingDrive.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';

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

function fitPipeline(
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
function targetScale(pipeline: Pipeline): Scale {
  return pipeline.preset === 'seed' ? { mean: 0, deviation: 1 } : pipeline.target;
}

function buildNetwork(pipeline: Pipeline, settings: MambaSettings, seed: number): Model {
  if (pipeline.preset === 'seed') {
    return vectorNetwork({ ...settings, dModel: pipeline.encoder.features.length, outputScale: 100 });
  }
  const { numeric, categories } = pipeline.encoder;
  return tokenNetwork({
    ...settings,
    // A model saved before there were orders names none.
    positions: placeTokens(settings.order ?? 'table', numeric.length + categories.length),
    edges: pipeline.encoder.numeric.map(({ edges }) => Float32Array.from(edges)),
    categories: pipeline.encoder.categories.map(({ values }) => values.length),
    seed,
    outputs: defineHead(settings.loss).outputs,
  });
}

function encode(pipeline: Pipeline, tracks: Tracks, rows: Rows): Examples {
  if (pipeline.preset === 'seed') {
    return { rows: rows.length, inputs: { features: encodeVectors(pipeline.encoder, tracks, rows) } };
  }
  return { rows: rows.length, inputs: { ...encodeTokens(pipeline.encoder, tracks, rows) } };
}

function encodeTarget(pipeline: Pipeline, tracks: Tracks, rows: Rows): Float32Array {
  const scale = targetScale(pipeline);
  return Float32Array.from(gatherPopularity(tracks, rows), (value) => standardise(value, scale));
}

/** Copies, as a network's own tensors lie in its backend's memory. */
function copyTensors(tensors: SavedModel['tensors']): SavedModel['tensors'] {
  return new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
}

/**
 * Refuses settings whose network cannot fit, before there are songs that it could be fitted on: for as many tokens and
 * categories as songs can have. Throws: ConfigError with the estimate and the limit.
 */
export function expectMambaFits(
  preset: Preset,
  settings: MambaSettings,
  groups: readonly ContextGroup[],
  size: TrainingSize,
): void {
  const network = buildNetwork(imaginePipeline(preset, settings, groups, spotifySchema), settings, 0);
  expectRoom(`mamba-${preset}`, settings, network, size);
}

/** Throws: DataError where the state is none that this training can go on from. */
function beginTraining(
  options: Parameters<typeof createTraining>[0] & { readonly resume: SavedModel | null },
): ReturnType<typeof createTraining> {
  try {
    return createTraining(options);
  } catch (error) {
    if (options.resume && error instanceof MambaError && error.name === 'FormatError')
      throw damaged(options.resume, 'state', error.message);
    throw error;
  }
}

/**
 * Mamba as a regressor: `mamba-tokens` or `mamba-seed`.
 *
 * Where patience is null, as in both presets' defaults, no validation rows are needed, and they join the training rows. An
 * ensemble's networks are trained one after the other, each from a seed of its own on the same rows; the epochs of each are
 * counted on from the most that those before it could have.
 * Columns of the context become tokens of their own; the seed's network becomes wider by them.
 * Throws: ConfigError for a loss that the seed's network, with its one number a row, does not have.
 */
export function mambaRegressor(
  preset: Preset,
  settings: MambaSettings,
  groups: readonly ContextGroup[] = [],
): Regressor {
  const name = `mamba-${preset}`;
  const head = defineHead(settings.loss);
  if (preset === 'seed' && head.outputs > 1) {
    throw new ConfigError('loss', `must be meanSquaredError or huber for the seed preset, got ${settings.loss}`);
  }

  function loadFitted(pipeline: Pipeline, members: readonly SavedModel['tensors'][]): FittedRegressor {
    const backend = createBackend(settings.backend);
    const model = buildNetwork(pipeline, settings, 0);
    const networks = members.map((stored) => loadParameters(backend, model.parameters, stored));
    const predictors = networks.map((tensors) => createPredictor(backend, model, tensors));
    const decode = (tracks: Tracks, rows: Rows): Decoded => {
      const examples = encode(pipeline, tracks, rows);
      return head.decode(
        predictors.map((predictor) => predictor.predict(examples)),
        targetScale(pipeline),
      );
    };
    return {
      name,
      predict: (tracks, rows) => decode(tracks, rows).predicted,
      predictDistribution: (tracks, rows) => decode(tracks, rows).distribution,
      ...(pipeline.preset === 'tokens'
        ? {
            attribute: (tracks, row, baseline) =>
              attributePrediction(
                predictors,
                { ...pipeline, settings },
                encode(pipeline, tracks, Uint32Array.of(row)),
                baseline ? encode(pipeline, baseline.tracks, baseline.rows) : encodeUnknown(pipeline.encoder),
              ),
          }
        : {}),
      save: () => ({
        tensors: joinMembers(networks.map(copyTensors)),
        metadata: { model: name, settings: JSON.stringify(settings), pipeline: JSON.stringify(pipeline) },
      }),
    };
  }

  async function fit(tracks: Tracks, options: FitOptions): Promise<FittedRegressor> {
    const stops = preset === 'tokens' && settings.patience !== null && options.validation.length > 0;
    const trainRows = stops ? options.train : joinRows(options.train, options.validation);
    const context = fitContext(tracks, trainRows, groups, options.seed);
    const pipeline = fitPipeline(preset, settings, tracks, trainRows, context);
    const withTarget = (rows: Rows): Examples => ({
      ...encode(pipeline, tracks, rows),
      target: encodeTarget(pipeline, tracks, rows),
    });
    const { threads = 1, memoryBytes } = options;
    const size = { rows: trainRows.length, threads, jobs: 1, memoryBytes };
    expectRoom(name, settings, buildNetwork(pipeline, settings, 0), size);
    const trainExamples = withTarget(trainRows);
    const watchedRows = stops ? options.validation : options.watched;
    const watched = watchedRows?.length ? withTarget(watchedRows) : null;
    // A run that was begun before there were ensembles names no size.
    const { epochs, backend, ensemble = 1, ...rest } = settings;
    const saved = options.checkpoints?.load() ?? null;
    const finished: Member[] = saved ? [...restoreMembers(saved)] : [];
    if (saved && finished.length >= ensemble)
      throw damaged(saved, 'finishedMembers', `must be fewer than ${ensemble} networks, got ${finished.length}`);
    for (const { tensors } of finished)
      expectTensors(saved as SavedModel, tensors, buildNetwork(pipeline, settings, 0));
    for (const { history } of finished) for (const epoch of history) await options.onEpoch?.(epoch);

    for (let member = finished.length, resume = saved; member < ensemble; member++, resume = null) {
      const seed = seedMember(options.seed, member);
      const training = beginTraining({
        backend: createBackend(backend),
        model: buildNetwork(pipeline, settings, seed),
        config: {
          ...rest,
          loss: head.loss,
          epochs,
          watch: head.watch,
          keep: stops ? 'best' : 'last',
          schedule: { kind: settings.schedule, warmup: settings.warmup },
          beta1: 0.9,
          beta2: 0.999,
          epsilon: 1e-8,
          seed,
        },
        training: trainExamples,
        validation: watched,
        resume,
        threads: options.threads ?? 1,
      });
      const convert = (losses: Epoch): Epoch => {
        const converted = head.convert(losses, targetScale(pipeline));
        return { ...converted, epoch: member * epochs + losses.epoch, ...(ensemble > 1 && { member }) };
      };
      for (const epoch of training.history) await options.onEpoch?.(convert(epoch));
      try {
        await drive(training, {
          ...options,
          rows: trainRows.length,
          epochs,
          epochsAfter: (ensemble - 1 - member) * epochs,
          allEpochs: ensemble * epochs,
          save: (state) => options.checkpoints?.save(saveEnsemble(finished, state)),
          convert,
        });
      } finally {
        await training.dispose();
      }
      finished.push({ tensors: copyTensors(training.result()), history: training.history.map(convert) });
    }
    return loadFitted(
      pipeline,
      finished.map(({ tensors }) => tensors),
    );
  }

  return {
    name,
    fit,
    load(saved) {
      readName(saved, name);
      const pipeline = readPipeline(saved, preset, settings);
      const members = partMembers(saved.tensors);
      const { ensemble = 1 } = settings;
      if (members.length !== ensemble)
        throw damaged(saved, 'tensors', `must be of ${ensemble} networks, got ${members.length}`);
      // Before there is memory for them, which damaged settings could ask a lot of.
      const model = buildNetwork(pipeline, settings, 0);
      for (const tensors of members) expectTensors(saved, tensors, model);
      return loadFitted(pipeline, members);
    },
  };
}
