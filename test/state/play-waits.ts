import { createWaits, type LimitQuery, type Waits } from '../../src/state/observed/waits.ts';
import { seeded, type World } from './wait-worlds.ts';

/** What became of many requests, one after the other. */
export type Played = {
  /** Requests that would have been answered within the fixed limit, and how many of them were cut. */
  readonly healthy: number;
  readonly cut: number;
  /** Requests that no answer would have come to, and how long they were waited for together. */
  readonly hung: number;
  readonly hungMs: number;
};

/** Plays requests against a provider: each is cut by the limit that was learned from those before it. */
export function playWaits({
  world,
  fixedMs,
  requests,
  seed,
  waits = createWaits(),
}: {
  readonly world: World;
  readonly fixedMs: number;
  readonly requests: number;
  readonly seed: number;
  readonly waits?: Waits;
}): Played & { readonly waits: Waits; readonly query: LimitQuery } {
  const random = seeded(seed);
  const query: LimitQuery = { identity: waits, type: 'stream', isThinking: false, isLong: false, fixedMs };
  const played = { healthy: 0, cut: 0, hung: 0, hungMs: 0 };
  for (let index = 0; index < requests; index++) {
    const takesMs = world({ random, index });
    const { limitMs } = waits.firstOutput(query);
    if (takesMs <= fixedMs) {
      played.healthy += 1;
      if (takesMs > limitMs) played.cut += 1;
    } else {
      played.hung += 1;
      played.hungMs += limitMs;
    }
    wait({ waits, query, takesMs, limitMs });
  }
  return { ...played, waits, query };
}

/** One request to its end: its answer, or its cut. */
export function wait({
  waits,
  query,
  takesMs,
  limitMs,
  end = 'timeout',
}: {
  readonly waits: Waits;
  readonly query: LimitQuery;
  readonly takesMs: number;
  readonly limitMs: number;
  /** Why it ended without an answer. */
  readonly end?: 'timeout' | 'server' | 'lost' | 'abort';
}): void {
  const isAnswered = takesMs <= limitMs;
  const isFailure = end === 'timeout' || end === 'server';
  waits.record({
    ...query,
    hasThought: false,
    outputTokens: undefined,
    outcome: isAnswered ? 'success' : isFailure ? 'failure' : end,
    failure: !isAnswered && isFailure ? { kind: end, error: undefined } : undefined,
    firstChunkMs: isAnswered ? takesMs : undefined,
    durationMs: isAnswered ? takesMs : limitMs,
  });
}
