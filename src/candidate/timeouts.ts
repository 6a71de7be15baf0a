import { defined } from '../boundary/defined.ts';

/** Time limits as settings take them, in milliseconds; `Infinity` is no limit. Names are the AI SDK's. */
export type TimeoutSettings = {
  /** The whole call, all attempts and the whole stream together. On a candidate: all its attempts together. Default: no limit. */
  readonly totalMs?: number | undefined;
  /**
   * One whole `doGenerate` attempt; streams are not cut by it. Default: 90,000. The last candidate left is not cut, since
   * nobody could do better, unless `onExhausted: 'best'` has kept an answer.
   */
  readonly attemptMs?: number | undefined;
  /**
   * From the start of a stream attempt to its first output, so it covers the wait for headers; a preamble is no output.
   * Default: 10,000, and 60,000 for a model that is known to think before it answers, is asked to, or has begun to. The last
   * candidate left is not cut. `'adaptive'` goes by what was observed of the candidate for this kind of request, and never above
   * the limit that would hold without it.
   */
  readonly firstChunkMs?: number | 'adaptive' | undefined;
  /**
   * Between two pieces of content of a stream, while somebody reads; a ping, a raw chunk or an empty delta is none. Default:
   * 30,000 inside a text block, 300,000 elsewhere, where a model may be thinking or running a tool of its own, and where some
   * providers send the arguments of a call in large pieces. Noticed at most a quarter of the limit later.
   */
  readonly chunkMs?: number | undefined;
  /**
   * How long a stream that has begun may lie unread. Then its attempt ends as `abort` with its cost so far, and whoever
   * reads it later finds an error. Default: 300,000. Noticed at most a quarter of the limit later.
   */
  readonly unreadMs?: number | undefined;
};

/** Time limits with every default filled in, as one candidate of one route has them. */
export type Timeouts = {
  readonly totalMs: number;
  readonly attemptMs: number;
  readonly firstChunkMs: {
    readonly usualMs: number;
    readonly thinkingMs: number;
    /** Both are the longest there may be. */
    readonly isAdaptive?: boolean;
  };
  readonly chunkMs: { readonly insideTextMs: number; readonly elsewhereMs: number };
  readonly unreadMs: number;
};

/** Time limits as they were set, to be laid over those of what is around: a limit that adapts keeps the bound it lies over. */
export type Limits = Omit<TimeoutSettings, 'firstChunkMs'> & {
  readonly firstChunkMs?: number | undefined;
  readonly isAdaptive?: boolean;
};

/** Reads time limits; a number is `totalMs`. */
export function toTimeouts(input: number | TimeoutSettings | undefined): Limits {
  if (input === undefined) return {};
  if (typeof input === 'number') return { totalMs: input };
  const { firstChunkMs, ...others } = defined(input);
  if (firstChunkMs === undefined) return others;
  return firstChunkMs === 'adaptive'
    ? { ...others, isAdaptive: true }
    : { ...others, firstChunkMs, isAdaptive: false };
}

/** Fills in the limits that were not set. */
export function fillTimeouts({
  limits: { totalMs, attemptMs, firstChunkMs, isAdaptive = false, chunkMs, unreadMs },
  timeouts,
}: {
  readonly limits: Limits;
  readonly timeouts: Timeouts;
}): Timeouts {
  return {
    totalMs: totalMs ?? timeouts.totalMs,
    attemptMs: attemptMs ?? timeouts.attemptMs,
    firstChunkMs: {
      ...(firstChunkMs === undefined
        ? timeouts.firstChunkMs
        : { usualMs: firstChunkMs, thinkingMs: firstChunkMs }),
      ...(isAdaptive && { isAdaptive }),
    },
    chunkMs: chunkMs === undefined ? timeouts.chunkMs : { insideTextMs: chunkMs, elsewhereMs: chunkMs },
    unreadMs: unreadMs ?? timeouts.unreadMs,
  };
}
