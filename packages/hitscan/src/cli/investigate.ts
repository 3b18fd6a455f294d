import { basename, join } from 'node:path';
import { investigateTies } from '../contest/investigate.ts';
import { fullSize } from '../contest/investigation.ts';
import { ConfigError } from '../errors.ts';
import { layDown } from '../evaluate/protocols.ts';
import { renderInvestigation } from '../report/investigation.ts';
import { describeInvestigation } from '../report/investigationText.ts';
import {
  checkConfig,
  type GivenConfig,
  parseAssignments,
  readConfigFile,
  resolveConfig,
  settingsOf,
} from './config.ts';
import { type ContestRun, describeContest, reopenContestRun, resultFiles, startContestRun } from './contestRun.ts';
import type { EvaluateOptions } from './evaluate.ts';
import { Interrupted, listenForInterrupt } from './interrupt.ts';
import { createReporter } from './progress.ts';
import { quoteArgument } from './run.ts';

/** `hitscan investigate`: why Mamba and linear regression tie, and what the features really encode. */
export async function investigate(data: string | undefined, options: EvaluateOptions): Promise<void> {
  const { set, config: configFile, printConfig: _, out, resume, json, quiet, ...flags } = options;
  const fromFile = configFile ? readConfigFile(configFile) : {};
  const given: GivenConfig = { ...fromFile, ...parseAssignments(set ?? []), ...checkConfig('option', flags) };
  const config = resolveConfig({ tune: 0, repeats: fullSize.repeats }, given);
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
      ? await reopenContestRun('investigate', resume)
      : await startContestRun({ command: 'investigate', data: data ?? null, config }, out ?? null, (tracks) =>
          layDown(tracks, { name: 'kfold', folds: config.folds, repeats: 1, seed: config.seed }),
        );
    const { directory, record, loaded } = run;
    const { tracks, rejects } = loaded;
    const { source } = tracks;
    reporter.say(`Data: ${source.name}${source.synthetic ? ' (synthetic: no real song)' : ''}, ${tracks.count} songs`);
    const { seed, threads: jobs, deterministic, folds, repeats } = record.config;
    const investigation = await investigateTies(tracks, {
      settings: settingsOf(record.config)['mamba-tokens'],
      size: { ...fullSize, folds, repeats, questionRepeats: Math.ceil(2.5 * repeats) },
      seed,
      deterministic,
      jobs,
      store: run.store,
      signal: interrupt.signal,
      onProgress: (what, progress) => reporter.draw(describeContest(`investigating ${what}`, progress)),
    });
    const document = {
      run: directory.path,
      data: {
        source: source.name,
        synthetic: source.synthetic,
        sha256: source.sha256,
        rows: tracks.count,
        rejected: rejects.length,
      },
      ...investigation,
      answer: describeInvestigation(investigation),
    };
    const title = basename(directory.path);
    directory.writeText('report.html', renderInvestigation(investigation, { title, source, rows: tracks.count }));
    directory.writeJson(resultFiles.investigate, document);
    reporter.clear();
    process.stdout.write(json ? `${JSON.stringify(document)}\n` : formatAnswer(document.answer, directory.path));
  } catch (error) {
    reporter.clear();
    if (error instanceof Interrupted && run) {
      const again = `npx hitscan investigate --resume ${quoteArgument(run.directory.path)}`;
      throw new Interrupted(`Interrupted. Every finished fit is kept; go on with:\n  ${again}`);
    }
    throw error;
  } finally {
    run?.close();
    interrupt.release();
  }
}

type Answer = ReturnType<typeof describeInvestigation>;

/** The answer as text of lines that a terminal can show. */
function formatAnswer(answer: Answer, run: string): string {
  const parts = answer.map(({ title, sentences }) => `${title}\n${sentences.map((text) => wrap(text)).join('\n')}`);
  return `${parts.join('\n\n')}\n\nRun: ${run}\nReport: ${join(run, 'report.html')}\n`;
}

/** At most 100 letters a line, after a mark. */
function wrap(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last.length + word.length > 98) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return `- ${lines.join('\n  ')}`;
}
