import type { Clock } from '../boundary/clock.ts';
import type { CutEvent, EventCutter } from './event-cutter.ts';

/** Sends requests, as `fetch` does. */
export type Send = typeof globalThis.fetch;
type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** One answer at the provider, read over as many connections as it takes. */
export type Answer = {
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

/** Keeps the events that are new, and what they say of the answer. */
export function take({
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

/** Undefined where no response came. */
export function ask({
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
export function below({ answer: { url }, path }: { readonly answer: Answer; readonly path: string }): URL {
  const address = new URL(url);
  address.pathname = `${address.pathname}/${path}`;
  return address;
}

/** True for a response with events in it. */
export function isStream(
  response: Response,
): response is Response & { readonly body: ReadableStream<Uint8Array> } {
  const type = response.headers.get('content-type') ?? '';
  return response.ok && response.body !== null && type.startsWith('text/event-stream');
}

/** A status that says nothing of the answer: the next request may find it. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
}
