import { OpenTelemetry } from '@ai-sdk/otel';
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  generateText,
  type LanguageModel,
  registerTelemetry as registerSdk,
  stepCountIs,
  streamText,
  ToolLoopAgent,
  tool,
} from 'ai';
import {
  type CompositeSettings,
  createComposite,
  createPriceCatalog,
  isAnswer,
  RouteExhaustedError,
} from 'ai-composite';
import { otelObserver } from 'ai-composite/otel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createGate } from '../../src/testing/index.ts';
import { createManualClock } from '../fallback/manual-clock.ts';
import { down, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call, collect, rejection } from '../testing/call.ts';
import { registerTelemetry, type Telemetry } from './telemetry.ts';

const price = { inputTokens: 1, outputTokens: 2 };
const failing: Turn = { error: down };
const answer: Turn = { text: ['Hello', '.'], modelId: 'gemini-3.8-flash-001' };

/** Two candidates of two providers, observed. */
function compose({
  turns = [[failing], [answer]],
  observer = otelObserver(),
  ...settings
}: {
  readonly turns?: ReadonlyArray<readonly Turn[] | ((call: number) => Turn)>;
  readonly observer?: ReturnType<typeof otelObserver>;
} & Partial<CompositeSettings<'chat'>> = {}) {
  const providers = ['openai.responses', 'google.generative-ai'];
  const ids = ['gpt-6-sol', 'gemini-3.8-flash'];
  const models = turns.map((own, index) =>
    scriptedModel({ id: ids[index] ?? `m${index}`, provider: providers[index] ?? 'scripted', turns: own }),
  );
  const names = ['primary', 'backup', 'third'];
  const ai = createComposite({
    tasks: { chat: models.map((model, index) => ({ model, name: names[index] ?? `m${index}`, price })) },
    attempts: 1,
    pricing: { catalog: false },
    circuitBreaker: false,
    generateId: () => 'call-1',
    ...settings,
    ...observer,
  });
  return { ai, models };
}

async function ask({ mode, model }: { readonly mode: 'generate' | 'stream'; readonly model: LanguageModel }) {
  if (mode === 'generate') return (await generateText({ model, prompt: 'How are you?', maxRetries: 0 })).text;
  return streamText({ model, prompt: 'How are you?', maxRetries: 0, onError: () => {} }).text;
}

const modes = ['generate', 'stream'] as const;
let telemetry: Telemetry;
beforeEach(() => {
  telemetry = registerTelemetry();
  // The SDK keeps integrations for good, and its own keeps the tracer that it was made with.
  globalThis.AI_SDK_TELEMETRY_INTEGRATIONS = undefined;
  registerSdk(new OpenTelemetry());
});
afterEach(() => telemetry.dispose());

describe.each(modes)('under the span tree of the AI SDK (%s)', mode => {
  test('every attempt has a span below the chat span of its call', async () => {
    await ask({ mode, model: compose().ai });
    expect(telemetry.tree()).toEqual([
      'invoke_agent chat',
      '  step 1',
      '    chat chat',
      '      attempt 1 primary',
      '      attempt 2 backup',
    ]);
    const [first, second] = [telemetry.span('attempt 1'), telemetry.span('attempt 2')];
    expect(first.attributes).toEqual({
      'gen_ai.operation.name': 'attempt',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-6-sol',
      'composite.call_id': 'call-1',
      'composite.task': 'chat',
      'composite.candidate': 'primary',
      'composite.attempt_number': 1,
      'composite.outcome': 'failure',
      'error.type': 'server',
      'http.response.status_code': 500,
      'composite.cost.status': 'priced',
      'composite.cost.usd': 0,
    });
    expect(first.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(first.events).toEqual([]);
    expect(second.attributes).toEqual({
      'gen_ai.operation.name': 'attempt',
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': 'gemini-3.8-flash',
      'gen_ai.response.model': 'gemini-3.8-flash-001',
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.usage.cache_read.input_tokens': 0,
      'gen_ai.usage.cache_write.input_tokens': 0,
      'gen_ai.usage.reasoning.output_tokens': 0,
      'composite.call_id': 'call-1',
      'composite.task': 'chat',
      'composite.candidate': 'backup',
      'composite.attempt_number': 2,
      'composite.outcome': 'success',
      'composite.cost.status': 'priced',
      'composite.cost.usd': 0.000014,
    });
    expect(second.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(first.kind).toBe(SpanKind.INTERNAL);
  });

  test('the chat span tells who served, not the composite, and what the call came to', async () => {
    await ask({ mode, model: compose().ai });
    expect(telemetry.span('chat').attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': 'gemini-3.8-flash',
      'gen_ai.response.model': 'gemini-3.8-flash-001',
      'gen_ai.usage.output_tokens': 2,
      'composite.call_id': 'call-1',
      'composite.task': 'chat',
      'composite.candidate': 'backup',
      'composite.outcome': 'success',
      'composite.attempt_count': 2,
      'composite.call.cost.status': 'priced',
      'composite.call.cost.usd': 0.000014,
    });
  });

  test('the chat span tells whose answer was the least bad', async () => {
    const { ai } = compose({
      turns: [[{ text: ['Hel', 'lo'], modelId: 'gpt-6-sol-001' }], [{ text: ['no'], modelId: 'other' }]],
      fallbackWhen: isAnswer(() => true),
      onExhausted: 'best',
    });
    await ask({ mode, model: ai });
    expect(telemetry.span('chat').attributes).toMatchObject({
      'gen_ai.provider.name': 'openai',
      'gen_ai.response.model': 'gpt-6-sol-001',
      'composite.candidate': 'primary',
    });
  });

  test('no span of a call counts its tokens twice', async () => {
    await ask({ mode, model: compose().ai });
    const chats = telemetry.spans().filter(span => span.attributes['gen_ai.operation.name'] === 'chat');
    expect(chats.map(({ name }) => name)).toEqual(['chat chat']);
  });

  test('a call that nobody answered has its attempts, and tells who was asked last', async () => {
    const { ai } = compose({ turns: [[failing], [failing]] });
    await rejection(ask({ mode, model: ai }));
    expect(telemetry.tree().slice(3)).toEqual(['      attempt 1 primary', '      attempt 2 backup']);
    expect(telemetry.span('chat').attributes).toMatchObject({
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': 'gemini-3.8-flash',
      'composite.outcome': 'failure',
    });
    expect(telemetry.span('chat').attributes).not.toHaveProperty('gen_ai.response.model');
  });

  test('what a request starts belongs below its attempt', async () => {
    const tracer = trace.getTracer('http');
    const post = (): Turn => {
      tracer.startSpan('POST').end();
      return answer;
    };
    await ask({ mode, model: compose({ turns: [() => ({ ...post(), ...failing }), post] }).ai });
    expect(telemetry.tree().slice(3)).toEqual([
      '      attempt 1 primary',
      '        POST',
      '      attempt 2 backup',
      '        POST',
    ]);
  });

  test('all observers run where the call came in', async () => {
    const seen: unknown[] = [];
    const see = () => void seen.push(Reflect.get(trace.getActiveSpan() ?? {}, 'name'));
    const { ai } = compose({
      onAttemptStart: see,
      onAttemptEnd: see,
      onCallEnd: see,
      observers: { onCallEnd: see },
    });
    await ask({ mode, model: ai });
    expect(seen).toEqual(Array.from({ length: 6 }, () => 'chat chat'));
  });

  test('the steps of an agent have their own', async () => {
    const weather = tool({ inputSchema: z.object({}), execute: async () => 'sunny' });
    const toolCall: Turn = {
      ...(mode === 'generate'
        ? { content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{}' }] }
        : {
            parts: [
              { type: 'stream-start', warnings: [] },
              { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{}' },
              {
                type: 'finish',
                usage: {
                  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
                  outputTokens: { total: 1, text: 1, reasoning: 0 },
                },
                finishReason: { unified: 'tool-calls', raw: 'tool-calls' },
              },
            ],
          }),
      finish: 'tool-calls',
    };
    const { ai } = compose({ turns: [[toolCall, failing], [answer]] });
    const agent = new ToolLoopAgent({ model: ai, tools: { weather }, stopWhen: stepCountIs(5) });
    if (mode === 'generate') await agent.generate({ prompt: 'hi' });
    else await (await agent.stream({ prompt: 'hi' })).text;
    expect(telemetry.tree()).toEqual([
      'invoke_agent chat',
      '  step 1',
      '    chat chat',
      '      attempt 1 primary',
      '    execute_tool weather',
      '  step 2',
      '    chat chat',
      '      attempt 1 primary',
      '      attempt 2 backup',
    ]);
    const chats = telemetry.spans().filter(({ name }) => name === 'chat chat');
    expect(chats.map(({ attributes }) => attributes['gen_ai.provider.name'])).toEqual([
      'openai',
      'gcp.gemini',
    ]);
  });

  test('an inner composite has its own below the attempt that asked it, and tells who it was', async () => {
    const inner = compose().ai;
    const ai = createComposite(
      [{ model: inner, name: 'team' }],
      // Both have ids of their own, which are the same.
      { ...otelObserver(), generateId: () => 'call-1', pricing: { catalog: false } },
    );
    await ask({ mode, model: ai });
    expect(telemetry.tree().slice(2)).toEqual([
      '    chat default',
      '      attempt 1 team',
      '        attempt 1 primary',
      '        attempt 2 backup',
    ]);
    const served = {
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': expect.stringContaining('gemini-3.8-flash'),
      'gen_ai.response.model': 'gemini-3.8-flash-001',
    };
    expect(telemetry.span('chat').attributes).toMatchObject({ ...served, 'composite.task': 'default' });
    expect(telemetry.span('attempt 1 team').attributes).toMatchObject({
      ...served,
      'gen_ai.operation.name': 'attempt',
      'composite.task': 'default',
      'composite.candidate': 'team',
    });
  });

  test('a hundred calls at once keep apart, whatever ids they have', async () => {
    const order = createGate();
    const { ai } = compose({
      turns: [
        [failing],
        () => ({ ...answer, before: Math.random() < 0.5 ? order.opened : Promise.resolve() }),
      ],
    });
    const calls = Array.from({ length: 100 }, () => ask({ mode, model: ai }));
    setTimeout(order.open, 20);
    await Promise.all(calls);
    const ids = new Map(telemetry.spans().map(span => [span.spanContext().spanId, span]));
    const attempts = telemetry.spans().filter(({ name }) => name.startsWith('attempt'));
    const parents = attempts.map(({ parentSpanContext }) => ids.get(parentSpanContext?.spanId ?? ''));
    expect(attempts.length).toBe(200);
    expect(new Set(parents.map(parent => parent?.name))).toEqual(new Set(['chat chat']));
    expect(new Set(parents).size).toBe(100);
    for (const span of attempts)
      expect(span.spanContext().traceId).toBe(
        ids.get(span.parentSpanContext?.spanId ?? '')?.spanContext().traceId,
      );
  });
});

describe('ends', () => {
  test('a stream that its reader leaves ends as an abort, with who it was', async () => {
    const { ai } = compose({ turns: [[{ text: ['one', 'two'], modelId: 'served' }]] });
    const { stream } = await ai.doStream(call());
    const reader = stream.getReader();
    while ((await reader.read()).value?.type !== 'text-delta');
    await reader.cancel();
    const span = telemetry.span('attempt 1');
    expect(span.attributes).toMatchObject({
      'composite.outcome': 'abort',
      'gen_ai.response.model': 'served',
      'composite.cost.status': 'lower-bound',
    });
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
  });

  test.each(modes)('an abort of the caller ends its attempt, and starts none (%s)', async mode => {
    const { ai } = compose({ turns: [[{ silent: true }], [answer]] });
    const controller = new AbortController();
    const options = { model: ai, prompt: 'hi', abortSignal: controller.signal, onError: () => {} };
    const result = mode === 'generate' ? generateText(options) : streamText(options).text;
    setTimeout(() => controller.abort(new Error('enough')));
    await rejection(result);
    expect(telemetry.span('attempt').attributes).toMatchObject({
      'composite.candidate': 'primary',
      'composite.outcome': 'abort',
    });
    expect(JSON.stringify(telemetry.span('attempt').attributes)).not.toContain('enough');
  });

  test.each(modes)('both lanes of a hedge have a span each, side by side (%s)', async mode => {
    const clock = createManualClock();
    const { ai } = compose({
      turns: [[{ silent: true }], [answer]],
      hedge: { afterMs: 1_000 },
      clock,
    });
    const text = ask({ mode, model: ai });
    await clock.waitForPending(1);
    await clock.advance(1_000);
    expect(await text).toBe('Hello.');
    const [first, second] = [telemetry.span('attempt 1'), telemetry.span('attempt 2')];
    expect(first.attributes['composite.outcome']).toBe('abort');
    expect(second.attributes['composite.outcome']).toBe('success');
    expect(first.parentSpanContext?.spanId).toBe(second.parentSpanContext?.spanId);
    expect(telemetry.span('chat').attributes).toMatchObject({
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.response.model': 'gemini-3.8-flash-001',
    });
  });

  test('a stream that breaks after its first output ends as a failure', async () => {
    const { ai } = compose({ turns: [[{ text: ['one', 'two'], breakAfter: 3, error: down }]] });
    await collect({ model: ai });
    expect(telemetry.span('attempt 1').attributes).toMatchObject({
      'composite.outcome': 'failure',
      'error.type': 'server',
    });
    expect(telemetry.span('attempt 1').status).toEqual({ code: SpanStatusCode.ERROR });
  });

  test('times are those of the attempts, also where a price is waited for', async () => {
    const loaded = createGate();
    const catalog = createPriceCatalog();
    const { ai } = compose({
      turns: [[failing], [answer]],
      tasks: {
        chat: [
          { model: scriptedModel({ id: 'a', turns: [failing] }), name: 'primary' },
          { model: scriptedModel({ id: 'b', turns: [answer] }), name: 'backup' },
        ],
      },
      clock: createManualClock(),
      pricing: {
        catalog: { ...catalog, lookUpNow: () => undefined, load: () => loaded.opened },
        onWarning: () => {},
      },
    });
    const done = generateText({ model: ai, prompt: 'hi' });
    setTimeout(loaded.open, 5);
    await done;
    const spans = [telemetry.span('attempt 1'), telemetry.span('attempt 2')];
    const at = Date.UTC(2026, 10, 1) / 1_000;
    expect(spans.map(({ startTime, endTime }) => [startTime, endTime])).toEqual([
      [
        [at, 0],
        [at, 0],
      ],
      [
        [at, 0],
        [at, 0],
      ],
    ]);
  });
});

describe('without the span tree of the SDK', () => {
  test('an attempt stands for the request itself, below whatever is active', async () => {
    const { ai } = compose();
    const tracer = trace.getTracer('app');
    await tracer.startActiveSpan('handle request', async span => {
      await collect({ model: ai });
      span.end();
    });
    expect(telemetry.tree()).toEqual(['handle request', '  attempt 1 primary', '  attempt 2 backup']);
    expect(telemetry.span('attempt 2').kind).toBe(SpanKind.CLIENT);
    expect(telemetry.span('attempt 2').attributes['gen_ai.operation.name']).toBe('chat');
    expect(telemetry.span('handle request').attributes).toMatchObject({
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': 'gemini-3.8-flash',
      'gen_ai.response.model': 'gemini-3.8-flash-001',
      'composite.candidate': 'backup',
    });
  });

  test('attempts are roots where nothing is active', async () => {
    await compose().ai.doGenerate(call());
    expect(telemetry.tree()).toEqual(['attempt 1 primary', 'attempt 2 backup']);
  });

  test('session and tags are on the attempts', async () => {
    const composite = { sessionId: 'seven', tags: { customer: 'acme' } };
    await compose().ai.doGenerate(call({ providerOptions: { composite } }));
    expect(telemetry.span('attempt 2').attributes).toMatchObject({
      'gen_ai.conversation.id': 'seven',
      'composite.tag.customer': 'acme',
    });
  });

  test('a span that has ended, or is not recorded, is left alone', async () => {
    const { ai } = compose();
    const ended = trace.getTracer('app').startSpan('gone');
    ended.end();
    await context.with(trace.setSpan(ROOT_CONTEXT, ended), () => ai.doGenerate(call()));
    expect(telemetry.span('gone').attributes).toEqual({});
    const unrecorded = trace.wrapSpanContext(ended.spanContext());
    await context.with(trace.setSpan(ROOT_CONTEXT, unrecorded), () => ai.doGenerate(call()));
    expect(telemetry.spans().length).toBe(5);
  });
});

describe('what is registered', () => {
  test('may come after the observer and the composite', async () => {
    await telemetry.dispose();
    const { ai } = compose();
    await ai.doGenerate(call());
    telemetry = registerTelemetry();
    await ai.doGenerate(call());
    expect(telemetry.tree()).toEqual(['attempt 1 primary', 'attempt 2 backup']);
    expect(await telemetry.metric('composite.calls')).toEqual(['1 task=chat outcome=success']);
  });

  test('may be nothing at all', async () => {
    await telemetry.dispose();
    const { content } = await compose().ai.doGenerate(call());
    expect(content).toMatchObject([{ type: 'text', text: 'Hello.' }]);
  });

  test('needs no context manager where a tracer is handed over', async () => {
    await telemetry.dispose();
    const own = registerTelemetry({ hasContext: false, isGlobal: false });
    telemetry = own;
    const observer = otelObserver({
      tracer: own.tracerProvider.getTracer('mine'),
      meter: own.meterProvider.getMeter('mine'),
    });
    const { ai } = compose({ observer });
    await Promise.all([collect({ model: ai }), collect({ model: ai })]);
    expect(telemetry.tree()).toEqual([
      'attempt 1 primary',
      'attempt 1 primary',
      'attempt 2 backup',
      'attempt 2 backup',
    ]);
    expect(telemetry.spans()[0]?.instrumentationScope.name).toBe('mine');
    expect(await telemetry.metric('composite.attempts')).toHaveLength(2);
  });

  test('may fail in every way without costing an answer', async () => {
    const broken = new Proxy(new BasicTracerProvider().getTracer('broken'), {
      get: () => () => {
        throw new Error('mine');
      },
    }) satisfies Tracer;
    const { ai } = compose({ observer: otelObserver({ tracer: broken }) });
    expect(await ask({ mode: 'generate', model: ai })).toBe('Hello.');
    expect(await ask({ mode: 'stream', model: ai })).toBe('Hello.');
  });
});

describe('draft cost attributes', () => {
  const drafts = (span: ReadableSpan) =>
    Object.fromEntries(
      Object.entries(span.attributes).filter(([name]) => name.startsWith('gen_ai.usage.cost')),
    );

  test('are left out unless asked for', async () => {
    await ask({ mode: 'generate', model: compose().ai });
    expect(telemetry.spans().map(drafts)).toEqual(telemetry.spans().map(() => ({})));
  });

  test('are on the one span that stands for the call', async () => {
    const observer = otelObserver({ draftCostAttributes: true });
    await ask({ mode: 'generate', model: compose({ observer }).ai });
    const expected = {
      'gen_ai.usage.cost.amount': 0.000014,
      'gen_ai.usage.cost.currency': 'USD',
      'gen_ai.usage.cost.source': 'local',
    };
    expect(telemetry.spans().filter(span => Object.keys(drafts(span)).length > 0)).toEqual([
      telemetry.span('chat'),
    ]);
    expect(drafts(telemetry.span('chat'))).toEqual(expected);
    await telemetry.dispose();
    telemetry = registerTelemetry();
    await compose({ observer }).ai.doGenerate(call());
    expect(drafts(telemetry.span('attempt 2'))).toEqual(expected);
  });
});

test('no prompt, answer, key or text of an error is in any span or metric', async () => {
  const secret = 'sk-very-secret';
  const error = Object.assign(new Error(`The prompt was ${secret}`), { cause: secret });
  const { ai } = compose({
    turns: [[{ error }, { text: [secret, secret], breakAfter: 3, error }], [{ text: [secret] }]],
    tasks: {
      chat: [
        scriptedModel({ id: 'a', turns: [{ error }, { text: [secret, secret], breakAfter: 3, error }] }),
        scriptedModel({ id: 'b', turns: [{ text: [secret] }, { error }] }),
      ],
    },
  });
  const prompt = call({
    prompt: [{ role: 'user', content: [{ type: 'text', text: secret }] }],
    headers: { authorization: secret },
  });
  await ai.doGenerate(prompt);
  await collect({ model: ai, options: prompt });
  expect(
    RouteExhaustedError.isInstance(await rejection(compose({ turns: [[{ error }]] }).ai.doGenerate(prompt))),
  ).toBe(true);
  expect(telemetry.spans().length).toBe(4);
  const shown = telemetry
    .spans()
    .map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links }));
  expect(JSON.stringify(shown)).not.toContain(secret);
  for (const name of ['composite.attempts', 'composite.cost', 'composite.fallbacks'])
    expect(JSON.stringify(await telemetry.metric(name))).not.toContain(secret);
});
