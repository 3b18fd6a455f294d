import { basename, join } from 'node:path';
import { type Contestant, enter } from '../contest/contestant.ts';
import { type ContestEntry, runContest } from '../contest/runContest.ts';
import { ConfigError } from '../errors.ts';
import type { ProtocolName } from '../evaluate/protocolNames.ts';
import { layDown, type Protocol } from '../evaluate/protocols.ts';
import { rankModels, type Standings } from '../evaluate/standing.ts';
import { checkContext } from '../features/context.ts';
import type { MambaName } from '../models/catalogue.ts';
import { renderEvaluation } from '../report/evaluation.ts';
import { formatStandings } from '../report/standingsTable.ts';
import type { FoldKind } from '../tracks/folds.ts';
import { groupCatalogues } from '../tracks/repeats.ts';
import type { Tracks } from '../tracks/tracks.ts';
import {
  type Config,
  checkConfig,
  type GivenConfig,
  parseAssignments,
  readConfigFile,
  resolveConfig,
  settingsOf,
} from './config.ts';
import { type ContestRun, describeContest, reopenContestRun, resultFiles, startContestRun } from './contestRun.ts';
import { Interrupted, listenForInterrupt } from './interrupt.ts';
import { createReporter } from './progress.ts';
import { quoteArgument } from './run.ts';

export interface EvaluateOptions extends GivenConfig {
  readonly set?: readonly string[];
  readonly config?: string;
  readonly printConfig?: boolean;
  readonly out?: string;
  readonly resume?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The document of `--json` and of evaluation.json: an interface, see docs/architecture.md. */
function toDocument(
  { directory, loaded: { tracks, rejects } }: ContestRun,
  { name, folds, repeats, seed, note }: Protocol,
  { models, comparisons }: Standings,
  entries: readonly ContestEntry[],
) {
  const { name: source, synthetic, sha256 } = tracks.source;
  return {
    run: directory.path,
    data: { source, synthetic, sha256, rows: tracks.count, rejected: rejects.length },
    protocol: { name, folds, repeats, seed, note },
    models: models.map((standing, i) => ({ ...standing, secondsPerFit: entries[i].seconds })),
    comparisons,
  };
}

function describeStart({ loaded: { tracks } }: ContestRun, { note }: Protocol): string {
  const { source, count } = tracks;
  const kind = source.synthetic ? ' (synthetic: statistics of real songs, no real song)' : '';
  return `Data: ${source.name}${kind}, ${count.toLocaleString('en-US')} songs\nProtocol: ${note}`;
}

/** The models of a configuration, with its settings; `mamba-tokens` looks for better ones in each fold where it is told to. */
function listContestants(config: Config): readonly Contestant[] {
  const settings = settingsOf(config);
  const { tune: trials, tuneFolds, protocol } = config;
  const search = trials > 0 ? { trials, folds: tuneFolds, kind: kindOf(protocol) } : null;
  return config.models.map((model) =>
    enter(model, {
      settings: model.startsWith('mamba-') ? settings[model as MambaName] : {},
      context: config.context,
      search: model === 'mamba-tokens' ? search : null,
    }),
  );
}

function kindOf(protocol: ProtocolName): FoldKind {
  return protocol === 'artist' ? 'artist' : 'random';
}

function layDownFor(tracks: Tracks, config: Config): Protocol {
  const { protocol: name, folds, repeats, seed, testShare, validationShare } = config;
  return layDown(tracks, { name, folds, repeats, seed, testShare, validationShare });
}

/** `hitscan evaluate`: models against each other under a protocol, paired song by song and fold by fold. */
export async function evaluate(data: string | undefined, options: EvaluateOptions): Promise<void> {
  const { set, config: configFile, printConfig, out, resume, json, quiet, ...flags } = options;
  const fromFile = configFile ? readConfigFile(configFile) : {};
  const given = { ...fromFile, ...parseAssignments(set ?? []), ...checkConfig('option', flags) };
  const config = resolveConfig({ tune: 0 }, given);
  if (printConfig) {
    process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
    return;
  }
  if (resume && (data || out)) throw new ConfigError('--resume', 'takes neither data nor --out: the run has its own');
  const reporter = createReporter({
    quiet: quiet ?? false,
    stream: process.stderr,
    color: Boolean(process.stderr.isTTY) && !process.env.NO_COLOR,
  });
  const interrupt = listenForInterrupt();
  let run: ContestRun | null = null;
  try {
    run = resume
      ? await reopenContestRun('evaluate', resume)
      : await startContestRun({ command: 'evaluate', data: data ?? null, config }, out ?? null, (tracks) => {
          checkContext(tracks, config.context);
          layDownFor(tracks, config);
        });
    const { directory, record, loaded } = run;
    const { tracks } = loaded;
    const { seed, threads, deterministic } = record.config;
    const protocol = layDownFor(tracks, record.config);
    reporter.say(describeStart(run, protocol));
    const contestants = listContestants(record.config);
    const entries = await runContest(
      { tracks, parts: protocol.parts, contestants, seed, deterministic },
      {
        jobs: threads,
        store: run.store,
        signal: interrupt.signal,
        onProgress: (progress) => reporter.draw(describeContest('evaluating', progress)),
      },
    );
    const standings = rankModels(entries, { clusters: groupCatalogues(tracks), seed });
    const document = toDocument(run, protocol, standings, entries);
    const seconds = Object.fromEntries(entries.map((entry) => [entry.name, entry.seconds]));
    const head = { title: basename(directory.path), source: tracks.source, rows: tracks.count, protocol, seconds };
    directory.writeText('report.html', renderEvaluation(standings, { ...head, context: record.config.context }));
    // Last, as its presence is what marks the run as finished.
    directory.writeJson(resultFiles.evaluate, document);
    reporter.clear();
    process.stdout.write(
      json
        ? `${JSON.stringify(document)}\n`
        : `${formatStandings(standings, seconds)}\n\n${describeEnd(run, protocol)}\n`,
    );
  } catch (error) {
    reporter.clear();
    if (error instanceof Interrupted && run) {
      const again = `npx hitscan evaluate --resume ${quoteArgument(run.directory.path)}`;
      throw new Interrupted(`Interrupted. Every finished fit is kept; go on with:\n  ${again}`);
    }
    throw error;
  } finally {
    run?.close();
    interrupt.release();
  }
}

function describeEnd({ directory, loaded: { tracks } }: ContestRun, { note }: Protocol): string {
  const lines = [
    `Protocol: ${note}`,
    'Intervals: 95 %, songs of an artist drawn together; verdicts also by fold (Nadeau & Bengio), corrected for the number of pairs (Holm).',
    `Run: ${directory.path}`,
    `Report: ${join(directory.path, 'report.html')}`,
  ];
  if (tracks.source.synthetic) lines.unshift('synthetic data: these figures say nothing about real songs');
  return lines.join('\n');
}
