import { basename } from 'node:path';
import type { ModelResult } from '@hitscan/core/evaluate';
import type { PipelineEvent, PreparedRun } from '@hitscan/core/pipeline';
import { showLine } from '@hitscan/core/quoteValue';
import type { Trial } from '@hitscan/core/tune';
import { toValue } from '@hitscan/core/tune';
import { z } from 'zod';
import { describeDelivery } from './mlflowDelivery.ts';
import type { RunStatus } from './mlflowRest.ts';
import { startMlflowRun } from './mlflowRun.ts';
import { timePoints } from './mlflowTracked.ts';
import { listScalars } from './tensorboard.ts';

/** A run as a tracking server sees it: a child for each trial and model. */
export interface Tracking {
  onEvent(event: PipelineEvent): void;
  end(status: RunStatus): Promise<void>;
}

const stateFile = 'mlflow.json';

const stateSchema = z.object({ url: z.string().min(1), run: z.string().min(1) });

/**
 * Begins a run on the server, or goes on with the one that the folder remembers; null where there is neither.
 * Throws: ConfigError where the server cannot be reached.
 */
export async function openMlflowTracking(
  { files, record, timings }: PreparedRun,
  { url, started, say }: { url: string | undefined; started: Date; say(line: string): void },
): Promise<Tracking | null> {
  const known = files.has(stateFile)
    ? files.readJson(stateFile, stateSchema, 'remove it, and the server gets a new run')
    : null;
  const address = url ?? known?.url;
  if (address === undefined) return null;
  const run = await startMlflowRun({
    url: address,
    experiment: process.env.MLFLOW_EXPERIMENT_NAME ?? 'hitscan',
    name: basename(files.path),
    command: `hitscan ${record.command}${record.data === null ? '' : ` ${record.data}`}`,
    started,
    resume: known?.run ?? null,
    environment: process.env,
  });
  files.writeJson(stateFile, { url: address, run: run.id } satisfies z.infer<typeof stateSchema>);
  run.logParams({ data: record.data, threads: timings.threads, ...record.config });
  say(`MLflow: ${run.page}`);
  const onTrial = ({ number, state, started, ended, intermediate, values, parameters }: Trial): void => {
    const [begin, end] = [started ?? new Date(), ended ?? new Date()];
    const child = run.startChild(`trial ${number}`, { started: begin, tags: { 'hitscan.trial.state': state } });
    if (!child) return;
    child.logParams(
      Object.fromEntries(
        [...parameters].map(([name, { distribution, internal }]) => [name, toValue(distribution, internal)]),
      ),
    );
    const error = values === null ? [] : [{ tag: 'error', values: [[0, values[0]] as const] }];
    child.logMetrics(timePoints([{ tag: 'error by epoch', values: [...intermediate] }, ...error], begin, end));
    child.end(state === 'fail' ? 'FAILED' : 'FINISHED', end);
    if (values !== null) run.logMetrics([{ name: 'trial error', value: values[0], step: number, time: end }]);
  };
  const onModel = (result: ModelResult): void => {
    const ended = new Date();
    const begin = new Date(ended.getTime() - 1000 * result.seconds);
    const child = run.startChild(result.name, { started: begin });
    child?.logMetrics(timePoints(listScalars(result), begin, ended));
    child?.end('FINISHED', ended);
    run.logMetrics([{ name: `${result.name}/test MSE`, value: result.test.mse, step: 0, time: ended }]);
  };
  return {
    onEvent(event) {
      if (event.kind === 'trial') onTrial(event.trial);
      if (event.kind === 'model') onModel(event.result);
    },
    async end(status) {
      const delivery = await run.finish(status, new Date(), files.path);
      // What did not arrive is said, however quiet the rest is to be.
      for (const line of describeDelivery(delivery)) process.stderr.write(`${showLine(line)}\n`);
    },
  };
}
