import { generateText, streamText, wrapLanguageModel } from 'ai';
import {
  type CallEndEvent,
  classifyWithModel,
  compositeCost,
  compositeMetadata,
  createComposite,
  createCostTracker,
  RouteExhaustedError,
} from 'ai-composite';
import { expect, test } from 'vitest';
import { down, httpError, scriptedModel, type Turn, usageOf } from '../fallback/scripted-model.ts';

const rate = { inputTokens: 1, outputTokens: 10 };

/** A composite whose classifier says `code`, and what its observer was told. */
function compose({ classifying, serving }: { readonly classifying?: Turn; readonly serving?: Turn } = {}) {
  const small = scriptedModel({
    id: 'small',
    turns: [{ text: ['{"result":"code"}'], usage: usageOf(100, 10), modelId: 'small-2026', ...classifying }],
  });
  const large = scriptedModel({
    id: 'large',
    turns: [serving ?? { text: ['ok'], usage: usageOf(1_000, 100) }],
  });
  const ends: CallEndEvent[] = [];
  const ai = createComposite({
    tasks: { chat: [{ model: large, name: 'chat' }], code: [{ model: large, name: 'code' }] },
    classify: classifyWithModel(small, { tasks: { code: 'code', chat: 'chat' } }),
    prices: { 'scripted/*': rate },
    pricing: { catalog: false },
    attempts: 1,
    onCallEnd: end => {
      ends.push(end);
    },
  });
  return { ai, ends };
}

const classification = {
  provider: 'scripted',
  modelId: 'small-2026',
  outcome: 'success',
  cost: expect.objectContaining({ status: 'priced', usdExact: '0.0002' }),
};

for (const mode of ['generate', 'stream'] as const) {
  test(`what classifying cost is in the report and the total, once a conversation (${mode})`, async () => {
    const { ai, ends } = compose();
    const ask = async () => {
      const options = { model: ai, prompt: 'Fix my loop' };
      const result = mode === 'generate' ? await generateText(options) : streamText(options);
      const steps = await result.steps;
      return { report: compositeMetadata(steps[0] ?? {}), cost: compositeCost({ steps }) };
    };
    const first = await ask();
    expect(first.report).toMatchObject({
      task: 'code',
      classification,
      cost: { usdExact: '0.0022', count: 2 },
    });
    expect(first.cost.usdExact).toBe('0.0022');
    const second = await ask();
    expect(second.report).toMatchObject({ task: 'code', cost: { usdExact: '0.002', count: 1 } });
    expect(second.report).not.toHaveProperty('classification');
    expect(ends.map(end => [end.classification?.modelId, end.cost.usdExact])).toEqual([
      ['small-2026', '0.0022'],
      [undefined, '0.002'],
    ]);
  });
}

test('a tracker counts it for the classifying model', async () => {
  const { ai, ends } = compose();
  await generateText({ model: ai, prompt: 'Fix my loop' });
  const tracker = createCostTracker();
  for (const end of ends) tracker.onCallEnd(end);
  const { byModel, byCandidate, total } = tracker.snapshot();
  expect(byModel).toMatchObject({ 'small-2026': { usdExact: '0.0002' }, large: { usdExact: '0.002' } });
  expect(byCandidate).toMatchObject({ code: { usdExact: '0.002' } });
  expect(total.usdExact).toBe('0.0022');
});

test('what a proxy says in its headers that it cost goes before the price', async () => {
  const small = wrapLanguageModel({
    model: scriptedModel({
      id: 'small',
      turns: [{ text: ['{"result":"code"}'], usage: usageOf(100, 10) }],
    }),
    middleware: {
      specificationVersion: 'v4',
      wrapGenerate: async ({ doGenerate }) => {
        const result = await doGenerate();
        return { ...result, response: { ...result.response, headers: { 'x-litellm-response-cost': '0.5' } } };
      },
    },
  });
  const ai = createComposite({
    tasks: {
      chat: [scriptedModel({ id: 'one', turns: [] })],
      code: [scriptedModel({ id: 'two', turns: [{ text: ['ok'], usage: usageOf(1_000, 100) }] })],
    },
    classify: classifyWithModel(small, { tasks: { code: 'code', chat: 'chat' } }),
    prices: { 'scripted/*': rate },
    pricing: { catalog: false },
  });
  expect(
    compositeMetadata(await generateText({ model: ai, prompt: 'Fix my loop' }))?.classification,
  ).toMatchObject({ cost: { source: 'provider', usdExact: '0.5' } });
});

test('an answer that makes no sense is paid for too', async () => {
  const { ai } = compose({ classifying: { text: ['no idea'] } });
  const report = compositeMetadata(await generateText({ model: ai, prompt: 'Fix my loop' }));
  expect(report).toMatchObject({
    task: 'chat',
    classification: { ...classification, outcome: 'failure' },
    cost: { usdExact: '0.0022', count: 2 },
  });
});

test('a refused request to the classifying model costs nothing', async () => {
  const { ai } = compose({ classifying: { error: down } });
  const report = compositeMetadata(await generateText({ model: ai, prompt: 'Fix my loop' }));
  expect(report).toMatchObject({
    classification: {
      modelId: 'small',
      outcome: 'failure',
      cost: { status: 'priced', usd: 0, source: 'not-billed' },
    },
    cost: { usdExact: '0.002' },
  });
});

test('the error of an exhausted route counts it', async () => {
  const { ai } = compose({ serving: { error: down } });
  const thrown = await generateText({ model: ai, prompt: 'Fix my loop' }).then(
    undefined,
    (error: unknown) => error,
  );
  if (!RouteExhaustedError.isInstance(thrown)) throw thrown;
  expect(thrown.cost).toMatchObject({ usdExact: '0.0002', count: 2 });
});

test('a plan tells what classifying for it cost', async () => {
  const { ai } = compose();
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Fix my loop' }] }];
  expect((await ai.plan({ prompt })).classification).toEqual(classification);
  expect(await ai.plan({ prompt })).not.toHaveProperty('classification');
});

test('the report tells why a classifying model failed', async () => {
  const { ai } = compose({ classifying: { error: httpError({ statusCode: 401 }) } });
  const result = await generateText({ model: ai, prompt: 'Fix my loop' });
  expect(compositeMetadata(result)?.classification).toMatchObject({
    outcome: 'failure',
    failureKind: 'auth',
    statusCode: 401,
  });
});
