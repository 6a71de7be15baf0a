import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { seededRandom } from '../figures.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { normal, type Weather } from './weather.ts';

/** What a provider is like on a good day. */
export type Character = {
  readonly name: string;
  /** Median time to first output. */
  readonly firstChunkMs: number;
  readonly tokensPerSecond: number;
  /** USD per 1M tokens on an average day. */
  readonly price: { readonly inputTokens: number; readonly outputTokens: number };
};

/** A provider in a simulated week. */
export type SimulatedProvider = {
  readonly model: LanguageModelV4;
  /** What it bills for so far: tokens it read and wrote, also for answers that nobody waited for. */
  readonly billedUsd: () => number;
  readonly requests: () => number;
};

/** How often a healthy provider fails, breaks off, or takes very long. */
const healthy = { failure: 0.003, breakOff: 0.001, tail: 0.01 };

/** What one request meets; the same for every strategy that makes it. */
type Fate = {
  readonly refusesWith: number | undefined;
  readonly isSilent: boolean;
  readonly breaksOff: boolean;
  readonly firstChunkMs: number;
  readonly outputTokens: number;
  readonly writingMs: number;
};

/** Makes a provider that answers, fails and bills as its character and the week's weather have it. */
export function simulateProvider({
  character,
  weather,
  seed,
  clock,
  priceNow,
}: {
  readonly character: Character;
  readonly weather: Weather;
  readonly seed: number;
  readonly clock: VirtualClock;
  /** What it asks for today. */
  readonly priceNow: () => Character['price'];
}): SimulatedProvider {
  let billed = 0;
  let requests = 0;
  const asked = new Map<number, number>();

  const bill = ({
    inputTokens,
    outputTokens,
  }: {
    readonly inputTokens: number;
    readonly outputTokens: number;
  }) => {
    const price = priceNow();
    billed += (inputTokens * price.inputTokens + outputTokens * price.outputTokens) / 1e6;
  };

  const doStream: LanguageModelV4['doStream'] = async options => {
    requests += 1;
    const { call, inputTokens } = readCall(options);
    const time = asked.get(call) ?? 0;
    asked.set(call, time + 1);
    const random = seededRandom(Math.imul(seed + call * 7 + time, 0x9e3779b1));
    const fate = decideFate({ character, weather, atMs: clock.now(), random });
    const signal = options.abortSignal;
    if (fate.refusesWith !== undefined) {
      await clock.wait({ ms: 80, signal });
      throw refusal(fate.refusesWith);
    }
    if (fate.isSilent) await clock.wait({ ms: 3_600_000, signal });
    try {
      await clock.wait({ ms: fate.firstChunkMs, signal });
    } catch (error) {
      bill({ inputTokens, outputTokens: 0 });
      throw error;
    }
    return { stream: write({ fate, inputTokens, signal, clock, bill }) };
  };
  return {
    model: {
      specificationVersion: 'v4',
      provider: 'simulated',
      modelId: character.name,
      supportedUrls: {},
      doStream,
      doGenerate: () => {
        throw new Error('Everything is streamed in this simulation.');
      },
    },
    billedUsd: () => billed,
    requests: () => requests,
  };
}

function decideFate({
  character,
  weather,
  atMs,
  random,
}: {
  readonly character: Character;
  readonly weather: Weather;
  readonly atMs: number;
  readonly random: () => number;
}): Fate {
  // Drawn in one order, so that a request's fate is the same whatever the weather makes of it.
  const [hit, fault, tail, breakOff, kind] = [random(), random(), random(), random(), random()];
  const [spread, length, speed] = [normal(random), normal(random), normal(random)];
  const heavy = (1 - random()) ** (-1 / 1.2); // Pareto: one in sixteen takes more than ten times as long
  const now = weather.troubles.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  const slow = now.reduce((factor, trouble) => factor * (trouble.kind === 'slow' ? trouble.extent : 1), 1);
  const slowness = weather.slownessAt(atMs) * slow;
  const isHit = (of: string) => now.some(trouble => trouble.kind === of && hit < trouble.extent);
  const firstChunkMs =
    character.firstChunkMs * slowness * Math.exp(0.35 * spread) * (tail < healthy.tail ? 4 * heavy : 1);
  const outputTokens = Math.max(5, Math.round(220 * Math.exp(0.7 * length)));
  const refuses = isHit('down') || isHit('errors') || fault < healthy.failure;
  return {
    refusesWith: refuses ? (kind < 0.5 ? 503 : kind < 0.8 ? 500 : 429) : undefined,
    isSilent: isHit('silent'),
    breaksOff: breakOff < healthy.breakOff,
    firstChunkMs: Math.min(firstChunkMs, 300_000),
    outputTokens,
    writingMs:
      (outputTokens / (character.tokensPerSecond * Math.exp(0.2 * speed))) * 1_000 * Math.sqrt(slowness),
  };
}

const pieces = 3;

/** Writes an answer in three pieces over its time; whoever leaves early pays for what was written. */
function write({
  fate: { outputTokens, writingMs, breaksOff },
  inputTokens,
  signal,
  clock,
  bill,
}: {
  readonly fate: Fate;
  readonly inputTokens: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: VirtualClock;
  readonly bill: (tokens: { readonly inputTokens: number; readonly outputTokens: number }) => void;
}): ReadableStream<LanguageModelV4StreamPart> {
  let written = 0;
  let isBilled = false;
  const end = (share: number) => {
    if (isBilled) return;
    isBilled = true;
    bill({ inputTokens, outputTokens: outputTokens * share });
  };
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      start: controller => {
        controller.enqueue({ type: 'stream-start', warnings: [] });
        controller.enqueue({ type: 'text-start', id: '1' });
      },
      pull: async controller => {
        if (written > 0) {
          try {
            await clock.wait({ ms: writingMs / pieces, signal });
          } catch (error) {
            end(written / pieces);
            controller.error(error);
            return;
          }
        }
        if (breaksOff && written === 2) {
          end(written / pieces);
          controller.error(new Error('socket hang up'));
          return;
        }
        if (written < pieces) {
          written += 1;
          controller.enqueue({ type: 'text-delta', id: '1', delta: 'word ' });
          return;
        }
        end(1);
        controller.enqueue({ type: 'text-end', id: '1' });
        controller.enqueue({
          type: 'finish',
          finishReason: { unified: 'stop', raw: 'stop' },
          usage: {
            inputTokens: { total: inputTokens, noCache: inputTokens, cacheRead: 0, cacheWrite: 0 },
            outputTokens: { total: outputTokens, text: outputTokens, reasoning: 0 },
          },
        });
        controller.close();
      },
      cancel: () => end(written / pieces),
    },
    { highWaterMark: 0 },
  );
}

function refusal(statusCode: number): APICallError {
  return new APICallError({
    message: 'Simulated',
    url: 'https://simulated.invalid/',
    requestBodyValues: {},
    statusCode,
    isRetryable: true,
    ...(statusCode === 429 && { responseHeaders: { 'retry-after': '2' } }),
  });
}

/** Which call of the week a request belongs to, and how long its input is. */
function readCall({ providerOptions }: LanguageModelV4CallOptions): {
  readonly call: number;
  readonly inputTokens: number;
} {
  const { call, inputTokens } = providerOptions?.simulated ?? {};
  if (typeof call !== 'number' || typeof inputTokens !== 'number')
    throw new Error('A request of the simulation says which call it belongs to.');
  return { call, inputTokens };
}
