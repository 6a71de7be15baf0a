import type { CompleteAnswer } from '../answer.ts';
import type { Exchange, ProtocolName } from '../exchange.ts';
import type { ProviderError } from '../provider-error.ts';
import type { FrameRole } from '../wire.ts';

/** One event of a streamed answer, ready to be written. */
export type Frame = { readonly role: FrameRole; readonly text: string };

/** The JSON of one event, of the protocols that name their events. */
export type EventData = Readonly<Record<string, unknown>> & { readonly type: string };

/** An error answer in a provider's shape. */
export type RenderedError = { readonly status: number; readonly body: unknown };

/** An answer and the request it is for. `tag` is unique per account and request, for ids. */
export type Rendering = {
  readonly answer: CompleteAnswer;
  readonly exchange: Exchange;
  readonly tag: string;
};

/** What a request asks for, as its path and body tell. */
export type Recognized = {
  readonly model: string;
  readonly stream: boolean;
  /** A kept answer that the request is about: to go on with it behind an event, or to cancel it. */
  readonly kept?:
    | { readonly id: string; readonly ask: 'resume'; readonly after: number }
    | { readonly id: string; readonly ask: 'cancel' };
};

/** How one provider writes what every provider says. */
export type Protocol = {
  readonly name: ProtocolName;
  /** Recognizes a request by its path; reads the model and whether a stream is asked for. */
  readonly recognize: (request: { readonly path: string; readonly body: unknown }) => Recognized | undefined;
  /** The content type of a streamed answer. */
  readonly streamType: string;
  /** The header in which this provider names the request. */
  readonly requestIdHeader: string;
  /** The events of a streamed answer. */
  readonly frames: (rendering: Rendering) => readonly Frame[];
  /** The body of an answer that is not streamed. */
  readonly body: (rendering: Rendering) => unknown;
  /** An error answer with its status. */
  readonly error: (error: ProviderError & { readonly exchange: Exchange }) => RenderedError;
  /** An error in the middle of a stream that began with status 200. */
  readonly streamError: (
    error: ProviderError & { readonly exchange: Exchange; readonly tag: string },
  ) => readonly Frame[];
  /** One keep-alive sign, as this provider sends it. */
  readonly ping: Frame;
  /** Frames one event of this protocol around the given data. */
  readonly event: (event: {
    readonly role: FrameRole;
    readonly type: string;
    readonly data: string;
  }) => Frame;
};

/** Reads a field of parsed JSON whose shape is not known. */
export function field({ of, name }: { of: unknown; name: string }): unknown {
  if (typeof of !== 'object' || of === null || !(name in of)) return undefined;
  return Object.entries(of).find(([key]) => key === name)?.[1];
}

/** Reads a field that should be text. */
export function textField({ of, name }: { of: unknown; name: string }): string | undefined {
  const value = field({ of, name });
  return typeof value === 'string' ? value : undefined;
}

/** Writes one server-sent event. */
export function serverSentEvent({
  event,
  data,
  lineEnd = '\n',
}: {
  event?: string;
  data: string;
  lineEnd?: string;
}): string {
  const lines = event === undefined ? [`data: ${data}`] : [`event: ${event}`, `data: ${data}`];
  return `${lines.join(lineEnd)}${lineEnd}${lineEnd}`;
}
