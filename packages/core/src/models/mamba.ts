import {
  createBackend,
  createPredictor,
  createTraining,
  type Examples,
  loadParameters,
  MambaError,
} from '@hitscan/mamba';
import { ConfigError } from '../errors.ts';
import { type ContextGroup, fitContext, listGroups } from '../features/context.ts';
import { type MambaName, mambaPresets, type Preset, presetModel } from '../optionNames.ts';
import { spotifySchema } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { attributePrediction, encodeUnknown } from './mambaAttribution.ts';
import { joinMembers, type Member, partMembers, restoreMembers, saveEnsemble, seedMember } from './mambaEnsemble.ts';
import { type Decoded, defineHead } from './mambaHead.ts';
import { expectRoom, type TrainingSize } from './mambaMemory.ts';
import {
  buildMamba,
  encodeInputs,
  encodeTarget,
  expectTensors,
  fitPipeline,
  imaginePipeline,
  readNetwork,
  type SavedNetwork,
  targetScale,
} from './mambaPipeline.ts';
import { type MambaSettings, nameForEngine } from './mambaSettings.ts';
import type { Epoch, FitOptions, FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { damaged } from './savedParts.ts';
import { drive } from './trainingDrive.ts';
import { joinRows } from './trainingRows.ts';

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
  const network = buildMamba(imaginePipeline(preset, settings, groups, spotifySchema), settings, 0);
  expectRoom(presetModel(preset), settings, network, size);
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
  name: MambaName = presetModel(preset),
): Regressor {
  const head = defineHead(settings.loss);
  if (preset === 'seed' && head.outputs > 1) {
    throw new ConfigError('loss', `must be meanSquaredError or huber for the seed preset, got ${settings.loss}`);
  }

  async function fit(tracks: Tracks, options: FitOptions): Promise<FittedRegressor> {
    const stops = preset === 'tokens' && settings.patience !== null && options.validation.length > 0;
    const trainRows = stops ? options.train : joinRows(options.train, options.validation);
    const context = fitContext(tracks, trainRows, groups, options.seed);
    const pipeline = fitPipeline(preset, settings, tracks, trainRows, context);
    const withTarget = (rows: Rows): Examples => ({
      ...encodeInputs(pipeline, tracks, rows),
      target: encodeTarget(pipeline, tracks, rows),
    });
    const { threads = 1, memoryBytes } = options;
    const size = { rows: trainRows.length, threads, jobs: 1, memoryBytes };
    expectRoom(name, settings, buildMamba(pipeline, settings, 0), size);
    const trainExamples = withTarget(trainRows);
    const watchedRows = stops ? options.validation : options.watched;
    const watched = watchedRows?.length ? withTarget(watchedRows) : null;
    const { epochs, backend, ensemble, ...rest } = nameForEngine(settings);
    const saved = options.checkpoints?.load() ?? null;
    const finished: Member[] = saved ? [...restoreMembers(saved)] : [];
    if (saved && finished.length >= ensemble)
      throw damaged(saved, 'finishedMembers', `must be fewer than ${ensemble} networks, got ${finished.length}`);
    for (const { tensors } of finished) expectTensors(saved as SavedModel, tensors, buildMamba(pipeline, settings, 0));
    for (const { history } of finished) for (const epoch of history) await options.onEpoch?.(epoch);

    for (let member = finished.length, resume = saved; member < ensemble; member++, resume = null) {
      const seed = seedMember(options.seed, member);
      const training = beginTraining({
        backend: createBackend(backend),
        model: buildMamba(pipeline, settings, seed),
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
    return fitted(
      name,
      { settings, pipeline },
      finished.map(({ tensors }) => tensors),
    );
  }

  return { name, fit };
}

/** Throws: DataError where the saved model is not whole. */
export function loadMamba(name: MambaName, saved: SavedModel): FittedRegressor {
  const kept = readNetwork(saved, mambaPresets[name]);
  const members = partMembers(saved.tensors);
  const { ensemble } = kept.settings;
  if (members.length !== ensemble)
    throw damaged(saved, 'tensors', `must be of ${ensemble} networks, got ${members.length}`);
  // Before there is memory for them, which damaged settings could ask a lot of.
  const model = buildMamba(kept.pipeline, kept.settings, 0);
  for (const tensors of members) expectTensors(saved, tensors, model);
  return fitted(name, kept, members);
}

/** `members`: the weights of each network. */
function fitted(
  name: MambaName,
  { settings, pipeline }: SavedNetwork,
  members: readonly SavedModel['tensors'][],
): FittedRegressor {
  const head = defineHead(settings.loss);
  const backend = createBackend(settings.backend);
  const model = buildMamba(pipeline, settings, 0);
  const networks = members.map((stored) => loadParameters(backend, model.parameters, stored));
  const predictors = networks.map((tensors) => createPredictor(backend, model, tensors));
  const decode = (tracks: Tracks, rows: Rows): Decoded => {
    const examples = encodeInputs(pipeline, tracks, rows);
    return head.decode(
      predictors.map((predictor) => predictor.predict(examples)),
      targetScale(pipeline),
    );
  };
  return {
    name,
    context: listGroups(pipeline.encoder.context),
    ...(head.distribution && { distribution: head.distribution }),
    predict: (tracks, rows) => decode(tracks, rows).predicted,
    predictDistribution: (tracks, rows) => decode(tracks, rows).distribution,
    ...(pipeline.preset === 'tokens'
      ? {
          attribute: (tracks, row, baseline) =>
            attributePrediction(
              predictors,
              { ...pipeline, settings },
              encodeInputs(pipeline, tracks, Uint32Array.of(row)),
              baseline ? encodeInputs(pipeline, baseline.tracks, baseline.rows) : encodeUnknown(pipeline.encoder),
            ),
        }
      : {}),
    save: () => ({
      tensors: joinMembers(networks.map(copyTensors)),
      metadata: { model: name, settings: JSON.stringify(settings), pipeline: JSON.stringify(pipeline) },
    }),
  };
}
