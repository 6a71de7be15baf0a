import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider';
import {
  addCosts,
  compositeCost,
  compositeMetadata,
  createComposite,
  isContentFilter,
  isKind,
  StreamInterruptedError,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import type { EngineOptions } from '../fallback/engine-options.ts';
import { createEventLog } from '../fallback/event-log.ts';
import { createManualClock } from '../fallback/manual-clock.ts';
import { down, httpError, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call, collect, textOf } from '../testing/call.ts';

const cut: Turn = { text: ['half ', 'of it'], breakAfter: 4, error: httpError({}) };
const whole: Turn = { text: ['all of it'] };
const price = { inputTokens: 1, outputTokens: 2 };

/** A route of candidates a, b, ... with these turns. */
function compose({ turns, ...options }: { readonly turns: ReadonlyArray<readonly Turn[]> } & EngineOptions) {
  const clock = createManualClock();
  const log = createEventLog();
  let calls = 0;
  const candidates = turns.map((own, index) => {
    const name = 'abcdef'[index] ?? '';
    return { model: scriptedModel({ id: name, turns: own }), name, price };
  });
  const model = createComposite(candidates, {
    attempts: 1,
    clock,
    pricing: { catalog: false },
    generateId: () => `call ${++calls}`,
    ...log.observers,
    ...options,
  });
  return { model, clock, log };
}

const user = (text: string): LanguageModelV4Message => ({ role: 'user', content: [{ type: 'text', text }] });
const ask = (text: string, options: Partial<LanguageModelV4CallOptions> = {}) =>
  call({ prompt: [user(text)], ...options });
const inSession = (sessionId: string) => ({ providerOptions: { composite: { sessionId } } });

/** Streams once, and tells who answered, what broke, and what the report says. */
async function stream(model: LanguageModelV4, options: LanguageModelV4CallOptions) {
  const { parts, thrown } = await collect({ model, options });
  const finish = parts.findLast(part => part.type === 'finish');
  const report = compositeMetadata(finish);
  const errors = parts.flatMap(part => (part.type === 'error' ? [part.error] : []));
  return {
    by: report?.attempts.map(({ candidate }) => candidate).join(' '),
    text: textOf(parts),
    errors,
    report,
    thrown,
    result: finish ?? {},
  };
}

const plan = async (model: ReturnType<typeof compose>['model'], options: LanguageModelV4CallOptions) =>
  (await model.plan(options)).steps.map(({ candidate, reason }) => `${candidate} ${reason}`);

describe('after a broken answer the next call of the conversation', () => {
  test('starts at the next candidate, and its report and its event say what it makes up for', async () => {
    const { model, log } = compose({ turns: [[cut, whole], [whole]] });
    const broken = await stream(model, ask('Hi'));
    expect(broken).toMatchObject({ by: 'a', text: 'half of it', report: { callId: 'call 1' } });
    expect(await plan(model, ask('Hi'))).toEqual(['b listed', 'a interrupted']);
    const second = await stream(model, ask('Hi'));
    const recovers = { callId: 'call 1', candidate: 'a', failureKind: 'network', cost: broken.report?.cost };
    expect(second).toMatchObject({ by: 'b', text: 'all of it', errors: [], report: { recovers } });
    expect(log.calls.map(({ callId, recovers: own }) => [callId, own])).toEqual([
      ['call 1', undefined],
      ['call 2', recovers],
    ]);
    // It was made up for.
    expect(await plan(model, ask('Hi'))).toEqual(['a listed', 'b listed']);
    expect((await stream(model, ask('Hi'))).report).not.toHaveProperty('recovers');
  });

  test('is known by the very prompt only while it is the very same', async () => {
    const { model } = compose({ turns: [[cut, whole], [whole]] });
    await stream(model, ask('Hi'));
    for (const other of [
      ask('Hi!'),
      call({ prompt: [{ role: 'system', content: 'Be brief.' }, user('Hi')] }),
      call({ prompt: [user('Hi'), { role: 'system', content: 'Be brief.' }] }),
      call({ prompt: [] }),
      ask('Hi', inSession('another')),
    ])
      expect(await plan(model, other)).toEqual(['a listed', 'b listed']);
    expect(await plan(model, ask('Hi'))).toEqual(['b listed', 'a interrupted']);
    // Where to cache is no part of it.
    const cached = { anthropic: { cacheControl: { type: 'ephemeral' } } };
    expect(await plan(model, call({ prompt: [{ ...user('Hi'), providerOptions: cached }] }))).toEqual([
      'b listed',
      'a interrupted',
    ]);
  });

  test('is affected for less than a minute', async () => {
    const { model, clock } = compose({ turns: [[cut, whole], [whole]] });
    await stream(model, ask('Hi'));
    await clock.advance(59_999);
    expect(await plan(model, ask('Hi'))).toEqual(['b listed', 'a interrupted']);
    await clock.advance(1);
    const late = await stream(model, ask('Hi'));
    expect(late.by).toBe('a');
    expect(late.report).not.toHaveProperty('recovers');
  });

  test('is known by its session, which does not make it the one that makes up for it', async () => {
    const { model } = compose({ turns: [[cut, whole], [whole]] });
    await stream(model, ask('Hi', inSession('s')));
    const aside = await stream(model, ask('A title for this?', inSession('s')));
    expect(aside.by).toBe('b');
    expect(aside.report).not.toHaveProperty('recovers');
    expect((await stream(model, ask('Hi', inSession('s')))).report?.recovers?.callId).toBe('call 1');
  });

  test.each([
    ['with the broken answer, unstamped', [{ type: 'text', text: 'half' }], 'b'],
    [
      'with the broken answer, stamped',
      [{ type: 'text', text: 'half', providerOptions: { composite: { candidate: 'a' } } }],
      'b',
    ],
    ['without the broken answer', undefined, 'b'],
    [
      "with somebody else's answer",
      [{ type: 'text', text: 'all', providerOptions: { composite: { candidate: 'b' } } }],
      'a',
    ],
  ] as const)('is known by a history that goes on behind it: %s', async (_name, content, by) => {
    const { model } = compose({ turns: [[cut, whole], [whole]], affinity: false });
    await stream(model, ask('Hi'));
    const answer: LanguageModelV4Message[] =
      content === undefined ? [] : [{ role: 'assistant', content: [...content] }];
    const next = await stream(model, call({ prompt: [user('Hi'), ...answer, user('Go on.')] }));
    expect(next.by).toBe(by);
    expect(next.report).not.toHaveProperty('recovers');
  });

  test('leaves who served it, and says so', async () => {
    const { model } = compose({ turns: [[whole], [cut, whole], [whole]] });
    const history: LanguageModelV4Message[] = [
      user('Hi'),
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'Ho', providerOptions: { composite: { candidate: 'b' } } }],
      },
      user('And now?'),
    ];
    expect((await stream(model, call({ prompt: history }))).by).toBe('b');
    const second = await stream(model, call({ prompt: history }));
    expect(second.by).toBe('a');
    expect(second.report?.affinity).toEqual({
      candidate: 'b',
      source: 'history',
      decision: 'left',
      reason: 'interrupted',
    });
  });

  test('asks the same candidate where there is no other, and tells what it makes up for', async () => {
    const { model } = compose({ turns: [[cut, whole]] });
    const broken = await stream(model, ask('Hi'));
    const second = await stream(model, ask('Hi'));
    expect(second).toMatchObject({ by: 'a', text: 'all of it', report: { recovers: { callId: 'call 1' } } });
    expect(compositeCost(second.result)).toEqual(addCosts([broken.report?.cost, second.report?.cost]));
  });

  test('falls back to the one that broke when everybody else fails', async () => {
    const { model } = compose({ turns: [[cut, whole], [{ error: down }], [{ error: down }]] });
    await stream(model, ask('Hi'));
    expect(await stream(model, ask('Hi'))).toMatchObject({ by: 'b c a', text: 'all of it' });
  });

  test('may generate instead', async () => {
    const { model } = compose({ turns: [[cut, whole], [whole]] });
    await stream(model, ask('Hi'));
    const result = await model.doGenerate(ask('Hi'));
    expect(compositeMetadata(result)).toMatchObject({ candidate: 'b', recovers: { callId: 'call 1' } });
  });

  test('with every order: the one that broke goes last', async () => {
    for (const order of ['cheapest', 'fastest', { weights: { a: 1 } }, () => ['a', 'b']] as const) {
      const { model } = compose({ turns: [[cut, whole], [whole]], order, random: () => 0.5 });
      await stream(model, ask('Hi'));
      expect((await plan(model, ask('Hi'))).at(-1)).toBe('a interrupted');
      expect(await stream(model, ask('Hi'))).toMatchObject({
        by: 'b',
        report: { recovers: { callId: 'call 1' } },
      });
    }
  });
});

describe('two breaks in a row', () => {
  test('leave both behind, the latest last, and no cost is lost or counted twice', async () => {
    const { model, log } = compose({ turns: [[cut, whole], [cut, whole], [whole]] });
    const runs = [
      await stream(model, ask('Hi')),
      await stream(model, ask('Hi')),
      await stream(model, ask('Hi')),
    ];
    expect(runs.map(({ by }) => by)).toEqual(['a', 'b', 'c']);
    const [one, two, three] = runs.map(({ result }) => result);
    expect(runs[2]?.report?.recovers).toMatchObject({ callId: 'call 2', recovers: { callId: 'call 1' } });
    const all = addCosts(log.calls.map(({ cost }) => cost));
    expect(all.count).toBe(3);
    expect(compositeCost(three)).toEqual(all);
    // Whoever has the results of the broken ones too counts each once.
    expect(compositeCost([one, two, three])).toEqual(all);
    expect(compositeCost([one, three])).toEqual(all);
    expect(compositeCost({ steps: [two, three] })).toEqual(all);
    expect(compositeCost(JSON.parse(JSON.stringify(three)))).toEqual(all);
  });

  test('of the only two: the one that broke first is asked first', async () => {
    const { model } = compose({
      turns: [
        [cut, whole],
        [cut, whole],
      ],
    });
    await stream(model, ask('Hi'));
    await stream(model, ask('Hi'));
    expect(await plan(model, ask('Hi'))).toEqual(['a interrupted', 'b interrupted']);
  });

  test('and many more are told in a report of bounded size, with what all of them cost', async () => {
    const { model, log } = compose({ turns: [[cut]] });
    let last = await stream(model, ask('Hi'));
    for (let index = 0; index < 30; index++) last = await stream(model, ask('Hi'));
    const told = compositeCost(last.result);
    expect(told).toEqual(addCosts(log.calls.map(({ cost }) => cost)));
    expect(told.count).toBe(31);
    expect(JSON.stringify(last.report).split('"recovers"').length).toBeLessThan(12);
  });
});

describe('a broken call', () => {
  test('that another request makes up for has a result of its own: its cost is told there alone', async () => {
    const { model } = compose({ turns: [[cut, whole], [whole]] });
    await stream(model, ask('Hi', { abortSignal: new AbortController().signal }));
    const second = await stream(model, ask('Hi', { abortSignal: new AbortController().signal }));
    expect(second.report?.recovers).toEqual({ callId: 'call 1', candidate: 'a', failureKind: 'network' });
    expect(compositeCost(second.result)).toEqual(second.report?.cost);
  });

  test.each([
    ['a broken connection', httpError({}), {}, true, 'b'],
    ['an overloaded provider', httpError({ statusCode: 529 }), {}, true, 'b'],
    ['a dead account', httpError({ statusCode: 402 }), {}, true, 'b'],
    [
      'a refusal',
      httpError({ statusCode: 400, data: { error: { code: 'content_filter' } } }),
      {},
      false,
      'a',
    ],
    [
      'a refusal that falls back',
      httpError({ statusCode: 400, data: { error: { code: 'content_filter' } } }),
      { fallbackWhen: isContentFilter() },
      true,
      'b',
    ],
    [
      'what the route does not fall back on',
      httpError({}),
      {
        fallbackWhen: (failure: { readonly kind: string }) =>
          failure.kind === 'network' ? false : undefined,
      },
      false,
      'a',
    ],
    ['what the route falls back on', httpError({}), { fallbackWhen: isKind('network') }, true, 'b'],
  ] satisfies ReadonlyArray<[string, unknown, EngineOptions, boolean, string]>)(
    'says whether asking again may help, and who is asked then: %s',
    async (_name, error, options, isRetryable, by) => {
      const { model } = compose({ turns: [[{ ...cut, error }, whole], [whole]], ...options });
      const { errors } = await stream(model, ask('Hi'));
      expect(errors).toMatchObject([{ name: 'StreamInterruptedError', isRetryable, candidate: 'a' }]);
      expect((await stream(model, ask('Hi'))).by).toBe(by);
    },
  );

  test('of the only candidate is worth repeating where its failure may pass', async () => {
    const errors = [httpError({}), httpError({ statusCode: 402 })];
    const seen = errors.map(async error => {
      const { model } = compose({ turns: [[{ ...cut, error }]] });
      const [broken] = (await stream(model, ask('Hi'))).errors;
      return StreamInterruptedError.isInstance(broken) && [broken.isRetryable, broken.statusCode];
    });
    expect(await Promise.all(seen)).toEqual([
      [true, undefined],
      [false, 402],
    ]);
  });

  test('that nobody read is nobody to blame for, and its cost is told', async () => {
    const { model, clock } = compose({ turns: [[{ text: ['half ', 'of it'] }, whole], [whole]] });
    const { stream: unread } = await model.doStream(ask('Hi'));
    const reader = unread.getReader();
    for (let part = 0; part < 4; part++) await reader.read();
    await clock.advance(330_000);
    for (let next = await reader.read(); !next.done; next = await reader.read());
    expect(await stream(model, ask('Hi'))).toMatchObject({
      by: 'a',
      report: { recovers: { callId: 'call 1' } },
    });
  });

  test('whose stream the caller aborted, or cancelled, is none', async () => {
    const { model } = compose({
      turns: [
        [{ text: ['half ', 'of it'], pause: { after: 3, until: new Promise(() => {}) } }, whole],
        [whole],
      ],
    });
    const controller = new AbortController();
    const aborted = await model.doStream(ask('Hi', { abortSignal: controller.signal }));
    const reader = aborted.stream.getReader();
    await reader.read();
    controller.abort(new Error('stop'));
    expect(await plan(model, ask('Hi'))).toEqual(['a listed', 'b listed']);
    await reader.cancel().catch(() => {});
    expect(await plan(model, ask('Hi'))).toEqual(['a listed', 'b listed']);
  });
});

describe('a thousand broken streams at once', () => {
  const count = 1_000;
  const turns = (call: number): Turn => (call < count ? cut : whole);

  test('are each made up for by their own conversation', async () => {
    const first = scriptedModel({ id: 'a', turns });
    let calls = 0;
    const model = createComposite(
      [
        { model: first, name: 'a', price },
        { model: scriptedModel({ id: 'b', turns: [whole] }), name: 'b', price },
      ],
      {
        attempts: 1,
        pricing: { catalog: false },
        generateId: () => `call ${++calls}`,
        circuitBreaker: false,
      },
    );
    const prompts = Array.from({ length: count }, (_call, index) => ask(`Question ${index}`));
    const broken = await Promise.all(prompts.map(options => stream(model, options)));
    const second = await Promise.all(prompts.map(options => stream(model, options)));
    expect(new Set(second.map(({ by }) => by))).toEqual(new Set(['b']));
    expect(second.map(({ report }) => report?.recovers?.callId)).toEqual(
      broken.map(({ report }) => report?.callId),
    );
    expect(second.map(({ report }) => report?.recovers?.cost)).toEqual(
      broken.map(({ report }) => report?.cost),
    );
    expect(await plan(model, ask('Question 7'))).toEqual(['a listed', 'b listed']);
  });

  test('of the same words are told apart by their signals', async () => {
    let calls = 0;
    // Every second one breaks at the other candidate.
    const model = createComposite(
      [
        {
          model: scriptedModel({ id: 'a', turns: index => (index < count / 2 ? cut : whole) }),
          name: 'a',
          price,
        },
        {
          model: scriptedModel({ id: 'b', turns: index => (index < count / 2 ? cut : whole) }),
          name: 'b',
          price,
        },
      ],
      {
        attempts: 1,
        pricing: { catalog: false },
        generateId: () => `call ${++calls}`,
        circuitBreaker: false,
        order: { weights: { a: 1, b: 1 } },
        random: () => (calls % 2 === 0 ? 0 : 0.99),
      },
    );
    const prompts = Array.from({ length: count }, () =>
      ask('Hi', { abortSignal: new AbortController().signal }),
    );
    const broken = await Promise.all(prompts.map(options => stream(model, options)));
    const second = await Promise.all(prompts.map(options => stream(model, options)));
    expect(broken.filter(({ by }) => by === 'a').length).toBe(count / 2);
    expect(second.map(({ report }) => report?.recovers?.callId)).toEqual(
      broken.map(({ report }) => report?.callId),
    );
    expect(second.map(({ by }) => by)).toEqual(broken.map(({ by }) => (by === 'a' ? 'b' : 'a')));
  });
});
