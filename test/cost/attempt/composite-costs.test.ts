import { generateText, streamText } from 'ai';
import {
  type AttemptEndEvent,
  type CallEndEvent,
  compositeCost,
  compositeMetadata,
  createComposite,
  createCostTracker,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createFaultServer, createGate, fault, respond } from '../../../src/testing/index.ts';
import { clients } from '../../testing/clients.ts';
import { anthropicAnswer, chatAnswer, googleAnswer, responsesAnswer } from '../answers.ts';
import { modelOf } from '../replay.ts';

const cheap = { inputTokens: 1, cacheReadTokens: 0.5, outputTokens: 2 };
const dear = { inputTokens: 10, cacheReadTokens: 5, outputTokens: 20 };
const usage = { inputTokens: 100, cacheReadTokens: 40, outputTokens: 50 };
// 60 fresh and 40 cached input tokens, 50 of output: 600 + 200 + 1,000 micro-USD at the dear price.
const dearUsd = '0.0018';

describe.each(clients)('$name in a composite', client => {
  const setup = async () => {
    const server = await createFaultServer();
    const [first, second] = [server.account('first'), server.account('second')];
    const attempts: AttemptEndEvent[] = [];
    const calls: CallEndEvent[] = [];
    const tracker = createCostTracker();
    const ai = createComposite({
      tasks: {
        chat: [
          { model: client.model(first.baseUrl), name: 'first', price: cheap },
          { model: client.model(second.baseUrl), name: 'second', price: dear },
        ],
      },
      attempts: 1,
      onAttemptEnd: event => void attempts.push(event),
      onCallEnd: event => {
        calls.push(event);
        tracker.onCallEnd(event);
      },
    });
    return { server, first, second, ai, attempts, calls, tracker };
  };

  test.each(['generate', 'stream'] as const)(
    'bills a fallback at its own rates and a refused request not at all (%s)',
    async mode => {
      const { server, first, second, ai, tracker } = await setup();
      await using _ = server;
      first.script([respond.error({ kind: 'overloaded' })]);
      second.script([respond.answer({ text: ['Yes', '.'], usage })]);
      const result =
        mode === 'generate'
          ? await generateText({ model: ai, prompt: 'hi' })
          : streamText({ model: ai, prompt: 'hi' });
      expect(await result.text).toBe('Yes.');
      const metadata = compositeMetadata({ providerMetadata: await result.providerMetadata });
      expect(
        metadata?.attempts.map(({ candidate, cost }) => [candidate, cost.status, cost.usdExact, cost.source]),
      ).toEqual([
        ['first', 'priced', '0', 'not-billed'],
        ['second', 'priced', dearUsd, 'settings'],
      ]);
      expect(metadata?.cost).toEqual({
        status: 'priced',
        usd: Number(dearUsd),
        usdExact: dearUsd,
        incomplete: 0,
        count: 2,
      });
      expect(tracker.snapshot().byCandidate).toMatchObject({
        first: { usdExact: '0' },
        second: { usdExact: dearUsd },
      });
    },
  );

  test.each(['generate', 'stream'] as const)(
    'takes the cost that a LiteLLM proxy says in its headers, before every price (%s)',
    async mode => {
      const { server, first, ai, attempts } = await setup();
      await using _ = server;
      const costOf = async (headers: Readonly<Record<string, string>>) => {
        first.script([respond.answer({ text: 'Yes.', usage, headers })]);
        const result =
          mode === 'generate'
            ? await generateText({ model: ai, prompt: 'hi' })
            : streamText({ model: ai, prompt: 'hi' });
        await result.text;
        return attempts.at(-1)?.cost;
      };
      expect(await costOf({ 'X-LiteLLM-Response-Cost': '0.0042' })).toEqual({
        status: 'priced',
        usd: 0.0042,
        usdExact: '0.0042',
        source: 'provider',
        lineItems: [{ bucket: 'reported', quantity: 1, usd: 0.0042, usdExact: '0.0042' }],
      });
      // 60 fresh and 40 cached input tokens, 50 of output, at the cheap price.
      expect(await costOf({ 'x-litellm-response-cost': '0.0' })).toMatchObject({
        source: 'settings',
        usdExact: '0.00018',
      });
    },
  );

  test('a stream that its reader stops still has its cost in both events', async () => {
    const { server, first, ai, attempts, calls } = await setup();
    await using _ = server;
    const gate = createGate();
    first.script([
      respond.answer({
        text: ['Yes, it is sunny today', ', very sunny'],
        usage,
        faults: [fault.pause({ after: 1, until: gate.opened })],
      }),
    ]);
    const { stream } = await ai.doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Is it sunny in Paris?' }] }],
    });
    const reader = stream.getReader();
    for (let part = await reader.read(); !part.done && part.value.type !== 'text-delta'; )
      part = await reader.read();
    await reader.cancel();
    gate.open();
    expect(attempts.map(({ outcome, cost }) => [outcome, cost.status])).toEqual([['abort', 'lower-bound']]);
    expect(calls.map(({ outcome, cost }) => [outcome, cost.status, cost.usdExact])).toEqual([
      ['abort', 'lower-bound', attempts[0]?.cost.usdExact],
    ]);
    expect(attempts[0]?.cost.usd).toBeGreaterThan(0);
  });

  test('an agent is the sum of its steps, and every step counts', async () => {
    const { server, first, ai } = await setup();
    await using _ = server;
    first.script([respond.answer({ text: 'Yes.', usage })]);
    const steps = [
      await generateText({ model: ai, prompt: 'one' }),
      await generateText({ model: ai, prompt: 'two' }),
    ];
    // 60 + 20 + 100 micro-USD, twice.
    expect(compositeCost({ steps })).toMatchObject({
      status: 'priced',
      usdExact: '0.00036',
      incomplete: 0,
      count: 2,
    });
  });
});

test.each(['generate', 'stream'] as const)(
  'a refusal before any output costs a call nothing (%s)',
  async mode => {
    const answer = anthropicAnswer({
      model: 'claude-opus-5-5',
      usage: { input_tokens: 106, output_tokens: 0 },
      text: '',
      stopReason: 'refusal',
    });
    const calls: CallEndEvent[] = [];
    const ai = createComposite({
      tasks: { chat: [modelOf({ package: 'anthropic', modelId: 'claude-opus-5-5', answer })] },
      onCallEnd: event => void calls.push(event),
    });
    if (mode === 'generate') await generateText({ model: ai, prompt: 'hi' });
    else await streamText({ model: ai, prompt: 'hi' }).consumeStream();
    expect(calls.map(({ cost }) => [cost.status, cost.usdExact, cost.count])).toEqual([['priced', '0', 1]]);
  },
);

test('list prices reach the report of every provider package', async () => {
  const answers = {
    responses: [
      'gpt-6-sol',
      responsesAnswer({
        model: 'gpt-6-sol',
        usage: { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 },
      }),
      '0.003',
    ],
    chat: [
      'gpt-6-sol',
      chatAnswer({
        model: 'gpt-6-sol',
        usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
      }),
      '0.003',
    ],
    anthropic: [
      'claude-opus-5-5',
      anthropicAnswer({ model: 'claude-opus-5-5', usage: { input_tokens: 1_000, output_tokens: 100 } }),
      '0.006',
    ],
    google: [
      'gemini-3.1-pro-preview',
      googleAnswer({ usage: { promptTokenCount: 1_000, candidatesTokenCount: 100, totalTokenCount: 1_100 } }),
      '0.0032',
    ],
    'compatible:ofox': [
      'claude-sonnet-5',
      chatAnswer({
        model: 'claude-sonnet-5',
        usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
      }),
      '0.003',
    ],
  } as const;
  for (const [name, [modelId, answer, usdExact]] of Object.entries(answers)) {
    const ai = createComposite([modelOf({ package: name as keyof typeof answers, modelId, answer })]);
    const generated = await generateText({ model: ai, prompt: 'hi' });
    const streamed = streamText({ model: ai, prompt: 'hi' });
    await streamed.consumeStream();
    for (const providerMetadata of [generated.providerMetadata, await streamed.providerMetadata]) {
      const cost = compositeMetadata({ providerMetadata })?.cost;
      expect([name, cost?.usdExact, cost?.status]).toEqual([
        name,
        usdExact,
        name === 'compatible:ofox' ? 'estimated' : 'priced',
      ]);
    }
  }
});
