import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { posix } from 'node:path';

// A tracking server for tests: in memory, and as strict as MLflow 3.17 is, or as an older one was.

interface KeyValue {
  readonly key: string;
  readonly value: string;
}

interface StoredMetric {
  readonly key: string;
  readonly value: number | string;
  readonly timestamp: number;
  readonly step: number;
}

interface StoredRun {
  readonly info: Record<string, string | number>;
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly metrics: StoredMetric[];
}

/** What becomes of a request before the server sees it: an answer, none at all, or none although it was done. */
export type Trouble =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly text?: string }
  | 'hang'
  | 'drop'
  | 'dropAnswer';

export interface StandIn {
  readonly url: string;
  readonly runs: Map<string, StoredRun>;
  readonly files: Map<string, Buffer>;
  /** All that came, as `POST runs/create`, in their order. */
  readonly requests: { readonly name: string; readonly headers: IncomingMessage['headers']; readonly time: number }[];
  /** Asked about each request, by its name. */
  trouble: (name: string) => Trouble | null;
  close(): Promise<void>;
}

export interface StandInOptions {
  /** Of parameters: 6000, in older servers 500 or 250. */
  readonly longestParam?: number;
  /** Where runs' files belong. */
  readonly fileRoot?: string;
}

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const invalid = (message: string) => new Refusal(400, 'INVALID_PARAMETER_VALUE', message);
const missing = (message: string) => new Refusal(404, 'RESOURCE_DOES_NOT_EXIST', message);

function checkKey(key: string): void {
  if (!/^[/\p{L}\p{N}_.\- :]+$/u.test(key)) throw invalid(`names must be of letters, got ${key}`);
  if (posix.normalize(key) !== key || /^(\.$|\.\.|\/)/.test(key) || key.endsWith('/')) throw invalid(`bad path ${key}`);
  if (key.length > 250) throw invalid('a key exceeds 250 characters');
}

const limits = { metrics: 1000, params: 100, tags: 100 } as const;

/** Starts a server on a free port of this machine. */
export async function startStandIn({
  longestParam = 6000,
  fileRoot = 'mlflow-artifacts:',
}: StandInOptions = {}): Promise<StandIn> {
  const experiments = new Map<string, string>();
  const runs = new Map<string, StoredRun>();
  const files = new Map<string, Buffer>();
  const requests: StandIn['requests'] = [];

  function findRun(id: unknown): StoredRun {
    const run = runs.get(String(id));
    if (!run) throw missing(`Run with id=${id} not found`);
    return run;
  }

  function show({ info, params, tags, metrics }: StoredRun) {
    const list = (map: Map<string, string>) => [...map].map(([key, value]) => ({ key, value }));
    return { info, data: { params: list(params), tags: list(tags), metrics } };
  }

  function logBatch(body: Record<string, unknown>, size: number): void {
    if (size > 1_000_000) throw invalid(`requests must be of at most 1000000 bytes, got ${size}`);
    const run = findRun(body.run_id);
    const [metrics, params, tags] = [body.metrics, body.params, body.tags].map((list) => list ?? []) as [
      StoredMetric[],
      KeyValue[],
      KeyValue[],
    ];
    for (const [name, list] of Object.entries({ metrics, params, tags })) {
      if (list.length > limits[name as keyof typeof limits]) throw invalid(`too many ${name}: ${list.length}`);
      for (const { key } of list) checkKey(key);
    }
    if (metrics.length + params.length + tags.length > 1000) throw invalid('more than 1000 in all');
    for (const { value, timestamp, step } of metrics) {
      const numeric = typeof value === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(value);
      if (!numeric || !Number.isInteger(timestamp) || !Number.isInteger(step)) throw invalid('no metric');
    }
    if (tags.some(({ value }) => value.length > 8000)) throw invalid('a tag is too long');
    if (new Set(params.map(({ key }) => key)).size < params.length) throw invalid('duplicate parameter keys');
    for (const { key, value } of params) {
      if (value.length > longestParam) throw invalid(`param ${key} had length ${value.length}`);
      if ((run.params.get(key) ?? value) !== value) throw invalid(`changing param values is not allowed: ${key}`);
    }
    for (const { key, value } of params) run.params.set(key, value);
    for (const { key, value } of tags) run.tags.set(key, value);
    run.metrics.push(...metrics);
  }

  /** Filters of the form ``tags.`key` = 'value' and attributes.status = 'value'``. */
  function search(filter: string): StoredRun[] {
    const terms = filter.split(' and ').map((term) => /^(tags|attributes)\.`?([^`]+?)`? = '([^']*)'$/.exec(term));
    if (terms.includes(null)) throw invalid(`bad filter ${filter}`);
    return [...runs.values()].filter(({ info, tags }) =>
      terms.every((term) => {
        const [, where, key, value] = term as RegExpExecArray;
        return (where === 'tags' ? tags.get(key) : info[key]) === value;
      }),
    );
  }

  function answer(name: string, query: URLSearchParams, bytes: Buffer): unknown {
    const body = bytes.length > 0 && !name.startsWith('PUT') ? JSON.parse(bytes.toString()) : {};
    switch (name) {
      case 'GET experiments/get-by-name': {
        const title = query.get('experiment_name') as string;
        const id = experiments.get(title);
        if (id === undefined) throw missing(`Could not find experiment with name '${title}'`);
        const stage = title.startsWith('deleted') ? 'deleted' : 'active';
        return { experiment: { experiment_id: id, name: title, lifecycle_stage: stage } };
      }
      case 'POST experiments/create': {
        if (experiments.has(body.name))
          throw new Refusal(400, 'RESOURCE_ALREADY_EXISTS', `${body.name} already exists`);
        experiments.set(body.name, String(experiments.size + 1));
        return { experiment_id: experiments.get(body.name) };
      }
      case 'POST runs/create': {
        const id = (runs.size + 1).toString(16).padStart(32, '0');
        const info = {
          run_id: id,
          experiment_id: body.experiment_id,
          run_name: body.run_name,
          status: 'RUNNING',
          start_time: body.start_time,
          artifact_uri: `${fileRoot}/${body.experiment_id}/${id}/artifacts`,
          lifecycle_stage: 'active',
        };
        const tags = new Map((body.tags as KeyValue[]).map(({ key, value }) => [key, value]));
        runs.set(id, { info, tags, params: new Map(), metrics: [] });
        return { run: show(findRun(id)) };
      }
      case 'GET runs/get':
        return { run: show(findRun(query.get('run_id'))) };
      case 'POST runs/search': {
        const found = search(body.filter);
        const from = Number(body.page_token ?? 0);
        const to = from + body.max_results;
        const page = { runs: found.slice(from, to).map(show) };
        return to < found.length ? { ...page, next_page_token: String(to) } : page;
      }
      case 'GET metrics/get-history': {
        const { metrics } = findRun(query.get('run_id'));
        return { metrics: metrics.filter(({ key }) => key === query.get('metric_key')) };
      }
      case 'POST runs/log-batch':
        logBatch(body, bytes.length);
        return {};
      case 'POST runs/update': {
        const { info } = findRun(body.run_id);
        Object.assign(info, body);
        return { run_info: info };
      }
      default:
        throw new Refusal(404, 'ENDPOINT_NOT_FOUND', name);
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const bytes = Buffer.concat(parts);
    const { pathname, searchParams } = new URL(request.url as string, 'http://server');
    const [, kind, rest] = /^\/api\/2\.0\/(mlflow|mlflow-artifacts)\/(.*)$/.exec(pathname) ?? [];
    const name = `${request.method} ${rest ?? pathname}`;
    requests.push({ name, headers: request.headers, time: performance.now() });
    const trouble = standIn.trouble(name);
    if (trouble === 'hang') return;
    if (trouble === 'drop') return void request.socket.destroy();
    if (trouble !== null && trouble !== 'dropAnswer') {
      return void response.writeHead(trouble.status, trouble.headers).end(trouble.text);
    }
    let [status, text] = [200, ''];
    try {
      if (kind === 'mlflow-artifacts') {
        const file = decodeURIComponent(rest.replace(/^artifacts\//, ''));
        if (request.method === 'PUT') files.set(file, bytes);
        else text = files.get(file)?.toString() ?? '';
      } else text = JSON.stringify(answer(name, searchParams, bytes));
    } catch (error) {
      status = error instanceof Refusal ? error.status : 500;
      text = JSON.stringify({ error_code: (error as Refusal).code ?? 'BUG', message: (error as Error).message });
    }
    if (trouble === 'dropAnswer') return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  }

  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs,
    files,
    requests,
    trouble: () => null,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return standIn;
}
