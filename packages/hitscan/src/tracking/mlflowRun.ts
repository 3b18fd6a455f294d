import { ConfigError } from '@hitscan/core/errors';
import { version } from '@hitscan/core/version';
import { type EnvironmentVariables, type MlflowAddress, readMlflowAddress } from './mlflowAddress.ts';
import { createMlflowClient, type MlflowClient, MlflowFailure, type MlflowPace } from './mlflowClient.ts';
import { createDeliveryQueue, type DeliveryPatience, type MlflowDelivery } from './mlflowDelivery.ts';
import { paramLimits, toTags } from './mlflowEntries.ts';
import { sendFiles } from './mlflowFiles.ts';
import {
  createRun,
  findRun,
  listFinishedChildren,
  openExperiment,
  type RunInfo,
  type RunStatus,
  updateRun,
} from './mlflowRest.ts';
import { type MlflowSession, sendOne, type TrackedRun, trackRun } from './mlflowTracked.ts';

export interface MlflowOptions {
  /** What `--mlflow` says. */
  readonly url: string;
  /** Made where there is none of this name. */
  readonly experiment: string;
  readonly name: string;
  /** What made the run, as people would type it. */
  readonly command: string;
  readonly started: Date;
  /** Of the run to go on with, null for a new one. */
  readonly resume: string | null;
  readonly environment: EnvironmentVariables;
  /** For tests, which have no time. */
  readonly pace?: Partial<MlflowPace & DeliveryPatience>;
}

/** A part of the run: a trial, a model. */
export interface TrackedChild extends TrackedRun {
  end(status: RunStatus, ended: Date): void;
}

export interface MlflowRun extends TrackedRun {
  readonly id: string;
  /** Where people see it. */
  readonly page: string;
  /** Whether this is the run that was to be gone on with. */
  readonly resumed: boolean;
  /** Begins a part; null where the run, resumed, has a finished one of this name. */
  startChild(
    name: string,
    start: { readonly started: Date; readonly tags?: Readonly<Record<string, unknown>> },
  ): TrackedChild | null;
  /**
   * Ends the run, and with it the parts that are still open, and sends the small files of a folder; waits until all is
   * delivered, or until there is no hope; a KILLED run, only for some two seconds. Never throws.
   */
  finish(status: RunStatus, ended: Date, folder: string | null): Promise<MlflowDelivery>;
}

/** A server may be away for two minutes without a loss. */
const usualPace: MlflowPace & DeliveryPatience = {
  requestSeconds: 30,
  attempts: 8,
  firstWaitSeconds: 1,
  longestWaitSeconds: 60,
  silenceSeconds: 20,
  finishSeconds: 120,
};

/** After an interruption somebody waits for the process to end, and will end it. */
const interruptedPatience: DeliveryPatience = { silenceSeconds: 2, finishSeconds: 2.5 };

/** Before the work begins somebody waits, and can do something about it. */
const startPace = { requestSeconds: 10, attempts: 3, firstWaitSeconds: 0.5, longestWaitSeconds: 5 };

/** What MLflow's own clients say of a run. */
function describeOrigin({ name, command, environment }: MlflowOptions): Record<string, string | undefined> {
  return {
    // Servers before 1.30 know a run's name from this alone.
    'mlflow.runName': name,
    'mlflow.source.name': command,
    'mlflow.source.type': 'LOCAL',
    'mlflow.user': environment.MLFLOW_TRACKING_USERNAME ?? environment.USER ?? environment.USERNAME,
    'hitscan.version': version,
  };
}

/** A failure at the start as an error of the person who gave the address. */
function blame(error: unknown, { url }: MlflowAddress): unknown {
  if (!(error instanceof MlflowFailure)) return error;
  const { status, message } = error;
  const got = `got ${JSON.stringify(url)} (${message})`;
  if (status === 401 || status === 403) {
    const instead = 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN';
    return new ConfigError('--mlflow', `must be an MLflow server that lets its user in, ${got}; ${instead}`);
  }
  return new ConfigError(
    '--mlflow',
    `must be an MLflow server that takes runs, ${got}; start it, or leave --mlflow out`,
  );
}

/** The run to log to, and the parts that it has already. */
async function beginRun(
  client: MlflowClient,
  options: MlflowOptions,
): Promise<{ info: RunInfo; finished: ReadonlySet<string> | null }> {
  const { experiment: title, name, started, resume } = options;
  const known = resume === null ? null : await findRun(client, resume);
  if (known) {
    await updateRun(client, known.id, { status: 'RUNNING' });
    return { info: known, finished: await listFinishedChildren(client, known) };
  }
  const experiment = await openExperiment(client, title);
  if (experiment.deleted) {
    const instead = `restore it with mlflow experiments restore --experiment-id ${experiment.id}, or name another`;
    throw new ConfigError(
      '--mlflow',
      `must have an experiment that is not deleted, got ${JSON.stringify(title)}; ${instead}`,
    );
  }
  const tags = toTags(describeOrigin(options));
  return { info: await createRun(client, experiment.id, { name, started, tags }), finished: null };
}

/**
 * Begins a run on an MLflow tracking server, or goes on with one.
 *
 * Source: MLflow's REST API 2.0; tried with servers of MLflow 2.7 and 3.17.
 * Throws: ConfigError where the address or the credentials are wrong, or no such server answers.
 */
export async function startMlflowRun(options: MlflowOptions): Promise<MlflowRun> {
  const address = readMlflowAddress(options.url, options.environment);
  const pace = { ...usualPace, ...options.pace };
  const stop = new AbortController();
  const starting = createMlflowClient(address, { ...startPace, ...options.pace }, stop.signal);
  const { info, finished } = await beginRun(starting, options).catch((error) => {
    throw blame(error, address);
  });
  const client = createMlflowClient(address, pace, stop.signal);
  const queue = createDeliveryQueue(pace, stop);
  const session: MlflowSession = { client, queue, paramLimit: paramLimits[0] };
  const open = new Set<TrackedChild>();

  function addOne(send: () => Promise<void>): void {
    if (queue.expect(1)) queue.add(() => sendOne(session, send));
  }

  function endRun(findId: () => string, status: RunStatus, ended: Date): void {
    addOne(async () => updateRun(client, findId(), { status, end_time: ended.getTime() }));
  }

  return {
    ...trackRun(session, () => info.id),
    id: info.id,
    page: `${address.url}/#/experiments/${info.experiment}/runs/${info.id}`,
    resumed: finished !== null,
    startChild(name, { started, tags = {} }) {
      if (finished?.has(name)) return null;
      let begun: RunInfo | Error = new Error('its run was lost before');
      const findId = () => {
        if (begun instanceof Error) throw begun;
        return begun.id;
      };
      const origin = { ...describeOrigin({ ...options, name }), 'mlflow.parentRunId': info.id, ...tags };
      addOne(async () => {
        try {
          begun = await createRun(client, info.experiment, { name, started, tags: toTags(origin) });
        } catch (error) {
          begun = error as Error;
          throw error;
        }
      });
      const child: TrackedChild = {
        ...trackRun(session, findId),
        end(status, ended) {
          open.delete(child);
          endRun(findId, status, ended);
        },
      };
      open.add(child);
      return child;
    },
    async finish(status, ended, folder) {
      for (const child of open) child.end(status, ended);
      // Before the files, of which a server may take none.
      endRun(() => info.id, status, ended);
      if (folder !== null) queue.add(() => sendFiles(session, info.files, folder));
      return queue.finish(status === 'KILLED' ? interruptedPatience : pace);
    },
  };
}
