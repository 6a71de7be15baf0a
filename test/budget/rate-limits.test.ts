import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import { type CompositeOptions, compositeMetadata, createComposite, RouteExhaustedError } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createFaultServer, createGate, respond } from '../../src/testing/index.ts';
import { createManualClock } from '../fallback/manual-clock.ts';
import { httpError, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call, rejection } from '../testing/call.ts';
import { answerOf, gated } from './setup.ts';

const ask = call({ maxOutputTokens: 100, tools: [] });
type Limit = NonNullable<Parameters<typeof composeLimited>[0]['limits'][number]>;

/** Models `a`, `b`, ... with these rate limits, and a clock that stands still. */
function composeLimited({
  limits,
  turns = [],
  ...settings
}: {
  readonly limits: ReadonlyArray<
    | { readonly requestsPerMinute?: number; readonly tokensPerMinute?: number; readonly group?: string }
    | undefined
  >;
  readonly turns?: ReadonlyArray<readonly Turn[]>;
} & CompositeOptions) {
  const clock = createManualClock();
  const models = limits.map((_limit, index) =>
    scriptedModel({ id: 'abc'.charAt(index), turns: turns[index] ?? [answerOf(50)] }),
  );
  const ai = createComposite(
    models.map((model, index) => {
      const rateLimit: Limit | undefined = limits[index];
      return { model, name: model.modelId, ...(rateLimit !== undefined && { rateLimit }) };
    }),
    { clock, pricing: { catalog: false, onWarning: () => undefined }, ...settings },
  );
  const asked = () => models.map(({ calls }) => calls.length);
  return { ai, models, clock, asked };
}

describe('a rate limit', () => {
  test('asks the next candidate where it is used up, and the report says so', async () => {
    const { ai, asked } = composeLimited({ limits: [{ requestsPerMinute: 2 }, undefined] });
    for (let index = 0; index < 2; index++) await ai.doGenerate(ask);
    const result = await generateText({ model: ai, prompt: 'Hi' });
    expect(asked()).toEqual([2, 1]);
    expect(compositeMetadata(result)?.skipped).toEqual([
      { candidate: 'a', reason: 'rate-limit: requestsPerMinute of 2 is used up' },
    ]);
    expect(ai.health().map(({ state }) => state)).toEqual(['closed', 'closed']);
  });

  test('holds for any 60 seconds, not for minutes of the clock', async () => {
    const { ai, asked, clock } = composeLimited({ limits: [{ requestsPerMinute: 2 }, undefined] });
    await ai.doGenerate(ask);
    await clock.advance(50_000);
    await ai.doGenerate(ask);
    await clock.advance(9_000);
    await ai.doGenerate(ask);
    expect(asked()).toEqual([2, 1]);
    await clock.advance(1_000);
    await ai.doGenerate(ask);
    await ai.doGenerate(ask);
    expect(asked()).toEqual([3, 2]);
  });

  test('counts the tokens that a request may take, then those that it took', async () => {
    const gate = createGate();
    const { ai, asked } = composeLimited({
      limits: [{ tokensPerMinute: 250 }, undefined],
      turns: [[gated({ gate: gate.opened, outputTokens: 7 })]],
    });
    const first = Promise.all([ai.doGenerate(ask), ai.doGenerate(ask)]);
    await expect.poll(() => asked()).toEqual([2, 0]);
    // Two times some 100 tokens are held.
    await ai.doGenerate(ask);
    expect(asked()).toEqual([2, 1]);
    gate.open();
    await first;
    await ai.doGenerate(ask);
    expect(asked()).toEqual([3, 1]);
  });

  test('lets a request through that is larger than the limit, alone', async () => {
    const { ai, asked } = composeLimited({ limits: [{ tokensPerMinute: 10 }, undefined] });
    await ai.doGenerate(ask);
    await ai.doGenerate(ask);
    expect(asked()).toEqual([1, 1]);
  });

  test('waits for a moment where nobody else is left, and gives up where that would take longer', async () => {
    const { ai, asked, clock } = composeLimited({ limits: [{ requestsPerMinute: 1 }] });
    await ai.doGenerate(ask);
    const error = await rejection(ai.doGenerate(ask));
    expect(RouteExhaustedError.isInstance(error)).toBe(true);
    expect(String(error)).toContain('- a: left out: rate-limit: requestsPerMinute of 1 is used up');
    await clock.advance(57_500);
    const late = ai.doGenerate(ask);
    await clock.waitForPending(1);
    expect(asked()).toEqual([1]);
    await clock.advance(2_500);
    await late;
    expect(asked()).toEqual([2]);
  });

  test('is not waited for after an abort', async () => {
    const { ai, asked, clock } = composeLimited({ limits: [{ requestsPerMinute: 1 }] });
    await ai.doGenerate(ask);
    await clock.advance(58_000);
    const controller = new AbortController();
    const waiting = ai.doGenerate({ ...ask, abortSignal: controller.signal });
    await clock.waitForPending(1);
    controller.abort(new Error('stopped'));
    expect(await rejection(waiting)).toMatchObject({ message: 'stopped' });
    expect([asked(), clock.pending()]).toEqual([[1], 0]);
  });

  test('of a group is one for its candidates', async () => {
    const { ai, asked } = composeLimited({
      limits: [{ requestsPerMinute: 3, group: 'project' }, { group: 'project' }, undefined],
      turns: [[{ error: httpError({ statusCode: 400 }) }]],
    });
    for (let index = 0; index < 3; index++) await ai.doGenerate(ask);
    expect(asked()).toEqual([2, 1, 2]);
  });

  test('holds in every route that lists the candidate', async () => {
    const model = scriptedModel({ id: 'm', turns: [answerOf(5)] });
    const ai = createComposite({
      tasks: {
        one: [{ model, name: 'm', rateLimit: { requestsPerMinute: 1 } }],
        two: [{ model, name: 'm' }],
      },
      clock: createManualClock(),
    });
    await ai('one').doGenerate(ask);
    expect(RouteExhaustedError.isInstance(await rejection(ai('two').doGenerate(ask)))).toBe(true);
  });

  test('is shown by plan() and describe()', async () => {
    const { ai } = composeLimited({
      limits: [{ requestsPerMinute: 60, tokensPerMinute: 10_000 }, { group: 'project' }, {}],
    });
    const plan = await ai.plan({ prompt: 'Hi' });
    expect(plan.steps.map(({ rateLimit }) => rateLimit)).toEqual([
      { requestsPerMinute: 60, tokensPerMinute: 10_000 },
      { group: 'project' },
      {},
    ]);
    expect(ai.describe().split('\n').slice(-3)).toEqual([
      'rate limit a: 60 requests a minute, 10000 tokens a minute',
      'rate limit project: as its provider says (b)',
      'rate limit c: as its provider says',
    ]);
  });
});

describe('what a provider says of its limits', () => {
  const told = (headers: Record<string, string>): Turn => ({
    error: httpError({ statusCode: 400, headers }),
  });

  test.each<[string, Record<string, string>, number]>([
    [
      'OpenAI',
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-reset-requests': '60s',
      },
      1_000,
    ],
    [
      'Anthropic',
      {
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-limit': '50',
        'anthropic-ratelimit-requests-reset': '2026-11-01T00:00:50Z',
      },
      1_000,
    ],
    [
      'Anthropic, of its input',
      {
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-11-01T00:00:20Z',
      },
      20_000,
    ],
    ['Azure', { 'x-ratelimit-remaining-tokens': '10', 'x-ratelimit-reset-tokens': '30' }, 30_000],
    [
      'Cerebras',
      { 'x-ratelimit-remaining-tokens-minute': '0', 'x-ratelimit-reset-tokens-minute': '12.5' },
      12_500,
    ],
  ])('holds where it is tighter (%s)', async (_name, headers, waitMs) => {
    const { ai, asked, clock } = composeLimited({
      limits: [{ requestsPerMinute: 1_000 }, undefined],
      turns: [[told(headers), answerOf(5)]],
    });
    await ai.doGenerate(ask);
    await ai.doGenerate(ask);
    expect(asked()).toEqual([1, 2]);
    await clock.advance(waitMs - 1);
    await ai.doGenerate(ask);
    expect(asked()).toEqual([1, 3]);
    await clock.advance(1);
    await ai.doGenerate(ask);
    expect(asked()).toEqual([2, 3]);
  });

  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['that it does not know', { 'x-ratelimit-remaining-tokens': '-1', 'x-ratelimit-reset-tokens': '0' }],
    ['nonsense', { 'x-ratelimit-remaining-tokens': 'few', 'x-ratelimit-reset-tokens': 'soon' }],
    ['that much remains', { 'x-ratelimit-remaining-requests': '99', 'x-ratelimit-reset-requests': '6m0s' }],
  ])('keeps nobody away where it says %s', async (_name, headers) => {
    const { ai, asked } = composeLimited({
      limits: [{}, undefined],
      turns: [[told(headers), answerOf(5)]],
    });
    await ai.doGenerate(ask);
    await ai.doGenerate(ask);
    expect(asked()).toEqual([2, 1]);
  });

  test('a Retry-After keeps its whole group away', async () => {
    const { ai, asked, clock } = composeLimited({
      limits: [{ group: 'project' }, { group: 'project' }, undefined],
      turns: [[{ error: httpError({ statusCode: 429, headers: { 'retry-after': '30' } }) }, answerOf(5)]],
      circuitBreaker: false,
    });
    await ai.doGenerate(ask);
    expect(asked()).toEqual([1, 0, 1]);
    await clock.advance(30_000);
    await ai.doGenerate(ask);
    expect(asked()).toEqual([2, 0, 1]);
  });

  test('is read of a stream when it opens, from a real response', async () => {
    await using server = await createFaultServer();
    const account = server.account('main');
    const headers = {
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1h',
    };
    account.script([respond.answer({ text: ['Hello.'], headers })]);
    const openai = createOpenAI({ baseURL: account.baseUrl, apiKey: 'test' });
    const other = scriptedModel({ id: 'other', turns: [answerOf(5)] });
    const ai = createComposite([{ model: openai('gpt-6-sol'), rateLimit: {} }, other]);
    const { stream } = await ai.doStream(ask);
    await ai.doGenerate(ask);
    expect([server.requests.length, other.calls.length]).toEqual([1, 1]);
    await stream.cancel();
  });
});

describe('rate limits that cannot work are refused, with the fix', () => {
  const model = scriptedModel({ id: 'm', turns: [answerOf(1)] });
  const composeWith = (...limits: ReadonlyArray<unknown>) =>
    createComposite(
      // The types refuse most of these.
      limits.map((rateLimit, index) => ({
        model: { ...model },
        name: `m${index}`,
        rateLimit: rateLimit as Limit,
      })),
    );
  test.each<[ReadonlyArray<unknown>, string]>([
    [
      [{ requestsPerMinute: 0 }],
      'Invalid tasks.default.0.rateLimit.requestsPerMinute: must be at least 1: a limit of nothing lets no request through (got 0).',
    ],
    [
      [{ rpm: 1 }],
      'Invalid tasks.default.0.rateLimit: has no option "rpm"; it takes requestsPerMinute, tokensPerMinute, group (got an object with rpm).',
    ],
    [[{ group: '' }], 'Invalid tasks.default.0.rateLimit.group: must not be empty (got "").'],
    [
      [
        { group: 'g', tokensPerMinute: 1 },
        { group: 'g', tokensPerMinute: 2 },
      ],
      'Invalid rateLimit.tokensPerMinute: is not what another candidate says of g, 1: they share one limit, so set it once, or to the same number (got 2).',
    ],
  ])('%j', (limits, message) => {
    expect(() => composeWith(...limits)).toThrow(message);
  });

  test('of a composite', () => {
    const inner = createComposite([model]);
    expect(() =>
      createComposite([{ model: inner, name: 'inner', rateLimit: { requestsPerMinute: 1 } }]),
    ).toThrow(
      'is of a composite, which makes requests of its own; set the rateLimit of its candidates instead (got "inner")',
    );
  });
});

describe("order: 'least-busy'", () => {
  test('asks whoever has the least under way first; ties keep the listed order', async () => {
    const gate = createGate();
    const models = ['a', 'b', 'c'].map(id =>
      scriptedModel({ id, turns: [gated({ gate: gate.opened, outputTokens: 1 })] }),
    );
    const ai = createComposite(models, { order: 'least-busy', affinity: false });
    const calls = Array.from({ length: 7 }, () => ai.doGenerate(ask));
    await expect.poll(() => models.map(({ calls: own }) => own.length)).toEqual([3, 2, 2]);
    const plan = await ai.plan({ prompt: 'Hi' });
    expect(plan.steps.map(({ candidate, reason, score }) => [candidate, reason, score])).toEqual([
      ['scripted/b', 'least-busy', 2],
      ['scripted/c', 'least-busy', 2],
      ['scripted/a', 'least-busy', 3],
    ]);
    gate.open();
    await Promise.all(calls);
    const rested = await ai.plan({ prompt: 'Hi' });
    expect(rested.steps.map(({ score }) => score)).toEqual([0, 0, 0]);
  });
});
