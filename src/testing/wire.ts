/** How long to wait: milliseconds, a promise (see `createGate`), or `forever`, which ends when the connection does. */
export type Pause = number | PromiseLike<unknown> | 'forever';

/**
 * What a written frame is to the protocol. `reasoning`, `text` and `tool-input` are output pieces, the ones faults count;
 * `body` is the whole of an answer that is not streamed.
 */
export type FrameRole =
  | 'preamble'
  | 'reasoning'
  | 'text'
  | 'tool-input'
  | 'structure'
  | 'finish'
  | 'usage'
  | 'terminator'
  | 'error'
  | 'noise'
  | 'body';

/** One thing the server does on the connection. */
export type WireStep =
  | { readonly type: 'pause'; readonly until: Pause }
  | { readonly type: 'head'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly type: 'write'; readonly role: FrameRole; readonly text: string }
  /** Bytes straight to the socket, outside of HTTP. */
  | { readonly type: 'raw'; readonly text: string }
  /** The proper end of the response. */
  | { readonly type: 'end' }
  /** The connection is closed (FIN) in the middle of the response. */
  | { readonly type: 'cut' }
  /** The connection is torn down (RST). */
  | { readonly type: 'reset' };

/**
 * The plan of one response, as plain data: what happens on the connection, in order. Replies make one, faults change it,
 * the server plays it.
 */
export type Wire = {
  readonly steps: readonly WireStep[];
  /** Cuts every write into chunks of this many bytes, each its own packet, with a pause in between. */
  readonly drip?: { readonly bytes: number; readonly pause: Pause };
  /** The whole answer, whatever faults do to this response: what a provider that keeps it can go on with. */
  readonly kept?: readonly WireStep[];
};
