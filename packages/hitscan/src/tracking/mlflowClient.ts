import type { z } from 'zod';
import type { MlflowAddress } from './mlflowAddress.ts';

/** How long a server is waited for. */
export interface MlflowPace {
  /** Without a whole answer in this time a request has failed. */
  readonly requestSeconds: number;
  /** Times that one thing is asked for before it is given up. */
  readonly attempts: number;
  /** Before the second attempt; twice as long before each next one. */
  readonly firstWaitSeconds: number;
  /** Between two attempts, whatever the server asks for. */
  readonly longestWaitSeconds: number;
}

/** The server could not be reached, or did not do what it was asked for. */
export class MlflowFailure extends Error {
  override readonly name = 'MlflowFailure';
  /** Of the answer; null where none came. */
  readonly status: number | null;
  /** MLflow's name of the error, such as RESOURCE_DOES_NOT_EXIST. */
  readonly code: string | null;
  /** Whether the same request may succeed later. */
  readonly passing: boolean;
  /** What the server asks to wait; 0 where it says nothing. */
  readonly waitSeconds: number;

  constructor(
    message: string,
    {
      status = null,
      code = null,
      passing = false,
      waitSeconds = 0,
    }: Partial<Pick<MlflowFailure, 'status' | 'code' | 'passing' | 'waitSeconds'>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.passing = passing;
    this.waitSeconds = waitSeconds;
  }
}

export interface MlflowRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** After the server's address, encoded. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent as they are. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

export interface MlflowClient {
  readonly url: string;
  /** Asks once. Throws: MlflowFailure. */
  ask(request: MlflowRequest): Promise<string>;
  /** Asks once for JSON of a kind. Throws: MlflowFailure. */
  askFor<Reply>(reply: z.ZodType<Reply>, request: MlflowRequest): Promise<Reply>;
  /** Does it again while failures may pass. Throws: MlflowFailure, the last one. */
  insist<Result>(attempt: (number: number) => Promise<Result>): Promise<Result>;
}

/** No answer of a server that has not lost its way is longer. */
const longestAnswerBytes = 16 * 2 ** 20;

/** Too many requests, or trouble on the server's side. */
const passingStatuses = new Set([429, 500, 502, 503, 504]);

/** Time is counted in so many ticks, so that a thread that was busy for a while does not take itself for a slow server. */
const ticks = 20;

/** What is quoted from elsewhere, as a part of one line. */
export function quoteBriefly(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200).toWellFormed()}…` : line;
}

async function readWhole(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > longestAnswerBytes) throw new MlflowFailure(`an answer of more than ${longestAnswerBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** `Retry-After`: seconds, or a date. */
function readWait(header: string | null): number {
  if (header === null) return 0;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

/** What an answer that is no success says. */
function describeRefusal(status: number, text: string, headers: Headers): MlflowFailure {
  let [code, message]: (string | null)[] = [null, null];
  try {
    const said = JSON.parse(text);
    if (typeof said?.error_code === 'string') code = quoteBriefly(said.error_code);
    if (typeof said?.message === 'string') message = quoteBriefly(said.message);
  } catch {
    // A proxy's page says nothing that the status does not say.
  }
  if (status >= 300 && status < 400) message = `sent on to ${quoteBriefly(headers.get('location') ?? 'nowhere')}`;
  return new MlflowFailure([status, code, message].filter((part) => part !== null).join(' '), {
    status,
    code,
    passing: passingStatuses.has(status),
    waitSeconds: readWait(headers.get('retry-after')),
  });
}

/** A failure below HTTP. */
function describeBreak(error: unknown): MlflowFailure {
  if (error instanceof MlflowFailure) return error;
  const { cause, message } = error as Error;
  const { code, message: reason } = (cause ?? {}) as { code?: string; message?: string };
  return new MlflowFailure(quoteBriefly(reason || code || message), { passing: true });
}

/** Asks a tracking server, over HTTP and with patience. `signal` ends requests and waits; its reason is a MlflowFailure. */
export function createMlflowClient(
  { url, authorization }: MlflowAddress,
  pace: MlflowPace,
  signal: AbortSignal,
): MlflowClient {
  async function ask({ method, path, body, bytes }: MlflowRequest): Promise<string> {
    signal.throwIfAborted();
    const headers: Record<string, string> = { 'content-type': bytes ? 'application/octet-stream' : 'application/json' };
    if (authorization !== null) headers.authorization = authorization;
    const limit = new AbortController();
    const stop = () => limit.abort(signal.reason);
    signal.addEventListener('abort', stop);
    let passed = 0;
    const timer = setInterval(
      () => {
        const reason = new MlflowFailure(`no answer within ${pace.requestSeconds} s`, { passing: true });
        if (++passed === ticks) limit.abort(reason);
      },
      (1000 * pace.requestSeconds) / ticks,
    );
    try {
      const response = await fetch(url + path, {
        method,
        headers,
        // An address that leads elsewhere would get the credentials, and turn what is sent into what is asked for.
        redirect: 'manual',
        signal: limit.signal,
        body: bytes ?? (body ? JSON.stringify(body) : null),
      });
      const text = await readWhole(response.body);
      if (!response.ok) throw describeRefusal(response.status, text, response.headers);
      return text;
    } catch (error) {
      throw describeBreak(limit.signal.aborted ? limit.signal.reason : error);
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  return {
    url,
    ask,
    async askFor(reply, request) {
      const text = await ask(request);
      let said: unknown;
      try {
        said = JSON.parse(text);
      } catch {
        throw new MlflowFailure(`${request.path.split('?')[0]} answered with what is no JSON`);
      }
      const read = reply.safeParse(said);
      if (read.success) return read.data;
      const [{ path, message }] = read.error.issues;
      throw new MlflowFailure(
        `${request.path.split('?')[0]} answered otherwise than MLflow does: ${path.join('.')}: ${quoteBriefly(message)}`,
      );
    },
    async insist(attempt) {
      for (let number = 0; ; number++) {
        try {
          return await attempt(number);
        } catch (error) {
          if (!(error instanceof MlflowFailure) || !error.passing || number + 1 >= pace.attempts) throw error;
          const seconds = Math.max(pace.firstWaitSeconds * 2 ** number, error.waitSeconds);
          await wait(Math.min(seconds, pace.longestWaitSeconds), signal);
          // Why it was in vain says more than that it was given up.
          if (signal.aborted) throw error;
        }
      }
    },
  };
}

function wait(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, signal.aborted ? 0 : 1000 * seconds);
    signal.addEventListener('abort', end);
  });
}
