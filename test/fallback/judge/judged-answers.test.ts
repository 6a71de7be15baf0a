import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import {
  type CompositeMetadata,
  compositeCost,
  compositeMetadata,
  createComposite,
  type FallbackCondition,
  isAnswer,
  isCutByLength,
  isEmptyAnswer,
  isInvalidToolCall,
  isRefusal,
  type JudgedAnswer,
  RouteExhaustedError,
} from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  type Answer,
  createFaultServer,
  createGate,
  type Fault,
  type FaultServer,
  fault,
  respond,
} from '../../../src/testing/index.ts';
import { rejection } from '../../testing/call.ts';
import { type Client, clients } from '../../testing/clients.ts';
import { moreClients } from '../../testing/more-clients.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const usage = { inputTokens: 100, outputTokens: 20 };
const price = { inputTokens: 1, outputTokens: 10 };
/** What each failed answer of these tests costs. */
const failedUsd = 0.0003;

let accounts = 0;
function compose({
  client,
  replies,
  fallbackWhen,
}: {
  readonly client: Client;
  readonly replies: Parameters<ReturnType<FaultServer['account']>['script']>[0];
  readonly fallbackWhen: FallbackCondition | readonly FallbackCondition[];
}) {
  accounts += 1;
  const [first, second] = [server.account(`judged${accounts}`), server.account(`good${accounts}`)];
  first.script(replies);
  second.script([respond.answer({ text: ['All ', 'is well.'], usage })]);
  const model = createComposite(
    [
      { model: client.model(first.baseUrl), name: 'first', price },
      { model: client.model(second.baseUrl), name: 'second', price },
    ],
    { fallbackWhen, retry: { initialDelayMs: 1 }, pricing: { catalog: false } },
  );
  return { model, first, second };
}

/** One answer, generated and streamed: what the reader got, and what the report says. */
async function ask({
  model,
  mode,
}: {
  readonly model: LanguageModelV4;
  readonly mode: 'generate' | 'stream';
}) {
  if (mode === 'generate') {
    const result = await generateText({ model, prompt: 'x' });
    return { text: result.text, finish: result.finishReason, report: compositeMetadata(result) };
  }
  const result = streamText({ model, prompt: 'x', onError: () => {} });
  const deltas: string[] = [];
  for await (const part of result.fullStream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'reasoning-delta' && part.text !== '') deltas.push(`(${part.text})`);
    if (part.type === 'text-delta') deltas.push(part.text);
  }
  return {
    text: deltas.join(''),
    finish: await result.finishReason,
    report: await compositeMetadata(result),
  };
}

/** The failed answer's cost is booked, once, beside that of the good one. OpenRouter's package asks for no usage by itself. */
function expectPaid({ client, report }: { readonly client: Client; readonly report: Report }): void {
  if (!clients.includes(client)) return;
  expect(report?.attempts[0]?.cost.usd).toBeCloseTo(failedUsd, 9);
  expect(report?.cost.usd).toBeCloseTo(2 * failedUsd, 9);
}

type Report = CompositeMetadata | undefined;

const empties: ReadonlyArray<readonly [name: string, answer: Answer]> = [
  ['nothing', { finish: 'stop' }],
  ['reasoning only', { reasoning: ['Let me ', 'think.'], finish: 'stop' }],
];

for (const mode of ['generate', 'stream'] as const)
  for (const client of [...clients, ...(mode === 'stream' ? moreClients : [])])
    describe(`${client.name}, ${mode}`, () => {
      test.each(empties)('isEmptyAnswer falls back from %s', async (_name, answer) => {
        const { model, first } = compose({
          client,
          replies: [respond.answer({ ...answer, usage })],
          fallbackWhen: isEmptyAnswer(),
        });
        const { text, finish, report } = await ask({ model, mode });
        expect([text, finish]).toEqual(['All is well.', 'stop']);
        expect(report?.attempts.map(({ outcome, failureKind }) => [outcome, failureKind])).toEqual([
          ['failure', 'empty'],
          ['success', undefined],
        ]);
        expect(first.requests.length).toBe(1);
        expectPaid({ client, report });
      });

      if (mode === 'stream')
        test('isEmptyAnswer shows the reasoning of an answer that goes on', async () => {
          const { model, second } = compose({
            client,
            replies: [respond.answer({ reasoning: ['Hm.'], text: ['Yes', '.'], usage })],
            fallbackWhen: isEmptyAnswer(),
          });
          const { text } = await ask({ model, mode });
          expect(text).toMatch(/^(\(Hm\.\))?Yes\.$/);
          expect(second.requests.length).toBe(0);
        });

      test('isCutByLength falls back from an answer that is cut off', async () => {
        const { model } = compose({
          client,
          replies: [respond.answer({ text: ['Half', ' of'], finish: 'length', usage })],
          fallbackWhen: isCutByLength(),
        });
        const { text, report } = await ask({ model, mode });
        expect(text).toBe('All is well.');
        expect(report?.attempts[0]).toMatchObject({ outcome: 'failure', failureKind: 'malformed-response' });
        expectPaid({ client, report });
      });

      test.each<readonly [name: string, answer: Answer]>([
        ['without output', { finish: 'content-filter' }],
        ['behind a part of an answer', { text: ['Half', ' of'], finish: 'content-filter' }],
        ['of the prompt', { blockReason: 'PROHIBITED_CONTENT' }],
        ...(clients.includes(client) && client.protocol.startsWith('openai')
          ? ([['in the refusal field', { refusal: ['I cannot', ' help.'] }]] as const)
          : []),
      ])('isRefusal falls back from a refusal %s', async (_name, answer) => {
        const { model } = compose({
          client,
          replies: [respond.answer({ ...answer, usage })],
          fallbackWhen: isRefusal(),
        });
        const { text, report } = await ask({ model, mode });
        expect(text).toBe('All is well.');
        expect(report?.attempts[0]).toMatchObject({ outcome: 'failure', failureKind: 'content-filter' });
      });

      if (mode === 'stream')
        test('isRefusal falls back from a refusal that is an HTTP error', async () => {
          const { model } = compose({
            client,
            replies: [respond.error({ kind: 'content-filter' })],
            fallbackWhen: isRefusal(),
          });
          const { text, report } = await ask({ model, mode });
          expect(text).toBe('All is well.');
          expect(report?.attempts[0]).toMatchObject({ outcome: 'failure', failureKind: 'content-filter' });
        });
    });

/** A script of one answer whose last event says more than the protocol's own words. */
function replacing({ from, to }: { readonly from: string; readonly to: string }): Fault {
  return ({ wire }) => ({
    ...wire,
    steps: wire.steps.map(step =>
      step.type === 'write' ? { ...step, text: step.text.replace(from, to) } : step,
    ),
  });
}

describe('a judgement sees what the provider says of a refusal', () => {
  const seen: JudgedAnswer[] = [];
  const look = isAnswer(answer => {
    seen.push(answer);
    return answer.refusal === undefined ? undefined : true;
  });

  for (const mode of ['generate', 'stream'] as const) {
    test(`Anthropic's stop details, ${mode}`, async () => {
      const account = server.account(`stop details ${mode}`);
      const details = { type: 'refusal', category: 'cyber', explanation: 'It is about malware.' };
      account.script([
        respond.answer({
          text: ['Half'],
          finish: 'content-filter',
          faults: [
            replacing({
              from: '"stop_reason":"refusal"',
              to: `"stop_reason":"refusal","stop_details":${JSON.stringify(details)}`,
            }),
          ],
        }),
      ]);
      const model = createComposite(
        [createAnthropic({ baseURL: account.baseUrl, apiKey: 'test' })('claude-opus-5-5')],
        { fallbackWhen: look, pricing: { catalog: false } },
      );
      expect(RouteExhaustedError.isInstance(await rejection(ask({ model, mode })))).toBe(true);
      expect(seen.pop()).toMatchObject({
        text: 'Half',
        finishReason: { unified: 'content-filter', raw: 'refusal' },
        refusal: {
          reason: 'refusal',
          category: 'cyber',
          explanation: 'It is about malware.',
          details: { stopDetails: details },
        },
      });
    });

    test(`Gemini's blocked prompt and its finish, ${mode}`, async () => {
      const account = server.account(`blocked ${mode}`);
      account.script([
        respond.answer({ blockReason: 'PROHIBITED_CONTENT' }),
        respond.answer({ text: ['Half'], rawFinish: 'RECITATION' }),
      ]);
      const google = createGoogle({ baseURL: account.baseUrl, apiKey: 'test' });
      const model = createComposite([google('gemini-3.8-flash')], {
        fallbackWhen: look,
        pricing: { catalog: false },
      });
      expect(RouteExhaustedError.isInstance(await rejection(ask({ model, mode })))).toBe(true);
      expect(seen.pop()).toMatchObject({
        text: '',
        refusal: {
          reason: 'PROHIBITED_CONTENT',
          category: 'PROHIBITED_CONTENT',
          details: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } },
        },
      });
      expect(RouteExhaustedError.isInstance(await rejection(ask({ model, mode })))).toBe(true);
      expect(seen.pop()).toMatchObject({ text: 'Half', refusal: { reason: 'RECITATION' } });
    });
  }
});

test.each(moreClients)('a refusal that $name drops is left as an empty answer', async client => {
  for (const mode of ['generate', 'stream'] as const) {
    const { model } = compose({
      client,
      replies: [respond.answer({ refusal: ['I cannot', ' help.'] })],
      fallbackWhen: [isRefusal(), isEmptyAnswer()],
    });
    const { text, report } = await ask({ model, mode });
    expect(text).toBe('All is well.');
    expect(report?.attempts[0]).toMatchObject({ failureKind: 'empty', judgement: 'empty-answer' });
  }
});

test('a stream that isEmptyAnswer lets go is read while its provider still writes', async () => {
  for (const client of clients) {
    const gate = createGate();
    const { model } = compose({
      client,
      replies: [
        respond.answer({
          text: ['First', ' second', ' third'],
          faults: [fault.pause({ after: 2, until: gate.opened })],
        }),
      ],
      fallbackWhen: isEmptyAnswer(),
    });
    const deltas: string[] = [];
    for await (const delta of streamText({ model, prompt: 'x' }).textStream) {
      deltas.push(delta);
      gate.open();
    }
    expect(deltas.join('')).toBe('First second third');
  }
});

test('a refusal that arrives as an error behind text that is held falls back unseen', async () => {
  for (const client of clients) {
    const { model } = compose({
      client,
      replies: [
        respond.answer({
          text: ['Half', ' of'],
          faults: [fault.error({ after: 1, kind: 'content-filter' })],
        }),
      ],
      fallbackWhen: isRefusal(),
    });
    const { text, report } = await ask({ model, mode: 'stream' });
    expect(text).toBe('All is well.');
    expect(report?.attempts[0]).toMatchObject({ outcome: 'failure', failureKind: 'content-filter' });
  }
});

describe("an agent's steps", () => {
  const tools = {
    weather: tool({
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => `sun in ${city}`,
    }),
  };
  const lookUp = { toolName: 'weather', input: { city: 'Bern' } };

  for (const client of clients)
    for (const mode of ['generate', 'stream'] as const)
      test(`are judged one by one, and a tool runs once: ${client.name}, ${mode}`, async () => {
        const { model, first, second } = compose({
          client,
          replies: [
            respond.answer({ toolCalls: [{ ...lookUp, input: { town: 'Bern' } }], usage }),
            respond.answer({ reasoning: ['Done.'], finish: 'stop', usage }),
          ],
          fallbackWhen: [isEmptyAnswer(), isInvalidToolCall()],
        });
        second.script([
          respond.answer({ toolCalls: [lookUp], usage }),
          respond.answer({ text: 'Sunny.', usage }),
        ]);
        const options = { model, tools, prompt: 'Is it sunny in Bern?', stopWhen: stepCountIs(4) } as const;
        const result = mode === 'generate' ? await generateText(options) : streamText(options);
        if ('consumeStream' in result) await result.consumeStream();
        expect(await result.text).toBe('Sunny.');
        const steps = await result.steps;
        expect(steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output))).toEqual([
          'sun in Bern',
        ]);
        expect(
          steps.map(step =>
            compositeMetadata(step)?.attempts.map(({ candidate, failureKind }) => [candidate, failureKind]),
          ),
        ).toEqual([
          [
            ['first', 'malformed-response'],
            ['second', undefined],
          ],
          // The conversation stays where it was answered.
          [['second', undefined]],
        ]);
        expect(compositeCost({ steps }).usd).toBeCloseTo(3 * failedUsd, 9);
        expect([first.requests.length, second.requests.length]).toEqual([1, 2]);
      });
});
