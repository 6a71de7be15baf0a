import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { asSchema, generateText, jsonSchema, Output, streamText, tool } from 'ai';
import { createComposite, isInvalidOutput, isInvalidToolCall } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  type AnswerToolCall,
  createFaultServer,
  type FaultServer,
  respond,
} from '../../../src/testing/index.ts';
import { call, collect, textOf } from '../../testing/call.ts';
import { clients } from '../../testing/clients.ts';
import { scriptedModel, type Turn, usageOf } from '../scripted-model.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const tools = {
  weather: tool({
    inputSchema: z.object({ city: z.string(), days: z.number().optional() }),
    execute: ({ city }) => `sun in ${city}`,
  }),
};
const good: AnswerToolCall = { toolName: 'weather', input: { city: 'Bern' } };
const bad: ReadonlyArray<readonly [string, AnswerToolCall]> = [
  ['an unknown tool', { toolName: 'wether', input: { city: 'Bern' } }],
  ['arguments that do not match the schema', { toolName: 'weather', input: { town: 'Bern' } }],
];

let accounts = 0;
function compose({
  client,
  toolCall,
  fallbackWhen,
}: {
  readonly client: (typeof clients)[number];
  readonly toolCall: AnswerToolCall;
  readonly fallbackWhen?: ReturnType<typeof isInvalidToolCall>;
}) {
  accounts += 1;
  const [first, second] = [server.account(`bad${accounts}`), server.account(`good${accounts}`)];
  first.script([respond.answer({ toolCalls: [toolCall] })]);
  second.script([respond.answer({ toolCalls: [good] })]);
  const model = createComposite({
    tasks: { chat: [client.model(first.baseUrl), client.model(second.baseUrl)] },
    ...(fallbackWhen && { fallbackWhen }),
  });
  return { model, first, second };
}

for (const client of clients) {
  describe(client.name, () => {
    for (const [name, toolCall] of bad) {
      test(`isInvalidToolCall falls back from ${name}, and the call is run once`, async () => {
        const { model, first, second } = compose({ client, toolCall, fallbackWhen: isInvalidToolCall() });
        const generated = await generateText({ model, tools, prompt: 'x' });
        expect(generated.toolResults.map(({ output }) => output)).toEqual(['sun in Bern']);
        const streamed = streamText({ model, tools, prompt: 'x' });
        await streamed.consumeStream();
        expect((await streamed.toolResults).map(({ output }) => output)).toEqual(['sun in Bern']);
        expect([first.requests.length, second.requests.length]).toEqual([2, 2]);
      });

      test(`without it ${name} is the SDK's affair`, async () => {
        const { model, second } = compose({ client, toolCall });
        const { toolCalls } = await generateText({ model, tools, prompt: 'x' });
        expect(toolCalls.map(({ invalid }) => invalid)).toEqual([true]);
        expect(second.requests.length).toBe(0);
      });
    }

    test('isInvalidToolCall leaves a valid call alone', async () => {
      const { model, first, second } = compose({ client, toolCall: good, fallbackWhen: isInvalidToolCall() });
      await generateText({ model, tools, prompt: 'x' });
      await streamText({ model, tools, prompt: 'x' }).consumeStream();
      expect([first.requests.length, second.requests.length]).toEqual([2, 0]);
    });

    test('isInvalidOutput falls back from text that does not match the schema', async () => {
      const [first, second] = [server.account(`prose ${client.name}`), server.account(`json ${client.name}`)];
      second.script([respond.answer({ text: ['{"city":', '"Bern"}'] })]);
      const model = createComposite({
        tasks: { chat: [client.model(first.baseUrl), client.model(second.baseUrl)] },
        fallbackWhen: isInvalidOutput(),
        circuitBreaker: { failureThreshold: 1_000 },
      });
      const output = Output.object({ schema: z.object({ city: z.string() }) });
      for (const text of ['Bern, of course.', '{"town":"Bern"}', '{"city":"Be']) {
        first.script([respond.answer({ text })]);
        expect((await generateText({ model, output, prompt: 'x' })).output).toEqual({ city: 'Bern' });
        expect(await streamText({ model, output, prompt: 'x' }).output).toEqual({ city: 'Bern' });
      }
      first.script([respond.answer({ text: '{"city":"Chur"}' })]);
      expect((await generateText({ model, output, prompt: 'x' })).output).toEqual({ city: 'Chur' });
      expect(await streamText({ model, output, prompt: 'x' }).output).toEqual({ city: 'Chur' });
    });
  });
}

describe('what is inspected', () => {
  const toolCallTurn = (toolCall: {
    readonly toolName: string;
    readonly input: string;
    readonly providerExecuted?: boolean;
    readonly dynamic?: boolean;
  }): Turn => {
    const part = { type: 'tool-call' as const, toolCallId: 'c', ...toolCall };
    return {
      content: [part],
      parts: [
        { type: 'stream-start', warnings: [] },
        part,
        { type: 'finish', usage: usageOf(1, 1), finishReason: { unified: 'tool-calls', raw: undefined } },
      ],
    };
  };
  /** Whether the answer of this turn falls back, generated and streamed. */
  const fallsBack = async ({
    turn,
    options = call(),
    passes = '{"a":1}',
  }: {
    readonly turn: Turn;
    readonly options?: LanguageModelV4CallOptions;
    /** An answer that is right. */
    readonly passes?: string;
  }) => {
    const second = scriptedModel({ id: 'second', turns: [{ text: [passes] }] });
    const model = createComposite({
      tasks: { chat: [scriptedModel({ id: 'first', turns: [turn] }), second] },
      fallbackWhen: [isInvalidToolCall(), isInvalidOutput()],
      pricing: { catalog: false },
    });
    await model.doGenerate(options);
    const generated = second.calls.length;
    await collect({ model, options });
    return [generated, second.calls.length - generated];
  };

  test('arguments that are no JSON', async () => {
    expect(await fallsBack({ turn: toolCallTurn({ toolName: 'weather', input: '{"city":' }) })).toEqual([
      1, 1,
    ]);
  });
  test('arguments of a wrong type', async () => {
    expect(await fallsBack({ turn: toolCallTurn({ toolName: 'weather', input: '{"days":"two"}' }) })).toEqual(
      [1, 1],
    );
  });
  test('empty arguments are an empty object', async () => {
    expect(await fallsBack({ turn: toolCallTurn({ toolName: 'weather', input: '' }) })).toEqual([0, 0]);
  });
  test('a call that the provider ran itself is not judged', async () => {
    expect(
      await fallsBack({ turn: toolCallTurn({ toolName: 'web_search', input: 'x', providerExecuted: true }) }),
    ).toEqual([0, 0]);
  });
  test('a dynamic tool is not judged', async () => {
    expect(await fallsBack({ turn: toolCallTurn({ toolName: 'mcp', input: '{}', dynamic: true }) })).toEqual([
      0, 0,
    ]);
  });
  test('text is not judged where no JSON was asked for', async () => {
    expect(await fallsBack({ turn: { text: ['prose'] } })).toEqual([0, 0]);
  });
  test('JSON without a schema must be JSON', async () => {
    const options = call({ responseFormat: { type: 'json' } });
    expect(await fallsBack({ turn: { text: ['prose'] }, options })).toEqual([1, 1]);
    expect(await fallsBack({ turn: { text: ['{"any":', 'true}'] }, options })).toEqual([0, 0]);
  });
  test('a schema that cannot be checked turns no answer away', async () => {
    const { jsonSchema: schema } = jsonSchema({
      type: 'object',
      properties: { a: { $ref: '#/definitions/nowhere' } },
    });
    const options = call({ responseFormat: { type: 'json', schema: await schema } });
    expect(await fallsBack({ turn: { text: ['{"a":1}'] }, options })).toEqual([0, 0]);
  });
  test.each<readonly [name: string, schema: z.ZodType, value: string]>([
    ['an id of no known version', z.guid(), '00000000-0000-0000-0000-000000000001'],
    ['an address without a dot', z.email({ pattern: z.regexes.html5Email }), 'me@localhost'],
    ['an address beyond ASCII', z.email({ pattern: z.regexes.unicodeEmail }), 'jürgen@exämple.de'],
    ['a pattern of Unicode classes', z.string().regex(/^\p{L}+$/u), 'Zürich'],
    ['an emoji', z.emoji(), '😀'],
  ])('%s that the schema of a library takes is not turned away', async (_name, own, value) => {
    const schema = z.object({ own, format: z.enum(['short']) });
    const options = call({ responseFormat: { type: 'json', schema: await asSchema(schema).jsonSchema } });
    const passes = JSON.stringify({ own: value, format: 'short' });
    const answered = (answer: unknown) =>
      fallsBack({ turn: { text: [JSON.stringify(answer)] }, options, passes });
    expect(await answered({ own: value, format: 'short' })).toEqual([0, 0]);
    expect(await answered({ own: 1, format: 'short' })).toEqual([1, 1]);
    expect(await answered({ own: value, format: 'long' })).toEqual([1, 1]);
  });
  test('a library says in a pattern what it means by a format', async () => {
    const schema = z.object({ at: z.iso.datetime() });
    const options = call({ responseFormat: { type: 'json', schema: await asSchema(schema).jsonSchema } });
    const passes = '{"at":"2026-01-01T00:00:00Z"}';
    expect(await fallsBack({ turn: { text: [passes] }, options, passes })).toEqual([0, 0]);
    expect(await fallsBack({ turn: { text: ['{"at":"tomorrow"}'] }, options, passes })).toEqual([1, 1]);
  });
  test('tool calls instead of JSON output are an answer', async () => {
    const options = call({ responseFormat: { type: 'json', schema: { type: 'object', required: ['a'] } } });
    expect(await fallsBack({ turn: toolCallTurn({ toolName: 'weather', input: '{}' }), options })).toEqual([
      0, 0,
    ]);
  });
  test('an inspected text stream is delivered whole once it is known to match', async () => {
    const model = createComposite({
      tasks: { chat: [scriptedModel({ id: 'm', turns: [{ text: ['{"a"', ':1', '}'] }] })] },
      fallbackWhen: isInvalidOutput(),
      pricing: { catalog: false },
    });
    const { parts } = await collect({
      model,
      options: call({ responseFormat: { type: 'json', schema: { type: 'object', required: ['a'] } } }),
    });
    expect(textOf(parts)).toBe('{"a":1}');
    expect(parts.filter(({ type }) => type === 'text-delta').length).toBe(3);
  });
});
