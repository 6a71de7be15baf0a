import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createMistral } from '@ai-sdk/mistral';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4, LanguageModelV4Message, SharedV4ProviderOptions } from '@ai-sdk/provider';
import { generateText, isStepCount, type ModelMessage, streamText, tool } from 'ai';
import { compositeMetadata, createComposite } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { historyFor } from '../../../src/fallback/history/history.ts';
import { makersAmong } from '../../../src/fallback/history/makers.ts';
import { stampOf } from '../../../src/fallback/history/stamp.ts';
import { createFaultServer, type FaultServer, type Reply, respond } from '../../../src/testing/index.ts';
import { scriptedModel } from '../scripted-model.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const tools = {
  weather: tool({
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `sun in ${city}`,
  }),
};
const twoCalls = (reasoning: string | undefined, ids?: readonly [string, string]): Reply =>
  respond.answer({
    ...(reasoning !== undefined && { reasoning }),
    toolCalls: [
      { toolName: 'weather', input: { city: 'Bern' }, ...(ids && { toolCallId: ids[0] }) },
      { toolName: 'weather', input: { city: 'Chur' }, ...(ids && { toolCallId: ids[1] }) },
    ],
  });
const done = respond.answer({ text: 'Done.' });

type Make = (baseURL: string) => LanguageModelV4;
const openai: Make = baseURL => createOpenAI({ baseURL, apiKey: 'test' }).chat('gpt-6-sol');
const claude =
  (id = 'claude-sonnet-5', name = 'anthropic.messages'): Make =>
  baseURL =>
    createAnthropic({ baseURL, apiKey: 'test', name })(id);
const gemini =
  (id: string): Make =>
  baseURL =>
    createGoogle({ baseURL, apiKey: 'test' })(id);
const mistral: Make = baseURL => createMistral({ baseURL, apiKey: 'test' })('mistral-large-latest');
const compatible =
  (id: string, name = 'relay'): Make =>
  baseURL =>
    createOpenAICompatible({ name, baseURL, apiKey: 'test' })(id);

let accounts = 0;

/** Two steps: the first candidate calls two tools and is out of order then, so the second one answers. */
async function handOver({
  from,
  to,
  reasoning,
  mode = 'generate',
  ids,
}: {
  readonly from: Make;
  readonly to: Make;
  readonly reasoning?: string;
  readonly mode?: 'generate' | 'stream';
  readonly ids?: readonly [string, string];
}) {
  accounts += 1;
  const [first, second] = [server.account(`one${accounts}`), server.account(`two${accounts}`)];
  first.script([twoCalls(reasoning, ids), respond.status(401)]);
  second.script([done]);
  const options = {
    model: createComposite({
      tasks: {
        chat: [
          { model: from(first.baseUrl), name: 'first' },
          { model: to(second.baseUrl), name: 'second' },
        ],
      },
      pricing: { catalog: false, onWarning: () => {} },
    }),
    tools,
    prompt: 'Weather?',
    stopWhen: isStepCount(3),
  } as const;
  const result = mode === 'generate' ? await generateText(options) : streamText(options);
  const steps = await result.steps;
  expect(await result.text).toBe('Done.');
  expect(steps.map(step => compositeMetadata(step)?.candidate)).toEqual(['first', 'second']);
  return { body: second.requests[0]?.body, first, steps, warnings: (await result.warnings) ?? [] };
}

const messagesOf = z.object({
  messages: z.array(
    z.object({
      role: z.string(),
      reasoning_content: z.string().optional(),
      tool_calls: z.array(z.object({ id: z.string() })).optional(),
      tool_call_id: z.string().optional(),
    }),
  ),
});

/** The ids of the tool calls in a request of chat completions, and those of their results. */
function idsIn(body: unknown) {
  const { messages } = messagesOf.parse(body);
  return {
    calls: messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id)),
    results: messages.flatMap(({ tool_call_id: id }) => (id === undefined ? [] : [id])),
  };
}

describe('tool call ids', () => {
  for (const mode of ['generate', 'stream'] as const) {
    test(`for Mistral are nine letters or digits, distinct, the same in call and result (${mode})`, async () => {
      for (const from of [openai, claude(), gemini('gemini-3.8-flash')]) {
        const { body } = await handOver({ from, to: mistral, mode });
        const { calls, results } = idsIn(body);
        expect(calls).toEqual([
          expect.stringMatching(/^[a-zA-Z0-9]{9}$/),
          expect.stringMatching(/^[a-zA-Z0-9]{9}$/),
        ]);
        expect(new Set(calls).size).toBe(2);
        expect(results).toEqual(calls);
      }
    });
  }

  test('for Mistral by any provider are as it wants them, and its own go back to others as they are', async () => {
    for (const to of [
      compatible('mistralai/large-3'),
      compatible('pixtral-12b'),
      compatible('devstral-2', 'router'),
    ])
      expect(idsIn((await handOver({ from: openai, to })).body).calls[0]).toMatch(/^[a-zA-Z0-9]{9}$/);
    const back = await handOver({ from: mistral, to: openai, ids: ['Abc123def', 'Abc123deg'] });
    expect(idsIn(back.body)).toEqual({
      calls: ['Abc123def', 'Abc123deg'],
      results: ['Abc123def', 'Abc123deg'],
    });
  });

  test('that were never stamped are renamed too, and keep their new one from step to step', async () => {
    const account = server.account('plain history');
    account.script([done, done]);
    const model = createComposite({
      tasks: { chat: [mistral(account.baseUrl)] },
      pricing: { catalog: false, onWarning: () => {} },
    });
    const messages: ModelMessage[] = ['call_1', 'call_2'].flatMap((toolCallId): ModelMessage[] => [
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId, toolName: 'weather', input: { city: 'Bern' } }],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId, toolName: 'weather', output: { type: 'text', value: 'sun' } },
        ],
      },
    ]);
    await generateText({
      model,
      tools,
      messages: [{ role: 'user', content: 'Hi' }, ...messages.slice(0, 2)],
    });
    await generateText({ model, tools, messages: [{ role: 'user', content: 'Hi' }, ...messages] });
    const [short, long] = account.requests.map(({ body }) => idsIn(body));
    expect(long?.calls).toEqual([...(short?.calls ?? []), expect.stringMatching(/^[a-z0-9]{9}$/)]);
    expect(long?.results).toEqual(long?.calls);
  });

  test('of a tool that a provider ran, without a stamp, are the same in call and result too', () => {
    const prompt: LanguageModelV4Message[] = [
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', toolCallId: 'srv_1', toolName: 'search', input: {}, providerExecuted: true },
          {
            type: 'tool-result',
            toolCallId: 'srv_1',
            toolName: 'search',
            output: { type: 'text', value: 'found' },
          },
        ],
      },
    ];
    const candidate = { name: 'own', model: scriptedModel({ id: 'mistral-large', turns: [] }) };
    const [message] = historyFor({ candidate, prompt, makers: new Map() });
    const ids =
      typeof message?.content === 'string'
        ? []
        : message?.content.map(part => 'toolCallId' in part && part.toolCallId);
    expect(ids?.[0]).toMatch(/^[a-z0-9]{9}$/);
    expect(ids?.[1]).toBe(ids?.[0]);
  });

  test('of ten thousand foreign calls are all distinct', () => {
    const own = scriptedModel({ id: 'mistral-large', turns: [] });
    const prompt = Array.from(
      { length: 10_000 },
      (_, index): LanguageModelV4Message => ({
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: `call_${index}`, toolName: 'look', input: {} }],
      }),
    );
    const ids = historyFor({ candidate: { name: 'own', model: own }, prompt, makers: new Map() }).flatMap(
      ({ content }) =>
        typeof content === 'string'
          ? []
          : content.map(part => (part.type === 'tool-call' ? part.toolCallId : '')),
    );
    expect(new Set(ids).size).toBe(10_000);
    expect(ids.every(id => /^[a-z0-9]{9}$/.test(id))).toBe(true);
  });
});

const reasoningIn = (body: unknown) =>
  messagesOf
    .parse(body)
    .messages.filter(({ tool_calls }) => tool_calls !== undefined)
    .map(({ reasoning_content }) => reasoning_content);

describe('plain reasoning', () => {
  for (const mode of ['generate', 'stream'] as const) {
    test.each([
      ['kimi-k3', 'kimi-k3'],
      ['kimi-k2.6', 'kimi-k3'],
      ['deepseek-v4-pro', 'deepseek-v4-pro'],
      ['deepseek-v4-pro', 'deepseek-v4-flash'],
      ['glm-5', 'zai-org/GLM-5'],
    ])(
      `before a tool call goes from one account to another of the same family: %s, %s (${mode})`,
      async (one, two) => {
        const { body } = await handOver({
          from: compatible(one, 'a'),
          to: compatible(two, 'b'),
          reasoning: 'Hm.',
          mode,
        });
        expect(reasoningIn(body)).toEqual(['Hm.']);
      },
    );
  }

  test.each(['kimi-k3', 'deepseek-v4-pro'])(
    'of another family is left out; a blank stands for it where %s wants some',
    async to => {
      for (const from of [claude(), openai, compatible('glm-5')]) {
        const { body } = await handOver({ from, to: compatible(to), reasoning: 'Hm.' });
        expect(reasoningIn(body)).toEqual([' ']);
      }
    },
  );

  test('of another family is left out without a blank where nobody asks for one', async () => {
    const { body } = await handOver({ from: compatible('kimi-k3'), to: openai, reasoning: 'Hm.' });
    expect(reasoningIn(body)).toEqual([undefined]);
    expect(JSON.stringify(body)).not.toContain('Hm.');
  });
});

describe('signed thinking', () => {
  for (const mode of ['generate', 'stream'] as const) {
    test(`goes from one account to another of the same Claude, inside a tool loop (${mode})`, async () => {
      for (const to of [claude(), claude('claude-sonnet-5', 'my-second-account')]) {
        const { body, first } = await handOver({ from: claude(), to, reasoning: 'Hm.', mode });
        expect(JSON.stringify(body)).toContain(
          `{"type":"thinking","thinking":"Hm.","signature":"signature_${first.name}_1"}`,
        );
      }
    });
  }

  test('of another Claude, and of anybody else, is left out', async () => {
    for (const from of [
      claude('claude-opus-5-5'),
      compatible('claude-sonnet-5'),
      gemini('gemini-3.8-flash'),
      openai,
    ]) {
      const { body } = await handOver({ from, to: claude(), reasoning: 'Hm.' });
      expect(JSON.stringify(body)).not.toMatch(/thinking|Hm\.|signature_/);
    }
  });

  test('is read by the name of every package, and model ids of every platform name the same model', () => {
    const candidate = (provider: string, id: string) => ({
      name: id,
      stamp: stampOf(id),
      model: scriptedModel({ id, provider, turns: [] }),
    });
    const platforms = [
      candidate('anthropic.messages', 'claude-sonnet-4-5-20250929'),
      candidate('googleVertex.anthropic.messages', 'claude-sonnet-4-5@20250929'),
      candidate('amazon-bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'),
      candidate('bedrock.anthropic.messages', 'anthropic.claude-sonnet-4-5-v1:0'),
      candidate('azure.anthropic.messages', 'claude-sonnet-4.5'),
    ];
    const makers = makersAmong(platforms);
    const signed: SharedV4ProviderOptions = { anthropic: { signature: 's' } };
    for (const from of platforms)
      for (const to of platforms.filter(other => other !== from)) {
        const [message] = historyFor({
          candidate: to,
          makers,
          prompt: [
            {
              role: 'assistant',
              content: [
                {
                  type: 'reasoning',
                  text: 'Hm.',
                  providerOptions: { composite: { candidate: from.stamp }, ...signed, acme: { id: 1 } },
                },
              ],
            },
          ],
        });
        expect(message?.content).toEqual([
          {
            type: 'reasoning',
            text: 'Hm.',
            providerOptions: { ...signed, amazonBedrock: { signature: 's' }, bedrock: { signature: 's' } },
          },
        ]);
      }
  });
});

describe('Gemini', () => {
  test("gets the sentinel that Google documents on another model's first tool call, so its package prints no hint", async () => {
    for (const from of [openai, claude(), gemini('gemini-3.1-pro-preview'), compatible('kimi-k3')])
      for (const id of ['gemini-3.8-flash', 'gemini-flash-latest']) {
        const { body, warnings } = await handOver({ from, to: gemini(id), reasoning: 'Hm.' });
        expect(warnings).toEqual([]);
        expect(JSON.stringify(body).match(/"thoughtSignature":"[^"]*"/g)).toEqual([
          '"thoughtSignature":"skip_thought_signature_validator"',
        ]);
      }
  });

  test('before 3 gets none, and a call of its own keeps its signature', async () => {
    const old = await handOver({ from: openai, to: gemini('gemini-2.5-flash'), reasoning: 'Hm.' });
    expect(JSON.stringify(old.body)).not.toContain('thoughtSignature');
    expect(old.warnings).toEqual([]);
    const { first } = await handOver({ from: gemini('gemini-3.8-flash'), to: openai, reasoning: 'Hm.' });
    expect(JSON.stringify(first.requests[1]?.body)).toContain(`signature_${first.name}_1`);
    expect(JSON.stringify(first.requests[1]?.body)).not.toContain('skip_thought');
  });
});

test('reasoning that broke off, whose ids nobody can tell apart, goes to nobody', () => {
  const candidate = { name: 'own', model: scriptedModel({ id: 'm', turns: [] }) };
  const user: LanguageModelV4Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };
  const reasoning = {
    type: 'reasoning',
    text: 'Hm',
    providerOptions: { openai: { itemId: 'rs_1' } },
  } as const;
  const history = (content: Extract<LanguageModelV4Message, { role: 'assistant' }>['content']) =>
    historyFor({ candidate, makers: new Map(), prompt: [user, { role: 'assistant', content }, user] });
  expect(history([reasoning])).toEqual([user, user]);
  const whole = [reasoning, { type: 'text', text: 'Yes.' } as const];
  expect(history(whole)[1]?.content).toBe(whole);
});
