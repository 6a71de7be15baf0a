import { type Clock, delay } from '../boundary/clock.ts';
import { markReopening } from '../provider/reopening.ts';
import { type CutEvent, createEventCutter, type EventCutter } from './event-cutter.ts';

type Send = typeof globalThis.fetch;
type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** One answer at the provider, read over as many connections as it takes. */
type Answer = {
  /** The address of the request; the answer's own is below it. */
  readonly url: URL;
  readonly headers: Headers;
  readonly send: Send;
  readonly maxReopens: number;
  readonly clock: Clock;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
  /** Closes the connection under way. */
  readonly connection: AbortController;
  /** Whole events that nobody has read yet. */
  readonly ready: Uint8Array[];
  reader: Reader | undefined;
  cutter: EventCutter;
  responseId: string | undefined;
  sequenceNumber: number | undefined;
  /** Connections opened since the answer last got further. */
  reopens: number;
  /** The last event has arrived. */
  isOver: boolean;
  /** The caller wants no more of it. */
  hasLeft: boolean;
};

/** How long somebody who has left may still be busy with cancelling, in milliseconds. */
const leavingMs = 10_000;

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
    if (answer.hasLeft) return undefined;
    if (!('error' in read) && !read.done) {
      take({ answer, events: answer.cutter.push(read.value) });
      continue;
    }
    if (!answer.isOver && (await reopen(answer))) continue;
    answer.reader = undefined;
    if (!('error' in read)) return answer.cutter.rest().length > 0 ? answer.cutter.rest() : undefined;
    if (!answer.isOver) throw read.error;
  }
}

/** Keeps the events that are new, and what they say of the answer. */
function take({
  answer,
  events,
}: {
  readonly answer: Answer;
  readonly events: ReadonlyArray<CutEvent>;
}): void {
  for (const { bytes, facts } of events) {
    const { sequenceNumber } = facts;
    if (sequenceNumber !== undefined) {
      // A provider that goes back further than it was asked to repeats what was delivered.
      if (answer.sequenceNumber !== undefined && sequenceNumber <= answer.sequenceNumber) continue;
      answer.sequenceNumber = sequenceNumber;
      answer.reopens = 0;
    }
    answer.responseId ??= facts.responseId;
    answer.isOver ||= facts.isLast;
    answer.ready.push(bytes);
  }
}

/** Opens the answer again behind its last event; false where the provider does not have it any more. */
async function reopen(answer: Answer): Promise<boolean> {
  const { responseId, sequenceNumber, maxReopens, clock, connection, signal } = answer;
  if (responseId === undefined || sequenceNumber === undefined) return false;
  markReopening({ signal, isReopening: true });
  try {
    while (answer.reopens < maxReopens) {
      const waitMs = answer.reopens === 0 ? 0 : Math.min(4_000, 250 * 2 ** answer.reopens);
      answer.reopens += 1;
      if (waitMs > 0) await delay({ clock, delayMs: waitMs, signal: connection.signal });
      const address = below({ answer, path: responseId });
      address.searchParams.set('stream', 'true');
      address.searchParams.set('starting_after', String(sequenceNumber));
      const response = await ask({ answer, address, method: 'GET', signal: connection.signal });
      if (answer.hasLeft) return false;
      if (response === undefined) continue;
      if (isStream(response)) {
        answer.reader = response.body.getReader();
        answer.cutter = createEventCutter();
        return true;
      }
      void response.body?.cancel().catch(ignore);
      if (!isPassing(response.status)) return false;
    }
    return false;
  } catch {
    // Only the wait rejects, when the caller has left.
    return false;
  } finally {
    markReopening({ signal, isReopening: false });
  }
}

/** Ends the answer for a caller who wants no more: at the provider too, which would go on and bill it. */
function leave(answer: Answer): void {
  if (answer.hasLeft) return;
  answer.hasLeft = true;
  void cancelAtProvider(answer).catch(ignore);
}

async function cancelAtProvider(answer: Answer): Promise<void> {
  const { clock, connection, signal } = answer;
  const limit = new AbortController();
  const stopWaiting = clock.schedule({
    delayMs: leavingMs,
    callback: () => {
      limit.abort();
      connection.abort(signal?.reason);
    },
    isBackground: true,
  });
  try {
    // Which answer it is, its first event tells.
    while (answer.responseId === undefined && answer.reader !== undefined) {
      const { done, value } = await answer.reader.read();
      if (done) break;
      take({ answer, events: answer.cutter.push(value) });
    }
    connection.abort(signal?.reason);
    if (answer.responseId === undefined || answer.isOver) return;
    const address = below({ answer, path: `${answer.responseId}/cancel` });
    // What does not get through would go on and be billed.
    for (let tries = 1; tries <= 3; tries++) {
      const response = await ask({ answer, address, method: 'POST', signal: limit.signal });
      await response?.body?.cancel();
      if (response !== undefined && !isPassing(response.status)) return;
      await delay({ clock, delayMs: 250 * 2 ** tries, signal: limit.signal });
    }
  } finally {
    stopWaiting();
  }
}

/** Undefined where no response came. */
function ask({
  answer: { send, headers },
  address,
  method,
  signal,
}: {
  readonly answer: Answer;
  readonly address: URL;
  readonly method: 'GET' | 'POST';
  readonly signal: AbortSignal;
}): Promise<Response | undefined> {
  return send(address, { method, headers, signal }).catch(() => undefined);
}

/** An address below the answers'; what else is in it, such as an API version, stays. */
function below({ answer: { url }, path }: { readonly answer: Answer; readonly path: string }): URL {
  const address = new URL(url);
  address.pathname = `${address.pathname}/${path}`;
  return address;
}

function headersBelow({ headers: own }: RequestInit): Headers {
  const headers = new Headers(own);
  headers.delete('content-type');
  headers.delete('content-length');
  return headers;
}

function isStream(response: Response): response is Response & { readonly body: ReadableStream<Uint8Array> } {
  const type = response.headers.get('content-type') ?? '';
  return response.ok && response.body !== null && type.startsWith('text/event-stream');
}

/** A status that says nothing of the answer: the next request may find it. */
function isPassing(status: number): boolean {
  return status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
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
