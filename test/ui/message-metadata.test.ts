import { createOpenAI } from '@ai-sdk/openai';
import { convertToModelMessages, streamText, type TextStreamPart, type ToolSet, tool } from 'ai';
import { addCosts } from 'ai-composite';
import { compositeMessageMetadata, type MessageReport } from 'ai-composite/ui';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createFaultServer, createGate, type FaultServer, fault, respond } from '../../src/testing/index.ts';
import { createRoute } from './route-handler.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const hello = respond.answer({ text: ['Hel', 'lo.'], usage: { inputTokens: 100, outputTokens: 50 } });
const overloaded = respond.error({ kind: 'overloaded', message: 'cluster-7 of tenant-42 is full' });
const broken = () => {
  const gate = createGate();
  return {
    gate,
    reply: respond.answer({ text: ['Hel', 'lo.'], faults: [fault.cut({ after: 1, until: gate.opened })] }),
  };
};
const priced = { status: 'priced', usd: 0.0002, usdExact: '0.0002' };
const weather = { weather: tool({ inputSchema: z.object({ city: z.string() }), execute: () => 'sunny' }) };
const callWeather = respond.answer({
  toolCalls: [{ toolName: 'weather', input: { city: 'Bern' } }],
  usage: { inputTokens: 100, outputTokens: 50 },
});

/** Times are the machine's: checked for what they are, then left out of the comparison. */
function withoutTimes(report: MessageReport | undefined): unknown {
  return JSON.parse(
    JSON.stringify(report, (name, value: unknown) => {
      if (!name.endsWith('Ms')) return value;
      expect(value).toSatisfy((own: unknown) => typeof own === 'number' && own >= 0);
      return undefined;
    }),
  );
}

describe('the metadata of a message', () => {
  test('tells who answered, what failed before, tokens and costs, and nothing else', async () => {
    const { ask } = createRoute({ server, first: [overloaded], second: [hello] });
    const { metadata } = (await ask()) ?? {};
    expect(withoutTimes(metadata?.composite)).toStrictEqual({
      outcome: 'success',
      candidate: 'second',
      steps: {
        0: {
          task: 'chat',
          candidate: 'second',
          attempts: [
            {
              attemptNumber: 1,
              candidate: 'first',
              outcome: 'failure',
              failureKind: 'overloaded',
              statusCode: 503,
              cost: { status: 'priced', usd: 0, usdExact: '0' },
            },
            { attemptNumber: 2, candidate: 'second', outcome: 'success', cost: priced },
          ],
          cost: { ...priced, incomplete: 0, count: 2 },
        },
      },
      usage: { inputTokens: 100, outputTokens: 50, cacheReadTokens: 0, reasoningTokens: 0 },
      cost: { ...priced, incomplete: 0, count: 2 },
    });
  });

  test('tells the first output from the start of the first attempt on, for whoever waited for it', async () => {
    const { ask } = createRoute({ server, first: [overloaded], second: [hello] });
    const step = (await ask())?.metadata?.composite?.steps[0];
    const [failed, served] = step?.attempts ?? [];
    expect(failed?.firstChunkMs).toBeUndefined();
    expect(step?.firstChunkMs).toBe(
      Number(served?.startedAtMs) - Number(failed?.startedAtMs) + Number(served?.firstChunkMs),
    );
  });

  test('has every step of an agent, sends each once, and adds them up', async () => {
    const { ask, calls, wire } = createRoute({
      server,
      tools: weather,
      first: [callWeather, overloaded],
      second: [hello],
    });
    const report = (await ask())?.metadata?.composite;
    expect(Object.values(report?.steps ?? {}).map(({ candidate }) => candidate)).toEqual(['first', 'second']);
    expect(report).toMatchObject({
      outcome: 'success',
      candidate: 'second',
      usage: { inputTokens: 200, outputTokens: 100 },
      cost: addCosts(calls.map(({ cost }) => cost)),
    });
    expect(report?.cost.usdExact).toBe('0.0004');
    expect((await wire()).split('"attemptNumber":2').length - 1).toBe(1);
  });

  test('marks an answer that broke off as failed, before the error that ends the reading', async () => {
    const { gate, reply } = broken();
    const { chat, ask } = createRoute({ server, first: [reply], second: [hello] });
    const answered = ask();
    await expect.poll(() => chat.messages.at(-1)?.parts.at(-1)).toMatchObject({ text: 'Hel' });
    gate.open();
    const message = await answered;
    expect(chat.status).toBe('error');
    expect(message?.parts.at(-1)).toMatchObject({ type: 'text', text: 'Hel' });
    expect(message?.metadata?.composite).toMatchObject({
      outcome: 'failure',
      candidate: 'first',
      steps: { 0: { candidate: 'first', attempts: [{ outcome: 'failure', failureKind: 'network' }] } },
      cost: { status: 'lower-bound', count: 1 },
    });
  });

  test('marks an answer that nobody gave as failed, with everybody who was asked', async () => {
    const unauthorized = respond.error({ kind: 'auth' });
    const { chat, ask, calls } = createRoute({ server, first: [overloaded], second: [unauthorized] });
    const report = (await ask())?.metadata?.composite;
    expect(chat.status).toBe('error');
    expect(report).toMatchObject({ outcome: 'failure', cost: calls[0]?.cost ?? 'a call' });
    expect(report).not.toHaveProperty('candidate');
    expect(report?.steps[0]).not.toHaveProperty('candidate');
    expect(report?.steps[0]?.attempts.map(({ failureKind }) => failureKind)).toEqual(['overloaded', 'auth']);
  });

  test('keeps the steps that an agent finished before nobody answered', async () => {
    const { ask } = createRoute({
      server,
      tools: weather,
      first: [callWeather, overloaded],
      second: [overloaded],
    });
    expect((await ask())?.metadata?.composite).toMatchObject({
      outcome: 'failure',
      steps: { 0: { candidate: 'first' }, 1: { attempts: [{}, {}] } },
      cost: { usdExact: '0.0002', count: 3 },
    });
  });

  test("is a failed answer's only behind its error, where the SDK orders them: that is what errorsLast is for", async () => {
    const { ask } = createRoute({
      server,
      first: [overloaded],
      second: [overloaded],
      readsErrorsLast: false,
    });
    expect((await ask())?.metadata).toBeUndefined();
  });

  test('has an answer that broke off with the one that the SDK asked for in its place, and both costs', async () => {
    const { gate, reply } = broken();
    const { chat, ask, calls } = createRoute({ server, first: [reply], second: [hello], streamRetries: 1 });
    const answered = ask();
    await expect.poll(() => chat.messages.at(-1)?.parts.at(-1)).toMatchObject({ text: 'Hel' });
    gate.open();
    const report = (await answered)?.metadata?.composite;
    const costs = calls.map(({ cost }) => cost);
    expect(report).toMatchObject({
      outcome: 'success',
      candidate: 'second',
      steps: {
        0: {
          candidate: 'second',
          attempts: [{ candidate: 'second', outcome: 'success' }],
          recovers: [{ candidate: 'first', failureKind: 'network', cost: costs[0] ?? 'a cost' }],
        },
      },
      cost: addCosts(costs),
    });
    expect(report?.cost.count).toBe(2);
  });

  test('of a retried answer tells of the retry', async () => {
    const { chat, ask } = createRoute({ server, first: [overloaded], second: [overloaded, hello] });
    const failed = await ask();
    expect(failed?.metadata?.composite?.outcome).toBe('failure');
    await chat.regenerate();
    expect(chat.messages).toHaveLength(2);
    expect(chat.messages[1]?.metadata?.composite).toMatchObject({ outcome: 'success', candidate: 'second' });
    expect(Object.keys(chat.messages[1]?.metadata?.composite?.steps ?? {})).toEqual(['0']);
  });

  test('of an answer that was stopped is kept with it, with one cost that is not known', async () => {
    const controller = new AbortController();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const gate = createGate();
    const { chat, ask } = createRoute({
      server,
      tools: weather,
      first: [
        callWeather,
        respond.answer({ text: ['A', 'B'], faults: [fault.pause({ after: 1, until: gate.opened })] }),
      ],
      second: [hello],
      abortSignal: controller.signal,
      onEnd: ({ responseMessage }) => resolve(responseMessage.metadata),
    });
    const answered = ask();
    await expect.poll(() => chat.messages.at(-1)?.parts.at(-1)).toMatchObject({ text: 'A' });
    controller.abort();
    const stopped = {
      composite: {
        outcome: 'abort',
        steps: { 0: { candidate: 'first' } },
        cost: { status: 'lower-bound', usdExact: '0.0002', incomplete: 1, count: 2 },
      },
    };
    expect(await promise).toMatchObject(stopped);
    expect((await answered)?.metadata).toMatchObject(stopped);
    gate.open();
  });

  test('goes on where an answer goes on after a tool that ran in the browser', async () => {
    const inBrowser = {
      weather: tool({ inputSchema: z.object({ city: z.string() }), outputSchema: z.string() }),
    };
    const { chat, ask } = createRoute({
      server,
      tools: inBrowser,
      first: [callWeather, overloaded],
      second: [hello],
    });
    const asked = await ask();
    const part = asked?.parts.find(own => own.type === 'tool-weather');
    if (part?.type !== 'tool-weather') throw new Error('no tool was called');
    await chat.addToolOutput({ tool: 'weather', toolCallId: part.toolCallId, output: 'sunny' });
    await chat.sendMessage();
    const report = chat.messages.at(-1)?.metadata?.composite;
    expect(chat.messages).toHaveLength(2);
    expect(Object.values(report?.steps ?? {}).map(({ candidate }) => candidate)).toEqual(['first', 'second']);
    expect(report).toMatchObject({
      candidate: 'second',
      usage: { inputTokens: 200, outputTokens: 100 },
      cost: { status: 'priced', usdExact: '0.0004', count: 3 },
    });
  });

  test('takes nothing but counts and an amount from a message that a browser sent', () => {
    const finish = { type: 'finish', finishReason: 'stop' } as TextStreamPart<ToolSet>;
    const tell = (metadata: unknown) =>
      compositeMessageMetadata({ originalMessages: [{ id: '1', role: 'assistant', parts: [], metadata }] })({
        part: finish,
      })?.composite;
    expect(
      tell({
        composite: {
          steps: { 0: { evil: 1 } },
          usage: { inputTokens: -1, extra: 9 },
          cost: { usdExact: '1e9' },
        },
      }),
    ).toStrictEqual({
      outcome: 'success',
      steps: {},
      usage: {},
      cost: { status: 'priced', usd: 1e9, usdExact: '1000000000', incomplete: 0, count: 1 },
    });
    fc.assert(
      fc.property(fc.anything(), anything => {
        const report = tell({ composite: anything });
        expect(report?.cost.usd ?? 0).toSatisfy(Number.isFinite);
        expect(report?.steps).toEqual({});
        for (const count of Object.values(report?.usage ?? {})) expect(count).toSatisfy(Number.isSafeInteger);
      }),
    );
  });

  test('counts an answer that a cache gave again as paid before', () => {
    const paid = { status: 'priced', usd: 1, usdExact: '1', incomplete: 0, count: 1 };
    const report = { callId: 'c', task: 'chat', candidate: 'first', attempts: [], skipped: [], cost: paid };
    const told = compositeMessageMetadata()({
      part: {
        type: 'finish-step',
        usage: { inputTokenDetails: {}, outputTokenDetails: {} },
        providerMetadata: { composite: { ...report, cached: true } },
      } as unknown as TextStreamPart<ToolSet>,
    })?.composite;
    expect(told?.steps[0]).toEqual({
      task: 'chat',
      candidate: 'first',
      attempts: [],
      cost: paid,
      cached: true,
    });
    expect(told?.cost).toMatchObject({ usdExact: '0', incomplete: 0 });
  });

  test('of another model has tokens, and a cost that is not known', async () => {
    const account = server.account('other');
    const metadata = compositeMessageMetadata();
    const { stream } = streamText({
      model: createOpenAI({ baseURL: account.baseUrl, apiKey: 'test' })('gpt-6-sol'),
      messages: await convertToModelMessages([{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }]),
    });
    const told: unknown[] = [];
    for await (const part of stream) told.push(metadata({ part })?.composite);
    expect(told.at(-1)).toStrictEqual({
      outcome: 'success',
      steps: {},
      usage: { inputTokens: 10, outputTokens: 3, cacheReadTokens: 0, reasoningTokens: 0 },
      cost: { status: 'unknown', incomplete: 1, count: 1 },
    });
  });
});

describe('a browser', () => {
  const outcomes = [
    ['a whole answer', () => ({ first: [overloaded], second: [hello] })],
    [
      'an answer that broke off',
      () => ({
        first: [respond.answer({ text: ['Hel', 'lo.'], faults: [fault.cut({ after: 1, until: 20 })] })],
        second: [hello],
      }),
    ],
    [
      'an answer that nobody gave',
      () => ({
        first: [overloaded],
        second: [respond.error({ kind: 'auth', message: 'key-of-mine is no key' })],
      }),
    ],
  ] as const;
  const secrets = ['key-of-mine', 'tenant-42', 'secret-deployment', '127.0.0.1', 'openai.responses'];

  test.each(outcomes)(
    'gets no text of a provider, key, address or model id with %s',
    async (_name, scripts) => {
      const { ask, wire } = createRoute({ server, ...scripts() });
      await ask();
      const text = await wire();
      expect(text).toContain('"attemptNumber":1');
      for (const secret of secrets) expect(text).not.toContain(secret);
    },
  );

  test.each(outcomes)(
    'gets of the report, without the helper, seven letters of who answered with %s',
    async (_name, scripts) => {
      const { ask, wire } = createRoute({ server, hasMetadata: false, ...scripts() });
      await ask();
      const text = await wire();
      for (const name of ['attempt', 'cost', 'first', 'second', 'callId', ...secrets])
        expect(text).not.toContain(name);
      for (const [, composite] of text.matchAll(/"composite":(\{[^}]*\})/g))
        expect(composite).toMatch(/^\{"candidate":"[a-z0-9]{7}"\}$/);
    },
  );
});
