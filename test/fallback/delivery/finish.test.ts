import type {
  LanguageModelV2,
  LanguageModelV2StreamPart,
  LanguageModelV4StreamPart as StreamPart,
} from '@ai-sdk/provider';
import { generateText, streamText, tool } from 'ai';
import { convertArrayToReadableStream } from 'ai/test';
import { createComposite, StreamInterruptedError } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createFaultServer, type FaultServer, fault, respond } from '../../../src/testing/index.ts';
import { call, collect, textOf } from '../../testing/call.ts';
import { clients } from '../../testing/clients.ts';
import { moreClients } from '../../testing/more-clients.ts';
import { scriptedModel, usageOf } from '../scripted-model.ts';
import { describeWireFaults, primaryText } from '../wire-case.ts';

const toolCall = { toolName: 'remove', input: { path: '/a', deep: true } };
const noFinish = fault.omit({ roles: ['finish', 'usage', 'terminator'] });

describeWireFaults([
  {
    name: 'a body that ends politely behind two deltas, where the package makes up a finish',
    clients: moreClients,
    modes: ['streamText'],
    replies: () => [respond.answer({ text: primaryText, faults: [fault.end({ after: 2 })] })],
    verdict: () => ({ type: 'break', kind: 'network', text: 'AB' }),
  },
  {
    name: 'a body that ends politely behind the whole text, where the package makes up a finish',
    clients: moreClients,
    modes: ['streamText'],
    replies: () => [respond.answer({ text: primaryText, faults: [noFinish] })],
    verdict: () => ({ type: 'break', kind: 'network', text: 'ABCD' }),
  },
  {
    name: 'a body that ends politely behind the preamble, where the package makes up a finish',
    clients: moreClients,
    modes: ['streamText'],
    replies: () => [respond.answer({ text: primaryText, faults: [fault.end({ after: 0 })] })],
    verdict: () => ({ type: 'fallback', kind: 'empty' }),
  },
  ...[0, 1, 2].map(after => ({
    name: `a body that ends politely behind ${after} pieces of tool arguments`,
    clients: moreClients,
    modes: ['streamText'] as const,
    replies: () => [
      respond.answer({ toolCalls: [toolCall], faults: [fault.end({ after, of: 'tool-input' })] }),
    ],
    verdict: () => ({ type: 'fallback' as const, kind: 'network' as const, attempts: 2 }),
  })),
  {
    name: 'a whole answer of a package that makes up finishes',
    clients: moreClients,
    replies: () => [respond.answer({ text: primaryText })],
    verdict: () => ({ type: 'answer' }),
  },
]);

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

let accounts = 0;
/** Streams a call with a tool to one candidate; tells which arguments the tool was run with. */
async function runTool({
  client,
  reply,
}: {
  readonly client: (typeof clients)[number];
  readonly reply: ReturnType<typeof respond.answer>;
}) {
  accounts += 1;
  const account = server.account(`tools${accounts}`);
  account.script([reply]);
  const runs: unknown[] = [];
  const errors: unknown[] = [];
  const result = streamText({
    model: createComposite({ tasks: { chat: [client.model(account.baseUrl)] }, attempts: 1 }),
    prompt: 'x',
    tools: {
      remove: tool({
        inputSchema: z.object({ path: z.string().optional(), deep: z.boolean().optional() }),
        execute: input => {
          runs.push(input);
          return 'removed';
        },
      }),
    },
    onError: ({ error }) => {
      errors.push(error);
    },
  });
  await result.consumeStream();
  return { runs, errors, finishReason: await result.finishReason };
}

for (const client of [...clients, ...moreClients]) {
  describe(`tools of ${client.name}`, () => {
    if (client.protocol !== 'google')
      test.each([0, 1, 2])(
        'a stream that ends inside the arguments behind text runs no tool (%i pieces)',
        async after => {
          const { runs, errors, finishReason } = await runTool({
            client,
            reply: respond.answer({
              text: 'Looking.',
              toolCalls: [toolCall],
              faults: [fault.end({ after, of: 'tool-input' })],
            }),
          });
          expect(runs).toEqual([]);
          expect(errors.map(error => StreamInterruptedError.isInstance(error))).toEqual([true]);
          expect(finishReason).toBe('error');
        },
      );

    test('two calls, of which one has no arguments, run as they were asked for', async () => {
      const { runs, errors, finishReason } = await runTool({
        client,
        reply: respond.answer({ toolCalls: [{ toolName: 'remove', input: {} }, toolCall] }),
      });
      expect(runs).toEqual([{}, toolCall.input]);
      expect(errors).toEqual([]);
      expect(finishReason).toBe('tool-calls');
    });
  });
}

const start: StreamPart = { type: 'stream-start', warnings: [] };
const noUsage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};
const madeUp = (unified: 'other' | 'tool-calls', raw?: string): StreamPart => ({
  type: 'finish',
  usage: noUsage,
  finishReason: { unified, raw },
});
const text: readonly StreamPart[] = [
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'The first half of' },
];
const textEnd: StreamPart = { type: 'text-end', id: 't' };
const emptyDelta: StreamPart = { type: 'text-delta', id: 't', delta: '' };
const inputStart: StreamPart = { type: 'tool-input-start', id: 'c', toolName: 'remove' };
const inputDelta = (delta: string): StreamPart => ({ type: 'tool-input-delta', id: 'c', delta });
const inputEnd: StreamPart = { type: 'tool-input-end', id: 'c' };
const callOf = (input: string): StreamPart => ({
  type: 'tool-call',
  toolCallId: 'c',
  toolName: 'remove',
  input,
});

/** What each package makes of a body that ends without a finish, as tried in November 2026. */
const cut: ReadonlyArray<{
  readonly name: string;
  readonly provider: string;
  readonly parts: readonly StreamPart[];
}> = [
  {
    name: '@ai-sdk/perplexity 4.0.49 behind text',
    provider: 'perplexity',
    parts: [emptyDelta, ...text, textEnd, madeUp('other')],
  },
  {
    name: '@ai-sdk/cohere 4.0.52 behind text',
    provider: 'cohere.chat',
    parts: [...text, madeUp('other')],
  },
  {
    name: '@ai-sdk/amazon-bedrock 5.0.101 behind text',
    provider: 'amazon-bedrock',
    parts: [...text, madeUp('other')],
  },
  {
    name: '@ai-sdk/alibaba 2.0.58 behind text',
    provider: 'alibaba.chat',
    parts: [...text, textEnd, madeUp('other')],
  },
  {
    name: '@ai-sdk/xai 5.0.12 Responses behind text',
    provider: 'xai.responses',
    parts: [...text, textEnd, { type: 'finish', usage: usageOf(0, 0), finishReason: madeUpReason() }],
  },
  {
    name: 'ollama-ai-provider-v2 4.0.1 behind text',
    provider: 'ollama.responses',
    parts: [...text, textEnd, madeUp('other')],
  },
  {
    name: 'ollama-ai-provider-v2 4.0.1 behind a call',
    provider: 'ollama.responses',
    parts: [inputStart, inputDelta('{}'), inputEnd, callOf('{}'), madeUp('tool-calls', 'tool_calls')],
  },
  {
    name: '@ai-sdk/cohere 4.0.52 inside arguments',
    provider: 'cohere.chat',
    parts: [inputStart, inputDelta('{"path":"/a'), madeUp('other')],
  },
  {
    name: '@ai-sdk/deepseek 3.0.56 behind the name of a tool',
    provider: 'deepseek.chat',
    parts: [inputStart, inputEnd, callOf(''), madeUp('other')],
  },
  {
    name: '@openrouter/ai-sdk-provider 3.1.0 behind the names of two tools',
    provider: 'openrouter',
    parts: [
      inputStart,
      inputDelta('{}'),
      inputEnd,
      callOf('{}'),
      { type: 'tool-input-start', id: 'd', toolName: 'remove' },
      { type: 'tool-input-delta', id: 'd', delta: '{}' },
      { type: 'tool-input-end', id: 'd' },
      { type: 'tool-call', toolCallId: 'd', toolName: 'remove', input: '{}' },
      madeUp('tool-calls'),
    ],
  },
  {
    name: 'any package that mends arguments that were cut',
    provider: 'acme.chat',
    parts: [inputStart, inputDelta('{"path":"/a'), inputEnd, callOf('{"path":"/a"}'), madeUp('tool-calls')],
  },
];
function madeUpReason() {
  return { unified: 'other' as const, raw: undefined };
}

describe('a finish that no event carried', () => {
  for (const { name, provider, parts } of cut) {
    test(`is not taken for one: ${name}`, async () => {
      const second = scriptedModel({ id: 'second', turns: [{ text: ['whole'] }] });
      const model = createComposite({
        tasks: {
          chat: [scriptedModel({ id: 'cut', provider, turns: [{ parts: [start, ...parts] }] }), second],
        },
        attempts: 1,
        pricing: { catalog: false },
      });
      const { parts: delivered } = await collect({ model });
      expect(delivered.some(part => part.type === 'tool-call')).toBe(false);
      if (parts.some(part => part.type === 'text-delta' && part.delta !== '')) {
        expect(delivered.at(-2)).toMatchObject({ type: 'error', error: { failureKind: 'network' } });
        expect(delivered.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'error' } });
        expect(second.calls.length).toBe(0);
      } else {
        expect(textOf(delivered)).toBe('whole');
        expect(delivered.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
      }
    });
  }

  test.each(['stop', 'length', 'tool-calls'] as const)(
    '%s without a raw reason, as mocks send it, ends a whole answer',
    async unified => {
      const withCall = unified === 'tool-calls';
      const model = createComposite({
        tasks: {
          chat: [
            scriptedModel({
              id: 'mock',
              turns: [
                {
                  parts: [
                    start,
                    ...text,
                    textEnd,
                    ...(withCall ? [inputStart, inputDelta('{"path": "/a"}'), callOf('{"path":"/a"}')] : []),
                    { type: 'finish', usage: noUsage, finishReason: { unified, raw: undefined } },
                  ],
                },
              ],
            }),
          ],
        },
        pricing: { catalog: false },
      });
      const { parts } = await collect({ model });
      expect(parts.filter(part => part.type === 'error')).toEqual([]);
      expect(parts.filter(part => part.type === 'tool-call').length).toBe(withCall ? 1 : 0);
      expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified } });
    },
  );

  test.each([
    ['stop', undefined, 'stop'],
    ['tool-calls', undefined, 'tool-calls'],
    ['other', 5, 'other'],
    ['unknown', 5, 'other'],
    // Made up: version 2 starts with it, and nothing was counted.
    ['unknown', undefined, 'error'],
  ] as const)(
    '%s of a version 2 model with %s output tokens is told as %s',
    async (finishReason, outputTokens, told) => {
      const model = createComposite({
        tasks: { chat: [versionTwo({ finishReason, outputTokens })] },
        pricing: { catalog: false },
      });
      const { parts } = await collect({ model });
      expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: told } });
      const lazy = createComposite([() => versionTwo({ finishReason, outputTokens })], {
        pricing: { catalog: false },
      });
      expect((await collect({ model: lazy })).parts.at(-1)).toMatchObject({
        finishReason: { unified: told },
      });
    },
  );

  test('a call with an empty input waits for what comes behind it, and keeps its order', async () => {
    const parts: readonly StreamPart[] = [
      start,
      inputStart,
      inputEnd,
      callOf('{}'),
      { type: 'tool-call', toolCallId: 'd', toolName: 'remove', input: '{"path":"/d"}' },
      ...text,
      textEnd,
      { type: 'finish', usage: usageOf(1, 1), finishReason: { unified: 'tool-calls', raw: 'tool_use' } },
    ];
    const model = createComposite({
      tasks: { chat: [scriptedModel({ id: 'm', turns: [{ parts }] })] },
      pricing: { catalog: false },
    });
    const { parts: delivered } = await collect({ model });
    expect(delivered.filter(({ type }) => type !== 'response-metadata').map(({ type }) => type)).toEqual(
      parts.map(({ type }) => type),
    );
  });

  const hosted = (input: string): StreamPart => ({
    type: 'tool-call',
    toolCallId: 'h',
    toolName: 'search',
    input,
    providerExecuted: true,
  });
  const result: StreamPart = { type: 'tool-result', toolCallId: 'h', toolName: 'search', result: 'found' };
  const finishOf = (raw: string): StreamPart => ({
    type: 'finish',
    usage: usageOf(1, 1),
    finishReason: { unified: 'tool-calls', raw },
  });
  test('behind text, a result waits behind a call with an empty input', async () => {
    const parts: readonly StreamPart[] = [
      start,
      ...text,
      textEnd,
      inputStart,
      inputEnd,
      callOf('{}'),
      result,
      finishOf('tool_use'),
    ];
    const model = createComposite({
      tasks: { chat: [scriptedModel({ id: 'm', turns: [{ parts }] })] },
      pricing: { catalog: false },
    });
    const { parts: delivered } = await collect({ model });
    expect(delivered.filter(({ type }) => type !== 'response-metadata').map(({ type }) => type)).toEqual(
      parts.map(({ type }) => type),
    );
  });

  test('a call that the provider runs waits for nothing, whatever its input', async () => {
    let goOn: () => void = () => {};
    const until = new Promise<void>(resolve => {
      goOn = resolve;
    });
    const parts: readonly StreamPart[] = [start, hosted('{}'), result, finishOf('stop')];
    const model = createComposite({
      tasks: { chat: [scriptedModel({ id: 'm', turns: [{ parts, pause: { after: 2, until } }] })] },
      pricing: { catalog: false },
    });
    const reader = (await model.doStream(call())).stream.getReader();
    const seen: string[] = [];
    while (seen.at(-1) !== 'tool-call') seen.push((await reader.read()).value?.type ?? 'end');
    expect(seen).toEqual(['stream-start', 'response-metadata', 'tool-call']);
    goOn();
    await reader.cancel();
  });

  test('arguments that the package dropped in an otherwise whole stream are a malformed response', async () => {
    const dropped: readonly StreamPart[] = [inputStart, inputDelta('{"path":"/a'), inputEnd, callOf('{}')];
    const finish: StreamPart = {
      type: 'finish',
      usage: usageOf(1, 1),
      finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
    };
    for (const behind of [[finish], [...text, textEnd, finish]]) {
      const second = scriptedModel({ id: 'second', turns: [{ text: ['whole'] }] });
      const first = scriptedModel({ id: 'first', turns: [{ parts: [start, ...dropped, ...behind] }] });
      const model = createComposite({ tasks: { chat: [first, second] }, pricing: { catalog: false } });
      const { parts } = await collect({ model });
      expect(textOf(parts)).toBe('whole');
      expect(parts.at(-1)).toMatchObject({
        providerMetadata: {
          composite: { attempts: [{ failureKind: 'malformed-response' }, { outcome: 'success' }] },
        },
      });
    }
  });
});

function versionTwo({
  finishReason,
  outputTokens,
}: {
  readonly finishReason: 'stop' | 'tool-calls' | 'other' | 'unknown';
  readonly outputTokens: number | undefined;
}): LanguageModelV2 {
  const parts: LanguageModelV2StreamPart[] = [
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'hi' },
    { type: 'text-end', id: 't' },
    {
      type: 'finish',
      finishReason,
      usage: { inputTokens: undefined, outputTokens, totalTokens: undefined },
    },
  ];
  return {
    specificationVersion: 'v2',
    provider: 'old',
    modelId: 'old',
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('not used')),
    doStream: () => Promise.resolve({ stream: convertArrayToReadableStream(parts) }),
  };
}

const words = [
  { word: 'network_error', kind: 'server' },
  { word: 'insufficient_system_resource', kind: 'overloaded' },
  { word: 'malformed_model_output', kind: 'malformed-response' },
  { word: 'repetition_truncation', kind: 'malformed-response' },
  { word: 'UNEXPECTED_TOOL_CALL', kind: 'malformed-response' },
  { word: 'TIMEOUT', kind: 'timeout' },
  { word: 'abort', kind: 'server' },
] as const;
const compatible = [...clients.filter(({ name }) => name.includes('compatible')), ...moreClients];

describeWireFaults([
  ...words.flatMap(({ word, kind }) => {
    const attempts = kind === 'server' || kind === 'overloaded' ? 2 : 1;
    return [
      {
        name: `the finish ${word} behind text is an interruption, and in generate a failure`,
        clients: compatible,
        replies: () => [respond.answer({ text: primaryText, rawFinish: word })],
        verdict: ({ mode }: { readonly mode: string }) =>
          mode === 'streamText'
            ? { type: 'break' as const, kind, text: 'ABCD' }
            : { type: 'fallback' as const, kind, attempts },
      },
      {
        name: `the finish ${word} without output falls back`,
        clients: compatible,
        replies: () => [respond.answer({ rawFinish: word })],
        verdict: () => ({ type: 'fallback' as const, kind, attempts }),
      },
    ];
  }),
  {
    name: 'the finish sensitive without output is a refusal, surfaced and not asked elsewhere',
    clients: compatible,
    replies: () => [respond.answer({ rawFinish: 'sensitive' })],
    verdict: () => ({ type: 'refusal' }),
  },
  {
    name: 'the finish sensitive behind text is told as a content filter',
    clients: compatible,
    replies: () => [respond.answer({ text: primaryText, rawFinish: 'sensitive' })],
    verdict: () => ({ type: 'answer', finish: 'content-filter' }),
  },
  {
    name: 'the finish model_context_window_exceeded behind text is told as length',
    clients: compatible,
    replies: () => [respond.answer({ text: primaryText, rawFinish: 'model_context_window_exceeded' })],
    verdict: () => ({ type: 'answer', finish: 'length' }),
  },
  {
    name: 'the finish model_context_window_exceeded without output falls back',
    clients: compatible,
    replies: () => [respond.answer({ rawFinish: 'model_context_window_exceeded' })],
    verdict: () => ({ type: 'fallback', kind: 'context-length' }),
  },
  {
    name: 'a finish that nobody documents stays what the provider said',
    clients: compatible,
    replies: () => [respond.answer({ text: primaryText, rawFinish: 'eos' })],
    verdict: () => ({ type: 'answer', finish: 'other' }),
  },
]);

test('a broken finish behind a call of OpenRouter is an interruption, whatever its package calls it', async () => {
  const [openrouter] = moreClients;
  if (openrouter === undefined) throw new Error('no client');
  const { errors, finishReason } = await runTool({
    client: openrouter,
    reply: respond.answer({ toolCalls: [toolCall], rawFinish: 'network_error' }),
  });
  expect(errors).toMatchObject([{ name: 'StreamInterruptedError', failureKind: 'server' }]);
  expect(finishReason).toBe('error');
});

test('a word of a refusal in a whole generated answer is told as a content filter', async () => {
  const [compatibleClient] = compatible;
  if (compatibleClient === undefined) throw new Error('no client');
  const account = server.account('refused in words');
  account.script([respond.answer({ text: 'Half of', rawFinish: 'sensitive' })]);
  const result = await generateText({
    model: createComposite([compatibleClient.model(account.baseUrl)]),
    prompt: 'x',
  });
  expect([result.finishReason, result.rawFinishReason]).toEqual(['content-filter', 'sensitive']);
});
