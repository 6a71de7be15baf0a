import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { streamText } from 'ai';
import { createComposite, StreamInterruptedError } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stampOf } from '../../src/fallback/history/stamp.ts';
import {
  createFaultServer,
  createGate,
  type FaultServer,
  fault,
  pieces,
  respond,
} from '../../src/testing/index.ts';
import { call, collect, textOf } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';
import { createEventLog } from './event-log.ts';
import { createManualClock, settle } from './manual-clock.ts';
import { httpError, scriptedModel, textParts, usageOf } from './scripted-model.ts';

const noCatalog = { pricing: { catalog: false } } as const;
const finish = (
  unified: 'stop' | 'tool-calls' | 'error' | 'interrupted' | 'other' = 'stop',
): LanguageModelV4StreamPart => ({
  type: 'finish',
  usage: usageOf(1, 1),
  finishReason: { unified, raw: unified },
});
const start: LanguageModelV4StreamPart = { type: 'stream-start', warnings: [] };
const failing = scriptedModel({ id: 'failing', turns: [{ error: httpError({ statusCode: 404 }) }] });

describe('what is delivered', () => {
  test('are exactly the parts of the winner, with its stamp where history needs it', async () => {
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'stream-start', warnings: [{ type: 'other', message: 'its own' }] },
      { type: 'response-metadata', id: 'r', modelId: 'served' },
      { type: 'reasoning-start', id: 'r1' },
      { type: 'reasoning-delta', id: 'r1', delta: 'hm' },
      { type: 'reasoning-end', id: 'r1', providerMetadata: { acme: { signature: 's' } } },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'yes' },
      { type: 'text-end', id: 't' },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
      { type: 'tool-input-start', id: 'c', toolName: 'weather' },
      { type: 'tool-input-delta', id: 'c', delta: '{}' },
      { type: 'tool-input-end', id: 'c' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{}' },
      finish('tool-calls'),
    ];
    const winner = scriptedModel({ id: 'winner', turns: [{ parts }] });
    const model = createComposite({
      tasks: { chat: [failing, { model: winner, name: 'winner' }] },
      ...noCatalog,
    });
    const { parts: delivered } = await collect({ model });
    // The letter behind it says that the one before was down.
    const stamp = { composite: { candidate: `${stampOf('winner')}d` } };
    const withoutStamps = delivered.map(part => {
      if (!('providerMetadata' in part)) return part;
      const { composite: _stamp, ...rest } = part.providerMetadata ?? {};
      const { providerMetadata: _metadata, ...bare } = part;
      return Object.keys(rest).length === 0 ? bare : { ...bare, providerMetadata: rest };
    });
    expect(withoutStamps).toEqual(parts);
    const stamped = delivered.filter(
      part =>
        part.type !== 'finish' &&
        'composite' in (('providerMetadata' in part && part.providerMetadata) || {}),
    );
    for (const part of stamped) expect(part).toMatchObject({ providerMetadata: stamp });
    expect(stamped.map(({ type }) => type)).toEqual(['reasoning-end', 'text-end', 'tool-call']);
  });

  test('nothing goes out before the commit, so a preamble of a failed candidate never shows', async () => {
    const broken = scriptedModel({
      id: 'broken',
      turns: [
        {
          parts: [
            { type: 'stream-start', warnings: [{ type: 'other', message: 'of the loser' }] },
            { type: 'response-metadata', id: 'loser', modelId: 'loser' },
            { type: 'reasoning-start', id: 'r' },
            { type: 'reasoning-delta', id: 'r', delta: '' },
            { type: 'text-start', id: 'x' },
            { type: 'tool-input-start', id: 'c', toolName: 'weather' },
            { type: 'tool-input-delta', id: 'c', delta: '{"city":' },
            { type: 'error', error: { type: 'overloaded_error' } },
          ],
        },
      ],
    });
    const winner = scriptedModel({ id: 'winner', turns: [{ text: ['ok'], modelId: 'winner' }] });
    const model = createComposite({ tasks: { chat: [broken, winner] }, attempts: 1, ...noCatalog });
    const { parts } = await collect({ model });
    expect(parts.map(({ type }) => type)).toEqual([
      'stream-start',
      'response-metadata',
      'text-start',
      'text-delta',
      'text-end',
      'finish',
    ]);
    expect(parts[0]).toMatchObject({ warnings: [] });
    expect(parts[1]).toMatchObject({ modelId: 'winner' });
  });

  test('headers and request body are those of the winner', async () => {
    const winner = scriptedModel({ id: 'winner', turns: [{ text: ['ok'] }] });
    const described = {
      ...winner,
      doStream: async (options: Parameters<typeof winner.doStream>[0]) => ({
        ...(await winner.doStream(options)),
        request: { body: 'winner' },
        response: { headers: { 'x-served-by': 'winner' } },
      }),
    };
    const model = createComposite({ tasks: { chat: [failing, described] }, ...noCatalog });
    const { request, response } = await model.doStream(call());
    expect({ request, response }).toEqual({
      request: { body: 'winner' },
      response: { headers: { 'x-served-by': 'winner' } },
    });
  });

  test('a tool call with cut arguments in front of an interrupted finish falls back', async () => {
    const cut = scriptedModel({
      id: 'cut',
      turns: [
        {
          parts: [
            start,
            { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":' },
            finish('interrupted'),
          ],
        },
      ],
    });
    const model = createComposite({
      tasks: { chat: [cut, scriptedModel({ id: 'winner', turns: [{ text: ['ok'] }] })] },
      attempts: 1,
      ...noCatalog,
    });
    const { parts } = await collect({ model });
    expect(parts.map(({ type }) => type)).not.toContain('tool-call');
    expect(textOf(parts)).toBe('ok');
  });

  test('a tool call with cut arguments behind delivered text is not delivered', async () => {
    const cut = scriptedModel({
      id: 'cut',
      turns: [
        {
          parts: [
            start,
            { type: 'text-delta', id: 't', delta: 'Looking.' },
            { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":' },
            finish('interrupted'),
          ],
        },
      ],
    });
    const { parts } = await collect({ model: createComposite({ tasks: { chat: [cut] }, ...noCatalog }) });
    expect(parts.map(({ type }) => type)).toEqual([
      'stream-start',
      'response-metadata',
      'text-delta',
      'error',
      'finish',
    ]);
  });

  test('a tool call whose arguments are no JSON is delivered when the stream finished properly', async () => {
    const parts: LanguageModelV4StreamPart[] = [
      start,
      { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: 'Bern' },
      finish('tool-calls'),
    ];
    const { parts: delivered } = await collect({
      model: createComposite({
        tasks: { chat: [scriptedModel({ id: 'm', turns: [{ parts }] })] },
        ...noCatalog,
      }),
    });
    expect(delivered.find(({ type }) => type === 'tool-call')).toMatchObject({ input: 'Bern' });
  });

  test('an empty answer that finished properly is an answer', async () => {
    for (const unified of ['stop', 'tool-calls'] as const) {
      const second = scriptedModel({ id: 'second', turns: [{ text: ['not this'] }] });
      const first = scriptedModel({ id: 'first', turns: [{ parts: [start, finish(unified)] }] });
      const { parts } = await collect({
        model: createComposite({ tasks: { chat: [first, second] }, ...noCatalog }),
      });
      expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified } });
      expect(second.calls.length).toBe(0);
    }
  });

  test('an error after the finish changes nothing', async () => {
    const parts = textParts({ text: ['whole'] });
    const late = scriptedModel({
      id: 'late',
      turns: [{ parts: [...parts, start], error: httpError({}), breakAfter: parts.length }],
    });
    const { parts: delivered, thrown } = await collect({
      model: createComposite({ tasks: { chat: [late] }, ...noCatalog }),
    });
    expect(thrown).toBeUndefined();
    expect(delivered.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
  });

  test('a broken stream is one error of ours with the cause in it, then a finish that says error', async () => {
    const cause = httpError({});
    const broken = scriptedModel({
      id: 'broken',
      turns: [{ text: ['a', 'b'], error: cause, breakAfter: 3 }],
    });
    const { parts } = await collect({
      model: createComposite({ tasks: { chat: [{ model: broken, name: 'first' }] }, ...noCatalog }),
    });
    const error = parts.at(-2);
    if (error?.type !== 'error' || !StreamInterruptedError.isInstance(error.error))
      throw new Error('no StreamInterruptedError');
    expect(error.error).toMatchObject({ candidate: 'first', failureKind: 'network', cause });
    expect(parts.at(-1)).toMatchObject({
      type: 'finish',
      finishReason: { unified: 'error' },
      usage: { outputTokens: { total: undefined } },
    });
  });
});

test('an interruption has the status of what broke the stream, also through a composite in between', async () => {
  const source = scriptedModel({
    id: 'm',
    turns: [{ text: ['a'], error: httpError({ statusCode: 529 }), breakAfter: 3 }],
  });
  const inner = createComposite({ tasks: { chat: [{ model: source, name: 'inner' }] }, ...noCatalog });
  for (const model of [inner, createComposite({ tasks: { chat: [{ model: inner, name: 'outer' }] } })]) {
    const { parts } = await collect({ model });
    expect(parts.at(-2)).toMatchObject({
      type: 'error',
      error: { name: 'StreamInterruptedError', statusCode: 529, failureKind: 'overloaded' },
    });
  }
});

describe('back-pressure', () => {
  test('nothing is read ahead of the consumer', async () => {
    const source = scriptedModel({ id: 'long', turns: [{ text: Array.from({ length: 1_000 }, () => 'x') }] });
    const { stream } = await createComposite({ tasks: { chat: [source] }, ...noCatalog }).doStream(call());
    await settle();
    // stream-start, text-start and the first delta: what the commit needed.
    expect(source.pulled()).toBe(3);
    const reader = stream.getReader();
    for (let read = 0; read < 10; read++) await reader.read();
    await settle();
    expect(source.pulled()).toBeLessThanOrEqual(11);
    await reader.cancel();
  });

  test('reads that are outstanding at the same time are answered in order, each with one part', async () => {
    const gate = createGate();
    const text = ['a', 'b', 'c', 'd'];
    const source = scriptedModel({ id: 'm', turns: [{ text, pause: { after: 3, until: gate.opened } }] });
    const { stream } = await createComposite({ tasks: { chat: [source] }, ...noCatalog }).doStream(call());
    const reader = stream.getReader();
    const reads = Array.from({ length: 9 }, () => reader.read());
    await settle();
    expect(source.pulled()).toBe(3);
    gate.open();
    const seen = (await Promise.all(reads)).map(({ value }) =>
      value?.type === 'text-delta' ? value.delta : value?.type,
    );
    expect(seen).toEqual(['stream-start', 'response-metadata', 'text-start', ...text, 'text-end', 'finish']);
    expect((await reader.read()).done).toBe(true);
  });

  test('a read that brings nothing for the consumer reads on for whoever waits', async () => {
    const [first, ...rest] = textParts({ text: ['a', 'b'] });
    const raw: LanguageModelV4StreamPart = { type: 'raw', rawValue: {} };
    const parts = [first, ...rest.flatMap(part => [part, raw, raw])].filter(part => part !== undefined);
    const source = scriptedModel({ id: 'm', provider: 'acme.chat', turns: [{ parts }] });
    const { stream } = await createComposite({ tasks: { chat: [source] }, ...noCatalog }).doStream(call());
    const reader = stream.getReader();
    const reads = Array.from({ length: 7 }, () => reader.read());
    expect((await Promise.all(reads)).map(({ value }) => value?.type)).toEqual([
      'stream-start',
      'response-metadata',
      'text-start',
      'text-delta',
      'text-delta',
      'text-end',
      'finish',
    ]);
    expect(source.calls[0]?.includeRawChunks).toBe(true);
  });

  test('a cancel while a read is outstanding ends the read and reaches the provider', async () => {
    const clock = createManualClock();
    const source = scriptedModel({
      id: 'm',
      turns: [{ text: ['a', 'b'], pause: { after: 3, until: new Promise(() => {}) } }],
    });
    const { observers, events } = createEventLog();
    const model = createComposite({ tasks: { chat: [source] }, clock, ...noCatalog, ...observers });
    const reader = (await model.doStream(call())).stream.getReader();
    for (let read = 0; read < 4; read++) await reader.read();
    const outstanding = reader.read();
    await settle();
    await reader.cancel('enough');
    expect((await outstanding).done).toBe(true);
    await settle();
    expect(source.cancelled).toEqual(['enough']);
    expect(source.calls[0]?.abortSignal?.reason).toMatchObject({ name: 'AbortError' });
    expect(events.slice(1).map(event => event.split(' ').slice(0, 4).join(' '))).toEqual([
      'end 1 scripted/m abort',
      'call abort - [1',
    ]);
    expect(clock.pending()).toBe(0);
  });

  test('what is no part at all breaks the stream with a visible error, and ends its attempt', async () => {
    const parts: unknown[] = [...textParts({ text: ['a'] }).slice(0, 3), undefined];
    const source = scriptedModel({ id: 'm', turns: [{ parts: parts as LanguageModelV4StreamPart[] }] });
    const { observers, events } = createEventLog();
    const model = createComposite({ tasks: { chat: [source] }, ...noCatalog, ...observers });
    const { parts: delivered, thrown } = await collect({ model });
    expect(thrown).toBeUndefined();
    expect(delivered.slice(-2)).toMatchObject([
      { type: 'error', error: { name: 'StreamInterruptedError' } },
      { type: 'finish', finishReason: { unified: 'error' } },
    ]);
    expect(events.at(-1)).toContain('call failure');
    expect(source.cancelled.length).toBe(1);
  });

  test('cancel reaches the provider with its reason, once, and leaves no timer', async () => {
    const clock = createManualClock();
    const source = scriptedModel({ id: 'long', turns: [{ text: Array.from({ length: 100 }, () => 'x') }] });
    const model = createComposite({ tasks: { chat: [source] }, clock, ...noCatalog });
    const { stream } = await model.doStream(call());
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel('enough');
    await settle();
    expect(source.cancelled).toEqual(['enough']);
    expect(source.calls[0]?.abortSignal?.aborted).toBe(true);
    expect(source.calls.length).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('a cancel before the first read reaches the provider too', async () => {
    const source = scriptedModel({ id: 'long', turns: [{ text: ['a', 'b'] }] });
    const { stream } = await createComposite({ tasks: { chat: [source] }, ...noCatalog }).doStream(call());
    await stream.cancel('never wanted');
    expect(source.cancelled).toEqual(['never wanted']);
  });

  test('a whole stream leaves no timer', async () => {
    const clock = createManualClock();
    const model = createComposite({
      tasks: { chat: [scriptedModel({ id: 'm', turns: [{ text: ['a', 'b'] }] })] },
      clock,
      ...noCatalog,
    });
    await collect({ model });
    await settle();
    expect(clock.pending()).toBe(0);
  });

  test('a provider that does not close after its finish is closed for', async () => {
    const clock = createManualClock();
    const parts = textParts({ text: ['a'] });
    const open = scriptedModel({
      id: 'open',
      turns: [{ parts: [...parts, start], pause: { after: parts.length, until: new Promise(() => {}) } }],
    });
    const { parts: delivered } = await collect({
      model: createComposite({ tasks: { chat: [open] }, clock, ...noCatalog }),
    });
    expect(delivered.at(-1)?.type).toBe('finish');
    await clock.advance(10_000);
    expect(open.cancelled.length).toBe(1);
    expect(clock.pending()).toBe(0);
  });
});

describe('over the wire', () => {
  let server: FaultServer;
  beforeAll(async () => {
    server = await createFaultServer();
  });
  afterAll(() => server.close());

  test('an answer of 10 MB arrives whole after a fallback', async () => {
    const text = pieces({ count: 10_000, bytes: 1_000 });
    server.account('big').script([respond.answer({ text })]);
    server.account('gone').script([respond.status(404)]);
    for (const client of clients.slice(1, 3)) {
      const model = createComposite({
        tasks: {
          chat: [client.model(server.account('gone').baseUrl), client.model(server.account('big').baseUrl)],
        },
      });
      const { parts } = await collect({ model });
      expect(textOf(parts)).toBe(text.join(''));
    }
  });

  for (const client of clients) {
    test(`a reader that stalls does not pull: ${client.name}`, async () => {
      const account = server.account(`stalled ${client.name}`);
      account.script([respond.answer({ text: pieces({ count: 20_000, bytes: 1_000 }) })]);
      const model = createComposite({ tasks: { chat: [client.model(account.baseUrl)] } });
      const { stream } = await model.doStream(call());
      const reader = stream.getReader();
      for (let read = 0; read < 10; read++) await reader.read();
      // Whatever was going to be pulled without a reader has been, once the count stands still.
      for (let last = -1; last !== account.requests[0]?.bytesWritten; ) {
        last = account.requests[0]?.bytesWritten ?? 0;
        for (let turn = 0; turn < 30; turn++) await settle();
      }
      expect(account.requests[0]?.outcome).toBe('open');
      expect(account.requests[0]?.bytesWritten).toBeLessThan(16_000_000);
      await reader.cancel();
      expect(await account.requests[0]?.closed).toBe('closed-by-client');
    });
  }

  test('streamText shows the error of a broken stream and never a clean end', async () => {
    const account = server.account('ends early');
    account.script([respond.answer({ text: ['a', 'b', 'c'], faults: [fault.end({ after: 2 })] })]);
    for (const client of clients) {
      const errors: unknown[] = [];
      const result = streamText({
        model: createComposite([client.model(account.baseUrl)]),
        prompt: 'x',
        onError: ({ error }) => {
          errors.push(error);
        },
      });
      await result.consumeStream();
      expect(errors.every(error => StreamInterruptedError.isInstance(error))).toBe(true);
      expect(errors.length).toBe(1);
      expect(await result.finishReason).toBe('error');
    }
  });
});
