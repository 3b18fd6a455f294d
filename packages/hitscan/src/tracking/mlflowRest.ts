import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type MlflowClient, MlflowFailure } from './mlflowClient.ts';
import { type Entry, groupEntries } from './mlflowEntries.ts';

/** How a run ended. KILLED is one that somebody stopped. */
export type RunStatus = 'FINISHED' | 'FAILED' | 'KILLED';

/** A run as the server knows it. */
export interface RunInfo {
  readonly id: string;
  readonly experiment: string;
  readonly status: string;
  /** Where its files belong. */
  readonly files: string;
}

/** Ids go into addresses that are printed. */
const idText = z.string().regex(/^[A-Za-z0-9][\w-]{0,255}$/);
const emptyReply = z.object({});
const createdReply = z.object({ experiment_id: idText });
const experimentReply = z.object({
  experiment: z.object({ experiment_id: idText, lifecycle_stage: z.string().optional() }),
});
const run = z.object({
  info: z
    .object({
      run_id: idText,
      experiment_id: idText,
      status: z.string(),
      artifact_uri: z.string().optional(),
      lifecycle_stage: z.string().optional(),
    })
    .transform(
      ({ run_id: id, experiment_id: experiment, status, artifact_uri: files = '', lifecycle_stage: stage }) => ({
        ...{ id, experiment, status, files },
        deleted: stage === 'deleted',
      }),
    ),
  data: z.object({ tags: z.array(z.object({ key: z.string(), value: z.string().optional() })).optional() }).optional(),
});
const runReply = z.object({ run });
const searchReply = z.object({ runs: z.array(run).optional(), next_page_token: z.string().optional() });

const at = (name: string) => `/api/2.0/mlflow/${name}`;

function isMissing(error: unknown): boolean {
  return error instanceof MlflowFailure && error.code === 'RESOURCE_DOES_NOT_EXIST';
}

export interface Experiment {
  readonly id: string;
  readonly deleted: boolean;
}

/** The experiment of a name, made where there is none, whoever else makes it at the same time. Throws: MlflowFailure. */
export async function openExperiment(client: MlflowClient, name: string): Promise<Experiment> {
  const path = `${at('experiments/get-by-name')}?experiment_name=${encodeURIComponent(name)}`;
  const find = async (): Promise<Experiment> => {
    const { experiment } = await client.askFor(experimentReply, { method: 'GET', path });
    return { id: experiment.experiment_id, deleted: experiment.lifecycle_stage === 'deleted' };
  };
  return client.insist(async () => {
    try {
      return await find();
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    try {
      const request = { method: 'POST', path: at('experiments/create'), body: { name } } as const;
      return { id: (await client.askFor(createdReply, request)).experiment_id, deleted: false };
    } catch (error) {
      if (error instanceof MlflowFailure && error.code === 'RESOURCE_ALREADY_EXISTS') return find();
      throw error;
    }
  });
}

/** What a run has from its start. */
export interface RunStart {
  readonly name: string;
  readonly started: Date;
  readonly tags: readonly Entry[];
}

const creationTag = 'hitscan.creation';

/** Begins a run. One attempt whose answer was lost leaves no second run. Throws: MlflowFailure. */
export async function createRun(
  client: MlflowClient,
  experiment: string,
  { name, started, tags }: RunStart,
): Promise<RunInfo> {
  const creation = randomUUID();
  const body = {
    experiment_id: experiment,
    start_time: started.getTime(),
    run_name: name,
    tags: [...groupEntries(tags).tags, { key: creationTag, value: creation }],
  };
  return client.insist(async (number) => {
    const [known] = number > 0 ? await findCreated(client, experiment, creation) : [];
    return known ?? (await client.askFor(runReply, { method: 'POST', path: at('runs/create'), body })).run.info;
  });
}

async function findCreated(client: MlflowClient, experiment: string, creation: string): Promise<RunInfo[]> {
  const filter = `tags.\`${creationTag}\` = '${creation}'`;
  const body = { experiment_ids: [experiment], filter, max_results: 1 };
  try {
    const { runs = [] } = await client.askFor(searchReply, { method: 'POST', path: at('runs/search'), body });
    return runs.map(({ info }) => info);
  } catch (error) {
    // A server that cannot search is worth a second run rather than none.
    if (error instanceof MlflowFailure && !error.passing) return [];
    throw error;
  }
}

/** A run that was begun earlier; null where the server has it no more. Throws: MlflowFailure. */
export async function findRun(client: MlflowClient, id: string): Promise<RunInfo | null> {
  const path = `${at('runs/get')}?run_id=${encodeURIComponent(id)}`;
  try {
    const { info } = (await client.insist(() => client.askFor(runReply, { method: 'GET', path }))).run;
    return info.deleted ? null : info;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Runs that a search is to find at most, in pages of so many. */
const [pageRuns, mostPages] = [200, 100];

/** The names of a run's children that have come to their end. Throws: MlflowFailure. */
export async function listFinishedChildren(
  client: MlflowClient,
  { id, experiment }: Pick<RunInfo, 'id' | 'experiment'>,
): Promise<Set<string>> {
  const names = new Set<string>();
  const filter = `tags.\`mlflow.parentRunId\` = '${id}' and attributes.status = 'FINISHED'`;
  let token: string | undefined;
  for (let page = 0; page < mostPages && (page === 0 || token); page++) {
    const body = { experiment_ids: [experiment], filter, max_results: pageRuns, ...(token && { page_token: token }) };
    const request = { method: 'POST', path: at('runs/search'), body } as const;
    const { runs = [], next_page_token } = await client.insist(() => client.askFor(searchReply, request));
    for (const { data } of runs) {
      const name = data?.tags?.find(({ key }) => key === 'mlflow.runName')?.value;
      if (name !== undefined) names.add(name);
    }
    token = next_page_token;
  }
  return names;
}

/** Logs what `cutBatches` has put in one batch. Throws: MlflowFailure. */
export async function logBatch(client: MlflowClient, id: string, batch: readonly Entry[]): Promise<void> {
  const request = { method: 'POST', path: at('runs/log-batch'), body: { run_id: id, ...groupEntries(batch) } } as const;
  await client.insist(() => client.askFor(emptyReply, request));
}

/** Throws: MlflowFailure. */
export async function updateRun(
  client: MlflowClient,
  id: string,
  change: { readonly status: RunStatus | 'RUNNING'; readonly end_time?: number },
): Promise<void> {
  const request = { method: 'POST', path: at('runs/update'), body: { run_id: id, ...change } } as const;
  await client.insist(() => client.askFor(emptyReply, request));
}

/** Puts a file among a run's. `path`: encoded, from findFilePath. Throws: MlflowFailure. */
export async function putFile(client: MlflowClient, path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const request = { method: 'PUT', path: `/api/2.0/mlflow-artifacts/artifacts/${path}`, bytes } as const;
  await client.insist(() => client.ask(request));
}
