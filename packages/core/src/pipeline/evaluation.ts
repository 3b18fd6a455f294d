import { type ModelSummaries, noSummaries, summariseModels } from '../compare/summariseModels.ts';
import { type Contestant, makeContestant } from '../evaluate/contestant.ts';
import { type Protocol, planProtocol } from '../evaluate/protocols.ts';
import type { ModelIntervals } from '../evaluate/results.ts';
import { runContest } from '../evaluate/runContest.ts';
import { checkContext } from '../features/context.ts';
import { isMamba, type ProtocolName, presetModel } from '../optionNames.ts';
import type { Parts } from '../parts.ts';
import { describeDraws, describeTests, warnOfFew } from '../report/text/summaries.ts';
import { formatIntervals, formatSummaries } from '../report/text/terminal.ts';
import type { FoldKind } from '../tracks/folds.ts';
import { listUnknown } from '../tracks/learnable.ts';
import { groupCatalogues } from '../tracks/repeats.ts';
import type { Source, Tracks } from '../tracks/tracks.ts';
import { expectModelsFit, type RunConfig, settingsOf } from './configuration.ts';
import { type ContestResult, type ContestRun, type ContestSteps, summariseData } from './contestRun.ts';
import type { Environment } from './events.ts';
import type { Machine } from './host.ts';
import { intervalsFile, summariseIntervals } from './intervals.ts';
import { describeTimes } from './timings.ts';

/** The models of a configuration, with its settings; `mamba-tokens` looks for better ones in each fold where it is told to. */
function listContestants(config: RunConfig): readonly Contestant[] {
  const settings = settingsOf(config);
  const { tune: trials, tuneFolds, protocol, intervalFolds } = config;
  const search = trials > 0 ? { trials, folds: tuneFolds, kind: kindOf(protocol) } : null;
  return config.models.map((model) =>
    makeContestant(model, {
      settings: isMamba(model) ? settings[model] : {},
      context: config.context,
      search: model === 'mamba-tokens' ? search : null,
      intervals: intervalFolds > 0 ? { folds: intervalFolds, kind: kindOf(protocol) } : null,
    }),
  );
}

function kindOf(protocol: ProtocolName): FoldKind {
  return protocol === 'artist' ? 'artist' : 'random';
}

function planEvaluation(tracks: Tracks, config: RunConfig, jobs: number, { memoryBytes }: Machine): Protocol {
  const { protocol: name, folds, repeats, seed, testShare, validationShare, context } = config;
  checkContext(tracks, context);
  expectModelsFit(config.models, config, { rows: tracks.count, threads: 1, jobs, memoryBytes });
  return planProtocol(tracks, { name, folds, repeats, seed, testShare, validationShare });
}

async function holdContest(
  run: ContestRun<Protocol>,
  parts: Parts,
  { host, signal, onEvent }: Environment,
): Promise<ContestResult> {
  const { files, record, timings, songs, plan: protocol, store } = run;
  const { tracks } = songs;
  const { source, count } = tracks;
  const { seed, deterministic, context } = record.config;
  const { name, folds, repeats, note } = protocol;
  onEvent({ kind: 'protocol', note });
  const entries = await runContest(
    { tracks, parts: protocol.parts, contestants: listContestants(record.config), seed, deterministic },
    {
      jobs: timings.threads,
      startThread: host.machine.startFitThread,
      store,
      signal,
      onProgress: (progress) => onEvent({ kind: 'contest', question: null, progress }),
    },
  );
  for (const { omitted } of entries) for (const { part, reason } of omitted) parts.leaveOut(part, reason);
  const own = presetModel(record.config.preset);
  const standings = parts.attempt('comparison of the models', noSummaries, () =>
    summariseModels(entries, { clusters: groupCatalogues(tracks), artists: tracks.artist, seed, own }),
  );
  const intervals = entries.flatMap(({ name, intervals: figures }): ModelIntervals[] =>
    figures ? [{ name, figures }] : [],
  );
  if (intervals.length > 0) files.writeJson(intervalsFile, intervals);
  const seconds = Object.fromEntries(entries.map((entry) => [entry.name, entry.seconds]));
  const unknown = listUnknown(tracks);
  const head = { source, rows: count, unknown, protocol, context, times: describeTimes(run, entries) };
  // Loaded where it is used: figures take longer to load than a song to explain.
  const { renderEvaluation } = await import('../report/pages/evaluation.ts');
  const page = renderEvaluation({ standings, intervals }, head, parts);
  const results = {
    data: summariseData(run),
    protocol: { name, folds, repeats, seed, note },
    models: standings.models,
    reference: standings.reference,
    heldOut: standings.heldOut,
    comparisons: standings.comparisons,
    intervals: summariseIntervals(intervals),
    omitted: parts.omitted,
  };
  const timed = standings.models.map((standing) => ({ ...standing, secondsPerFit: seconds[standing.name] }));
  return {
    results,
    document: { run: files.path, ...results, models: timed },
    page,
    text: [formatSummaries(standings, seconds), formatIntervals(intervals), describeEnd(source, note, standings)]
      .filter(Boolean)
      .join('\n\n'),
  };
}

function describeEnd({ synthetic }: Source, note: string, standings: ModelSummaries): string {
  const few = warnOfFew(standings.heldOut);
  const draws = describeDraws(standings.heldOut);
  const told = [
    `Intervals: 95 % (${draws}). Those of differences have the level beside them and, with several folds, also allow for the variation between folds (Nadeau & Bengio).`,
    describeTests(standings).join(' '),
  ];
  const lines = [`Protocol: ${note}`, ...(few ? [few] : told)];
  if (synthetic) lines.unshift('synthetic data: these figures say nothing about real songs');
  return lines.filter(Boolean).join('\n');
}

/** `hitscan evaluate`: models against each other under a protocol, paired song by song and fold by fold. */
export const evaluationSteps: ContestSteps<Protocol> = {
  command: 'evaluate',
  defaults: { tune: 0, intervalFolds: 0 },
  plan: planEvaluation,
  work: holdContest,
};
