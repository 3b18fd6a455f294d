import { basename } from 'node:path';
import type { ModelResult } from '@hitscan/core/evaluate';
import { showLine } from '@hitscan/core/quoteValue';
import type { Trial } from '@hitscan/core/tune';
import { toValue } from '@hitscan/core/tune';
import { z } from 'zod';
import { startMlflowRun } from '../tracking/mlflow.ts';
import { describeDelivery } from '../tracking/mlflowDelivery.ts';
import type { RunStatus } from '../tracking/mlflowRest.ts';
import { timePoints } from '../tracking/mlflowTracked.ts';
import { listScalars } from './events.ts';
import type { PreparedRun } from './preparedRun.ts';
import type { Reporter } from './progress.ts';

/** What a run tells a tracking server; nothing where none was asked for. */
export interface Tracking {
  onTrial(trial: Trial): void;
  onModel(result: ModelResult): void;
  end(status: RunStatus): Promise<void>;
}

const stateFile = 'mlflow.json';

const stateSchema = z.object({ url: z.string().min(1), run: z.string().min(1) });

/**
 * Begins a run on the server, or goes on with the one that the folder remembers; null where there is neither.
 * Throws: ConfigError where the server cannot be reached.
 */
export async function openTracking(
  { directory, record, timings }: PreparedRun,
  { url, started, reporter }: { url: string | undefined; started: Date; reporter: Reporter },
): Promise<Tracking | null> {
  const known = directory.has(stateFile)
    ? directory.readJson(stateFile, stateSchema, 'remove it, and the server is told of a new run')
    : null;
  const address = url ?? known?.url;
  if (address === undefined) return null;
  const run = await startMlflowRun({
    url: address,
    experiment: process.env.MLFLOW_EXPERIMENT_NAME ?? 'hitscan',
    name: basename(directory.path),
    command: `hitscan ${record.command}${record.data === null ? '' : ` ${record.data}`}`,
    started,
    resume: known?.run ?? null,
    environment: process.env,
  });
  directory.writeJson(stateFile, { url: address, run: run.id } satisfies z.infer<typeof stateSchema>);
  run.logParams({ data: record.data, threads: timings.threads, ...record.config });
  reporter.say(`MLflow: ${run.page}`);
  return {
    onTrial({ number, state, started, ended, intermediate, values, parameters }) {
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
    },
    onModel(result) {
      const ended = new Date();
      const begin = new Date(ended.getTime() - 1000 * result.seconds);
      const child = run.startChild(result.name, { started: begin });
      child?.logMetrics(timePoints(listScalars(result), begin, ended));
      child?.end('FINISHED', ended);
      run.logMetrics([{ name: `${result.name}/test MSE`, value: result.test.mse, step: 0, time: ended }]);
    },
    async end(status) {
      const delivery = await run.finish(status, new Date(), directory.path);
      // What did not arrive is said, however quiet the rest is to be.
      for (const line of describeDelivery(delivery)) process.stderr.write(`${showLine(line)}\n`);
    },
  };
}
