import { type Answer, completeAnswer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { protocolNamed } from './protocols/find-protocol.ts';
import { field } from './protocols/protocol.ts';
import { kindOfStatus, type ProviderError } from './provider-error.ts';
import type { Wire, WireStep } from './wire.ts';

/** What the server does with one request: makes the plan of the response. */
export type Reply = (exchange: Exchange) => Wire;

/** What every reply can have besides its content. */
export type ReplyOptions = {
  /** More headers, over the default ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How the response leaves the server wrongly. In order. */
  readonly faults?: readonly Fault[];
};

/** When to come back: `retryAfter` in seconds, as text exactly as given, or as an HTTP date; OpenAI's own in milliseconds. */
export type RetryHint = {
  readonly retryAfter?: number | string | Date;
  readonly retryAfterMs?: number;
};

/**
 * The replies, for the script of an account.
 *
 * @example
 * account.script([
 *   respond.error({ kind: 'rate-limit', retryAfter: 2 }),
 *   respond.answer({ text: ['Hel', 'lo'], faults: [fault.cut({ after: 1 })] }),
 *   respond.answer({ text: 'Hello', toolCalls: [{ toolName: 'weather', input: { city: 'Bern' } }] }),
 * ]);
 */
export const respond = {
  /** A whole answer in the protocol of the request, streamed if the request asks for a stream. */
  answer:
    ({ headers, faults, ...answer }: Answer & ReplyOptions): Reply =>
    exchange => {
      const protocol = protocolNamed(exchange.protocol);
      const tag = tagOf(exchange);
      const complete = completeAnswer({ answer, requestedModel: exchange.model, tag });
      const writes: readonly WireStep[] = exchange.stream
        ? protocol.frames({ answer: complete, exchange, tag }).map(frame => ({ type: 'write', ...frame }))
        : [
            {
              type: 'write',
              role: 'body',
              text: JSON.stringify(protocol.body({ answer: complete, exchange, tag })),
            },
          ];
      return plan({
        exchange,
        status: 200,
        contentType: exchange.stream ? protocol.streamType : 'application/json',
        writes,
        options: { ...(headers && { headers }), ...(faults && { faults }) },
        isKept: exchange.stream && field({ of: exchange.body, name: 'background' }) === true,
      });
    },

  /**
   * Goes on with an answer behind the event that the request names, as OpenAI does for `GET /responses/{id}` with
   * `starting_after`; a 404 where this account keeps no such answer. It keeps those of stream requests with `background: true`.
   */
  resume:
    (options: ReplyOptions = {}): Reply =>
    exchange =>
      exchange.resumes === undefined
        ? respond.error({ kind: 'not-found', ...options })(exchange)
        : plan({
            exchange,
            status: 200,
            contentType: protocolNamed(exchange.protocol).streamType,
            writes: exchange.resumes,
            options,
          }),

  /** An error in the true shape of the provider: status, body, and the headers that say when to retry. */
  error:
    ({
      headers,
      faults,
      retryAfter,
      retryAfterMs,
      ...error
    }: ProviderError & RetryHint & ReplyOptions): Reply =>
    exchange => {
      const { status, body } = protocolNamed(exchange.protocol).error({ ...error, exchange });
      return plan({
        exchange,
        status,
        contentType: 'application/json',
        writes: [{ type: 'write', role: 'body', text: JSON.stringify(body) }],
        options: {
          headers: { ...retryHeaders({ retryAfter, retryAfterMs }), ...headers },
          ...(faults && { faults }),
        },
      });
    },

  /** The error a provider sends with this HTTP status. */
  status: (status: number): Reply => respond.error({ kind: kindOfStatus(status), status }),

  /** Any other body: JSON of some other service, a login page, nothing. Status 200 unless given. */
  body:
    ({
      status = 200,
      contentType = 'application/json',
      text,
      ...options
    }: ReplyOptions & {
      readonly status?: number;
      readonly contentType?: string;
      readonly text: string;
    }): Reply =>
    exchange =>
      plan({ exchange, status, contentType, writes: [{ type: 'write', role: 'body', text }], options }),

  /** Status 200 and an empty body, with the content type the client expects. */
  empty:
    (options: ReplyOptions = {}): Reply =>
    exchange =>
      plan({
        exchange,
        status: 200,
        contentType: exchange.stream ? protocolNamed(exchange.protocol).streamType : 'application/json',
        writes: [],
        options,
      }),

  /** Status 200 and a web page, as captive portals and misrouted gateways send. */
  html: (options: ReplyOptions & { readonly status?: number } = {}): Reply =>
    respond.body({
      contentType: 'text/html; charset=utf-8',
      text: '<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>',
      ...options,
    }),

  /** Tears the connection down before any header. */
  reset: (): Reply => () => ({ steps: [{ type: 'reset' }] }),

  /** Closes the connection before any header. */
  cut: (): Reply => () => ({ steps: [{ type: 'cut' }] }),

  /** Accepts the request and never says a word. Ends when the client closes. */
  silence: (): Reply => () => ({ steps: [{ type: 'pause', until: 'forever' }] }),

  /** Bytes that are not HTTP. */
  garbage: (): Reply => () => ({
    steps: [{ type: 'raw', text: 'SSH-2.0-nothing to see here\r\n' }, { type: 'cut' }],
  }),
} as const;

function plan({
  exchange,
  status,
  contentType,
  writes,
  options,
  isKept = false,
}: {
  exchange: Exchange;
  status: number;
  contentType: string;
  writes: readonly WireStep[];
  options: ReplyOptions;
  isKept?: boolean;
}): Wire {
  const { requestIdHeader } = protocolNamed(exchange.protocol);
  const headers = {
    'content-type': contentType,
    [requestIdHeader]: `req_${tagOf(exchange)}`,
    ...options.headers,
  };
  const wire: Wire = {
    steps: [{ type: 'head', status, headers }, ...writes, { type: 'end' }],
    ...(isKept && { kept: writes }),
  };
  return (options.faults ?? []).reduce((changed, apply) => apply({ wire: changed, exchange }), wire);
}

function tagOf({ account, requestNumber }: Exchange): string {
  return `${account}_${requestNumber}`;
}

function retryHeaders({
  retryAfter,
  retryAfterMs,
}: {
  retryAfter: RetryHint['retryAfter'] | undefined;
  retryAfterMs: number | undefined;
}): Readonly<Record<string, string>> {
  return {
    ...(retryAfter === undefined
      ? {}
      : { 'retry-after': retryAfter instanceof Date ? retryAfter.toUTCString() : String(retryAfter) }),
    ...(retryAfterMs === undefined ? {} : { 'retry-after-ms': String(retryAfterMs) }),
  };
}
