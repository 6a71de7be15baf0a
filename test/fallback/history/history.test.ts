import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { generateText, isStepCount, ToolLoopAgent, tool } from 'ai';
import { createComposite } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { historyFor } from '../../../src/fallback/history/history.ts';
import { makersAmong } from '../../../src/fallback/history/makers.ts';
import {
  createFaultServer,
  type FaultServer,
  type ReceivedRequest,
  type Reply,
  respond,
} from '../../../src/testing/index.ts';
import { candidateOf } from '../../route/candidate-of.ts';
import { type Client, clients } from '../../testing/clients.ts';

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
const toolStep = (city: string): Reply =>
  respond.answer({
    reasoning: 'Hm.',
    text: 'Looking.',
    toolCalls: [{ toolName: 'weather', input: { city } }],
  });
const last = respond.answer({ reasoning: 'So.', text: 'Done.' });
const down = respond.status(401);

let accounts = 0;

/**
 * An agent of three steps. `serves` says which account answers each step; the other one is out of order then. Signatures and
 * ids name the account that made them.
 */
async function runAgent({
  one,
  two,
  serves,
  mode,
}: {
  readonly one: Client;
  readonly two: Client;
  readonly serves: readonly ('one' | 'two')[];
  readonly mode: 'generate' | 'stream';
}) {
  accounts += 1;
  const first = server.account(`alpha${accounts}x`);
  const second = server.account(`beta${accounts}x`);
  let step = 0;
  const replies = [toolStep('Bern'), toolStep('Chur'), last];
  const script = (name: 'one' | 'two') => () => {
    if (serves[step] !== name) return down;
    const reply = replies[step] ?? last;
    step += 1;
    return reply;
  };
  first.script(script('one'));
  second.script(script('two'));
  const model = createComposite({
    tasks: {
      chat: [
        { model: one.model(first.baseUrl), name: 'one' },
        { model: two.model(second.baseUrl), name: 'two' },
      ],
    },
    // An open breaker would change who is asked first, and here a script says who answers.
    circuitBreaker: { cooldownMs: 0.001, maxCooldownMs: 0.001 },
    pricing: { catalog: false },
  });
  const agent = new ToolLoopAgent({ model, tools, stopWhen: isStepCount(5) });
  const result =
    mode === 'generate'
      ? await agent.generate({ prompt: 'Weather?' })
      : await agent.stream({ prompt: 'Weather?' }).then(async streamed => {
          await streamed.consumeStream();
          return { text: await streamed.text, steps: await streamed.steps };
        });
  const answered = (requests: readonly ReceivedRequest[]) => requests.map(({ body }) => JSON.stringify(body));
  return {
    result,
    toFirst: answered(first.requests),
    toSecond: answered(second.requests),
    names: [first.name, second.name] as const,
  };
}

const routes = [
  ['falls back at the second step', ['one', 'two', 'two']],
  ['falls back at the third step', ['one', 'one', 'two']],
  ['falls back and comes back', ['one', 'two', 'one']],
  ['starts at the second and comes back', ['two', 'one', 'one']],
] as const;

for (const one of clients) {
  for (const two of clients) {
    describe(`${one.name} and ${two.name}`, () => {
      for (const [name, serves] of routes) {
        for (const mode of ['generate', 'stream'] as const) {
          test(`an agent ${name}, ${mode}`, async () => {
            const { result, toFirst, toSecond, names } = await runAgent({ one, two, serves, mode });
            expect(result.text).toBe('Done.');
            expect(result.steps.length).toBe(3);
            expect(result.steps.map(step => step.providerMetadata?.composite?.candidate)).toEqual(serves);
            // Tool call ids are the conversation's own; signatures, item ids and encrypted reasoning are the account's.
            const [alpha, beta] = names;
            // Two accounts of one Claude check each other's signatures, and have nothing else of each other's.
            const isShared = (word: string) =>
              one.protocol === 'anthropic' && two.protocol === 'anthropic' && word.startsWith('signature_');
            const foreignTo = (body: string, account: string) =>
              secretsOf({ body, account }).filter(word => !isShared(word));
            for (const body of toFirst) expect(foreignTo(body, beta)).toEqual([]);
            for (const body of toSecond) expect(foreignTo(body, alpha)).toEqual([]);
            for (const body of [...toFirst, ...toSecond]) expect(body).not.toContain('"composite"');
            // The conversation itself is never lost.
            const final = serves[2] === 'one' ? toFirst.at(-1) : toSecond.at(-1);
            expect(final).toContain('sun in Bern');
            expect(final).toContain('sun in Chur');
            expect(final).toContain('Looking.');
          });
        }
      }
    });
  }
}

/** What of an account's own is in a body: everything that names it but the ids of tool calls. */
function secretsOf({
  body,
  account,
}: {
  readonly body: string;
  readonly account: string;
}): readonly string[] {
  const words = body.match(new RegExp(`[\\w-]*${account}[\\w-]*`, 'g')) ?? [];
  return words.filter(word => !word.startsWith('call_') && !word.startsWith('toolu_'));
}

describe('the own history', () => {
  for (const client of clients.filter(
    ({ protocol }) => protocol === 'anthropic' || protocol === 'google' || protocol === 'openai-responses',
  )) {
    test(`${client.name} gets its own signatures and ids back`, async () => {
      const account = server.account(`own ${client.protocol}`);
      account.script([toolStep('Bern'), last]);
      const composite = createComposite({
        tasks: { chat: [client.model(account.baseUrl)] },
        pricing: { catalog: false },
      });
      const options = {
        tools,
        prompt: 'Weather?',
        stopWhen: isStepCount(3),
        providerOptions: { openai: { store: false, include: ['reasoning.encrypted_content'] } },
      };
      await generateText({ ...options, model: composite });
      const viaComposite = account.requests.at(-1)?.body;
      expect(JSON.stringify(viaComposite)).toContain('signature_');
      const plain = server.account(`plain ${client.protocol}`);
      plain.script([toolStep('Bern'), last]);
      await generateText({ ...options, model: client.model(plain.baseUrl) });
      const direct = JSON.stringify(plain.requests.at(-1)?.body).replaceAll(
        `plain ${client.protocol}`,
        `own ${client.protocol}`,
      );
      expect(JSON.stringify(viaComposite)).toBe(direct);
    });
  }

  test('a conversation without foreign parts goes on untouched, byte for byte', async () => {
    for (const client of clients) {
      const [own, plain] = [server.account(`same ${client.name}`), server.account(`bare ${client.name}`)];
      const messages = [
        { role: 'user' as const, content: 'Hello' },
        {
          role: 'assistant' as const,
          content: [
            {
              type: 'text' as const,
              text: 'Hi.',
              providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } },
            },
          ],
        },
        { role: 'user' as const, content: 'Go on' },
      ];
      await generateText({
        model: createComposite({ tasks: { chat: [client.model(own.baseUrl)] }, pricing: { catalog: false } }),
        messages,
      });
      await generateText({ model: client.model(plain.baseUrl), messages });
      expect(own.requests[0]?.body).toEqual(plain.requests[0]?.body);
    }
  });

  test('a message of which nothing is left is left out', async () => {
    const [first, second] = clients;
    if (first === undefined || second === undefined) throw new Error('no clients');
    const target = server.account('target');
    const model = createComposite({
      tasks: { chat: [{ model: first.model(target.baseUrl), name: 'target' }] },
      pricing: { catalog: false },
    });
    await generateText({
      model,
      messages: [
        { role: 'user', content: 'Hello' },
        {
          role: 'assistant',
          content: [
            {
              type: 'reasoning',
              text: 'foreign',
              providerOptions: { composite: { candidate: 'other' }, openai: { itemId: 'rs_foreign' } },
            },
          ],
        },
        { role: 'user', content: 'Go on' },
      ],
    });
    const body = JSON.stringify(target.requests[0]?.body);
    expect(body).not.toContain('foreign');
    expect(body).toContain('Go on');
  });

  describe('of calls and what belongs to them', () => {
    const callBy = (
      candidate: string,
      toolCallId: string,
      more: { readonly providerExecuted?: true } = {},
    ): LanguageModelV4Message => ({
      role: 'assistant',
      content: [
        {
          type: 'tool-call',
          toolCallId,
          toolName: 'look',
          input: {},
          providerOptions: { composite: { candidate } },
          ...more,
        },
      ],
    });
    const own = candidateOf({ name: 'own' });
    const historyOf = (prompt: LanguageModelV4Prompt, candidate = own) =>
      historyFor({ candidate, prompt, makers: makersAmong([candidate, candidateOf({ name: 'other' })]) });
    const ids = (prompt: LanguageModelV4Prompt) =>
      historyOf(prompt).flatMap(({ content }) =>
        typeof content === 'string'
          ? []
          : content.flatMap(part => (part.type === 'tool-call' ? [part.toolCallId] : [])),
      );

    test('a new id is none that a later call has', () => {
      expect(ids([callBy('other', 'call:1'), callBy('own', 'call_1')])).toEqual(['call_1_2', 'call_1']);
    });

    test('an id that comes again gets the same new one', () => {
      expect(ids([callBy('other', 'f:0'), callBy('other', 'f:0')])).toEqual(['f_0', 'f_0']);
    });

    test('the approval of a call that another provider was to run goes with it', () => {
      const approval: LanguageModelV4Message = {
        role: 'tool',
        content: [{ type: 'tool-approval-response', approvalId: 'mcpr_1', approved: true }],
      };
      const kept = [callBy('own', 'one', { providerExecuted: true }), approval];
      const foreign = [callBy('other', 'two', { providerExecuted: true }), approval];
      expect(historyOf([...foreign, ...kept])).toEqual(kept);
    });
  });
});
