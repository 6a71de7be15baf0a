import type { Clock } from '../boundary/clock.ts';
import { type Answer, isStream, type Send, take } from './answer.ts';
import { createEventCutter } from './event-cutter.ts';
import { leave } from './leave.ts';
import { reopen } from './reopen.ts';

/** Sends the request; a stream in the response goes on where its connection breaks. */
export async function openAnswer({
  url,
  init,
  send,
  maxReopens,
  clock,
}: {
  readonly url: URL;
  readonly init: RequestInit;
  readonly send: Send;
  readonly maxReopens: number;
  readonly clock: Clock;
}): Promise<Response> {
  const signal = init.signal ?? undefined;
  signal?.throwIfAborted();
  const connection = new AbortController();
  const answer: Answer = {
    url,
    headers: headersBelow(init),
    send,
    maxReopens,
    clock,
    signal,
    connection,
    ready: [],
    reader: undefined,
    cutter: createEventCutter(),
    responseId: undefined,
    sequenceNumber: undefined,
    reopens: 0,
    isOver: false,
    hasLeft: false,
  };
  const opening = send(url, { ...init, signal: connection.signal }).then(response => {
    if (isStream(response)) answer.reader = response.body.getReader();
    return response;
  });
  const response = await untilAborted({ promise: opening, signal }).catch((error: unknown) => {
    // The answer may have begun all the same.
    if (signal?.aborted) void opening.then(() => leave(answer)).catch(ignore);
    throw error;
  });
  if (answer.reader === undefined) {
    signal?.addEventListener('abort', () => connection.abort(signal.reason), { once: true });
    return response;
  }
  const { status, statusText, headers } = response;
  return new Response(streamOf(answer), { status, statusText, headers });
}

/** The answer as one stream of bytes; nothing is read ahead. */
function streamOf(answer: Answer): ReadableStream<Uint8Array> {
  const { signal } = answer;
  let onAbort: (() => void) | undefined;
  const close = () => {
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  };
  return new ReadableStream<Uint8Array>(
    {
      start: controller => {
        onAbort = () => {
          controller.error(signal?.reason);
          leave(answer);
        };
        if (signal?.aborted) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
      },
      pull: async controller => {
        try {
          const bytes = await nextBytes(answer);
          if (answer.hasLeft) return;
          if (bytes !== undefined) {
            controller.enqueue(bytes);
            return;
          }
          close();
          controller.close();
        } catch (error) {
          close();
          if (!answer.hasLeft) throw error;
        }
      },
      cancel: () => {
        close();
        leave(answer);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The next event, over a new connection if need be; undefined at the end. Throws the break that nothing could mend. */
async function nextBytes(answer: Answer): Promise<Uint8Array | undefined> {
  for (;;) {
    const event = answer.ready.shift();
    if (event !== undefined) return event;
    const { reader } = answer;
    if (reader === undefined) return undefined;
    const read = await reader.read().catch((error: unknown) => ({ error }));
    const isMore = !('error' in read) && !read.done;
    // Also for whoever has left: it may tell which answer is to be cancelled.
    if (isMore) take({ answer, events: answer.cutter.push(read.value) });
    if (answer.hasLeft) return undefined;
    if (isMore) continue;
    if (!answer.isOver && (await reopen(answer))) continue;
    answer.reader = undefined;
    if (!('error' in read)) return answer.cutter.rest().length > 0 ? answer.cutter.rest() : undefined;
    if (!answer.isOver) throw read.error;
  }
}

function headersBelow({ headers: own }: RequestInit): Headers {
  const headers = new Headers(own);
  headers.delete('content-type');
  headers.delete('content-length');
  return headers;
}

function untilAborted<T>({
  promise,
  signal,
}: {
  readonly promise: Promise<T>;
  readonly signal: AbortSignal | undefined;
}): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function ignore(): void {}
