import { type ModelSummaries, noSummaries, summariseModels } from '@hitscan/core/compare';
import type { ModelIntervals } from '@hitscan/core/evaluate';
import { type Contestant, makeContestant, type Protocol, planProtocol, runContest } from '@hitscan/core/evaluate';
import { checkContext } from '@hitscan/core/features';
import type { MambaName } from '@hitscan/core/models';
import type { ProtocolName } from '@hitscan/core/optionNames';
import type { Parts } from '@hitscan/core/parts';
import {
  describeDraws,
  describeTests,
  formatIntervals,
  formatSummaries,
  renderEvaluation,
  warnOfFew,
} from '@hitscan/core/report';
import type { FoldKind, Source, Tracks } from '@hitscan/core/tracks';
import { groupCatalogues, listUnknown } from '@hitscan/core/tracks';
import { startFitThread } from '../workers/fitThread.ts';
import { type RunConfig, settingsOf } from './config.ts';
import { type ContestResult, type ContestRun, describeContest, describeData, runContestCommand } from './contestRun.ts';
import { intervalsFile, summariseIntervals } from './intervals.ts';
import { describeTable } from './loadTracks.ts';
import { expectModelsFit } from './modelSizes.ts';
import { describeTimes } from './pageTimes.ts';
import type { RunOptions, Session } from './session.ts';

/** The models of a configuration, with its settings; `mamba-tokens` looks for better ones in each fold where it is told to. */
function listContestants(config: RunConfig): readonly Contestant[] {
  const settings = settingsOf(config);
  const { tune: trials, tuneFolds, protocol, intervalFolds } = config;
  const search = trials > 0 ? { trials, folds: tuneFolds, kind: kindOf(protocol) } : null;
  return config.models.map((model) =>
    makeContestant(model, {
      settings: model.startsWith('mamba-') ? settings[model as MambaName] : {},
      context: config.context,
      search: model === 'mamba-tokens' ? search : null,
      intervals: intervalFolds > 0 ? { folds: intervalFolds, kind: kindOf(protocol) } : null,
    }),
  );
}

function kindOf(protocol: ProtocolName): FoldKind {
  return protocol === 'artist' ? 'artist' : 'random';
}

function planEvaluation(tracks: Tracks, config: RunConfig, jobs: number): Protocol {
  const { protocol: name, folds, repeats, seed, testShare, validationShare, context } = config;
  checkContext(tracks, context);
  expectModelsFit(config.models, config, { rows: tracks.count, threads: 1, jobs });
  return planProtocol(tracks, { name, folds, repeats, seed, testShare, validationShare });
}

async function holdContest(
  run: ContestRun<Protocol>,
  { reporter, signal }: Session,
  parts: Parts,
): Promise<ContestResult> {
  const { directory, record, timings, loaded, plan: protocol, store } = run;
  const { tracks } = loaded;
  const { source, count } = tracks;
  const { seed, deterministic, context } = record.config;
  const { name, folds, repeats, note } = protocol;
  reporter.say(`${describeTable(tracks)}\nProtocol: ${note}`);
  const entries = await runContest(
    { tracks, parts: protocol.parts, contestants: listContestants(record.config), seed, deterministic },
    {
      jobs: timings.threads,
      startThread: startFitThread,
      store,
      signal,
      onProgress: (progress) => reporter.draw(describeContest('evaluating', progress)),
    },
  );
  for (const { omitted } of entries) for (const { part, reason } of omitted) parts.leaveOut(part, reason);
  const own = `mamba-${record.config.preset}`;
  const standings = parts.attempt('comparison of the models', noSummaries, () =>
    summariseModels(entries, { clusters: groupCatalogues(tracks), artists: tracks.artist, seed, own }),
  );
  const intervals = entries.flatMap(({ name, intervals: figures }): ModelIntervals[] =>
    figures ? [{ name, figures }] : [],
  );
  if (intervals.length > 0) directory.writeJson(intervalsFile, intervals);
  const seconds = Object.fromEntries(entries.map((entry) => [entry.name, entry.seconds]));
  const unknown = listUnknown(tracks);
  const head = { source, rows: count, unknown, protocol, context, times: describeTimes(run, entries) };
  const page = renderEvaluation({ standings, intervals }, head, parts);
  const results = {
    data: describeData(run),
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
    document: { run: directory.path, ...results, models: timed },
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
    `Intervals: 95 %, ${draws}; of differences at the level beside them and, where there are several folds, over these, too (Nadeau & Bengio).`,
    describeTests(standings).join(' '),
  ];
  const lines = [`Protocol: ${note}`, ...(few ? [few] : told)];
  if (synthetic) lines.unshift('synthetic data: these figures say nothing about real songs');
  return lines.filter(Boolean).join('\n');
}

/** `hitscan evaluate`: models against each other under a protocol, paired song by song and fold by fold. */
export function evaluate(data: string | undefined, options: RunOptions): Promise<void> {
  const defaults = { tune: 0, intervalFolds: 0 };
  return runContestCommand({ command: 'evaluate', defaults, plan: planEvaluation, work: holdContest }, data, options);
}
