import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { generateText, streamText, tool } from 'ai';
import { compositeMetadata, createComposite, type RouteOptions } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { optionsFor, optionsOnRoute } from '../../src/candidate/call-options.ts';
import { createFaultServer, type FaultServer, respond } from '../../src/testing/index.ts';
import { scriptedModel } from '../fallback/scripted-model.ts';
import { call } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const tools = {
  weather: tool({ inputSchema: z.object({ city: z.string() }), execute: async () => 'sunny' }),
};

for (const client of clients) {
  test(`what a route brings is on the wire, and the call's own wins (${client.name})`, async () => {
    const account = server.account(`route ${client.name}`);
    account.script([respond.answer({ text: 'ok' })]);
    const ai = createComposite({
      tasks: {
        chat: {
          candidates: [client.model(account.baseUrl)],
          instructions: 'Answer like a pirate.',
          settings: { maxOutputTokens: 100, toolChoice: { type: 'required' }, headers: { 'x-team': 'blue' } },
        },
      },
    });
    const ask = async (options: { readonly instructions?: string; readonly maxOutputTokens?: number }) => {
      await streamText({ model: ai, prompt: 'Hello', tools, ...options }).consumeStream();
      const request = account.requests.at(-1);
      return { body: JSON.stringify(request?.body), team: request?.headers['x-team'] };
    };
    const [plain, own] = [await ask({}), await ask({ instructions: 'Be brief.', maxOutputTokens: 7 })];

    expect(plain.team).toBe('blue');
    expect(plain.body).toContain('Answer like a pirate.');
    expect(plain.body).toMatch(/"max\w*[tT]okens":100/);
    expect(plain.body).toMatch(/"tool_choice":"required"|"type":"any"|"mode":"ANY"/);
    expect(own.body).not.toContain('pirate');
    expect(own.body).toContain('Be brief.');
    expect(own.body).toMatch(/"max\w*[tT]okens":7\b/);
  });
}

/** The SDK passes what was not given as undefined, which its own types forbid. */
const unset = undefined as unknown as number;

/** The options that the one candidate of a route gets. */
async function received({
  shared = {},
  route = {},
  ...options
}: {
  readonly shared?: RouteOptions;
  readonly route?: RouteOptions;
} & Partial<LanguageModelV4CallOptions>) {
  const model = scriptedModel({ id: 'one', turns: [{ text: ['ok'] }] });
  const ai = createComposite({ ...shared, tasks: { chat: { ...route, candidates: [model] } } });
  await ai.doGenerate(call(options));
  const [{ abortSignal: _own, ...seen } = call()] = model.calls;
  return seen;
}

describe('the options of a route', () => {
  test('are merged over those of the composite', async () => {
    const seen = await received({
      shared: {
        instructions: 'Be brief.',
        settings: { temperature: 0.1, seed: 1, headers: { 'x-team': 'blue', 'x-app': 'shop' } },
        providerOptions: { openai: { store: false, reasoning: { effort: 'low', summary: 'auto' } } },
      },
      route: {
        settings: { temperature: 0.2, headers: { 'x-team': 'red' } },
        providerOptions: { openai: { reasoning: { effort: 'high' } }, google: { safe: [1, 2] } },
      },
    });
    expect(seen).toMatchObject({
      temperature: 0.2,
      seed: 1,
      headers: { 'x-team': 'red', 'x-app': 'shop' },
      providerOptions: {
        openai: { store: false, reasoning: { effort: 'high', summary: 'auto' } },
        google: { safe: [1, 2] },
      },
    });
    expect(seen.prompt[0]).toEqual({ role: 'system', content: 'Be brief.' });
  });

  test('give way to those of the call, key by key; lists are replaced, and what is undefined is not there', async () => {
    const seen = await received({
      route: {
        settings: { temperature: 0.2, seed: 1, stopSequences: ['a', 'b'], reasoning: 'high' },
        providerOptions: { google: { safe: [1, 2], deep: { one: 1, two: 2 } } },
      },
      temperature: 0,
      seed: unset,
      stopSequences: ['c'],
      reasoning: 'none',
      providerOptions: { google: { safe: [3], deep: { two: 3 } } },
    });
    expect(seen).toMatchObject({
      temperature: 0,
      seed: 1,
      stopSequences: ['c'],
      reasoning: 'none',
      providerOptions: { google: { safe: [3], deep: { one: 1, two: 3 } } },
    });
  });

  test('are under those of the candidate too, which win over all', async () => {
    const options = optionsFor({
      candidate: { settings: { temperature: 0.9 }, providerOptions: { openai: { store: true } } },
      options: optionsOnRoute({
        route: {
          settings: { temperature: 0.1, seed: 1 },
          providerOptions: { openai: { store: false, user: 'u' } },
        },
        options: call({ temperature: 0.5 }),
      }),
    });
    expect(options).toMatchObject({
      temperature: 0.9,
      seed: 1,
      providerOptions: { openai: { store: true, user: 'u' } },
    });
  });

  test('leave calls without them as they are', async () => {
    expect(await received({})).toEqual({ ...call() });
  });
});

describe('instructions', () => {
  const system = { role: 'system', content: 'Mine.' } as const;
  test('can be system messages with provider options, as in the SDK', async () => {
    const cached = { anthropic: { cacheControl: { type: 'ephemeral' } } };
    const { prompt } = await received({
      route: {
        instructions: [
          { ...system, providerOptions: cached },
          { role: 'system', content: 'Too.' },
        ],
      },
    });
    expect(prompt.slice(0, 2)).toEqual([
      { ...system, providerOptions: cached },
      { role: 'system', content: 'Too.' },
    ]);
  });

  test('of the call are the only ones, wherever they stand', async () => {
    const prompt = [...call().prompt, system];
    expect((await received({ route: { instructions: 'Ours.' }, prompt })).prompt).toEqual(prompt);
  });

  test('hold for every call of a composite whose route has none', async () => {
    const { prompt } = await received({ shared: { instructions: 'Shared.' } });
    expect(prompt[0]).toEqual({ role: 'system', content: 'Shared.' });
  });
});

describe('a tool choice of the route', () => {
  test.each<
    readonly [
      what: string,
      route: LanguageModelV4CallOptions['toolChoice'],
      options: Partial<LanguageModelV4CallOptions>,
      seen: LanguageModelV4CallOptions['toolChoice'],
    ]
  >([
    ['is for calls that made none', { type: 'required' }, {}, { type: 'required' }],
    [
      'is for calls of the SDK that left it open, which come with auto',
      { type: 'required' },
      { toolChoice: { type: 'auto' } },
      { type: 'required' },
    ],
    [
      'gives way to a choice of the call',
      { type: 'required' },
      { toolChoice: { type: 'none' } },
      { type: 'none' },
    ],
    ['says nothing to calls without tools', { type: 'required' }, { tools: [] }, undefined],
    [
      'names a tool where the call has it',
      { type: 'tool', toolName: 'weather' },
      {},
      { type: 'tool', toolName: 'weather' },
    ],
    ['names no tool that the call does not have', { type: 'tool', toolName: 'search' }, {}, undefined],
  ])('%s', async (_what, toolChoice, options, seen) => {
    const settings = toolChoice === undefined ? {} : { toolChoice };
    expect((await received({ route: { settings }, ...options })).toolChoice).toEqual(seen);
  });
});

test('the plan of a call knows what its route brings', async () => {
  const ai = createComposite({
    tasks: {
      chat: {
        candidates: [
          { model: scriptedModel({ id: 'one', turns: [] }), name: 'one', capabilities: { reasoning: false } },
          { model: scriptedModel({ id: 'two', turns: [] }), name: 'two' },
        ],
        settings: { reasoning: 'high', maxOutputTokens: 50 },
      },
    },
    pricing: { catalog: false },
  });
  const plan = await ai.plan(call());
  expect(plan.skipped.map(({ candidate }) => candidate)).toEqual(['one']);
  expect(plan.steps.map(({ cost }) => cost.maxOutputTokens)).toEqual([50]);
});

test('a classifier sees the call as it was made, before it has a route', async () => {
  const seen: string[] = [];
  const model = scriptedModel({ id: 'one', turns: [{ text: ['ok'] }] });
  const ai = createComposite({
    tasks: { chat: [model] },
    instructions: 'Be brief.',
    classify: ({ prompt }) => {
      seen.push(...prompt.map(({ role }) => role));
      return 'chat';
    },
  });
  await generateText({ model: ai, prompt: 'Hello' });
  expect(seen).toEqual(['user']);
});

test('where nobody is known to be able, the least wrong serves and the report says so', async () => {
  const [one, two] = ['one', 'two'].map(id => scriptedModel({ id, turns: [{ text: ['ok'] }] }));
  if (one === undefined || two === undefined) throw new Error('There are two.');
  const ai = createComposite({
    tasks: {
      chat: [
        { model: one, name: 'one', capabilities: { tools: false, reasoning: false } },
        { model: two, name: 'two', capabilities: { tools: false } },
      ],
    },
    pricing: { catalog: false },
  });
  const report = compositeMetadata(await ai.doGenerate(call({ reasoning: 'high' })));
  expect(report?.candidate).toBe('two');
  expect(report?.skipped).toEqual([]);
  expect(report?.warnings?.join()).toMatch(
    /^No candidate is known .* the least wrong first \(one: .* \/ two: /,
  );
});
