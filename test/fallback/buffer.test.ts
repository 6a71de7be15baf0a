import {
  type LanguageModelV4Content,
  type LanguageModelV4StreamPart,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { generateText, streamText } from 'ai';
import { compositeCost, compositeMetadata, createComposite, RouteExhaustedError } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaultServer, type FaultServer, fault, respond } from '../../src/testing/index.ts';
import { call, collect, rejection, textOf } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';
import type { EngineOptions } from './engine-options.ts';
import { createEventLog } from './event-log.ts';
import { createManualClock } from './manual-clock.ts';
import { down, scriptedModel, type Turn, usageOf } from './scripted-model.ts';

const forEver = new Promise<never>(() => {});
const noCatalog = { pricing: { catalog: false } } as const;

function compose({
  turns,
  backup = [{ text: ['all ', 'of it'] }],
  ...options
}: { readonly turns: readonly Turn[]; readonly backup?: readonly Turn[] } & EngineOptions) {
  const clock = createManualClock();
  const log = createEventLog();
  const price = { inputTokens: 1, outputTokens: 2 };
  const first = scriptedModel({ id: 'first', turns });
  const second = scriptedModel({ id: 'second', turns: backup });
  const model = createComposite(
    [
      { model: first, name: 'first', price },
      { model: second, name: 'second', price },
    ],
    { recover: 'buffer', attempts: 1, clock, ...noCatalog, ...log.observers, ...options },
  );
  return { model, first, second, clock, log };
}

const delta = (text: string): LanguageModelV4StreamPart => ({ type: 'text-delta', id: 't', delta: text });
const half: readonly LanguageModelV4StreamPart[] = [{ type: 'text-start', id: 't' }, delta('half ')];
const breaks = [
  ['breaks after output', { text: ['half', ' of it'], breakAfter: 4, error: down }],
  ['ends without a finish', { parts: half }],
  ['ends with an error', { text: ['half'], finish: 'error' }],
  ['has an error event', { parts: [...half, { type: 'error', error: down }] }],
  [
    'calls a tool and breaks',
    {
      parts: [...half, { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{}' }, delta('!')],
      breakAfter: 4,
      error: down,
    },
  ],
] satisfies ReadonlyArray<[string, Turn]>;

describe('a buffered answer', () => {
  test.each(breaks)('that %s falls back, and nothing of it shows', async (_name, turn) => {
    const { model } = compose({ turns: [turn] });
    const { parts, thrown } = await collect({ model });
    expect(thrown).toBeUndefined();
    expect(parts.map(({ type }) => type)).toEqual([
      'stream-start',
      'response-metadata',
      'text-start',
      'text-delta',
      'text-delta',
      'text-end',
      'finish',
    ]);
    expect(textOf(parts)).toBe('all of it');
  });

  test.each(breaks)('that %s falls back where it is generated, too', async (_name, turn) => {
    const { model, log } = compose({ turns: [turn] });
    const { content, finishReason } = await model.doGenerate(call());
    expect(content).toMatchObject([{ type: 'text', text: 'all of it' }]);
    expect(finishReason.unified).toBe('stop');
    expect(log.events.map(event => event.replace(/ \d\d\d$/, ''))).toEqual([
      'start 1 first',
      expect.stringMatching(/^end 1 first failure/),
      'start 2 second',
      'end 2 second success',
      expect.stringMatching(/^call success second/),
    ]);
  });

  test.each(['doStream', 'doGenerate'] as const)('that stalls after output falls back: %s', async way => {
    const { model, clock, first } = compose({
      turns: [{ text: ['half', ' of it'], pause: { after: 3, until: forEver } }],
    });
    const answer = way === 'doGenerate' ? model.doGenerate(call()) : collect({ model });
    await clock.advance(40_000);
    expect(JSON.stringify(await answer)).toContain('all ');
    expect(first.calls.length).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('that is silent is noticed by the first output, not by the time of a whole answer', async () => {
    const { model, clock, first } = compose({ turns: [{ silent: true }] });
    const answer = model.doGenerate(call());
    await clock.advance(10_000);
    expect(compositeMetadata(await answer)).toMatchObject({ candidate: 'second' });
    expect(first.calls.length).toBe(1);
  });

  test('that takes its time is generated beyond the limit of a whole answer, while it gets on', async () => {
    const clock = createManualClock();
    const end: LanguageModelV4StreamPart = {
      type: 'finish',
      usage: usageOf(1, 1),
      finishReason: { unified: 'stop', raw: 'stop' },
    };
    const parts = [...half, ...Array.from({ length: 20 }, () => delta('more ')), end];
    const slow = scriptedModel({ id: 'slow', turns: [] });
    const doStream = async () => ({
      stream: new ReadableStream<LanguageModelV4StreamPart>({
        pull: async controller => {
          await clock.advance(9_000);
          const part = parts.shift();
          if (part === undefined) controller.close();
          else controller.enqueue(part);
        },
      }),
    });
    const backup = scriptedModel({ id: 'backup', turns: [{ text: ['backup'] }] });
    const model = createComposite([{ ...slow, doStream }, backup], {
      recover: 'buffer',
      timeout: { firstChunkMs: 60_000 },
      clock,
      ...noCatalog,
    });
    const startedAtMs = clock.now();
    const { content } = await model.doGenerate(call());
    expect(content).toMatchObject([{ text: `half ${'more '.repeat(20)}` }]);
    expect(clock.now() - startedAtMs).toBeGreaterThan(90_000);
  });

  test('cannot break any more once it is whole, however long its reader takes', async () => {
    const { model, clock, first } = compose({
      turns: [{ text: ['a', 'b', 'c'] }],
      timeout: { totalMs: 5_000 },
    });
    const { stream } = await model.doStream(call());
    const reader = stream.getReader();
    await reader.read();
    await clock.advance(60_000);
    const parts: LanguageModelV4StreamPart[] = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value);
    expect(textOf(parts)).toBe('abc');
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
    expect(first.cancelled).toEqual([]);
  });

  test('of which raw chunks are asked for holds all of them', async () => {
    const raw = Array.from({ length: 12_000 }, (_chunk, index): LanguageModelV4StreamPart[] => [
      { type: 'raw', rawValue: index },
      delta('x'),
    ]).flat();
    const end: LanguageModelV4StreamPart = {
      type: 'finish',
      usage: usageOf(1, 1),
      finishReason: { unified: 'stop', raw: 'stop' },
    };
    const { model } = compose({ turns: [{ parts: [...half, ...raw, end] }] });
    const { parts } = await collect({ model, options: call({ includeRawChunks: true }) });
    expect(parts.filter(({ type }) => type === 'raw').length).toBe(12_000);
    expect(textOf(parts).length).toBe(12_005);
  });

  test('that is a refusal is surfaced', async () => {
    const refusal: Turn = {
      parts: [
        { type: 'finish', usage: usageOf(1, 0), finishReason: { unified: 'content-filter', raw: 'x' } },
      ],
    };
    const { model, second } = compose({ turns: [refusal] });
    expect(await model.doGenerate(call())).toMatchObject({
      content: [],
      finishReason: { unified: 'content-filter' },
    });
    expect((await collect({ model })).parts.at(-1)).toMatchObject({
      finishReason: { unified: 'content-filter' },
    });
    expect(second.calls.length).toBe(0);
  });

  test('that nobody can give is an exhausted route', async () => {
    const { model } = compose({ turns: [{ parts: half }], backup: [{ parts: half }] });
    for (const error of [await rejection(model.doGenerate(call())), (await collect({ model })).thrown])
      expect(
        RouteExhaustedError.isInstance(error) && error.attempts.map(({ failureKind }) => failureKind),
      ).toEqual(['network', 'network']);
  });

  test('of a model that cannot stream is generated, in the same attempt', async () => {
    const first = scriptedModel({ id: 'first', turns: [{ text: ['whole'] }] });
    const unsupported = new UnsupportedFunctionalityError({ functionality: 'streaming' });
    const model = createComposite(
      [{ model: { ...first, doStream: () => Promise.reject(unsupported) }, name: 'first' }],
      {
        recover: 'buffer',
        ...noCatalog,
      },
    );
    const result = await model.doGenerate(call());
    expect(result.content).toMatchObject([{ text: 'whole' }]);
    expect(compositeMetadata(result)?.attempts.length).toBe(1);
  });

  test('aborted in each phase rejects with the reason, and asks nobody else', async () => {
    const phases: ReadonlyArray<Turn> = [
      { silent: true },
      { text: ['a', 'b'], pause: { after: 1, until: forEver } },
      { text: ['a', 'b'], pause: { after: 3, until: forEver } },
    ];
    for (const turn of phases)
      for (const way of ['doStream', 'doGenerate'] as const) {
        const { model, clock, second, log } = compose({ turns: [turn] });
        const controller = new AbortController();
        const reason = new Error('stop');
        const answer = rejection(model[way](call({ abortSignal: controller.signal })));
        await clock.advance(1);
        controller.abort(reason);
        expect(await answer).toBe(reason);
        expect(second.calls.length).toBe(0);
        expect(log.ends.map(({ outcome }) => outcome)).toEqual(['abort']);
        expect(clock.pending()).toBe(0);
      }
  });

  test('aborted while it is handed out ends with the reason', async () => {
    const { model, log } = compose({ turns: [{ text: ['a', 'b'] }] });
    const controller = new AbortController();
    const { stream } = await model.doStream(call({ abortSignal: controller.signal }));
    const reader = stream.getReader();
    await reader.read();
    controller.abort(new Error('stop'));
    expect(await rejection(reader.read())).toEqual(new Error('stop'));
    expect(log.events.at(-1)).toBe('call abort - [1 first abort]');
  });

  test('goes by the speed of streams where the fastest is asked first, generated or streamed', async () => {
    const { model } = compose({ turns: [{ text: ['a'] }], order: 'fastest', random: () => 0.5 });
    for (let index = 0; index < 3; index++) await model.doGenerate(call());
    const { steps } = await model.plan(call());
    expect(steps.map(({ reason }) => reason)).toEqual(['fastest', 'fastest']);
  });

  test('is collected as the SDK makes a step of a stream', async () => {
    const metadata = (value: string) => ({ acme: { value } });
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'stream-start', warnings: [{ type: 'other', message: 'own' }] },
      { type: 'response-metadata', id: 'r', timestamp: new Date(0) },
      { type: 'response-metadata', modelId: 'served' },
      { type: 'reasoning-start', id: '0' },
      { type: 'text-start', id: '0', providerMetadata: metadata('start') },
      { type: 'reasoning-delta', id: '0', delta: 'hm' },
      { type: 'text-delta', id: '0', delta: 'one ' },
      { type: 'text-delta', id: '0', delta: 'text' },
      { type: 'reasoning-delta', id: '0', delta: '', providerMetadata: metadata('signature') },
      { type: 'reasoning-end', id: '0' },
      { type: 'text-end', id: '0', providerMetadata: metadata('end') },
      { type: 'text-start', id: 'empty' },
      { type: 'text-end', id: 'empty' },
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'same id again' },
      { type: 'text-end', id: '0' },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } },
      { type: 'tool-input-start', id: 'c', toolName: 'search', providerExecuted: true },
      { type: 'tool-input-end', id: 'c' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'search', input: '{}', providerExecuted: true },
      { type: 'tool-result', toolCallId: 'c', toolName: 'search', result: { half: true }, preliminary: true },
      { type: 'tool-result', toolCallId: 'c', toolName: 'search', result: { whole: true } },
      {
        type: 'finish',
        usage: usageOf(3, 4),
        finishReason: { unified: 'stop', raw: 'end' },
        providerMetadata: metadata('finish'),
      },
    ];
    const { model } = compose({ turns: [{ parts }] });
    const { content, providerMetadata, ...result } = await model.doGenerate(call());
    const bare = content.map((part): LanguageModelV4Content => {
      const { composite: _stamp, ...own } = part.providerMetadata ?? {};
      const { providerMetadata: _metadata, ...rest } = part;
      return Object.keys(own).length === 0 ? rest : { ...rest, providerMetadata: own };
    });
    expect(bare).toEqual([
      { type: 'reasoning', text: 'hm', providerMetadata: metadata('signature') },
      { type: 'text', text: 'one text', providerMetadata: metadata('end') },
      { type: 'text', text: 'same id again' },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } },
      { type: 'tool-call', toolCallId: 'c', toolName: 'search', input: '{}', providerExecuted: true },
      { type: 'tool-result', toolCallId: 'c', toolName: 'search', result: { whole: true } },
    ]);
    expect(providerMetadata?.acme).toEqual({ value: 'finish' });
    expect(result).toMatchObject({
      usage: usageOf(3, 4),
      finishReason: { unified: 'stop', raw: 'end' },
      warnings: [{ type: 'other', message: 'own' }],
      response: { id: 'r', timestamp: new Date(0), modelId: 'served' },
    });
  });

  test('has the text to parse where drafts stand before it', async () => {
    const text = (id: string, phase: string): LanguageModelV4StreamPart[] => [
      { type: 'text-start', id },
      { type: 'text-delta', id, delta: `{"from":"${id}"}` },
      { type: 'text-end', id, providerMetadata: { openai: { phase } } },
    ];
    const end: LanguageModelV4StreamPart = {
      type: 'finish',
      usage: usageOf(1, 1),
      finishReason: { unified: 'stop', raw: 'stop' },
    };
    const { model } = compose({
      turns: [{ parts: [...text('draft', 'commentary'), ...text('answer', 'final_answer'), end] }],
    });
    const asked = call({ tools: [], responseFormat: { type: 'json' } });
    expect((await model.doGenerate(asked)).structuredOutputText).toBe('{"from":"answer"}');
    expect(await model.doGenerate(call())).not.toHaveProperty('structuredOutputText');
  });
});

describe('over the wire', () => {
  let server: FaultServer;
  beforeAll(async () => {
    server = await createFaultServer();
  });
  afterAll(() => server.close());

  const answer = {
    reasoning: ['Let me ', 'think'],
    text: ['a', 'b'],
    toolCalls: [{ toolName: 'weather', input: { city: 'Oslo' }, toolCallId: 'c1' }],
    usage: { inputTokens: 11, outputTokens: 9, reasoningTokens: 2, cacheReadTokens: 3 },
  };

  for (const client of clients) {
    test(`an answer that was streamed for generateText looks as if it was generated: ${client.name}`, async () => {
      const account = server.account(`buffered ${client.name}`);
      account.script([respond.answer(answer)]);
      const candidate = {
        model: client.model(account.baseUrl),
        name: 'a',
        price: { inputTokens: 1, outputTokens: 2 },
      };
      const ask = async (recover: 'buffer' | false) => {
        const model = createComposite([candidate], { recover, ...noCatalog });
        const { request: _request, response, providerMetadata, ...result } = await model.doGenerate(call());
        const { composite: _report, ...own } = providerMetadata ?? {};
        const cost = compositeCost({ providerMetadata: providerMetadata ?? {} });
        const { headers: _headers, body: _body, timestamp: _timestamp, ...rest } = response ?? {};
        // The account numbers its answers.
        return JSON.parse(JSON.stringify({ ...result, own, cost, rest }).replaceAll(/_\d+(?=["_])/g, ''));
      };
      const [generated, streamed] = [await ask(false), await ask('buffer')];
      const { raw: _raw, ...usage } = generated.usage;
      expect(streamed).toMatchObject({ content: generated.content, usage, cost: generated.cost });
      expect(streamed.finishReason).toEqual(generated.finishReason);
      expect(Object.keys(streamed.own)).toEqual(Object.keys(generated.own));
      expect(streamed.warnings).toEqual(generated.warnings);
      expect(streamed.rest).toEqual(generated.rest);
    });

    test(`a connection that is cut falls back unseen, generated or streamed: ${client.name}`, async () => {
      const [first, second] = [server.account(`cut ${client.name}`), server.account(`whole ${client.name}`)];
      first.script([respond.answer({ text: ['half ', 'of it', '.'], faults: [fault.cut({ after: 2 })] })]);
      second.script([respond.answer({ text: ['all ', 'of it'] })]);
      const model = createComposite(
        [client.model(first.baseUrl), client.model(second.baseUrl)].map((own, index) => ({
          model: own,
          name: `${index}`,
        })),
        {
          recover: 'buffer',
          attempts: 1,
          ...noCatalog,
        },
      );
      expect((await generateText({ model, prompt: 'Hi' })).text).toBe('all of it');
      const deltas: string[] = [];
      for await (const text of streamText({ model, prompt: 'Ho' }).textStream) deltas.push(text);
      expect(deltas.join('')).toBe('all of it');
      expect(first.requests.every(({ stream }) => stream)).toBe(true);
    });
  }
});
