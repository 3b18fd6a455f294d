import {
  createBackend,
  createPredictor,
  createTraining,
  type Examples,
  loadParameters,
  type Model,
  type Training,
  tokenNetwork,
  vectorNetwork,
} from '@hitscan/mamba';
import {
  encodeVectors,
  fitScale,
  fitVectors,
  restore,
  type Scale,
  standardise,
  type VectorEncoder,
} from '../features/standardise.ts';
import { encodeTokens, fitTokens, type TokenEncoder } from '../features/tokens.ts';
import { type FeatureName, featureNames } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import type { MambaSettings, Preset } from './mambaSettings.ts';
import type { Epoch, FitOptions, FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';

type EpochLosses = Training['history'][number];

/** The columns that the seed standardised; it left the other eight as they are. */
const seedStandardised: readonly FeatureName[] = ['duration_ms', 'loudness', 'tempo', 'energy', 'liveness'];

/** All that turns tracks into a network's inputs and its outputs into popularity; plain data, kept with the weights. */
type Pipeline =
  | { readonly preset: 'tokens'; readonly encoder: TokenEncoder; readonly target: Scale }
  | { readonly preset: 'seed'; readonly encoder: VectorEncoder };

function fitPipeline(preset: Preset, settings: MambaSettings, tracks: Tracks, rows: Rows): Pipeline {
  if (preset === 'seed') return { preset, encoder: fitVectors(tracks, rows, featureNames, seedStandardised) };
  return { preset, encoder: fitTokens(tracks, rows, settings.bins), target: fitScale(tracks.popularity, rows) };
}

function buildNetwork(pipeline: Pipeline, settings: MambaSettings, seed: number): Model {
  if (pipeline.preset === 'seed') {
    return vectorNetwork({ ...settings, dModel: pipeline.encoder.features.length, outputScale: 100 });
  }
  return tokenNetwork({
    ...settings,
    edges: pipeline.encoder.numeric.map(({ edges }) => Float32Array.from(edges)),
    categories: pipeline.encoder.categories.map(({ values }) => values.length),
    seed,
  });
}

function encode(pipeline: Pipeline, tracks: Tracks, rows: Rows): Examples {
  if (pipeline.preset === 'seed') {
    return { rows: rows.length, inputs: { features: encodeVectors(pipeline.encoder, tracks, rows) } };
  }
  return { rows: rows.length, inputs: { ...encodeTokens(pipeline.encoder, tracks, rows) } };
}

function encodeTarget(pipeline: Pipeline, tracks: Tracks, rows: Rows): Float32Array {
  const popularity = gatherPopularity(tracks, rows);
  return Float32Array.from(popularity, (value) =>
    pipeline.preset === 'seed' ? value : standardise(value, pipeline.target),
  );
}

/** A token network is free to leave the scale of popularity; a prediction is not. */
function decode(pipeline: Pipeline, output: Float32Array): Float64Array {
  if (pipeline.preset === 'seed') return Float64Array.from(output);
  return Float64Array.from(output, (value) => Math.min(100, Math.max(0, restore(value, pipeline.target))));
}

/**
 * Losses in squared popularity, whatever the network's own unit. Huber's is doubled: then it is the squared error too, where
 * errors are small.
 */
function toEpoch(
  { epoch, trainLoss, validationLoss }: EpochLosses,
  pipeline: Pipeline,
  { loss }: MambaSettings,
): Epoch {
  const unit = pipeline.preset === 'tokens' ? pipeline.target.deviation ** 2 : 1;
  return {
    epoch,
    trainLoss: trainLoss * unit * (loss === 'huber' ? 2 : 1),
    validationLoss: validationLoss === null ? null : validationLoss * unit,
  };
}

/** Progress is told, and the event loop let in, this often. */
const breathMilliseconds = 50;
/** A checkpoint costs a few milliseconds. */
const defaultCheckpointSeconds = 2;

/**
 * Runs a training to its end, with progress, checkpoints and an ear for the signal. `convert` gives losses the unit in
 * which people read them.
 */
async function drive(
  training: Training,
  { onEpoch, onProgress, checkpoints, checkpointSeconds = defaultCheckpointSeconds, signal }: FitOptions,
  { epochs, rows }: { readonly epochs: number; readonly rows: number },
  convert: (losses: EpochLosses) => Epoch,
): Promise<void> {
  const started = performance.now();
  let firstStep: number | null = null;
  let breathed = started;
  let saved = started;
  let validationLoss = training.history.at(-1)?.validationLoss ?? null;
  for await (const { step, steps, epoch, trainLoss, epochEnd } of training.run()) {
    firstStep ??= step - 1;
    if (epochEnd) {
      await onEpoch?.(convert(epochEnd));
      validationLoss = epochEnd.validationLoss;
    }
    const now = performance.now();
    if (now - breathed >= breathMilliseconds) {
      breathed = now;
      const stepsPerSecond = (step - firstStep) / ((now - started) / 1000);
      onProgress?.({
        ...convert({ epoch, trainLoss, validationLoss }),
        epochs,
        rowsPerSecond: stepsPerSecond * (rows / (steps / epochs)),
        secondsLeft: (steps - step) / stepsPerSecond,
      });
      // Lets signals and output through.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const stopping = signal?.aborted ?? false;
    if (stopping || now - saved >= 1000 * checkpointSeconds) {
      saved = now;
      checkpoints?.save(training.state());
    }
    if (stopping) throw signal?.reason;
  }
}

/**
 * Mamba as a regressor: `mamba-tokens` or `mamba-seed`.
 *
 * The seed preset watches no validation rows, as the seed did not, so they join its training rows.
 */
export function mambaRegressor(preset: Preset, settings: MambaSettings): Regressor {
  const name = `mamba-${preset}`;

  function loadFitted(pipeline: Pipeline, stored: SavedModel['tensors']): FittedRegressor {
    const backend = createBackend(settings.backend);
    const model = buildNetwork(pipeline, settings, 0);
    const tensors = loadParameters(backend, model.parameters, stored);
    const predictor = createPredictor(backend, model, tensors);
    return {
      name,
      predict: (tracks, rows) => decode(pipeline, predictor.predict(encode(pipeline, tracks, rows))),
      save: () => ({
        tensors: new Map([...tensors].map(([key, { shape, data }]) => [key, { shape, data: data.slice() }])),
        metadata: { model: name, settings: JSON.stringify(settings), pipeline: JSON.stringify(pipeline) },
      }),
    };
  }

  async function fit(tracks: Tracks, options: FitOptions): Promise<FittedRegressor> {
    const watches = preset === 'tokens' && options.validation.length > 0;
    const trainRows = watches ? options.train : joinRows(options.train, options.validation);
    const pipeline = fitPipeline(preset, settings, tracks, trainRows);
    const withTarget = (rows: Rows): Examples => ({
      ...encode(pipeline, tracks, rows),
      target: encodeTarget(pipeline, tracks, rows),
    });
    const { epochs, backend, ...rest } = settings;
    const training = createTraining({
      backend: createBackend(backend),
      model: buildNetwork(pipeline, settings, options.seed),
      config: {
        ...rest,
        epochs,
        watch: 'meanSquaredError',
        schedule: { kind: settings.schedule, warmup: settings.warmup },
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        seed: options.seed,
      },
      training: withTarget(trainRows),
      validation: watches ? withTarget(options.validation) : null,
      resume: options.checkpoints?.load() ?? null,
      threads: options.threads ?? 1,
    });
    const convert = (losses: EpochLosses) => toEpoch(losses, pipeline, settings);
    for (const epoch of training.history) await options.onEpoch?.(convert(epoch));

    try {
      await drive(training, options, { epochs, rows: trainRows.length }, convert);
    } finally {
      await training.dispose();
    }
    return loadFitted(pipeline, training.result());
  }

  return {
    name,
    fit,
    load: (saved) => loadFitted(JSON.parse(saved.metadata.pipeline), saved.tensors),
  };
}
