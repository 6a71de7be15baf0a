import { createGoogle } from '@ai-sdk/google';
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, createFaultServer, type FaultServer, respond } from '../../src/testing/index.ts';
import { call, collect } from './call.ts';
import { clients } from './clients.ts';

const answer: Answer = {
  reasoning: ['Let me ', 'look.'],
  text: ['Zürich: ', 'sunny ☀️'],
  toolCalls: [{ toolName: 'weather', input: ['{"city":', '"Zürich","days":3}'] }],
  usage: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 30, cacheWriteTokens: 5, reasoningTokens: 8 },
};
const input = '{"city":"Zürich","days":3}';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

// What each package makes of the same answer. `chat` drops reasoning: OpenAI itself sends none there.
const usage = {
  all: {
    inputTokens: { total: 100, noCache: 65, cacheRead: 30, cacheWrite: 5 },
    outputTokens: { total: 20, text: 12, reasoning: 8 },
  },
  withoutWrites: {
    inputTokens: { total: 100, noCache: 70, cacheRead: 30, cacheWrite: undefined },
    outputTokens: { total: 20, text: 12, reasoning: 8 },
  },
} as const;

const reasoningParts = ['reasoning-start', 'Let me ', 'look.', 'reasoning-end'];
const textParts = ['text-start', 'Zürich: ', 'sunny ☀️', 'text-end'];
const toolParts = [
  'tool-input-start',
  '{"city":',
  '"Zürich","days":3}',
  'tool-input-end',
  `weather(${input})`,
];
const open = ['stream-start', 'response-metadata'];

const expected: Readonly<
  Record<
    string,
    { content: readonly object[]; raw: string | undefined; usage: object; parts: readonly string[] }
  >
> = {
  '@ai-sdk/openai responses': {
    content: [
      {
        type: 'reasoning',
        text: 'Let me look.',
        providerMetadata: { openai: { itemId: 'rs_a_1', reasoningEncryptedContent: null } },
      },
      { type: 'text', text: 'Zürich: sunny ☀️', providerMetadata: { openai: { itemId: 'msg_a_1' } } },
      {
        type: 'tool-call',
        toolCallId: 'call_a_1_0',
        toolName: 'weather',
        input,
        providerMetadata: { openai: { itemId: 'fc_a_1_0' } },
      },
    ],
    raw: undefined,
    usage: usage.all,
    parts: [...open, ...reasoningParts, ...textParts, ...toolParts, 'finish'],
  },
  '@ai-sdk/openai chat': {
    content: [
      { type: 'text', text: 'Zürich: sunny ☀️' },
      { type: 'tool-call', toolCallId: 'call_a_1_0', toolName: 'weather', input },
    ],
    raw: 'tool_calls',
    usage: usage.all,
    parts: [
      ...open,
      ...['text-start', '', 'Zürich: ', 'sunny ☀️'],
      ...[
        'tool-input-start',
        '{"city":',
        '"Zürich","days":3}',
        'text-end',
        'tool-input-end',
        `weather(${input})`,
      ],
      'finish',
    ],
  },
  '@ai-sdk/openai-compatible': {
    content: [
      { type: 'reasoning', text: 'Let me look.' },
      { type: 'text', text: 'Zürich: sunny ☀️' },
      { type: 'tool-call', toolCallId: 'call_a_1_0', toolName: 'weather', input },
    ],
    raw: 'tool_calls',
    usage: usage.withoutWrites,
    parts: [
      ...open,
      ...reasoningParts,
      ...['text-start', 'Zürich: ', 'sunny ☀️'],
      ...[
        'tool-input-start',
        '{"city":',
        '"Zürich","days":3}',
        'text-end',
        'tool-input-end',
        `weather(${input})`,
      ],
      'finish',
    ],
  },
  '@ai-sdk/google': {
    content: [
      { type: 'reasoning', text: 'Let me look.' },
      { type: 'text', text: 'Zürich: sunny ☀️' },
      {
        type: 'tool-call',
        toolCallId: 'call_a_1_0',
        toolName: 'weather',
        input,
        providerMetadata: { google: { thoughtSignature: 'signature_a_1' } },
      },
    ],
    raw: 'STOP',
    usage: usage.withoutWrites,
    parts: [
      ...open,
      ...reasoningParts,
      ...textParts,
      'tool-input-start',
      input,
      'tool-input-end',
      `weather(${input})`,
      'finish',
    ],
  },
  '@ai-sdk/anthropic': {
    content: [
      {
        type: 'reasoning',
        text: 'Let me look.',
        providerMetadata: { anthropic: { signature: 'signature_a_1' } },
      },
      { type: 'text', text: 'Zürich: sunny ☀️' },
      { type: 'tool-call', toolCallId: 'call_a_1_0', toolName: 'weather', input },
    ],
    raw: 'tool_use',
    usage: usage.all,
    parts: [
      ...open,
      'custom',
      ...['reasoning-start', 'Let me ', 'look.', '', 'reasoning-end'],
      ...textParts,
      ...toolParts,
      'finish',
    ],
  },
};

describe.each(clients)('$name', ({ name, protocol, model }) => {
  const whole = expected[name];

  test('parses a whole answer that is not streamed', async () => {
    await using own = await createFaultServer();
    const account = own.account('a');
    account.script([respond.answer(answer)]);

    const result = await model(account.baseUrl).doGenerate(call());

    expect(result.content).toEqual(whole?.content);
    expect(result.finishReason).toEqual({ unified: 'tool-calls', raw: whole?.raw });
    expect(result.usage).toMatchObject(whole?.usage ?? {});
    expect(account.requests).toMatchObject([{ account: 'a', protocol, stream: false, outcome: 'completed' }]);
  });

  test('parses a whole answer that is streamed', async () => {
    const account = server.account(`stream ${name}`);
    account.script([respond.answer(answer)]);

    const { parts, thrown } = await collect({ model: model(account.baseUrl) });

    expect(thrown).toBeUndefined();
    expect(parts.map(described)).toEqual(whole?.parts);
    expect(parts.at(-1)).toMatchObject({
      type: 'finish',
      finishReason: { unified: 'tool-calls', raw: whole?.raw },
      usage: whole?.usage,
    });
    expect(account.requests).toMatchObject([{ protocol, stream: true, outcome: 'completed' }]);
  });

  test('says which model answered, or leaves it out', async () => {
    const account = server.account(`model ${name}`);
    account.script([
      respond.answer({ text: 'a' }),
      respond.answer({ text: 'a', model: 'other-model' }),
      respond.answer({ text: 'a', model: null }),
    ]);
    const connected = model(account.baseUrl);
    const answered = [
      await connected.doGenerate(call()),
      await connected.doGenerate(call()),
      await connected.doGenerate(call()),
    ];

    const bodies = answered.map(result => result.response?.body);
    const key = protocol === 'google' ? 'modelVersion' : 'model';
    expect(bodies).toMatchObject([{ [key]: connected.modelId }, { [key]: 'other-model' }, {}]);
    expect(bodies[2]).not.toHaveProperty(key);
  });

  test.each([
    ['stop', {}],
    ['length', { finish: 'length' }],
    ['content-filter', { finish: 'content-filter' }],
    ['content-filter', { blockReason: 'PROHIBITED_CONTENT' }],
    ['other', { finish: 'other' }],
  ] as const)('finishes with %s and no output: %o', async (unified, finish) => {
    const account = server.account(`finish ${name}`);
    account.script([respond.answer(finish)]);
    const connected = model(account.baseUrl);

    const generated = await connected.doGenerate(call());
    const streamed = await collect({ model: connected });

    expect(generated.content).toEqual([]);
    expect(generated.finishReason.unified).toBe(unified);
    expect(streamed.parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified } });
  });
});

test('streams the arguments of a Gemini function call in pieces when the request asks for it', async () => {
  const account = server.account('pieces');
  const input = { city: 'Zürich', days: 3, exact: true, tags: ['a', 'bc'], near: { x: null } };
  account.script([respond.answer({ toolCalls: [{ toolName: 'weather', input }] })]);
  // Only Vertex offers it, and its provider sets this field of the same protocol.
  const google = createGoogle({
    baseURL: account.baseUrl,
    apiKey: 'test',
    fetch: (url, init) => {
      const toolConfig = { functionCallingConfig: { streamFunctionCallArguments: true } };
      return fetch(url, { ...init, body: JSON.stringify({ ...JSON.parse(String(init?.body)), toolConfig }) });
    },
  });

  const { parts } = await collect({ model: google('gemini-3.8-flash') });

  expect(parts.flatMap(part => (part.type === 'tool-call' ? [JSON.parse(part.input)] : []))).toEqual([input]);
  expect(parts.filter(part => part.type === 'tool-input-delta').length).toBeGreaterThan(3);
});

test('sends encrypted reasoning only to a request that asks for it', async () => {
  const account = server.account('encrypted');
  account.script([respond.answer({ reasoning: 'Hm.', text: 'a', signature: 'sealed' })]);
  const openai = clients[0]?.model(account.baseUrl) ?? fail();

  const plain = await openai.doGenerate(
    call({ providerOptions: { openai: { include: ['file_search_call.results'] } } }),
  );
  const asked = await openai.doGenerate(
    call({ providerOptions: { openai: { store: false, include: ['reasoning.encrypted_content'] } } }),
  );

  expect(plain.content[0]).toMatchObject({
    providerMetadata: { openai: { reasoningEncryptedContent: null } },
  });
  expect(asked.content[0]).toMatchObject({
    providerMetadata: { openai: { reasoningEncryptedContent: 'sealed' } },
  });
});

test('sends usage in a chat stream only if the request asks for it', async () => {
  const account = server.account('usage');
  account.script([respond.answer({ text: 'a' })]);
  const ask = async (body: object): Promise<string> => {
    const response = await fetch(`${account.baseUrl}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return response.text();
  };

  expect(await ask({ model: 'm', stream: true })).not.toContain('prompt_tokens');
  expect(await ask({ model: 'm', stream: true, stream_options: { include_usage: true } })).toContain(
    'prompt_tokens',
  );
});

function described(part: LanguageModelV4StreamPart): string {
  if (part.type === 'tool-call') return `${part.toolName}(${part.input})`;
  return part.type === 'text-delta' || part.type === 'reasoning-delta' || part.type === 'tool-input-delta'
    ? part.delta
    : part.type;
}

function fail(): never {
  throw new Error('No such client.');
}
