import type { JSONObject } from '@ai-sdk/provider';
import {
  convertToModelMessages,
  generateText,
  type ModelMessage,
  readUIMessageStream,
  streamText,
  type UIMessage,
} from 'ai';
import { compositeMetadata, createComposite, type Price, type RouteOptions } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createSessions } from '../../src/state/conversations/sessions.ts';
import { createFaultServer, type Reply, respond } from '../../src/testing/index.ts';
import { createEventLog } from '../fallback/event-log.ts';
import { down, scriptedModel, usageOf } from '../fallback/scripted-model.ts';
import { call } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';

const ok = { text: ['ok'] } as const;

/** The first of two candidates is out of order for its first call, so the second one serves it. */
function composeOne({
  options = {},
  prices = {},
  cacheRead = 0,
}: {
  readonly options?: RouteOptions;
  readonly prices?: { readonly first?: Price; readonly second?: Price };
  /** Of 1,000,000 input tokens that the second reports. */
  readonly cacheRead?: number;
} = {}) {
  const first = scriptedModel({ id: 'first', turns: [{ error: down }, ok] });
  const usage = usageOf(1_000_000, 0);
  const second = scriptedModel({
    id: 'second',
    turns: [
      { ...ok, usage: { ...usage, inputTokens: { ...usage.inputTokens, noCache: undefined, cacheRead } } },
    ],
  });
  const log = createEventLog();
  const ai = createComposite({
    tasks: {
      chat: [
        { model: first, name: 'first', ...(prices.first && { price: prices.first }) },
        { model: second, name: 'second', ...(prices.second && { price: prices.second }) },
      ],
      other: [scriptedModel({ id: 'third', turns: [ok] }), { model: second, name: 'second' }],
    },
    attempts: 1,
    pricing: { catalog: false, onWarning: () => {} },
    ...log.observers,
    ...options,
  });
  return { ai, log };
}

/** Two turns of a chat, as an application holds it. */
async function chat(ai: Parameters<typeof generateText>[0]['model']) {
  const messages: ModelMessage[] = [{ role: 'user', content: 'Hello' }];
  const reports = [];
  for (const question of ['And now?', 'And then?', 'Bye']) {
    const result = await generateText({ model: ai, messages });
    reports.push(compositeMetadata(result));
    messages.push(...result.response.messages, { role: 'user', content: question });
  }
  return reports.map(report => [report?.candidate, report?.affinity]);
}

describe('a conversation', () => {
  test('stays on the candidate that served it, by its history, and the report says so', async () => {
    const { ai, log } = composeOne();
    const stayed = { candidate: 'second', source: 'history', decision: 'stayed' };
    expect(await chat(ai)).toEqual([
      ['second', undefined],
      ['second', stayed],
      ['second', stayed],
    ]);
    expect(log.calls.map(({ affinity }) => affinity)).toEqual([undefined, stayed, stayed]);
  });

  test('has left where the candidate it was to stay on fails and another one answers', async () => {
    const log = createEventLog();
    const ai = createComposite({
      tasks: {
        chat: [
          scriptedModel({ id: 'first', turns: [ok] }),
          scriptedModel({ id: 'second', turns: [{ error: down }] }),
        ],
      },
      attempts: 1,
      pricing: { catalog: false, onWarning: () => {} },
      ...log.observers,
    });
    const ask = {
      model: ai,
      messages: [
        { role: 'user', content: 'Hello' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Hi', providerOptions: { composite: { candidate: 'scripted/second' } } },
          ],
        },
        { role: 'user', content: 'And now?' },
      ] satisfies ModelMessage[],
    };
    const streamed = streamText(ask);
    await streamed.consumeStream();
    const reports = [compositeMetadata(await generateText(ask)), await compositeMetadata(streamed)];
    const left = {
      candidate: 'scripted/second',
      source: 'history',
      decision: 'left',
      reason: 'fallback',
    };
    expect(reports.map(report => [report?.candidate, report?.affinity])).toEqual([
      ['scripted/first', left],
      ['scripted/first', left],
    ]);
    expect(log.calls.map(({ affinity }) => affinity)).toEqual([left, left]);
  });

  test('is asked about in a plan as it would be served', async () => {
    const { ai } = composeOne();
    const plan = await ai.plan({
      prompt: [
        { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
        {
          role: 'assistant',
          content: [{ type: 'text', text: 'Hi', providerOptions: { composite: { candidate: 'second' } } }],
        },
        { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
      ],
    });
    expect(plan.affinity).toEqual({ candidate: 'second', source: 'history', decision: 'stayed' });
    expect(plan.steps.map(({ candidate, reason }) => [candidate, reason])).toEqual([
      ['second', 'affinity'],
      ['first', 'listed'],
    ]);
  });

  test('keeps its candidate through the messages of a user interface', async () => {
    const { ai } = composeOne();
    const question = (id: string): UIMessage => ({
      id,
      role: 'user',
      parts: [{ type: 'text', text: 'Hello' }],
    });
    const ask = async (messages: UIMessage[]) => {
      const result = streamText({ model: ai, messages: await convertToModelMessages(messages) });
      let answer: UIMessage | undefined;
      for await (const message of readUIMessageStream({ stream: result.toUIMessageStream() }))
        answer = message;
      if (answer === undefined) throw new Error('There was no answer.');
      return { answer, report: await compositeMetadata(result) };
    };
    const { answer } = await ask([question('1')]);
    const { report } = await ask([question('1'), answer, question('2')]);
    expect([report?.candidate, report?.affinity?.source]).toEqual(['second', 'history']);
  });

  test('starts anew in a route that does not have the candidate', async () => {
    const { ai } = composeOne();
    const assistant: ModelMessage = {
      role: 'assistant',
      content: [{ type: 'text', text: 'Hi', providerOptions: { composite: { candidate: 'first' } } }],
    };
    const result = await generateText({
      model: ai('other'),
      messages: [{ role: 'user', content: 'Hello' }, assistant, { role: 'user', content: 'And now?' }],
    });
    expect(compositeMetadata(result)).toMatchObject({
      candidate: 'scripted/third',
      affinity: { candidate: 'first', source: 'history', decision: 'left', reason: 'not-in-route' },
    });
  });

  test.each<readonly [whose: string, stamp: JSONObject]>([
    ['a candidate that there is not', { candidate: 'x'.repeat(10_000) }],
    ['nobody', { candidate: '' }],
    ['a prototype', { candidate: '__proto__' }],
    ['the wrong type', { candidate: 42, inner: ['second'] }],
  ])(
    'knows nothing from a stamp of %s, and goes by the one before, or by the session',
    async (_whose, stamp) => {
      const { ai } = composeOne();
      const turn = (composite: JSONObject): ModelMessage[] => [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: [{ type: 'text', text: 'Hi', providerOptions: { composite } }] },
      ];
      const ask = async (...messages: readonly ModelMessage[]) => {
        const providerOptions = { composite: { sessionId: 'one' } };
        const all = [...messages, ...turn(stamp), { role: 'user' as const, content: 'And now?' }];
        const report = compositeMetadata(await generateText({ model: ai, messages: all, providerOptions }));
        return [report?.candidate, report?.affinity];
      };
      // The first one is out of order, once.
      expect(await ask()).toEqual(['second', undefined]);
      expect(await ask()).toEqual(['second', { candidate: 'second', source: 'session', decision: 'stayed' }]);
      expect(await ask(...turn({ candidate: 'first' }))).toEqual([
        'first',
        { candidate: 'first', source: 'history', decision: 'stayed' },
      ]);
    },
  );

  test('goes back to the order of the route where affinity is switched off', async () => {
    const { ai } = composeOne({ options: { affinity: false } });
    expect(await chat(ai)).toEqual([
      ['second', undefined],
      ['first', undefined],
      ['first', undefined],
    ]);
  });
});

describe('a session', () => {
  test('stays on the candidate that served it, without any history', async () => {
    const { ai } = composeOne();
    const ask = async (sessionId: string) =>
      compositeMetadata(
        await generateText({ model: ai, prompt: 'Hello', providerOptions: { composite: { sessionId } } }),
      );
    await ask('one');
    const [again, another] = [await ask('one'), await ask('two')];
    expect([again?.candidate, again?.affinity]).toEqual([
      'second',
      { candidate: 'second', source: 'session', decision: 'stayed' },
    ]);
    expect([another?.candidate, another?.affinity]).toEqual(['first', undefined]);
  });

  test('stays on the candidate whose answer was stopped half way', async () => {
    const { ai, log } = composeOne();
    const providerOptions = { composite: { sessionId: 'one' } };
    const { stream } = await ai.doStream(call({ providerOptions }));
    const reader = stream.getReader();
    while ((await reader.read()).value?.type !== 'text-delta');
    await reader.cancel();
    expect(log.calls.at(-1)?.outcome).toBe('abort');
    const report = compositeMetadata(await generateText({ model: ai, prompt: 'Hello', providerOptions }));
    expect(report?.affinity).toEqual({ candidate: 'second', source: 'session', decision: 'stayed' });
  });

  test('is forgotten when many others were served since', () => {
    const sessions = createSessions({ maxEntries: 2 });
    const serve = (sessionId: string) => sessions.record({ task: 'chat', sessionId, candidate: 'a' });
    const isKnown = (sessionId: string, task = 'chat') => sessions.served({ task, sessionId }) !== undefined;
    const all = ['one', 'two', 'three', 'four', 'five'];
    for (const sessionId of ['one', 'two', 'three', 'one', 'four', 'five']) serve(sessionId);
    expect(all.map(sessionId => isKnown(sessionId))).toEqual([true, false, true, true, true]);
    expect(isKnown('one', 'code')).toBe(false);
  });

  test('without a name, or with an endless one, is not remembered', () => {
    const sessions = createSessions({ maxEntries: 2 });
    const isRemembered = (sessionId: string) => {
      sessions.record({ task: 'chat', sessionId, candidate: 'a' });
      return sessions.served({ task: 'chat', sessionId }) !== undefined;
    };
    expect(['', 'x'.repeat(257), 'x'.repeat(256)].map(isRemembered)).toEqual([false, false, true]);
  });

  test('does not move to a candidate of another route that a call is pinned to', async () => {
    const ai = createComposite({
      tasks: {
        chat: [scriptedModel({ id: 'one', turns: [ok] }), scriptedModel({ id: 'other', turns: [ok] })],
        code: [scriptedModel({ id: 'two', turns: [ok] })],
      },
      pricing: { catalog: false, onWarning: () => {} },
    });
    const ask = async (composite: JSONObject) =>
      compositeMetadata(
        await generateText({
          model: ai,
          prompt: 'Hello',
          providerOptions: { composite: { sessionId: 'one', ...composite } },
        }),
      );
    expect((await ask({ candidate: 'scripted/two' }))?.candidate).toBe('scripted/two');
    expect((await ask({}))?.affinity).toBeUndefined();
  });
});

describe('leaving for a cheaper candidate', () => {
  // A call of some tokens; per token the second costs twice as much, and a cached one nearly nothing.
  const prices = {
    first: { inputTokens: 1, outputTokens: 0 },
    second: { inputTokens: 2, outputTokens: 0, cacheReadTokens: 0.01 },
  };
  const decisions = async (cacheRead: number) => {
    const { ai } = composeOne({ prices, cacheRead });
    return (await chat(ai)).map(([candidate, affinity]) => [
      candidate,
      typeof affinity === 'object' ? affinity.decision : undefined,
    ]);
  };

  test('does not pay while the cache is used', async () => {
    expect(await decisions(900_000)).toEqual([
      ['second', undefined],
      ['second', 'stayed'],
      ['second', 'stayed'],
    ]);
  });

  test('pays as soon as a follow-up was seen to read nothing from the cache', async () => {
    expect(await decisions(0)).toEqual([
      ['second', undefined],
      ['second', 'stayed'],
      ['first', 'left'],
    ]);
  });

  test('does not pay where follow-ups were seen to be read from the cache', async () => {
    const { ai } = composeOne({ prices, cacheRead: 900_000 });
    // A follow-up that the second serves, so that its cache is known: nine tenths of the input came from it.
    await generateText({
      model: ai,
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'And now?' },
      ],
    });
    expect((await chat(ai)).map(([candidate]) => candidate)).toEqual(['first', 'first', 'first']);
    const second: ModelMessage = {
      role: 'assistant',
      content: [{ type: 'text', text: 'Hi', providerOptions: { composite: { candidate: 'second' } } }],
    };
    const messages: ModelMessage[] = [
      { role: 'user', content: 'Hello' },
      second,
      { role: 'user', content: 'Go on' },
    ];
    const report = compositeMetadata(await generateText({ model: ai, messages }));
    expect([report?.candidate, report?.affinity?.decision]).toEqual(['second', 'stayed']);
  });
});

for (const client of clients) {
  test(`the cache that ${client.name} reports is seen, on the wire`, async () => {
    await using server = await createFaultServer();
    const usage = { inputTokens: 1_000, cacheReadTokens: 900, outputTokens: 1 };
    const answer: Reply = respond.answer({ text: 'ok', usage });
    const [cheap, dear] = [server.account('cheap'), server.account('dear')];
    cheap.script([respond.error({ kind: 'overloaded' }), answer]);
    dear.script([answer]);
    const ai = createComposite({
      tasks: {
        chat: [
          { model: client.model(cheap.baseUrl), name: 'cheap', price: { inputTokens: 1, outputTokens: 0 } },
          {
            model: client.model(dear.baseUrl),
            name: 'dear',
            price: { inputTokens: 2, outputTokens: 0, cacheReadTokens: 0.01 },
          },
        ],
      },
      attempts: 1,
    });
    const messages: ModelMessage[] = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: 'And now?' },
    ];
    const served = [];
    for (let turn = 0; turn < 2; turn++) {
      const result = streamText({ model: ai, messages });
      await result.consumeStream();
      served.push((await compositeMetadata(result))?.candidate);
      messages.push(...(await result.response).messages, { role: 'user', content: 'Go on' });
    }
    expect(served).toEqual(['dear', 'dear']);
  });
}
