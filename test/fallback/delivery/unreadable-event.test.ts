import { JSONParseError, type LanguageModelV4StreamPart, TypeValidationError } from '@ai-sdk/provider';
import { streamText, tool } from 'ai';
import { createComposite } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  createFaultServer,
  type Fault,
  type FaultServer,
  fault,
  respond,
} from '../../../src/testing/index.ts';
import { collect, textOf } from '../../testing/call.ts';
import { type Client, clients } from '../../testing/clients.ts';
import { moreClients } from '../../testing/more-clients.ts';
import { scriptedModel, textParts, usageOf } from '../scripted-model.ts';
import { describeWireFaults, primaryText } from '../wire-case.ts';

const everyClient = [...clients, ...moreClients];

/** An event of each protocol with content in it, torn behind its content. */
const torn = {
  'openai-chat': '{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" NOT ',
  'openai-responses': '{"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":" NOT ',
  google: '{"candidates":[{"content":{"role":"model","parts":[{"text":" NOT ',
  anthropic: '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" NOT ',
} as const;

/** The same, torn right before it, as in Failover Bench's S10. */
const tornBefore = {
  'openai-chat': '{"id": "c", "object": "chat.completion.chunk", "choices": [{"delta": {"content": ',
  'openai-responses': '{"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":',
  google: '{"candidates":[{"content":{"role":"model","parts":[{"text":',
  anthropic: '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":',
} as const;

for (const client of everyClient) {
  const at = (data: string, after = 2) => [
    respond.answer({ text: primaryText, faults: [fault.malformed({ after, data })] }),
  ];
  const only = { clients: [client], modes: ['streamText'] as const };
  const lost = [
    ['torn inside content', torn[client.protocol]],
    ['glued to the next one', `{"type":"ping"}${torn[client.protocol]}"}`],
    // Gemini's client reads any object.
    ...(client.protocol === 'google'
      ? []
      : [['with content of a wrong type', '{"choices":[{"delta":{"content":5}}],"type":7}'] as const]),
  ] as const;
  describeWireFaults([
    ...lost.flatMap(([name, data]) => [
      {
        ...only,
        name: `an event ${name} behind output is a visible error`,
        replies: () => at(data),
        verdict: () => ({ type: 'break' as const, kind: 'malformed-response' as const, text: 'AB' }),
      },
      {
        ...only,
        name: `an event ${name} before output falls back`,
        replies: () => at(data, 0),
        verdict: () => ({ type: 'fallback' as const, kind: 'malformed-response' as const }),
      },
    ]),
    ...[tornBefore[client.protocol], '{"heart', '{"type":"heartbeat","at":12}', 'ping'].map(data => ({
      ...only,
      name: `an event without content costs nothing: ${data}`,
      replies: () => at(data),
      verdict: () => ({ type: 'answer' as const }),
    })),
  ]);
}

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

let accounts = 0;
const chatEvent = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const callDelta = (toolCall: object) => chatEvent({ tool_calls: [toolCall] });

/** Streams a call with a tool to a body of events, before a second candidate; tells what was run and what answered. */
async function runEvents({
  client,
  events,
}: {
  readonly client: Client;
  readonly events: readonly string[];
}) {
  accounts += 1;
  const [first, second] = [server.account(`events${accounts}`), server.account(`behind${accounts}`)];
  first.script([
    respond.body({ contentType: 'text/event-stream', text: `${events.join('')}data: [DONE]\n\n` }),
  ]);
  second.script([respond.answer({ text: 'second' })]);
  const runs: unknown[] = [];
  const result = streamText({
    model: createComposite([client.model(first.baseUrl), client.model(second.baseUrl)]),
    prompt: 'x',
    tools: {
      remove: tool({ inputSchema: z.record(z.string(), z.unknown()), execute: input => runs.push(input) }),
    },
    onError: () => {},
  });
  await result.consumeStream();
  const step = (await result.steps)[0];
  return { runs, text: await result.text, report: step?.providerMetadata?.composite };
}

describe('a tool call whose arguments lost a piece', () => {
  for (const client of everyClient.filter(({ protocol }) => protocol === 'openai-chat')) {
    test(`is not run, and the next candidate is asked: ${client.name}`, async () => {
      const { runs, text, report } = await runEvents({
        client,
        events: [
          callDelta({ index: 0, id: 'c1', type: 'function', function: { name: 'remove', arguments: '' } }),
          callDelta({ index: 0, function: { arguments: '{"path":"/home' } }),
          'data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"/tmp\n\n',
          callDelta({ index: 0, function: { arguments: '"}' } }),
          chatEvent({}, 'tool_calls'),
        ],
      });
      expect(runs).toEqual([]);
      expect(text).toBe('second');
      expect(report).toMatchObject({
        attempts: [{ failureKind: 'malformed-response' }, { outcome: 'success' }],
      });
    });
  }

  for (const client of everyClient.filter(({ name }) => /openai chat|deepseek/.test(name))) {
    for (const args of ['{"path":"/a"}', '']) {
      test(`without an index, which ${client.name} refuses, is a malformed response (${args || 'no'} arguments)`, async () => {
        const { runs, text, report } = await runEvents({
          client,
          events: [
            callDelta({ id: 'c1', type: 'function', function: { name: 'remove', arguments: args } }),
            chatEvent({}, 'tool_calls'),
          ],
        });
        expect(runs).toEqual([]);
        expect(text).toBe('second');
        expect(report).toMatchObject({
          attempts: [{ failureKind: 'malformed-response' }, { outcome: 'success' }],
        });
      });
    }
  }
});

describe('a tool call that is not there', () => {
  const anthropic = clients.find(({ protocol }) => protocol === 'anthropic');
  const glued = (isSeam: (text: string) => boolean): Fault =>
    function glue({ wire }) {
      const steps = wire.steps.map(step =>
        step.type === 'write' && isSeam(step.text) ? { ...step, text: `${step.text.trimEnd()}\n` } : step,
      );
      return { ...wire, steps };
    };
  test.each([
    ['began', (text: string) => text.includes('"tool_use"')],
    ['ended', (text: string) => text.includes('partial_json') && text.includes('3}')],
    ['ended, with the finish behind it', (text: string) => text.includes('"type":"content_block_stop"')],
  ])(
    'because the event by which it %s was glued to another is a malformed response',
    async (_name, isSeam) => {
      if (anthropic === undefined) throw new Error('no client');
      accounts += 1;
      const [first, second] = [server.account(`glued${accounts}`), server.account(`behind${accounts}`)];
      const toolCalls = [{ toolName: 'weather', input: { city: 'Bern', days: 3 } }];
      first.script([respond.answer({ toolCalls, faults: [glued(isSeam)] })]);
      second.script([respond.answer({ text: 'second' })]);
      const { parts } = await collect({
        model: createComposite({
          tasks: { chat: [anthropic.model(first.baseUrl), anthropic.model(second.baseUrl)] },
          attempts: 1,
          pricing: { catalog: false },
        }),
      });
      expect(textOf(parts)).toBe('second');
      expect(parts.at(-1)).toMatchObject({
        providerMetadata: {
          composite: { attempts: [{ failureKind: 'malformed-response' }, { outcome: 'success' }] },
        },
      });
    },
  );

  test('and nothing else, where a call was begun, is a malformed response', async () => {
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'tool-input-start', id: 'c', toolName: 'weather' },
      {
        type: 'finish',
        usage: usageOf(1, 1),
        finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
      },
    ];
    const second = scriptedModel({ id: 'second', turns: [{ text: ['second'] }] });
    const { parts: delivered } = await collect({
      model: createComposite({
        tasks: { chat: [scriptedModel({ id: 'm', turns: [{ parts }] }), second] },
        pricing: { catalog: false },
      }),
    });
    expect(textOf(delivered)).toBe('second');
  });

  test.each([
    ['tool-calls', 'error'],
    ['stop', 'error'],
    // A token limit may cut a call off.
    ['length', 'length'],
  ] as const)(
    'behind text, whose arguments were streamed, makes a finish %s one of %s',
    async (unified, told) => {
      const parts: LanguageModelV4StreamPart[] = [
        ...textParts({ text: ['a'] }).slice(0, -1),
        { type: 'tool-input-start', id: 'c', toolName: 'weather' },
        { type: 'tool-input-delta', id: 'c', delta: '{"city":"Bern"}' },
        { type: 'finish', usage: usageOf(1, 1), finishReason: { unified, raw: unified } },
      ];
      const model = createComposite({
        tasks: { chat: [scriptedModel({ id: 'm', turns: [{ parts }] })] },
        pricing: { catalog: false },
      });
      const { parts: delivered } = await collect({ model });
      expect(delivered.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: told } });
    },
  );
});

describe('the text of an event that could not be read', () => {
  const unreadable = (text: string) =>
    [text, new JSONParseError({ text, cause: new Error('no JSON') })] as const;
  const odd = (value: unknown) =>
    [JSON.stringify(value), new TypeValidationError({ value, cause: new Error('another shape') })] as const;
  const parts = textParts({ text: ['a', 'b'] });
  const delivered = async (error: unknown) => {
    const broken: LanguageModelV4StreamPart[] = [
      ...parts.slice(0, 3),
      { type: 'error', error },
      ...parts.slice(3),
    ];
    const model = createComposite({
      tasks: { chat: [scriptedModel({ id: 'm', turns: [{ parts: broken }] })] },
      pricing: { catalog: false },
    });
    const { parts: seen } = await collect({ model });
    return { text: textOf(seen), last: seen.at(-1) };
  };

  test.each([
    unreadable('{"choices":[{"delta":{"content":"'),
    unreadable('{"choices":[{"delta":{"reasoning_content" : "so'),
    unreadable('{"choices":[{"delta":{}}]}\ndata: {"choices":[{"delta":{"content":"x"}}]}'),
    unreadable('{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1"'),
    unreadable(
      '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{',
    ),
    unreadable('{"type":"content_block_delta","index":1,"delta":{"type":"thinking_delta","thinking":"hm'),
    unreadable('{"candidates":[{"content":{"parts":[{"functionCall":{"name":"remove"'),
    unreadable('{"message":{"tool_calls":[{"function":{"name":"remove","arguments":{"path'),
    unreadable('{"contentBlockIndex":0,"delta":{"text":"\\"quoted'),
    unreadable('tent":" NOT "}}]}'),
    unreadable('{"choices":[{"delta":{"audio":{"id":"a","transcript":"hel'),
    unreadable('{"choices":[{"delta":{"images":[{"type":"image_url"'),
    unreadable('{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I wi'),
    odd({ choices: [{ delta: { content: [' NOT '] } }] }),
    odd({ choices: [{ delta: { content: { value: ' NOT ' } } }] }),
    odd({ choices: [{ delta: { content: true } }] }),
    odd({ choices: [{ delta: { content: 'x', tool_calls: 5 } }] }),
    odd({ choices: [{ delta: { tool_calls: [{ function: { name: 'remove', arguments: {} } }] } }] }),
  ])('content began in %s', async (_text, error) => {
    const { text, last } = await delivered(error);
    expect(text).toBe('a');
    expect(last).toMatchObject({
      type: 'finish',
      finishReason: { unified: 'error' },
      providerMetadata: {
        composite: { attempts: [{ outcome: 'failure', failureKind: 'malformed-response' }] },
      },
    });
  });

  test.each([
    unreadable(''),
    unreadable('{"id":"broken'),
    unreadable('{"choices":[{"delta":{"role":"assistant","content":""'),
    unreadable('{"choices":[{"delta":{"content":null'),
    unreadable('{"type":"content_block_start","content_block":{"type":"text","text":""'),
    unreadable('{"type":"message_delta","delta":{"stop_reason":"end_turn"'),
    unreadable('{"usage":{"input":12,"reasoning":30'),
    unreadable('{"candidates":[{"content":{"role":"model","parts":['),
    unreadable('{"delta":{"message":{"content":{"type":"text","text":""'),
    unreadable('{"choices":[{"delta":{"content":[""'),
    unreadable('{"log":"a \\"content\\":\\"quoted\\" in a text'),
    odd({ type: 'ping' }),
    odd({
      type: 'response.created',
      response: { text: { format: { type: 'text' } }, reasoning: { effort: 'low' } },
    }),
    odd(undefined),
  ])('no content began in %s', async (_text, error) => {
    const { text, last } = await delivered(error);
    expect(text).toBe('ab');
    expect(last).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
  });
});
