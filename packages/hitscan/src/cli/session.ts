import { ConfigError, Interrupted } from '@hitscan/core/errors';
import { type Config, checkConfig, type Environment, type GivenConfig } from '@hitscan/core/pipeline';
import { formatJson, showText } from '@hitscan/core/quoteValue';
import { createNodeHost } from '../host.ts';
import { openTerminal } from './commandThread.ts';
import { reportEvents } from './eventWords.ts';
import { parseAssignments, readConfigFile } from './givenConfig.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createReporter, type Reporter } from './progress.ts';
import { quoteArgument } from './run.ts';

/** What every command that leaves a run takes, beside settings. */
export interface RunOptions extends GivenConfig {
  readonly set?: readonly string[];
  readonly config?: string;
  readonly printConfig?: boolean;
  readonly out?: string;
  readonly resume?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Settings from the file, `--set` and options, of which later ones win. Throws: ConfigError. */
export function gatherSettings({
  set,
  config,
  printConfig,
  out,
  resume,
  json,
  quiet,
  ...flags
}: RunOptions): GivenConfig {
  const fromFile = config ? readConfigFile(config) : {};
  return { ...fromFile, ...parseAssignments(set ?? []), ...checkConfig('option', flags) };
}

/** Throws: ConfigError where a run is to go on with what it is not made of. */
export function checkResume(data: string | undefined, { resume, out }: RunOptions): void {
  if (resume && (data || out)) throw new ConfigError('--resume', 'takes neither data nor --out: the run has its own');
}

export function printConfig(config: Config): void {
  process.stdout.write(`${formatJson(config, 2)}\n`);
}

/** One command at work. */
export interface Session {
  readonly reporter: Reporter;
  /** Node, a signal that aborts when somebody wants the command to stop, and events that are shown. */
  readonly environment: Environment;
  /** From here on there is a run with which its command can go on; `kept` says what it holds then, as a sentence. */
  begin(run: { readonly command: string; readonly folder: string; readonly kept: string }): void;
}

/**
 * Does a command's work and prints what comes of it; however it ends, the bar is gone and signals are given back. An
 * interruption says how to go on.
 */
export async function holdSession(
  { quiet }: Pick<RunOptions, 'quiet'>,
  work: (session: Session) => Promise<string>,
  host = createNodeHost(),
): Promise<void> {
  const stream = openTerminal();
  const reporter = createReporter({ quiet: quiet ?? false, stream, color: stream.isTTY && !process.env.NO_COLOR });
  const interrupt = listenForInterrupt();
  let advice: string | null = null;
  try {
    const output = await work({
      reporter,
      environment: { host, signal: interrupt.signal, onEvent: reportEvents(reporter) },
      begin({ command, folder, kept }) {
        const resume = `npx hitscan ${command} --resume ${quoteArgument(folder)}`;
        interrupt.resumeBy(resume);
        advice = `Interrupted. ${kept} Go on with:\n  ${resume}`;
      },
    });
    reporter.clear();
    process.stdout.write(showText(output));
  } catch (error) {
    throw error instanceof Interrupted && advice !== null ? new Interrupted(advice) : error;
  } finally {
    reporter.clear();
    interrupt.release();
  }
}
