import { basename } from 'node:path';
import { type Contestant, enter } from '../contest/contestant.ts';
import { runContest } from '../contest/runContest.ts';
import type { ProtocolName } from '../evaluate/protocolNames.ts';
import { layDown, type Protocol } from '../evaluate/protocols.ts';
import type { ModelIntervals } from '../evaluate/results.ts';
import { noStandings, rankModels } from '../evaluate/standing.ts';
import { checkContext } from '../features/context.ts';
import type { MambaName } from '../models/catalogue.ts';
import type { Parts } from '../parts.ts';
import { renderEvaluation } from '../report/evaluation.ts';
import { formatIntervals } from '../report/intervalsTable.ts';
import { formatStandings } from '../report/standingsTable.ts';
import type { FoldKind } from '../tracks/folds.ts';
import { listUnknown } from '../tracks/learnable.ts';
import { groupCatalogues } from '../tracks/repeats.ts';
import type { Source, Tracks } from '../tracks/tracks.ts';
import { type Config, settingsOf } from './config.ts';
import { type ContestResult, type ContestRun, describeContest, describeData, runContestCommand } from './contestRun.ts';
import { intervalsFile, summariseIntervals } from './intervals.ts';
import { describeTable } from './loadTracks.ts';
import type { RunOptions, Session } from './session.ts';

/** The models of a configuration, with its settings; `mamba-tokens` looks for better ones in each fold where it is told to. */
function listContestants(config: Config): readonly Contestant[] {
  const settings = settingsOf(config);
  const { tune: trials, tuneFolds, protocol, intervalFolds } = config;
  const search = trials > 0 ? { trials, folds: tuneFolds, kind: kindOf(protocol) } : null;
  return config.models.map((model) =>
    enter(model, {
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

function planProtocol(tracks: Tracks, config: Config): Protocol {
  const { protocol: name, folds, repeats, seed, testShare, validationShare, context } = config;
  checkContext(tracks, context);
  return layDown(tracks, { name, folds, repeats, seed, testShare, validationShare });
}

async function holdContest(
  run: ContestRun<Protocol>,
  { reporter, signal }: Session,
  parts: Parts,
): Promise<ContestResult> {
  const { directory, record, loaded, plan: protocol, store } = run;
  const { tracks } = loaded;
  const { source, count } = tracks;
  const { seed, threads: jobs, deterministic, context } = record.config;
  const { name, folds, repeats, note } = protocol;
  reporter.say(`${describeTable(tracks)}\nProtocol: ${note}`);
  const entries = await runContest(
    { tracks, parts: protocol.parts, contestants: listContestants(record.config), seed, deterministic },
    { jobs, store, signal, onProgress: (progress) => reporter.draw(describeContest('evaluating', progress)) },
  );
  for (const { omitted } of entries) for (const { part, reason } of omitted) parts.leaveOut(part, reason);
  const standings = parts.attempt('comparison of the models', noStandings, () =>
    rankModels(entries, { clusters: groupCatalogues(tracks), seed }),
  );
  const intervals = entries.flatMap(({ name, intervals: figures }): ModelIntervals[] =>
    figures ? [{ name, figures }] : [],
  );
  if (intervals.length > 0) directory.writeJson(intervalsFile, intervals);
  const seconds = Object.fromEntries(entries.map((entry) => [entry.name, entry.seconds]));
  const unknown = listUnknown(tracks);
  const head = { title: basename(directory.path), source, rows: count, unknown, protocol, seconds, context };
  const page = renderEvaluation({ standings, intervals }, head, parts);
  return {
    document: {
      ...describeData(run),
      protocol: { name, folds, repeats, seed, note },
      models: standings.models.map((standing) => ({ ...standing, secondsPerFit: seconds[standing.name] })),
      comparisons: standings.comparisons,
      intervals: summariseIntervals(intervals),
      omitted: parts.omitted,
    },
    page,
    text: [formatStandings(standings, seconds), formatIntervals(intervals), describeEnd(source, note)]
      .filter(Boolean)
      .join('\n\n'),
  };
}

function describeEnd({ synthetic }: Source, note: string): string {
  const lines = [
    `Protocol: ${note}`,
    'Intervals: 95 %, songs of an artist drawn together; verdicts also by fold (Nadeau & Bengio), corrected for the number of pairs (Holm).',
  ];
  if (synthetic) lines.unshift('synthetic data: these figures say nothing about real songs');
  return lines.join('\n');
}

/** `hitscan evaluate`: models against each other under a protocol, paired song by song and fold by fold. */
export function evaluate(data: string | undefined, options: RunOptions): Promise<void> {
  const defaults = { tune: 0, intervalFolds: 0 };
  return runContestCommand({ command: 'evaluate', defaults, plan: planProtocol, work: holdContest }, data, options);
}
