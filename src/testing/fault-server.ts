import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod/v4';
import { check, strictOptions } from '../boundary/check.ts';
import { type Account, type AccountState, createAccount } from './account.ts';
import { playWire } from './play-wire.ts';
import { recognizeRequest } from './protocols/find-protocol.ts';
import { harmlessHeaders, harmlessPath, type ReceivedRequest } from './received-request.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { type Reply, respond } from './respond.ts';
import { trackConnection } from './track-connection.ts';
import type { Wire } from './wire.ts';

/** A loopback server that answers like model providers do, and fails like they do. */
export type FaultServer = AsyncDisposable & {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The account with this name, made at first use: its own base URL, script, and requests. */
  readonly account: (name: string) => Account;
  /** Every request of every account, in the order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** Waits until this many requests have arrived in all. */
  readonly waitForRequests: (count: number) => Promise<readonly ReceivedRequest[]>;
  /** Empties `requests` here and of every account, so that long runs do not hold every body. Numbers go on. */
  readonly forgetRequests: () => void;
  /** Closes every connection and the server. */
  readonly close: () => Promise<void>;
};

/** Where a fault server listens. */
export type FaultServerSettings = {
  /** The port; default: 0, which takes any free one. */
  readonly port?: number;
};

const settingsSchema = strictOptions({
  port: z
    .int({ error: 'must be a port number' })
    .min(0, { error: 'must be a port number, or 0 for a free one' })
    .max(65_535, { error: 'must be at most 65535' })
    .optional(),
} satisfies Record<keyof FaultServerSettings, z.ZodType>);

/**
 * Starts a fault server on 127.0.0.1, at a free port unless one is named; rejects where that is taken. It speaks OpenAI Responses, chat completions, Gemini and Anthropic
 * Messages at once: the path of the request decides.
 *
 * @example
 * await using server = await createFaultServer();
 * const primary = server.account('primary');
 * primary.script([respond.error({ kind: 'overloaded' }), respond.answer({ text: ['Hel', 'lo'] })]);
 * const openai = createOpenAI({ baseURL: primary.baseUrl, apiKey: 'test' });
 */
export async function createFaultServer(settings: FaultServerSettings = {}): Promise<FaultServer> {
  check({ schema: settingsSchema, value: settings, path: ['createFaultServer'] });
  const log = createRequestLog();
  const accounts = new Map<string, AccountState>();
  const startedAt = performance.now();
  let closing = false;

  const accountState = (name: string): AccountState => {
    const known = accounts.get(name);
    if (known !== undefined) return known;
    const made = createAccount({ name, serverUrl: url });
    accounts.set(name, made);
    return made;
  };

  const answer = answerWith({ log, accountState, startedAt, isClosing: () => closing });

  const server = createServer(
    { keepAliveTimeout: 0, requestTimeout: 0, noDelay: true },
    (message, response) => {
      answer({ message, response }).catch(() => response.destroy());
    },
  );
  server.listen({ host: '127.0.0.1', port: settings.port ?? 0 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The fault server has no port.');
  const url = `http://127.0.0.1:${address.port}`;

  const logs = (): readonly RequestLog[] => [log, ...[...accounts.values()].map(account => account.log)];
  const close = async (): Promise<void> => {
    closing = true;
    for (const held of logs()) held.close();
    await new Promise<void>(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  return {
    url,
    account: name => accountState(name).face,
    requests: log.requests,
    waitForRequests: log.waitFor,
    forgetRequests: () => {
      for (const held of logs()) held.clear();
      for (const account of accounts.values()) account.forgetAnswers();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Exchanged = { readonly message: IncomingMessage; readonly response: ServerResponse };

/** Answers requests by the scripts of their accounts. */
function answerWith({
  log,
  accountState,
  startedAt,
  isClosing,
}: {
  readonly log: RequestLog;
  readonly accountState: (name: string) => AccountState;
  readonly startedAt: number;
  readonly isClosing: () => boolean;
}): (exchanged: Exchanged) => Promise<void> {
  return async ({ message, response }) => {
    const tracked = trackConnection({ response, isServerClosing: isClosing });
    const body = parseJson(await readText(message));
    const [name = '', ...rest] = (message.url ?? '/').slice(1).split('/');
    const path = `/${rest.join('/')}`;
    const recognized = recognizeRequest({ path, body });
    if (recognized === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          error: { message: `The fault server knows no protocol at ${harmlessPath(path)}.` },
        }),
      );
      return;
    }
    const account = accountState(decodeURIComponent(name));
    const { kept, ...recognition } = recognized;
    const resumes = kept?.ask === 'resume' ? account.keptAfter(kept) : undefined;
    const request: ReceivedRequest = {
      ...recognition,
      ...(resumes !== undefined && { resumes }),
      account: account.face.name,
      requestNumber: account.nextNumber(),
      body,
      method: message.method ?? '',
      path: harmlessPath(path),
      headers: harmlessHeaders(message),
      atMs: performance.now() - startedAt,
      get outcome() {
        return tracked.outcome();
      },
      get bytesWritten() {
        return tracked.bytesWritten();
      },
      closed: tracked.closed,
    };
    account.log.add(request);
    log.add(request);
    // A script says what happens to answers; who cancels one is told so.
    const wire = kept?.ask === 'cancel' ? cancelled(kept.id)(request) : replyTo({ account, request });
    if (wire.kept !== undefined)
      account.keep({ id: `resp_${request.account}_${request.requestNumber}`, steps: wire.kept });
    await playWire({ wire, response, connection: tracked.connection });
  };
}

// A script that throws is a mistake of the test: say so in the answer, instead of looking like a broken connection.
function replyTo({ account, request }: { account: AccountState; request: ReceivedRequest }): Wire {
  try {
    return account.next(request)(request);
  } catch (error) {
    const message = `The script of account "${request.account}" threw: ${String(error)}`;
    return respond.error({ kind: 'server', status: 501, message })(request);
  }
}

function cancelled(id: string): Reply {
  return respond.body({ text: JSON.stringify({ id, object: 'response', status: 'cancelled' }) });
}

async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
