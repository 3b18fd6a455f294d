import {
  type ContestSteps,
  evaluationSteps,
  investigationSteps,
  reopenContest,
  resolveConfig,
  runContestSteps,
  startContest,
} from '@hitscan/core/pipeline';
import { formatJson } from '@hitscan/core/quoteValue';
import { createNodeHost } from '../host.ts';
import { describeRun } from './eventWords.ts';
import { checkResume, gatherSettings, holdSession, printConfig, type RunOptions } from './session.ts';

/** Runs one of the commands that hold models against each other, from options to results. */
async function runContestCommand<Plan>(
  steps: ContestSteps<Plan>,
  data: string | undefined,
  options: RunOptions,
): Promise<void> {
  const host = createNodeHost();
  const config = resolveConfig(host.machine.threads, steps.defaults, gatherSettings(options));
  if (options.printConfig) return printConfig(config);
  checkResume(data, options);
  await holdSession(
    options,
    async ({ environment, begin }) => {
      const { resume, out = null, json } = options;
      const run = await (resume
        ? reopenContest(steps, resume, config.threads, environment)
        : startContest(steps, { data: data ?? null, config, out }, environment));
      const { path } = run.files;
      begin({ command: steps.command, folder: path, kept: 'Every finished fit is kept.' });
      const { document, text } = await runContestSteps(steps, run, environment);
      return json ? `${formatJson(document)}\n` : `${text}\n${describeRun(path)}`;
    },
    host,
  );
}

/** `hitscan evaluate`: models against each other under a protocol. */
export const evaluate = (data: string | undefined, options: RunOptions): Promise<void> =>
  runContestCommand(evaluationSteps, data, options);

/** `hitscan investigate`: why Mamba and linear regression tie. */
export const investigate = (data: string | undefined, options: RunOptions): Promise<void> =>
  runContestCommand(investigationSteps, data, options);
