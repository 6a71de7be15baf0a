import { streamText } from 'ai';
import { createPriceCatalog } from 'ai-composite';
import { seededRandom } from '../figures.ts';
import { type Character, simulateProvider } from './simulated-provider.ts';
import type { Strategy } from './strategies.ts';
import { createVirtualClock, takeOverTimers } from './virtual-clock.ts';
import { createWeather, dayMs, dayShape, hourMs, normal, weekMs } from './weather.ts';

/** What became of the calls of a week. */
export type Week = {
  readonly calls: number;
  /** Answers that came whole. */
  readonly answered: number;
  /** Answers that broke off after their first word. */
  readonly broken: number;
  /** Milliseconds to the first word, of the answers that came whole. */
  readonly waits: ReadonlyArray<number>;
  /** What the providers bill. */
  readonly usd: number;
  readonly requests: number;
};

/** Nobody waits longer than this for the first word. */
export const patienceMs = 60_000;

const startsAtMs = Date.UTC(2026, 10, 2);

/** A good and fast one, one in between, and a cheap one that takes its time. */
export const characters: readonly [Character, Character, Character] = [
  { name: 'first', firstChunkMs: 700, tokensPerSecond: 90, price: { inputTokens: 2, outputTokens: 10 } },
  { name: 'second', firstChunkMs: 900, tokensPerSecond: 70, price: { inputTokens: 1.2, outputTokens: 6 } },
  { name: 'third', firstChunkMs: 1_400, tokensPerSecond: 50, price: { inputTokens: 1, outputTokens: 5 } },
];

/** Plays a week of calls through a strategy, on virtual time. The same seed is the same week for every strategy. */
export async function playWeek({
  strategy,
  calls,
  seed,
}: {
  readonly strategy: Strategy;
  readonly calls: number;
  readonly seed: number;
}): Promise<Week> {
  const clock = createVirtualClock(startsAtMs);
  const weathers = characters.map((_, index) => createWeather({ seed: seed * 10 + index, startsAtMs }));
  const priceFactor = (index: number) =>
    weathers[index]?.priceFactorOn(Math.floor((clock.now() - startsAtMs) / dayMs)) ?? 1;
  const [first, second, third] = characters.map((character, index) =>
    simulateProvider({
      character,
      weather: weathers[index] ?? createWeather({ seed, startsAtMs }),
      seed: seed * 1_000_003 + index * 101,
      clock,
      priceFactorNow: () => priceFactor(index),
    }),
  );
  if (first === undefined || second === undefined || third === undefined) throw new Error('There are three.');
  const catalog = createPriceCatalog({ now: clock.now });
  await catalog.load();
  for (let day = 0; day < 7; day++)
    clock.schedule({
      delayMs: day * dayMs,
      callback: () =>
        catalog.override(
          Object.fromEntries(
            characters.map(({ name, price: { inputTokens, outputTokens } }, index) => [
              `simulated/${name}`,
              {
                inputTokens: inputTokens * priceFactor(index),
                outputTokens: outputTokens * priceFactor(index),
              },
            ]),
          ),
        ),
    });
  const model = strategy.make({
    models: [first.model, second.model, third.model],
    clock,
    random: seededRandom(seed),
    catalog,
  });

  const ends: Array<{ readonly outcome: 'answered' | 'broken' | 'failed'; readonly waitedMs: number }> = [];
  for (const [call, { atMs, inputTokens }] of traffic({ calls, seed }).entries())
    clock.schedule({
      delayMs: atMs,
      callback: () => {
        void ask({ model, clock, call, inputTokens }).then(end => ends.push(end));
      },
    });
  const giveBack = takeOverTimers(clock);
  try {
    await clock.run();
  } finally {
    giveBack();
  }
  if (ends.length !== calls) throw new Error(`${calls - ends.length} calls never ended.`);
  const providers = [first, second, third];
  const answered = ends.filter(({ outcome }) => outcome === 'answered');
  return {
    calls,
    answered: answered.length,
    broken: ends.filter(({ outcome }) => outcome === 'broken').length,
    waits: answered.map(({ waitedMs }) => waitedMs).sort((one, other) => one - other),
    usd: providers.reduce((sum, { billedUsd }) => sum + billedUsd(), 0),
    requests: providers.reduce((sum, { requests }) => sum + requests(), 0),
  };
}

/** When calls come, a few at night and many in the afternoon, and how long their input is. */
function traffic({ calls, seed }: { readonly calls: number; readonly seed: number }) {
  const random = seededRandom(seed * 31 + 7);
  const coming: Array<{ readonly atMs: number; readonly inputTokens: number }> = [];
  while (coming.length < calls) {
    const atMs = random() * weekMs;
    const inputTokens = Math.round(600 * Math.exp(0.8 * normal(random)));
    if (random() < 0.1 + 0.9 * dayShape(atMs / hourMs)) coming.push({ atMs, inputTokens });
  }
  return coming.sort((one, other) => one.atMs - other.atMs);
}

/** One call as an application makes it; whoever waits for the first word leaves after a minute. */
async function ask({
  model,
  clock,
  call,
  inputTokens,
}: {
  readonly model: Parameters<typeof streamText>[0]['model'];
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly call: number;
  readonly inputTokens: number;
}) {
  const beganAtMs = clock.now();
  const leaving = new AbortController();
  const cancel = clock.schedule({ delayMs: patienceMs, callback: () => leaving.abort() });
  let waitedMs: number | undefined;
  let isWhole = false;
  try {
    const { fullStream } = streamText({
      model,
      prompt: 'A question of the week.',
      abortSignal: leaving.signal,
      providerOptions: { simulated: { call, inputTokens } },
      onError: () => {},
    });
    for await (const part of fullStream) {
      if (part.type === 'text-delta' && waitedMs === undefined) {
        waitedMs = clock.now() - beganAtMs;
        cancel();
      }
      if (part.type === 'finish') isWhole = part.finishReason === 'stop';
    }
  } catch {
    isWhole = false;
  } finally {
    cancel();
  }
  if (waitedMs === undefined) return { outcome: 'failed' as const, waitedMs: clock.now() - beganAtMs };
  return { outcome: isWhole ? ('answered' as const) : ('broken' as const), waitedMs };
}
