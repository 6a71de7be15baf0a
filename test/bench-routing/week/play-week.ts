import { streamText } from 'ai';
import { seededRandom } from '../figures.ts';
import type { Strategy } from './strategies.ts';
import { takeOverTimers, type VirtualClock } from './virtual-clock.ts';
import { dayShape, hourMs, normal, weekMs } from './weather.ts';
import { createWorld } from './world.ts';

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
const patienceMs = 60_000;

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
  const { clock, providers, catalog } = await createWorld({ seed });
  const [first, second, third] = providers;
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
  readonly clock: VirtualClock;
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
