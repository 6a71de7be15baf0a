import { InvalidArgumentError } from '@ai-sdk/provider';
import { generateText } from 'ai';
import { type CompositeSettings, createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../fallback/manual-clock.ts';
import { down, httpError, scriptedModel } from '../fallback/scripted-model.ts';
import { call, rejection } from '../testing/call.ts';

const answers = () => scriptedModel({ id: 'answers', turns: [{ text: ['ok'] }] });
const noPrices = { pricing: { catalog: false } } as const;
const quick = { retry: { initialDelayMs: 1, maxDelayMs: 1 } } as const;

describe('circuitBreaker: false', () => {
  test('leaves nobody out, however often it fails, and says so', async () => {
    const dead = scriptedModel({ id: 'dead', turns: [{ error: httpError({ statusCode: 401 }) }] });
    const ai = createComposite([dead, answers()], { circuitBreaker: false, ...noPrices });
    for (let index = 0; index < 7; index++) await ai.doGenerate(call());
    expect(dead.calls).toHaveLength(7);
    expect(ai.health()).toEqual([
      { candidate: 'scripted/dead', state: 'closed', consecutiveFailures: 0 },
      { candidate: 'scripted/answers', state: 'closed', consecutiveFailures: 0 },
    ]);
    expect(() => ai.reset()).not.toThrow();
  });
});

describe('retryBudget: false', () => {
  test('retries as often as attempts says, however much has failed', async () => {
    const requestsWith = async (retryBudget: CompositeSettings['retryBudget']) => {
      const dead = scriptedModel({ id: 'dead', turns: [{ error: down }] });
      const settings = { ...noPrices, ...quick, circuitBreaker: false } as const;
      const ai = createComposite([dead, answers()], {
        ...settings,
        ...(retryBudget !== undefined && { retryBudget }),
      });
      for (let index = 0; index < 40; index++) await ai.doGenerate(call());
      return dead.calls.length;
    };
    expect(await requestsWith(false)).toBe(80);
    expect(await requestsWith({ maxTokens: 4 })).toBeLessThan(50);
  });
});

describe('retry: false', () => {
  test('asks nobody a second time', async () => {
    const dead = scriptedModel({ id: 'dead', turns: [{ error: down }] });
    const ai = createComposite([dead, answers()], { retry: false, ...noPrices });
    await ai.doGenerate(call());
    expect(dead.calls).toHaveLength(1);
    expect((await ai.plan(call())).maxAttempts).toBe(2);
  });

  test('is refused beside attempts, which ask again', () => {
    for (const settings of [
      { tasks: { chat: [answers()] }, retry: false, attempts: 3 },
      { tasks: { chat: { candidates: [answers()], attempts: 3 } }, retry: false },
      { tasks: { chat: [{ model: answers(), attempts: 3 }] }, retry: false },
    ])
      expect(() => createComposite(settings)).toThrow(
        'Invalid retry: asks nobody a second time, but scripted/answers has attempts: 3; leave one of the two out (got false).',
      );
    expect(() => createComposite([answers()], { retry: false, attempts: 1 })).not.toThrow();
  });
});

describe('hedge: false', () => {
  test('on a route switches off the hedge of the composite', async () => {
    const clock = createManualClock();
    let open = () => {};
    const slow = scriptedModel({
      id: 'slow',
      turns: [{ text: ['late'], before: new Promise<void>(resolve => (open = resolve)) }],
    });
    const other = answers();
    const ai = createComposite({
      tasks: { chat: { candidates: [slow, other], hedge: false } },
      hedge: { afterMs: 10 },
      clock,
      ...noPrices,
    });
    const answer = ai.doGenerate(call());
    await clock.advance(1_000);
    open();
    expect((await answer).content).toMatchObject([{ text: 'late' }]);
    expect(other.calls).toHaveLength(0);
  });
});

test('true is the default, and an option that is undefined is left out', async () => {
  const stateAfter = async (settings: Omit<CompositeSettings<'default'>, 'tasks' | 'defaultTask'>) => {
    const dead = scriptedModel({ id: 'dead', turns: [{ error: down }] });
    const ai = createComposite([dead], {
      clock: createManualClock(),
      random: () => 1,
      attempts: 1,
      ...noPrices,
      ...settings,
    });
    for (let index = 0; index < 8; index++) await rejection(ai.doGenerate(call()));
    return ai.health();
  };
  const byDefault = await stateAfter({});
  expect(byDefault[0]?.state).toBe('open');
  expect(await stateAfter({ circuitBreaker: true, retry: true, retryBudget: true })).toEqual(byDefault);
  const nothing: Record<string, undefined> = {
    failureThreshold: undefined,
    cooldownMs: undefined,
    maxCooldownMs: undefined,
  };
  expect(await stateAfter({ circuitBreaker: nothing, timeout: { totalMs: undefined } })).toEqual(byDefault);
});

describe('reset', () => {
  const openBoth = async () => {
    const error = httpError({ statusCode: 401, data: { error: { code: 'invalid_api_key' } } });
    const dead = (id: string) => scriptedModel({ id, turns: [{ error }] });
    const ai = createComposite([dead('one'), dead('two'), answers()], noPrices);
    await ai.doGenerate(call());
    return ai;
  };
  const states = (ai: Awaited<ReturnType<typeof openBoth>>) => ai.health().map(({ state }) => state);

  test('closes the breaker of one candidate, or of all, and forgets what they had seen', async () => {
    const ai = await openBoth();
    expect(states(ai)).toEqual(['open', 'open', 'closed']);
    ai.reset('scripted/one');
    expect(ai.health()[0]).toEqual({ candidate: 'scripted/one', state: 'closed', consecutiveFailures: 0 });
    expect(states(ai)).toEqual(['closed', 'open', 'closed']);
    ai.reset();
    expect(states(ai)).toEqual(['closed', 'closed', 'closed']);
    expect((await ai.plan(call())).steps[0]?.candidate).toBe('scripted/one');
  });

  test('refuses a name that is no candidate', async () => {
    const ai = await openBoth();
    expect(() => ai.reset('one')).toThrow(InvalidArgumentError);
    expect(() => ai.reset('one')).toThrow(
      'Invalid reset: takes the name of a candidate, or nothing for all; candidates are scripted/one, scripted/two, scripted/answers (got "one").',
    );
    expect(states(ai)).toEqual(['open', 'open', 'closed']);
  });
});

test('a tag that is undefined is left out', async () => {
  const events: unknown[] = [];
  const ai = createComposite([answers()], { ...noPrices, onCallEnd: ({ tags }) => void events.push(tags) });
  const composite = { tags: { customer: undefined, tenant: 'a' }, sessionId: undefined, task: undefined };
  await generateText({ model: ai, prompt: 'hi', providerOptions: { composite } });
  await generateText({
    model: ai,
    prompt: 'hi',
    providerOptions: { composite: { tags: { customer: undefined } } },
  });
  expect(events).toEqual([{ tenant: 'a' }, {}]);
  expect(events.map(tags => Object.keys(tags ?? {}))).toEqual([['tenant'], []]);
});
