import type { IncomingMessage } from 'node:http';
import type { Exchange } from './exchange.ts';

/**
 * How a request ended: the response was `completed`; the `client` closed the connection first (an abandoned attempt); or
 * the `server` did, by a scripted fault or because it was closed. `open` while it runs.
 */
export type RequestOutcome = 'open' | 'completed' | 'closed-by-client' | 'closed-by-server';

/** One request as it arrived. `outcome` and `bytesWritten` are live. */
export type ReceivedRequest = Exchange & {
  readonly method: string;
  /** Path without the account, and without a `key` in the query. */
  readonly path: string;
  /** Lower-case names. Keys and cookies are replaced by `[removed]`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the server started. */
  readonly atMs: number;
  readonly outcome: RequestOutcome;
  /** Bytes of the response body the operating system has taken so far. */
  readonly bytesWritten: number;
  /** Settles, with the outcome, when the request has ended: await it to see that a socket is closed. */
  readonly closed: Promise<RequestOutcome>;
};

const secretHeaders = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'proxy-authorization',
];

/** The headers of a request without its secrets. */
export function harmlessHeaders(message: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      secretHeaders.includes(name) ? '[removed]' : Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** The path of a request without a key in its query. */
export function harmlessPath(path: string): string {
  return path.replace(/([?&])key=[^&]*/, '$1key=[removed]');
}
