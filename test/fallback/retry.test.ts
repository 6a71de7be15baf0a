import { createComposite, RouteExhaustedError } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { call, rejection } from '../testing/call.ts';
import type { EngineOptions } from './engine-options.ts';
import { createManualClock } from './manual-clock.ts';
import { down, httpError, scriptedModel, type Turn } from './scripted-model.ts';

const answer: Turn = { text: ['ok'] };

function compose({
  turns,
  random = () => 0,
  ...settings
}: { readonly turns: readonly Turn[] } & EngineOptions) {
  const clock = createManualClock();
  const first = scriptedModel({ id: 'one', turns });
  const second = scriptedModel({ id: 'two', turns: [answer] });
  const model = createComposite({
    tasks: { chat: [first, second] },
    clock,
    random,
    pricing: { catalog: false },
    ...settings,
  });
  return { model, first, second, clock };
}

/** Runs a call with whatever waiting it asks for, and says who was asked and how long it waited. */
async function run({ turns, ...settings }: Parameters<typeof compose>[0]) {
  const { model, first, second, clock } = compose({
    turns,
    timeout: { attemptMs: Number.POSITIVE_INFINITY },
    ...settings,
  });
  const startedAtMs = clock.now();
  const result = model.doGenerate(call());
  let endedAtMs = startedAtMs;
  void result.then(() => {
    endedAtMs = clock.now();
  });
  await clock.advance(600_000);
  await result;
  return {
    asked: [first.calls.length, second.calls.length],
    waitedMs: endedAtMs - startedAtMs,
    pending: clock.pending(),
  };
}

const limited = (headers: Record<string, string>) => httpError({ statusCode: 429, headers });
const google = (retryDelay: unknown) =>
  httpError({
    statusCode: 429,
    data: {
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }],
      },
    },
  });
const inFutureMs = (ms: number) => Date.UTC(2026, 10, 1) + ms;
const inFuture = (ms: number) => new Date(inFutureMs(ms)).toUTCString();

describe('Retry-After', () => {
  const cases: ReadonlyArray<readonly [string, Error, number | 'falls back']> = [
    ['2 seconds are waited out', limited({ 'retry-after': '2' }), 2_000],
    ['a fraction of a second is waited out', limited({ 'retry-after': '0.5' }), 500],
    ['zero is a retry at once', limited({ 'retry-after': '0' }), 0],
    ['3 seconds are still short', limited({ 'retry-after': '3' }), 3_000],
    ['4 seconds are too long', limited({ 'retry-after': '4' }), 'falls back'],
    ['a date 2 seconds ahead is waited out', limited({ 'retry-after': inFuture(2_000) }), 2_000],
    ['a date that has passed is a retry at once', limited({ 'retry-after': inFuture(-60_000) }), 0],
    ['a date an hour ahead is too long', limited({ 'retry-after': inFuture(3_600_000) }), 'falls back'],
    ['retry-after-ms wins over retry-after', limited({ 'retry-after-ms': '300', 'retry-after': '60' }), 300],
    ['nonsense falls back', limited({ 'retry-after': 'soon' }), 'falls back'],
    ['a negative number falls back', limited({ 'retry-after': '-1' }), 'falls back'],
    ['no header falls back', limited({}), 'falls back'],
    [
      'an ISO date is waited out',
      limited({ 'retry-after': new Date(inFutureMs(2_000)).toISOString() }),
      2_000,
    ],
    ['seconds since the epoch are a date', limited({ 'retry-after': `${inFutureMs(2_000) / 1000}` }), 2_000],
    ['milliseconds since the epoch are a date', limited({ 'retry-after': `${inFutureMs(1_500)}` }), 1_500],
    ['an epoch that has passed is a retry at once', limited({ 'retry-after': `${inFutureMs(-60_000)}` }), 0],
    [
      'a number of seconds that is no date near now is too long',
      limited({ 'retry-after': '1e12' }),
      'falls back',
    ],
    ['a duration with units is waited out', limited({ 'retry-after': '1s500ms' }), 1_500],
    ['milliseconds of Azure are waited out', limited({ 'x-ms-retry-after-ms': '700' }), 700],
    ['a decoded retryDelay is waited out', google({ seconds: 1, nanos: 5e8 }), 1_500],
    [
      'the reset of a limit that is used up is waited out',
      limited({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1.2s' }),
      1_200,
    ],
    [
      'the latest reset counts',
      limited({
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': new Date(inFutureMs(1_000)).toISOString(),
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': new Date(inFutureMs(2_000)).toISOString(),
      }),
      2_000,
    ],
    [
      'the reset of a limit that is not used up says nothing',
      limited({ 'x-ratelimit-remaining-requests': '9', 'x-ratelimit-reset-requests': '1s' }),
      'falls back',
    ],
    [
      'retry-after wins over a reset',
      limited({ 'retry-after': '1', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' }),
      1_000,
    ],
    [
      'the reset that OpenRouter hands on is waited out',
      httpError({
        statusCode: 429,
        data: {
          error: {
            code: 429,
            metadata: {
              headers: { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': `${inFutureMs(2_000)}` },
            },
          },
        },
      }),
      2_000,
    ],
    ['retryDelay of Gemini is waited out', google('1.5s'), 1_500],
    ['a long retryDelay of Gemini falls back', google('34s'), 'falls back'],
    [
      'a server error waits as long as it says',
      httpError({ statusCode: 503, headers: { 'retry-after': '1' } }),
      1_000,
    ],
    [
      'a server error that wants a long pause falls back',
      httpError({ statusCode: 503, headers: { 'retry-after': '120' } }),
      'falls back',
    ],
  ];
  for (const [name, error, expected] of cases) {
    test(name, async () => {
      const { asked, waitedMs, pending } = await run({ turns: [{ error }, answer] });
      expect(asked).toEqual(expected === 'falls back' ? [1, 1] : [2, 0]);
      expect(waitedMs).toBe(expected === 'falls back' ? 0 : expected);
      expect(pending).toBe(0);
    });
  }

  test('maxRetryAfterMs moves the limit', async () => {
    const error = limited({ 'retry-after': '10' });
    expect((await run({ turns: [{ error }, answer], retry: { maxRetryAfterMs: 10_000 } })).waitedMs).toBe(
      10_000,
    );
    expect(
      (
        await run({
          turns: [{ error: limited({ 'retry-after': '1' }) }, answer],
          retry: { maxRetryAfterMs: 0 },
        })
      ).asked,
    ).toEqual([1, 1]);
  });

  test('is never undercut by jitter', async () => {
    const { waitedMs } = await run({
      turns: [{ error: limited({ 'retry-after': '2' }) }, answer],
      random: () => 0.999,
    });
    expect(waitedMs).toBeGreaterThanOrEqual(2_000);
    expect(waitedMs).toBeLessThanOrEqual(2_200);
  });
});

describe('backoff', () => {
  test('doubles from the initial delay to the bound, with jitter in its upper half', async () => {
    const delays = async (random: () => number) => {
      const { model, clock } = compose({
        turns: [{ error: down }],
        attempts: 5,
        random,
        retry: { initialDelayMs: 100, maxDelayMs: 300 },
        timeout: { attemptMs: Number.POSITIVE_INFINITY },
      });
      const result = model.doGenerate(call());
      await clock.advance(10_000);
      await result;
      return clock.delays;
    };
    expect(await delays(() => 0)).toEqual([50, 100, 150, 150]);
    expect(await delays(() => 1)).toEqual([100, 200, 300, 300]);
  });

  test('attempts: 1 asks every candidate once', async () => {
    expect((await run({ turns: [{ error: down }, answer], attempts: 1 })).asked).toEqual([1, 1]);
  });

  test('attempts of a candidate win over those of the route', async () => {
    const clock = createManualClock();
    const [first, second] = [
      scriptedModel({ id: 'one', turns: [{ error: down }] }),
      scriptedModel({ id: 'two', turns: [{ error: down }] }),
    ];
    const model = createComposite({
      tasks: { chat: { attempts: 3, candidates: [{ model: first, attempts: 1 }, second] } },
      clock,
      pricing: { catalog: false },
    });
    const error = rejection(model.doGenerate(call()));
    await clock.advance(100_000);
    expect(RouteExhaustedError.isInstance(await error)).toBe(true);
    expect([first.calls.length, second.calls.length]).toEqual([1, 3]);
  });
});

describe('a request that hung for long and then broke', () => {
  const hung = (afterMs: number) => {
    const clock = createManualClock();
    const broken = (): Turn => ({
      error: httpError({}),
      before: new Promise<void>(resolve => {
        clock.schedule({ delayMs: afterMs, callback: resolve });
      }),
    });
    const first = scriptedModel({ id: 'one', turns: broken });
    const second = scriptedModel({ id: 'two', turns: [answer] });
    const model = createComposite({
      tasks: { chat: [first, second], alone: [first] },
      clock,
      timeout: { firstChunkMs: 60_000 },
      pricing: { catalog: false },
    });
    return { clock, model, first, second };
  };

  for (const type of ['doGenerate', 'doStream'] as const)
    test(`is not asked again of the same candidate: ${type}`, async () => {
      const { clock, model, first, second } = hung(30_000);
      const result = model[type](call());
      await clock.advance(60_000);
      await result;
      expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
    });

  test('is asked again where it broke within 10 s', async () => {
    const { clock, model, first, second } = hung(9_999);
    const result = model.doGenerate(call());
    await clock.advance(60_000);
    await result;
    expect([first.calls.length, second.calls.length]).toEqual([2, 1]);
  });

  test('is asked again where nobody else is left', async () => {
    const { clock, model, first } = hung(30_000);
    const error = rejection(model('alone').doGenerate(call()));
    await clock.advance(90_000);
    await error;
    expect(first.calls.length).toBe(2);
  });
});

describe('the retry budget', () => {
  test('stops retries once half of it is gone, but never falling back', async () => {
    const { model, first, second, clock } = compose({
      turns: [{ error: down }],
      retryBudget: { maxTokens: 6, tokensPerSuccess: 0 },
      circuitBreaker: { failureThreshold: 1_000 },
    });
    const perCall: number[] = [];
    for (let index = 0; index < 5; index++) {
      const before = first.calls.length;
      const result = model.doGenerate(call());
      await clock.advance(10_000);
      await result;
      perCall.push(first.calls.length - before);
    }
    expect(perCall).toEqual([2, 1, 1, 1, 1]);
    expect(second.calls.length).toBe(5);
  });

  test('is shared by all calls and refilled by successes', async () => {
    const clock = createManualClock();
    const bad = scriptedModel({ id: 'bad', turns: [{ error: down }] });
    const good = scriptedModel({ id: 'good', turns: [answer] });
    const model = createComposite({
      tasks: { bad: [bad], good: [good] },
      clock,
      retryBudget: { maxTokens: 4, tokensPerSuccess: 1 },
      pricing: { catalog: false },
    });
    const attemptsOfBadCall = async () => {
      const before = bad.calls.length;
      const error = rejection(model('bad').doGenerate(call()));
      await clock.advance(10_000);
      await error;
      return bad.calls.length - before;
    };
    expect(await attemptsOfBadCall()).toBe(2);
    expect(await attemptsOfBadCall()).toBe(1);
    for (let index = 0; index < 3; index++) await model('good').doGenerate(call());
    expect(await attemptsOfBadCall()).toBe(2);
  });
});

describe('kinds that are not worth a retry', () => {
  for (const statusCode of [400, 401, 402, 403, 404, 408, 413, 422, 501, 504]) {
    test(`${statusCode} falls back at once`, async () => {
      expect(await run({ turns: [{ error: httpError({ statusCode }) }, answer] })).toMatchObject({
        asked: [1, 1],
        waitedMs: 0,
      });
    });
  }
});

describe('the SDK does not multiply attempts', () => {
  test('an exhausted route is no retryable error', async () => {
    const clock = createManualClock();
    const first = scriptedModel({ id: 'one', turns: [{ error: down }] });
    const model = createComposite({ tasks: { chat: [first] }, clock, pricing: { catalog: false } });
    const { generateText } = await import('ai');
    const error = rejection(generateText({ model, prompt: 'x' }));
    await clock.waitForPending(1);
    await clock.advance(60_000);
    expect(await error).toMatchObject({ name: 'RouteExhaustedError', statusCode: 500, isRetryable: false });
    expect(first.calls.length).toBe(2);
  });

  test('the error has one line per candidate, the attempts and the last cause, and nothing of the prompt', async () => {
    const secret = httpError({
      statusCode: 401,
      data: { error: { code: 'invalid_api_key', message: 'sk-secret is wrong' } },
    });
    const [first, second] = [
      scriptedModel({ id: 'one', turns: [{ error: down }] }),
      scriptedModel({ id: 'two', turns: [{ error: secret }] }),
    ];
    const model = createComposite({
      tasks: { chat: [first, second] },
      retry: { initialDelayMs: 1 },
      pricing: { catalog: false },
    });
    const error = await rejection(model.doGenerate(call()));
    if (!RouteExhaustedError.isInstance(error)) throw error;
    expect(error.message).toBe(
      'No answer for task "chat": no candidate is left.\n- scripted/one: server (500), then server (500)\n- scripted/two: auth (401 invalid_api_key)',
    );
    expect(error.cause).toBe(secret);
    expect(error.statusCode).toBe(500);
    expect(error.attempts.map(({ attemptNumber, failureKind }) => [attemptNumber, failureKind])).toEqual([
      [1, 'server'],
      [2, 'server'],
      [3, 'auth'],
    ]);
  });
});
