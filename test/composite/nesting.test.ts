import { generateText, type ModelMessage, stepCountIs, streamText, tool } from 'ai';
import {
  addCosts,
  type CostTotal,
  type CostWarning,
  compositeCost,
  compositeMetadata,
  createComposite,
  createCostTracker,
  RouteExhaustedError,
  StreamInterruptedError,
} from 'ai-composite';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { createFaultServer, respond } from '../../src/testing/index.ts';
import { down, scriptedModel, type Turn, usageOf } from '../fallback/scripted-model.ts';
import { clients } from '../testing/clients.ts';

const tools = {
  weather: tool({ inputSchema: z.object({ city: z.string() }), execute: async () => 'sunny' }),
};
const price = { inputTokens: 1, outputTokens: 2 };
const usage = { inputTokens: 10, outputTokens: 5 };
const lookUp = respond.answer({
  reasoning: 'where is it sunny',
  text: 'let me see',
  toolCalls: [{ toolName: 'weather', input: { city: 'Paris' } }],
  finish: 'tool-calls',
  usage,
});

describe('a candidate that is itself a composite', () => {
  for (const client of clients) {
    for (const mode of ['generate', 'stream'] as const) {
      test(`keeps its own history and is counted once (${client.name}, ${mode})`, async () => {
        await using server = await createFaultServer();
        const [alpha, beta] = [server.account('alpha'), server.account('beta')];
        alpha.script([
          lookUp,
          respond.error({ kind: 'auth' }),
          lookUp,
          respond.answer({ text: 'done', usage }),
        ]);
        beta.script([lookUp, respond.error({ kind: 'auth' })]);
        const inner = createComposite({
          tasks: {
            chat: [
              { model: client.model(alpha.baseUrl), name: 'alpha', price },
              { model: client.model(beta.baseUrl), name: 'beta', price },
            ],
          },
          circuitBreaker: { cooldownMs: 0.001, maxCooldownMs: 0.001 },
        });
        const ai = createComposite([
          { model: inner, name: 'inner' },
          { model: client.model(server.account('gamma').baseUrl), name: 'gamma', price },
        ]);

        const options = { model: ai, prompt: 'Is it sunny?', tools, stopWhen: stepCountIs(6) } as const;
        const result = mode === 'generate' ? await generateText(options) : streamText(options);
        const steps = await result.steps;

        expect(await result.text).toBe('done');
        expect(
          steps.map(step =>
            compositeMetadata(step)?.attempts.map(({ candidate, nested }) => [
              candidate,
              nested?.attempts.map(attempt => `${attempt.candidate} ${attempt.outcome}`),
            ]),
          ),
        ).toEqual([
          [['inner', ['alpha success']]],
          [['inner', ['alpha failure', 'beta success']]],
          // The conversation stays on beta until that one fails too.
          [['inner', ['beta failure', 'alpha success']]],
          [['inner', ['alpha success']]],
        ]);
        // Four answers of 10 fresh input tokens at $1 and 5 output tokens at $2 per million; the refused keys cost nothing.
        expect(compositeCost({ steps })).toEqual({
          status: 'priced',
          usd: 0.00008,
          usdExact: '0.00008',
          incomplete: 0,
          count: 4,
        });
        // Two accounts of one Claude check each other's signatures.
        const secret = client.protocol === 'anthropic' ? '(rs|msg|fc)' : '(rs|msg|fc|signature)';
        const sent = (account: typeof alpha) => JSON.stringify(account.requests.map(({ body }) => body));
        expect(sent(beta)).not.toMatch(new RegExp(`${secret}_alpha`));
        expect(sent(alpha)).not.toMatch(new RegExp(`${secret}_beta`));
      });
    }
  }

  test.each(['break', 'abort', 'cancel'] as const)(
    'is never asked for a price, and a break has the cost so far (%s)',
    async end => {
      const text = ['aaaa', 'bbbb', 'cccc'];
      const model = scriptedModel({
        id: 'one',
        turns: [end === 'break' ? { text, breakAfter: 4, error: down } : { text }],
      });
      const costs: { [composite: string]: CostTotal } = {};
      const warnings: string[] = [];
      const pricing = {
        catalog: false,
        onWarning: ({ message }: CostWarning) => warnings.push(message),
      } as const;
      const keep =
        (composite: string) =>
        ({ cost }: { readonly cost: CostTotal }) => {
          costs[composite] = cost;
        };
      const inner = createComposite({ tasks: { t: [{ model, price }] }, pricing, onCallEnd: keep('inner') });
      const middle = createComposite({ tasks: { t: [inner] }, pricing, onCallEnd: keep('middle') });
      const outer = createComposite({ tasks: { t: [middle] }, pricing, onCallEnd: keep('outer') });
      const controller = new AbortController();
      const { stream } = await outer.doStream({
        prompt: [{ role: 'user', content: [{ type: 'text', text: 'Is it sunny?' }] }],
        abortSignal: controller.signal,
      });
      const reader = stream.getReader();
      const errors: unknown[] = [];
      for (let count = 0; ; count++) {
        if (count === 4 && end === 'abort') controller.abort();
        if (count === 4 && end === 'cancel') await reader.cancel();
        const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
        if (value?.type === 'error') errors.push(value.error);
        if (done) break;
      }
      await vi.waitFor(() => expect(Object.keys(costs)).toHaveLength(3));

      expect(warnings).toEqual([]);
      // What was seen is estimated: some input at $1 and some output at $2 per million.
      expect(costs.inner?.status).toBe('lower-bound');
      const passedOn = end === 'break' ? costs.inner : { status: 'unknown', incomplete: 1, count: 1 };
      expect([costs.middle, costs.outer]).toEqual([passedOn, passedOn]);
      expect(errors.map(error => StreamInterruptedError.isInstance(error) && error.cost)).toEqual(
        end === 'break' ? [costs.inner] : [],
      );
    },
  );

  test('is asked for a file that one of its own candidates may hold', async () => {
    const says = (id: string, provider: string) => scriptedModel({ id, provider, turns: [{ text: [id] }] });
    const pricing = { catalog: false, onWarning: () => {} } as const;
    const inner = createComposite({
      tasks: { chat: [says('one', 'anthropic.messages'), says('two', 'openai.chat')] },
      pricing,
    });
    const ai = createComposite({
      tasks: { chat: [says('three', 'anthropic.messages'), inner, says('four', 'gateway')] },
      pricing,
    });
    const { steps, skipped, warnings } = await ai.plan({
      prompt: [
        {
          role: 'user',
          content: [
            {
              type: 'file',
              mediaType: 'application/pdf',
              data: { type: 'reference', reference: { openai: 'file-1' } },
            },
          ],
        },
      ],
    });
    expect(steps.map(({ candidate }) => candidate)).toEqual(['composite/chat', 'gateway/four']);
    expect([skipped.map(({ candidate }) => candidate), warnings]).toEqual([['anthropic/three'], []]);
  });

  test('keeps the session of its outer composite', async () => {
    const says = (id: string, ...turns: readonly Turn[]) => scriptedModel({ id, turns });
    const quiet = { attempts: 1, pricing: { catalog: false, onWarning: () => {} } } as const;
    const first = says('first', { error: down }, { text: ['first'] });
    const [inner, other] = [says('inner', { text: ['inner'] }), says('other', { text: ['other'] })];
    const innermost = createComposite({ tasks: { chat: [first, inner] }, ...quiet });
    const middle = createComposite({ tasks: { chat: [innermost] }, ...quiet });
    const ai = createComposite({
      tasks: {
        chat: [{ model: middle, providerOptions: { composite: { tags: { level: 'middle' } } } }, other],
      },
      ...quiet,
    });
    const ask = async (sessionId: string) =>
      (await generateText({ model: ai, prompt: 'Hello', providerOptions: { composite: { sessionId } } }))
        .text;
    expect([await ask('one'), await ask('one'), await ask('two')]).toEqual(['inner', 'inner', 'first']);
    expect(inner.calls.map(({ providerOptions }) => providerOptions)).toEqual([{}, {}]);
  });

  test('takes nothing that its outer composite made for its own, whatever the names', async () => {
    const says = (id: string, ...turns: readonly Turn[]) => scriptedModel({ id, turns });
    const quiet = { attempts: 1, pricing: { catalog: false, onWarning: () => {} } } as const;
    // Two accounts of one model: each composite calls its own by the same name.
    const inner = createComposite({
      tasks: { chat: [says('one', { text: ['one'] }), says('two', { text: ['inner two'] })] },
      ...quiet,
    });
    const ai = createComposite({
      tasks: {
        chat: [says('two', { text: ['outer two'] }, { error: down }), { model: inner, name: 'inner' }],
      },
      ...quiet,
    });
    const messages: ModelMessage[] = [{ role: 'user', content: 'Hello' }];
    const first = await generateText({ model: ai, messages });
    messages.push(...first.response.messages, { role: 'user', content: 'And now?' });
    const second = await generateText({ model: ai, messages });

    expect([first.text, second.text]).toEqual(['outer two', 'one']);
    expect(compositeMetadata(second)?.attempts.at(-1)?.nested).not.toHaveProperty('affinity');
  });

  test.each(['generate', 'stream'] as const)(
    'reports its own attempts where all of them failed, and each counts for its model (%s)',
    async mode => {
      const failing = (id: string) =>
        scriptedModel({ id, turns: [{ finish: 'error', usage: usageOf(100, 50) }] });
      const quiet = { attempts: 1, pricing: { catalog: false, onWarning: () => {} } } as const;
      const inner = createComposite({
        tasks: { chat: ['one', 'two'].map(id => ({ model: failing(id), name: id, price })) },
        ...quiet,
      });
      const middle = createComposite({ tasks: { chat: [{ model: inner, name: 'inner' }] }, ...quiet });
      const tracker = createCostTracker();
      const ai = createComposite({
        tasks: {
          chat: [
            { model: middle, name: 'middle' },
            { model: scriptedModel({ id: 'three', turns: [{ text: ['ok'] }] }), name: 'three', price },
          ],
        },
        ...quiet,
        onCallEnd: tracker.onCallEnd,
      });
      const result =
        mode === 'generate'
          ? await generateText({ model: ai, prompt: 'hi' })
          : streamText({ model: ai, prompt: 'hi' });
      expect(await result.text).toBe('ok');
      const report = compositeMetadata(await result.steps);
      const nested = report?.attempts[0]?.nested;
      expect(nested?.candidate).toBe('');
      const innermost = nested?.attempts[0]?.nested;
      expect(
        innermost?.attempts.map(({ candidate, outcome, cost }) => [candidate, outcome, cost.usdExact]),
      ).toEqual([
        ['one', 'failure', '0.0002'],
        ['two', 'failure', '0.0002'],
      ]);
      expect(report?.attempts[0]?.cost.usdExact).toBe('0.0004');
      const { byModel, total } = tracker.snapshot();
      expect(Object.keys(byModel)).toEqual(['one', 'two', 'three']);
      expect(addCosts(Object.values(byModel)).usdExact).toBe(total.usdExact);
    },
  );

  test('hands its error with all attempts and their cost to the outer route', async () => {
    await using server = await createFaultServer();
    server.account('alpha').script([respond.error({ kind: 'quota' })]);
    const inner = createComposite(
      clients
        .slice(0, 1)
        .map(client => ({ model: client.model(server.account('alpha').baseUrl), name: 'alpha', price })),
    );
    const ai = createComposite([{ model: inner, name: 'inner' }]);

    const error = await generateText({ model: ai, prompt: 'hi' }).catch((thrown: unknown) => thrown);

    expect(
      RouteExhaustedError.isInstance(error) &&
        error.attempts.map(({ candidate, failureKind }) => [candidate, failureKind]),
    ).toEqual([['inner', 'quota']]);
    expect(
      RouteExhaustedError.isInstance(error) &&
        RouteExhaustedError.isInstance(error.cause) &&
        error.cause.attempts.length,
    ).toBe(1);
    expect(RouteExhaustedError.isInstance(error) && error.cost).toEqual({
      status: 'priced',
      usd: 0,
      usdExact: '0',
      incomplete: 0,
      count: 1,
    });
  });
});
