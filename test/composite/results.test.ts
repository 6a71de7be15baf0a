import {
  embed,
  generateObject,
  generateText,
  Output,
  stepCountIs,
  streamObject,
  streamText,
  ToolLoopAgent,
  tool,
  wrapLanguageModel,
} from 'ai';
import { MockEmbeddingModelV4 } from 'ai/test';
import {
  addCosts,
  type CallEndEvent,
  type CostTotal,
  compositeCost,
  compositeMetadata,
  costMiddleware,
  createComposite,
  createCostTracker,
  RouteExhaustedError,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { down, scriptedModel, type Turn, usageOf } from '../fallback/scripted-model.ts';
import { caching } from '../testing/caching.ts';

const schema = z.object({ city: z.string() });
const json: Turn = { text: ['{"city":', '"Paris"}'], usage: usageOf(100, 50) };
/** 100 x $1 and 50 x $2 per million. */
const once = { status: 'priced', usd: 0.0002, usdExact: '0.0002', incomplete: 0, count: 1 };
const unreported = { status: 'unknown', incomplete: 1, count: 1 };
const price = { inputTokens: 1, outputTokens: 2 };

function compose(turns: readonly Turn[] = [json]) {
  const calls: CallEndEvent[] = [];
  const model = scriptedModel({ id: 'one', turns });
  const ai = createComposite({
    tasks: { chat: [{ model, name: 'one', price }] },
    attempts: 1,
    pricing: { catalog: false },
    onCallEnd: call => void calls.push(call),
  });
  return { ai, model, calls };
}

const weather = tool({ inputSchema: schema, execute: async () => 'sunny' });
const lookUp: Turn = {
  content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":"Paris"}' }],
  parts: [
    { type: 'stream-start', warnings: [] },
    { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":"Paris"}' },
    { type: 'finish', usage: usageOf(100, 50), finishReason: { unified: 'tool-calls', raw: 'tool_calls' } },
  ],
  finish: 'tool-calls',
  usage: usageOf(100, 50),
};

describe('the cost and the report of', () => {
  const prompt = 'Where?';

  test('generateText', async () => {
    const result = await generateText({ model: compose().ai, prompt });
    expect(compositeCost(result)).toEqual(once);
    expect(compositeMetadata(result)?.candidate).toBe('one');
  });

  test('generateText with an object for its output', async () => {
    const result = await generateText({ model: compose().ai, prompt, output: Output.object({ schema }) });
    expect(result.output).toEqual({ city: 'Paris' });
    expect(compositeCost(result)).toEqual(once);
  });

  test('streamText, as a promise', async () => {
    const result = streamText({ model: compose().ai, prompt });
    expect(await compositeCost(result)).toEqual(once);
    expect((await compositeMetadata(result))?.candidate).toBe('one');
  });

  test('generateObject', async () => {
    const result = await generateObject({ model: compose().ai, prompt, schema });
    expect(compositeCost(result)).toEqual(once);
    expect(compositeMetadata(result)?.candidate).toBe('one');
  });

  test('streamObject, as a promise', async () => {
    const result = streamObject({ model: compose().ai, prompt, schema });
    for await (const _ of result.partialObjectStream);
    expect(await compositeCost(result)).toEqual(once);
    expect((await compositeMetadata(result))?.candidate).toBe('one');
  });

  test('an agent, all its steps', async () => {
    const { ai } = compose([lookUp, json, lookUp, json]);
    const agent = new ToolLoopAgent({ model: ai, tools: { weather } });
    const twice = { ...once, usd: 0.0004, usdExact: '0.0004', count: 2 };
    const result = await agent.generate({ prompt });
    expect(compositeCost(result)).toEqual(twice);
    expect(compositeCost(result.steps)).toEqual(twice);
    expect(compositeMetadata(result.steps)?.callId).toBe(compositeMetadata(result)?.callId);
    const streamed = await agent.stream({ prompt });
    expect(await compositeCost(streamed)).toEqual(twice);
  });

  test('the event of an end', async () => {
    const costs: unknown[] = [];
    await streamText({
      model: compose().ai,
      prompt,
      onEnd: event => void costs.push(compositeCost(event)),
    }).consumeStream();
    await generateText({
      model: compose().ai,
      prompt,
      onStepEnd: step => void costs.push(compositeCost(step)),
    });
    expect(costs).toEqual([once, once]);
  });

  test('a result that is still a promise', async () => {
    expect(await compositeCost(generateText({ model: compose().ai, prompt }))).toEqual(once);
    expect((await compositeMetadata(generateObject({ model: compose().ai, prompt, schema })))?.task).toBe(
      'chat',
    );
  });

  test('several results together, and what is missing among them', async () => {
    const one = await generateText({ model: compose().ai, prompt });
    const other = await generateObject({ model: compose().ai, prompt, schema });
    expect(compositeCost([one, other])).toEqual({ ...once, usd: 0.0004, usdExact: '0.0004', count: 2 });
    expect(compositeCost({ steps: [one, undefined] })).toEqual({
      ...once,
      status: 'lower-bound',
      incomplete: 1,
      count: 2,
    });
    expect(compositeMetadata([one, other])?.callId).toBe(compositeMetadata(other)?.callId);
    const later = Promise.all([one, streamText({ model: compose().ai, prompt })]);
    // A stream in a list is no type of ours, and is waited for all the same.
    expect(await compositeCost(later as never)).toEqual({
      ...once,
      usd: 0.0004,
      usdExact: '0.0004',
      count: 2,
    });
  });

  test.each<readonly [what: string, result: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a result without metadata', {}],
    ['no steps', { steps: undefined, providerMetadata: undefined }],
    ['metadata of others', { providerMetadata: { openai: { composite: {} } } }],
    ['metadata that is null', { providerMetadata: null }],
    ['a namespace that is null', { providerMetadata: { composite: null } }],
    ['a namespace that is a text', { providerMetadata: { composite: 'cost' } }],
    ['a cost that is none', { providerMetadata: { composite: { cost: 1 } } }],
    ['a step that is none', { steps: [undefined] }],
    ['a step that is null', [null]],
    ['a text', 'result'],
  ])('%s is one part that is not known', async (_what, result) => {
    expect(compositeCost(result as undefined)).toEqual(unreported);
    expect(compositeMetadata(result as undefined)).toBeUndefined();
    expect(await compositeCost(Promise.resolve(result as undefined))).toEqual(unreported);
    expect(await compositeCost({ steps: Promise.resolve([result as undefined]) })).toEqual(unreported);
    expect(await compositeMetadata(Promise.resolve(result as undefined))).toBeUndefined();
  });

  test('an embedding, and a text of a model without a composite, are not known', async () => {
    const embedded = await embed({
      model: new MockEmbeddingModelV4({
        doEmbed: async () => ({ embeddings: [[1]], warnings: [], providerMetadata: { openai: {} } }),
      }),
      value: 'Paris',
    });
    expect(compositeCost(embedded)).toEqual(unreported);
    const bare = await generateText({ model: scriptedModel({ id: 'bare', turns: [json] }), prompt });
    expect(compositeCost(bare)).toEqual(unreported);
    expect(compositeMetadata(bare)).toBeUndefined();
  });

  test('a model with the cost middleware alone is a cost without a report', async () => {
    const model = wrapLanguageModel({
      model: scriptedModel({ id: 'one', turns: [json] }),
      middleware: costMiddleware({ price }),
    });
    const result = await generateObject({ model, prompt, schema });
    expect(compositeCost(result)).toEqual(once);
    expect(compositeMetadata(result)).toBeUndefined();
  });
});

test('a cost that was stored and came back as null is one part that is not known', () => {
  expect(addCosts([null, undefined])).toEqual({ status: 'unknown', incomplete: 2, count: 2 });
});

describe('an agent whose later step fails', () => {
  const options = { prompt: 'Where?', tools: { weather }, stopWhen: stepCountIs(5) };

  test('has the cost of that step on the error; the steps before it add up with it', async () => {
    const { ai } = compose([lookUp, lookUp, { error: down }]);
    const costs: CostTotal[] = [];
    const error: unknown = await generateText({
      ...options,
      model: ai,
      onStepEnd: step => void costs.push(compositeCost(step)),
    }).catch((reason: unknown) => reason);
    if (!RouteExhaustedError.isInstance(error)) throw error;
    expect(error.cost).toMatchObject({ usdExact: '0', count: 1 });
    expect(addCosts([...costs, error.cost])).toMatchObject({
      status: 'priced',
      usdExact: '0.0004',
      incomplete: 0,
      count: 3,
    });
  });

  test('is told call by call to onCallEnd, by the name of its session', async () => {
    const { ai, calls } = compose([lookUp, lookUp, { error: down }]);
    const providerOptions = { composite: { sessionId: 'run 7' } };
    await generateText({ ...options, model: ai, providerOptions }).catch(() => undefined);
    const ofRun = calls.filter(({ sessionId }) => sessionId === 'run 7').map(({ cost }) => cost);
    expect(addCosts(ofRun)).toMatchObject({ status: 'priced', usdExact: '0.0004', incomplete: 0, count: 3 });
  });
});

describe.each(['generate', 'stream'] as const)('an answer that a cache gives again (%s)', mode => {
  const ask = async (model: Parameters<typeof generateText>[0]['model']) => {
    const result =
      mode === 'generate'
        ? await generateText({ model, prompt: 'Where?' })
        : streamText({ model, prompt: 'Where?' });
    const steps = await result.steps;
    return { cost: compositeCost({ steps }), report: compositeMetadata(steps) };
  };
  const free = { ...once, usd: 0, usdExact: '0' };

  test('inside a candidate costs nothing where it is marked, and the report says why', async () => {
    const model = scriptedModel({ id: 'one', turns: [json] });
    const tracker = createCostTracker();
    const ai = createComposite({
      tasks: {
        chat: [
          {
            model: wrapLanguageModel({ model, middleware: caching({ isMarked: true }) }),
            name: 'one',
            price,
          },
        ],
      },
      pricing: { catalog: false },
      onCallEnd: tracker.onCallEnd,
    });
    expect((await ask(ai)).cost).toEqual(once);
    const { cost, report } = await ask(ai);
    expect(cost).toEqual(free);
    expect(report?.attempts.map(attempt => attempt.cost)).toEqual([
      { status: 'priced', usd: 0, usdExact: '0', lineItems: [], source: 'cache' },
    ]);
    expect(report).not.toHaveProperty('cached');
    expect(model.calls).toHaveLength(1);
    expect(tracker.snapshot().total).toMatchObject({ usdExact: '0.0002', count: 2, incomplete: 0 });
  });

  test('inside a candidate that is a composite is not added up again, for no model either', async () => {
    const inner = compose().ai;
    const tracker = createCostTracker();
    const ai = createComposite({
      tasks: { chat: [wrapLanguageModel({ model: inner, middleware: caching({ isMarked: true }) })] },
      onCallEnd: tracker.onCallEnd,
    });
    await ask(ai);
    expect((await ask(ai)).cost).toEqual(free);
    const { total, byModel } = tracker.snapshot();
    expect(total.usdExact).toBe('0.0002');
    expect(addCosts(Object.values(byModel)).usdExact).toBe('0.0002');
  });

  test('around the composite costs nothing where it is marked; the report is of the day it was paid', async () => {
    const { ai, model, calls } = compose();
    const cached = wrapLanguageModel({ model: ai, middleware: caching({ isMarked: true }) });
    const first = await ask(cached);
    const { cost, report } = await ask(cached);
    expect([first.cost, cost]).toEqual([once, free]);
    expect(report).toEqual({ ...first.report, cached: true });
    expect([model.calls, calls].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('under the cost middleware costs nothing where it is marked', async () => {
    const model = wrapLanguageModel({
      model: scriptedModel({ id: 'one', turns: [json] }),
      middleware: [costMiddleware({ price }), caching({ isMarked: true })],
    });
    expect((await ask(model)).cost).toEqual(once);
    expect((await ask(model)).cost).toEqual(free);
  });

  test('without a mark looks like any other', async () => {
    const cached = wrapLanguageModel({ model: compose().ai, middleware: caching({ isMarked: false }) });
    await ask(cached);
    expect((await ask(cached)).cost).toEqual(once);
  });
});
