import { Interrupted } from '@hitscan/core/errors';
import type { TrainingOutcome } from '@hitscan/core/evaluate';
import { planTraining, reopenTraining, runTraining, startTraining, type TrainingCommand } from '@hitscan/core/pipeline';
import { formatJson } from '@hitscan/core/quoteValue';
import { formatTable, warnOfFew } from '@hitscan/core/reportText';
import { createNodeHost } from '../host.ts';
import { openMlflowTracking } from '../tracking/mlflowTracking.ts';
import { writeEvents } from '../tracking/tensorboard.ts';
import { describeRun } from './eventWords.ts';
import { readSpaceFile } from './givenConfig.ts';
import { checkResume, gatherSettings, holdSession, printConfig, type RunOptions } from './session.ts';

export interface TrainOptions extends RunOptions {
  readonly space?: string;
  readonly mlflow?: string;
}

/** `hitscan train` and `hitscan tune`: songs in, settings found, an honest comparison out. */
export async function train(command: TrainingCommand, data: string | undefined, options: TrainOptions): Promise<void> {
  const { space, mlflow, ...runOptions } = options;
  const given = gatherSettings(runOptions);
  const readSpace: Parameters<typeof planTraining>[2] = (model) =>
    space === undefined ? null : readSpaceFile(space, model);
  const host = createNodeHost();
  const plan = planTraining(command, given, readSpace, host);
  if (options.printConfig) return printConfig(plan.config);
  checkResume(data, options);
  await holdSession(
    options,
    async ({ reporter, environment, begin }) => {
      const { resume, out = null, json } = options;
      const started = new Date();
      const prepared = await (resume
        ? reopenTraining(resume, plan.config.threads, environment)
        : startTraining({ ...plan, data: data ?? null, out }, environment));
      const { files, record } = prepared;
      begin({ command: record.command, folder: files.path, kept: 'A checkpoint is written.' });
      const tracking = await openMlflowTracking(prepared, { url: mlflow, started, say: reporter.say });
      const onTracked = writeEvents(files, started);
      try {
        const { outcome, document } = await runTraining(prepared, {
          ...environment,
          onEvent(event) {
            environment.onEvent(event);
            onTracked(event);
            tracking?.onEvent(event);
          },
        });
        await tracking?.end('FINISHED');
        return json ? `${formatJson(document)}\n` : describeOutcome(outcome);
      } catch (error) {
        reporter.clear();
        await tracking?.end(error instanceof Interrupted ? 'KILLED' : 'FAILED');
        throw error;
      }
    },
    host,
  );
}

function describeOutcome(outcome: TrainingOutcome): string {
  const { source } = outcome.data;
  const data = source.synthetic ? `${source.name}: songs of the synthetic twin, no real ones` : source.name;
  const few = warnOfFew(outcome.standings.heldOut);
  return `${formatTable(outcome)}\n\n${few ? `${few}\n` : ''}Data: ${data}\n${describeRun(outcome.run)}`;
}
