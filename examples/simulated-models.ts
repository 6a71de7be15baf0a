import { APICallError } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import type { Clock } from 'ai-composite';

/** Time that only passes where something is said to take some. */
export type SimulatedTime = {
  readonly clock: Clock;
  readonly pass: (span: { readonly days?: number; readonly ms?: number }) => void;
  /** Whole days since the start. */
  readonly day: () => number;
};

/** Starts a time some days ago. */
export function startSimulatedTime({ daysAgo }: { readonly daysAgo: number }): SimulatedTime {
  const startMs = Date.now() - daysAgo * 86_400_000;
  let nowMs = startMs;
  return {
    // A wait is over at once, and has taken its time all the same; limits never run out.
    clock: {
      now: () => nowMs,
      schedule: ({ delayMs, callback }) => {
        if (delayMs > 5_000) return () => {};
        const immediate = setImmediate(() => {
          nowMs += delayMs;
          callback();
        });
        return () => clearImmediate(immediate);
      },
    },
    pass: ({ days = 0, ms = 0 }) => {
      nowMs += days * 86_400_000 + ms;
    },
    day: () => Math.floor((nowMs - startMs) / 86_400_000),
  };
}

/** A model that answers with invented token counts after an invented time, and is down on some days. */
export function simulatedModel({
  id,
  provider,
  time,
  latencyMs,
  failsOn,
}: {
  readonly id: string;
  readonly provider: string;
  readonly time: SimulatedTime;
  readonly latencyMs: number;
  readonly failsOn: ReadonlyArray<number>;
}): MockLanguageModelV4 {
  let calls = 0;
  return new MockLanguageModelV4({
    provider,
    modelId: id,
    doGenerate: async () => {
      calls += 1;
      time.pass({ ms: latencyMs * (0.6 + ((calls * 37) % 100) / 60) });
      if (failsOn.includes(time.day()))
        throw new APICallError({
          message: 'Down',
          url: 'https://simulated.invalid',
          requestBodyValues: {},
          statusCode: 503,
        });
      const input = 800 + ((calls * 131) % 4_000);
      const output = 100 + ((calls * 53) % 700);
      return {
        content: [{ type: 'text', text: 'An answer.' }],
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: {
          inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: output, text: output, reasoning: 0 },
        },
        warnings: [],
      };
    },
  });
}
