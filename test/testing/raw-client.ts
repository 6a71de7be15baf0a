import { connect } from 'node:net';

/** A TCP client that shows the bytes of one response exactly as they came, and how the connection ended. */
export type RawClient = {
  /** Everything received so far, as text. */
  readonly received: () => string;
  /** The sizes of the chunks of the body, in order, without the last, empty one. */
  readonly chunkSizes: () => readonly number[];
  /** Settles when this text has been received. */
  readonly waitFor: (text: string) => Promise<void>;
  /** `end`: closed by the server (FIN). Anything else: the code of the socket's error. */
  readonly ended: Promise<string>;
  readonly close: () => void;
};

/** Sends one POST to an account and listens. */
export function rawPost({
  baseUrl,
  path,
  body = {},
}: {
  baseUrl: string;
  path: string;
  body?: object;
}): RawClient {
  const url = new URL(baseUrl);
  const text = JSON.stringify(body);
  const chunks: Buffer[] = [];
  const received = (): string => Buffer.concat(chunks).toString('utf8');
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  socket.write(
    `POST ${url.pathname}${path} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  const waiters = new Set<() => void>();
  socket.on('data', chunk => {
    chunks.push(chunk);
    for (const check of waiters) check();
  });
  const ended = new Promise<string>(resolve => {
    socket.once('end', () => resolve('end'));
    socket.once('error', error => resolve('code' in error ? String(error.code) : error.message));
  });
  return {
    received,
    chunkSizes: () => chunkSizes(Buffer.concat(chunks).toString('latin1')),
    ended,
    close: () => socket.destroy(),
    waitFor: wanted =>
      new Promise(resolve => {
        const check = (): void => {
          if (!received().includes(wanted)) return;
          waiters.delete(check);
          resolve();
        };
        waiters.add(check);
        check();
      }),
  };
}

/** The four protocols, with the path and body that ask for a stream. */
export const streamRequests = [
  { protocol: 'openai-responses', path: '/responses', body: { model: 'm', stream: true } },
  { protocol: 'openai-chat', path: '/chat/completions', body: { model: 'm', stream: true } },
  { protocol: 'google', path: '/models/m:streamGenerateContent?alt=sse', body: {} },
  { protocol: 'anthropic', path: '/messages', body: { model: 'm', stream: true } },
] as const;

/** The four protocols, with the path and body that ask for one whole answer. */
export const plainRequests = [
  { protocol: 'openai-responses', path: '/responses', body: { model: 'm' } },
  { protocol: 'openai-chat', path: '/chat/completions', body: { model: 'm' } },
  { protocol: 'google', path: '/models/m:generateContent', body: {} },
  { protocol: 'anthropic', path: '/messages', body: { model: 'm' } },
] as const;

function chunkSizes(response: string): readonly number[] {
  const sizes: number[] = [];
  let at = response.indexOf('\r\n\r\n') + 4;
  for (;;) {
    const size = Number.parseInt(response.slice(at), 16);
    if (!(size > 0)) return sizes;
    sizes.push(size);
    at = response.indexOf('\r\n', at) + 2 + size + 2;
  }
}
