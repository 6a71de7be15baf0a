import {
  convertToModelMessages,
  generateText,
  isStepCount,
  readUIMessageStream,
  simulateReadableStream,
  streamText,
  type ToolSet,
  tool,
  type UIMessage,
  type UIMessageChunk,
} from 'ai';
import { compositeMetadata, createComposite } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { stampOf } from '../../../src/fallback/history/stamp.ts';
import {
  createFaultServer,
  type FaultServer,
  fault,
  pieces,
  type Reply,
  respond,
} from '../../../src/testing/index.ts';
import { collect } from '../../testing/call.ts';
import { clients } from '../../testing/clients.ts';
import { scriptedModel, usageOf } from '../scripted-model.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const quiet = { pricing: { catalog: false, onWarning: () => {} }, attempts: 1 } as const;
let accounts = 0;
const tools = {
  weather: tool({
    inputSchema: z.object({ city: z.string(), notes: z.string() }),
    execute: async ({ city }) => `sun in ${city}`,
  }),
};

/** The chunks of a chat as a browser gets them, and their size. */
async function wireOf({
  model,
  tools: own = {},
}: {
  readonly model: Parameters<typeof streamText>[0]['model'];
  readonly tools?: ToolSet;
}) {
  const result = streamText({
    model,
    prompt: 'Hello',
    tools: own,
    stopWhen: isStepCount(3),
    providerOptions: { openai: { store: false } },
    onError: () => {},
  });
  const body = await result.toUIMessageStreamResponse({ sendSources: true }).text();
  const chunks = body
    .split('\n\n')
    .filter(line => line.startsWith('data: {'))
    .map((line): UIMessageChunk => JSON.parse(line.slice(6)));
  return { bytes: body.length, chunks };
}

/** A conversation of one user's message and the answer that a browser put together. */
async function conversation(chunks: readonly UIMessageChunk[]) {
  let answer: UIMessage | undefined;
  const stream = simulateReadableStream({
    chunks: [...chunks],
    initialDelayInMs: null,
    chunkDelayInMs: null,
  });
  for await (const message of readUIMessageStream({ stream, onError: () => {} })) answer = message;
  if (answer === undefined) throw new Error('There is no answer.');
  const ask = (id: string): UIMessage => ({ id, role: 'user', parts: [{ type: 'text', text: 'And now?' }] });
  // A browser sends JSON.
  return convertToModelMessages(JSON.parse(JSON.stringify([ask('1'), answer, ask('2')])));
}

const chats: Readonly<Record<string, readonly Reply[]>> = {
  text: [respond.answer({ text: pieces({ count: 500 }) })],
  reasoning: [respond.answer({ reasoning: pieces({ count: 200 }), text: pieces({ count: 300 }) })],
  tools: [
    respond.answer({
      reasoning: pieces({ count: 100 }),
      text: pieces({ count: 100 }),
      toolCalls: [
        {
          toolName: 'weather',
          input: ['{"city":"Bern","notes":"', ...pieces({ count: 150 }), '"}'],
        },
      ],
    }),
    respond.answer({ text: pieces({ count: 200 }) }),
  ],
};

describe('a chat on the wire to a browser', () => {
  for (const client of clients) {
    for (const [name, replies] of Object.entries(chats)) {
      test(`is at most 2 % larger than the bare model's: ${name}, ${client.name}`, async () => {
        const account = server.account(`wire ${client.name} ${name}`);
        account.script([...replies, ...replies]);
        const model = client.model(account.baseUrl);
        const bare = await wireOf({ model, tools });
        const ours = await wireOf({ model: createComposite({ tasks: { chat: [model] }, ...quiet }), tools });
        expect(ours.chunks.map(({ type }) => type)).toEqual(bare.chunks.map(({ type }) => type));
        expect(ours.bytes / bare.bytes).toBeLessThan(1.02);
        expect(ours.bytes).toBeGreaterThan(bare.bytes);
      });
    }
  }

  test("is at most 2 % larger with tools that the provider runs and with metadata on a block's parts", async () => {
    const signature = 's'.repeat(400);
    const bare = () =>
      scriptedModel({
        id: 'm',
        turns: [
          {
            parts: [
              { type: 'stream-start', warnings: [] },
              { type: 'reasoning-start', id: 'r' },
              ...pieces({ count: 100 }).map(delta => ({ type: 'reasoning-delta' as const, id: 'r', delta })),
              { type: 'reasoning-delta', id: 'r', delta: '', providerMetadata: { acme: { signature } } },
              { type: 'reasoning-end', id: 'r' },
              { type: 'tool-call', toolCallId: 'c', toolName: 'search', input: '{}', providerExecuted: true },
              {
                type: 'tool-result',
                toolCallId: 'c',
                toolName: 'search',
                result: pieces({ count: 100 }).join(''),
              },
              { type: 'text-start', id: 't' },
              ...pieces({ count: 300 }).map(delta => ({ type: 'text-delta' as const, id: 't', delta })),
              { type: 'text-end', id: 't' },
              { type: 'finish', usage: usageOf(1, 1), finishReason: { unified: 'stop', raw: 'stop' } },
            ],
          },
        ],
      });
    const search = { search: tool({ inputSchema: z.object({}), execute: async () => 'never run' }) };
    const own = await wireOf({ model: bare(), tools: search });
    const ours = await wireOf({
      model: createComposite({ tasks: { chat: [bare()] }, ...quiet }),
      tools: search,
    });
    expect(ours.bytes / own.bytes).toBeLessThan(1.02);
    // Nothing of the provider's own metadata is lost to the stamp.
    expect(
      ours.chunks.filter(({ type }) => type.startsWith('reasoning') && !type.endsWith('start')).slice(-2),
    ).toEqual([
      {
        type: 'reasoning-delta',
        id: 'r',
        delta: '',
        providerMetadata: { acme: { signature }, composite: { candidate: stampOf('scripted/m') } },
      },
      { type: 'reasoning-end', id: 'r' },
    ]);
  });
});

describe('what a browser sees of a candidate', () => {
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5';
  const secrets = /123456789012|bedrock|claude|my-deployment|the cheap one|scripted/;

  test.each(['stream', 'generate'] as const)('is no name, model id or account (%s)', async mode => {
    const model = createComposite({
      tasks: {
        chat: [
          {
            model: scriptedModel({ id: arn, provider: 'amazon-bedrock', turns: [{ text: ['Hi'] }] }),
            name: 'the cheap one',
          },
          scriptedModel({ id: 'my-deployment', turns: [{ text: ['Hi'] }] }),
        ],
      },
      ...quiet,
    });
    for (const candidate of ['the cheap one', 'scripted/my-deployment']) {
      const options = { model, prompt: 'Hello', providerOptions: { composite: { candidate } } };
      const seen =
        mode === 'stream'
          ? await streamText(options).toUIMessageStreamResponse({ sendSources: true }).text()
          : JSON.stringify((await generateText(options)).response.messages);
      expect(seen).toContain(stampOf(candidate));
      expect(seen).not.toMatch(secrets);
    }
  });

  test('is the same in every process', () => {
    expect(['openai/gpt-6-sol', 'google/gemini-3.8-flash', '', 'ä'].map(stampOf)).toEqual([
      '043ao5t',
      '18uee1y',
      '1biic5n',
      '17b4ohk',
    ]);
  });
});

describe('a stamp', () => {
  for (const client of clients) {
    test(`brings a chat back to who served it, through a browser and through response messages (${client.name})`, async () => {
      const down = server.account(`down ${client.name}`);
      const up = server.account(`up ${client.name}`);
      down.script([respond.status(503), respond.answer({ text: 'first' })]);
      up.script([respond.answer({ reasoning: 'Hm.', text: 'Hello.' })]);
      const make = (first: string) =>
        createComposite({
          tasks: {
            chat: [
              { model: client.model(down.baseUrl), name: first },
              { model: client.model(up.baseUrl), name: 'second' },
            ],
          },
          ...quiet,
        });
      const { chunks } = await wireOf({ model: make('first') });
      const messages = await conversation(chunks);
      // Another process, whose breakers and sessions know nothing.
      const report = compositeMetadata(await generateText({ model: make('first'), messages }));
      expect([report?.candidate, report?.affinity]).toEqual([
        'second',
        { candidate: 'second', source: 'history', decision: 'stayed' },
      ]);
    });
  }

  test('is at the end of a block whose metadata came late or anew, and never on an empty one', async () => {
    const signature = (value: string) => ({ anthropic: { signature: value } });
    const own = { composite: { candidate: stampOf('one') } };
    const finish = { unified: 'stop', raw: 'stop' } as const;
    const model = scriptedModel({
      id: 'm',
      turns: [
        {
          parts: [
            { type: 'text-start', id: 'empty' },
            { type: 'text-end', id: 'empty' },
            { type: 'reasoning-start', id: 'r' },
            { type: 'reasoning-delta', id: 'r', delta: 'hm' },
            { type: 'reasoning-delta', id: 'r', delta: '', providerMetadata: signature('a') },
            { type: 'reasoning-delta', id: 'r', delta: '', providerMetadata: signature('b') },
            { type: 'reasoning-end', id: 'r' },
            { type: 'text-start', id: 't' },
            { type: 'text-delta', id: 't', delta: 'ok' },
            { type: 'text-end', id: 't' },
            { type: 'finish', usage: usageOf(1, 1), finishReason: finish },
          ],
        },
      ],
    });
    const { parts } = await collect({
      model: createComposite({ tasks: { chat: [{ model, name: 'one' }] }, ...quiet }),
    });
    const metadata = parts.flatMap(part =>
      'id' in part && 'providerMetadata' in part ? [[part.type, part.providerMetadata]] : [],
    );
    expect(metadata).toEqual([
      ['reasoning-delta', { ...signature('a'), ...own }],
      ['reasoning-delta', signature('b')],
      ['reasoning-end', { ...signature('b'), ...own }],
      ['text-end', own],
    ]);
  });

  test('of a block that was cut before its end is missing, and nothing of it is foreign to anybody', async () => {
    for (const client of clients) {
      const cut = server.account(`cut ${client.name}`);
      const next = server.account(`next ${client.name}`);
      cut.script([respond.answer({ text: ['one ', 'two ', 'three'], faults: [fault.cut({ after: 2 })] })]);
      next.script([respond.answer({ text: 'Done.' })]);
      const { chunks } = await wireOf({
        model: createComposite({
          tasks: { chat: [{ model: client.model(cut.baseUrl), name: 'cut' }] },
          ...quiet,
        }),
      });
      expect(chunks.map(({ type }) => type)).toContain('error');
      const model = createComposite({
        tasks: { chat: [{ model: client.model(next.baseUrl), name: 'next' }] },
        ...quiet,
      });
      await generateText({ model, messages: await conversation(chunks) });
      const body = JSON.stringify(next.requests[0]?.body);
      expect(body).toContain('one two ');
      expect(body).not.toMatch(/composite|(msg|rs|signature)_cut/);
    }
  });

  test('tells a step from the next in an answer that two candidates made, through a browser', async () => {
    for (const one of clients)
      for (const two of clients) {
        const [first, second] = [server.account(`a${++accounts}a`), server.account(`b${accounts}b`)];
        const lookUp = respond.answer({
          reasoning: 'Hm.',
          text: 'Looking.',
          toolCalls: [{ toolName: 'weather', input: { city: 'Bern', notes: '' } }],
        });
        first.script([lookUp, respond.status(401), respond.answer({ text: 'Bye.' })]);
        second.script([respond.answer({ reasoning: 'So.', text: 'Sun.' }), respond.answer({ text: 'Bye.' })]);
        const model = createComposite({
          tasks: {
            chat: [
              { model: one.model(first.baseUrl), name: 'first' },
              { model: two.model(second.baseUrl), name: 'second' },
            ],
          },
          ...quiet,
        });
        const messages = await conversation((await wireOf({ model, tools })).chunks);
        for (const candidate of ['first', 'second'])
          await generateText({ model, messages, tools, providerOptions: { composite: { candidate } } });
        // Two accounts of one Claude check each other's signatures.
        const isClaude = one.protocol === 'anthropic' && two.protocol === 'anthropic';
        const kinds = isClaude ? 'rs|msg|fc' : 'rs|msg|fc|signature';
        const lastBody = (account: typeof first) => JSON.stringify(account.requests.at(-1)?.body);
        expect(lastBody(first)).not.toMatch(new RegExp(`(${kinds})_${second.name}`));
        expect(lastBody(second)).not.toMatch(new RegExp(`(${kinds})_${first.name}`));
        for (const account of [first, second]) {
          expect(lastBody(account)).toContain('sun in Bern');
          expect(lastBody(account)).not.toContain('"composite"');
        }
      }
  });

  test('is not needed for reasoning that broke off: nothing of it goes to another account', async () => {
    for (const client of clients) {
      const [first, second] = [server.account(`a${++accounts}a`), server.account(`b${accounts}b`)];
      first.script([
        respond.answer({
          reasoning: ['One. ', 'Two. ', 'Three.'],
          text: 'Hi',
          faults: [fault.cut({ after: 2 })],
        }),
      ]);
      second.script([respond.answer({ text: 'Done.' })]);
      const compose = (account: typeof first, name: string) =>
        createComposite({ tasks: { chat: [{ model: client.model(account.baseUrl), name }] }, ...quiet });
      const { chunks } = await wireOf({ model: compose(first, 'first') });
      expect(chunks.map(({ type }) => type)).toContain('error');
      // Chat completions of OpenAI have no reasoning, so nothing was delivered.
      if (client.name === '@ai-sdk/openai chat') continue;
      await generateText({ model: compose(second, 'second'), messages: await conversation(chunks) });
      expect(JSON.stringify(second.requests[0]?.body)).not.toMatch(new RegExp(`_${first.name}`));
    }
  });

  test('of 0.1.0, which is the name of a candidate, is still understood', async () => {
    const says = (id: string) => scriptedModel({ id, turns: [{ text: [id] }] });
    const model = createComposite({ tasks: { chat: [says('one'), says('two')] }, ...quiet });
    const { text } = await generateText({
      model,
      messages: [
        { role: 'user', content: 'Hello' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Hi', providerOptions: { composite: { candidate: 'scripted/two' } } },
          ],
        },
        { role: 'user', content: 'And now?' },
      ],
    });
    expect(text).toBe('two');
  });
});
