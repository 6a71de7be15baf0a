import { InvalidArgumentError } from '@ai-sdk/provider';
import {
  createProviderRegistry,
  customProvider,
  generateText,
  isStepCount,
  NoSuchModelError,
  Output,
  stepCountIs,
  streamText,
  ToolLoopAgent,
  tool,
  wrapLanguageModel,
} from 'ai';
import { compositeMetadata, compositeMiddleware, createComposite } from 'ai-composite';
import { afterEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createManualClock, settle } from '../fallback/manual-clock.ts';
import { httpError, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call, collect, rejection, textOf } from '../testing/call.ts';

const broken = scriptedModel({ id: 'broken', turns: [{ error: httpError({ statusCode: 400 }) }] });
const says = (text: string) => scriptedModel({ id: text, turns: [{ text: [text] }] });

function compose() {
  return createComposite({
    tasks: { code: [broken, says('code')], fast: [broken, says('fast')] },
    defaultTask: 'fast',
    pricing: { catalog: false },
  });
}

describe('the SDK takes it as', () => {
  test('a model: the default task', async () => {
    const ai = compose();
    expect((await generateText({ model: ai, prompt: 'x' })).text).toBe('fast');
    expect(await streamText({ model: ai, prompt: 'x' }).text).toBe('fast');
  });

  test('a function from task to model', async () => {
    const ai = compose();
    expect((await generateText({ model: ai('code'), prompt: 'x' })).text).toBe('code');
    expect(await streamText({ model: ai('code'), prompt: 'x' }).text).toBe('code');
    expect(ai('code')).toBe(ai('code'));
  });

  test('a provider', async () => {
    const ai = compose();
    expect((await generateText({ model: ai.languageModel('code'), prompt: 'x' })).text).toBe('code');
    expect(() => ai.languageModel('cdoe')).toThrow(/No such task: "cdoe". Tasks are code, fast/);
    expect(NoSuchModelError.isInstance(await rejection((async () => ai.embeddingModel('x'))()))).toBe(true);
    expect(NoSuchModelError.isInstance(await rejection((async () => ai.imageModel('x'))()))).toBe(true);
  });

  test('a provider in a registry', async () => {
    const registry = createProviderRegistry({ composite: compose() });
    expect((await generateText({ model: registry.languageModel('composite:code'), prompt: 'x' })).text).toBe(
      'code',
    );
    expect(() => registry.languageModel('composite:cdoe')).toThrow();
  });

  test('the fallback of a custom provider', async () => {
    const provider = customProvider({
      languageModels: { plain: says('plain') },
      fallbackProvider: compose(),
    });
    expect((await generateText({ model: provider.languageModel('code'), prompt: 'x' })).text).toBe('code');
  });

  describe('the global provider', () => {
    const before = globalThis.AI_SDK_DEFAULT_PROVIDER;
    afterEach(() => {
      globalThis.AI_SDK_DEFAULT_PROVIDER = before;
    });
    test('of model ids', async () => {
      globalThis.AI_SDK_DEFAULT_PROVIDER = compose();
      expect((await generateText({ model: 'code', prompt: 'x' })).text).toBe('code');
      expect(await streamText({ model: 'fast', prompt: 'x' }).text).toBe('fast');
    });
    test('is where a candidate that is a model id comes from', async () => {
      globalThis.AI_SDK_DEFAULT_PROVIDER = customProvider({
        languageModels: { 'acme/model': says('by id') },
      });
      const ai = createComposite(['acme/model']);
      expect((await generateText({ model: ai, prompt: 'x' })).text).toBe('by id');
    });
  });

  test('middleware around any model', async () => {
    const untouched = says('never asked');
    const model = wrapLanguageModel({
      model: untouched,
      middleware: compositeMiddleware({
        tasks: { chat: [broken, says('routed')] },
        pricing: { catalog: false },
      }),
    });
    expect((await generateText({ model, prompt: 'x' })).text).toBe('routed');
    expect(untouched.calls.length).toBe(0);
  });

  test('a model inside other middleware', async () => {
    const seen: string[] = [];
    const model = wrapLanguageModel({
      model: compose(),
      middleware: {
        specificationVersion: 'v4',
        wrapGenerate: async ({ doGenerate }) => {
          const result = await doGenerate();
          seen.push(compositeMetadata(result)?.candidate ?? '');
          return result;
        },
      },
    });
    expect((await generateText({ model, prompt: 'x' })).text).toBe('fast');
    expect(seen).toEqual(['scripted/fast']);
  });

  test('a candidate of another composite', async () => {
    const outer = createComposite({
      tasks: { chat: [createComposite([broken]), compose()('code')] },
      pricing: { catalog: false },
    });
    const result = await generateText({ model: outer, prompt: 'x' });
    expect(result.text).toBe('code');
    expect(
      compositeMetadata(result)?.attempts.map(({ outcome, failureKind }) => [outcome, failureKind]),
    ).toEqual([
      ['failure', 'invalid-request'],
      ['success', undefined],
    ]);
    expect(await streamText({ model: outer, prompt: 'x' }).text).toBe('code');
  });
});

describe('the SDK gets', () => {
  test('structured output', async () => {
    const ai = createComposite({
      tasks: { chat: [broken, says('{"city":"Bern"}')] },
      pricing: { catalog: false },
    });
    const output = Output.object({ schema: z.object({ city: z.string() }) });
    expect((await generateText({ model: ai, output, prompt: 'x' })).output).toEqual({ city: 'Bern' });
    expect(await streamText({ model: ai, output, prompt: 'x' }).output).toEqual({ city: 'Bern' });
  });

  test('an agent that runs each tool call once', async () => {
    let runs = 0;
    const turns: readonly Turn[] = [
      {
        content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":"Bern"}' }],
        finish: 'tool-calls',
      },
      { text: ['It is sunny.'] },
    ];
    const agent = new ToolLoopAgent({
      model: createComposite({
        tasks: { chat: [broken, scriptedModel({ id: 'worker', turns })] },
        pricing: { catalog: false },
      }),
      tools: {
        weather: tool({
          inputSchema: z.object({ city: z.string() }),
          execute: () => {
            runs += 1;
            return 'sun';
          },
        }),
      },
      stopWhen: isStepCount(5),
    });
    const result = await agent.generate({ prompt: 'x' });
    expect(result.text).toBe('It is sunny.');
    expect(runs).toBe(1);
    expect(stepCountIs).toBeDefined();
  });

  test('a report on the result, on each step and on the end of a stream', async () => {
    const ai = compose();
    const generated = await generateText({ model: ai, prompt: 'x' });
    const streamed = streamText({ model: ai, prompt: 'x' });
    await streamed.consumeStream();
    const [step] = await streamed.steps;
    for (const carrier of [
      generated,
      generated.steps[0] ?? {},
      { providerMetadata: await streamed.providerMetadata },
      step ?? {},
    ]) {
      const report = compositeMetadata(carrier);
      expect(report).toMatchObject({ task: 'fast', candidate: 'scripted/fast' });
      expect(report?.attempts.map(({ candidate, outcome }) => `${candidate} ${outcome}`)).toEqual([
        'scripted/broken failure',
        'scripted/fast success',
      ]);
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    }
  });

  test('telemetry that names the composite and the model that served', async () => {
    const events: string[] = [];
    await generateText({
      model: compose(),
      prompt: 'x',
      onStepFinish: ({ model, response }) => {
        events.push(`${model.provider} ${model.modelId} ${response.modelId}`);
      },
    });
    expect(events).toEqual(['composite fast fast']);
  });

  test('a call without telemetry, retries or metadata of ours in the candidate options', async () => {
    const target = says('seen');
    const ai = createComposite({ tasks: { chat: [target] }, pricing: { catalog: false } });
    await generateText({
      model: ai,
      prompt: 'x',
      providerOptions: { composite: { tags: { a: 'b' } }, openai: { user: 'u' } },
    });
    expect(target.calls[0]?.providerOptions).toEqual({ openai: { user: 'u' } });
  });
});

describe('routing', () => {
  test('by providerOptions.composite.task', async () => {
    const result = await generateText({
      model: compose(),
      prompt: 'x',
      providerOptions: { composite: { task: 'code' } },
    });
    expect(result.text).toBe('code');
    expect(compositeMetadata(result)?.task).toBe('code');
  });

  test('a pinned task wins over providerOptions', async () => {
    const result = await generateText({
      model: compose()('fast'),
      prompt: 'x',
      providerOptions: { composite: { task: 'code' } },
    });
    expect(result.text).toBe('fast');
  });

  test('an unknown task goes to the default task with a warning, generated and streamed', async () => {
    const providerOptions = { composite: { task: 'cdoe' } };
    const generated = await generateText({ model: compose(), prompt: 'x', providerOptions });
    expect(generated.text).toBe('fast');
    expect(generated.warnings).toEqual([{ type: 'other', message: expect.stringContaining('"cdoe"') }]);
    const streamed = streamText({ model: compose(), prompt: 'x', providerOptions });
    expect(await streamed.text).toBe('fast');
    expect(await streamed.warnings).toEqual(generated.warnings);
  });

  test('malformed options are refused with what they take', async () => {
    const error = await rejection(
      compose().doGenerate(call({ providerOptions: { composite: { taks: 'code' } } })),
    );
    expect(String(error)).toMatch(
      /providerOptions\.composite: has no option "taks" \(did you mean task\?\); it takes task, candidate, only, exclude, fallback, tags, sessionId/,
    );
  });

  test('malformed options are refused without what is in them, even if JSON cannot hold it', async () => {
    // The types forbid a bigint, and a key that is not ours.
    const composite = JSON.parse('{"tags":{"note":"a secret"},"apiKey":"a secret"}');
    composite.tags.count = 1n;
    const error = await rejection(compose().doGenerate(call({ providerOptions: { composite } })));
    expect(InvalidArgumentError.isInstance(error)).toBe(true);
    expect(String(error)).toMatch(/^(?!.*secret).*tags\.count must be a text; has no option "apiKey"/s);
  });

  test('a pinned candidate is asked alone, whatever its route', async () => {
    const ai = compose();
    const options = call({ providerOptions: { composite: { candidate: 'scripted/code' } } });
    const result = await ai.doGenerate(options);
    expect(result.providerMetadata?.composite).toMatchObject({
      candidate: 'scripted/code',
      attempts: [{ candidate: 'scripted/code', outcome: 'success' }],
    });
    expect(textOf((await collect({ model: ai, options })).parts)).toBe('code');
  });

  test('a pinned candidate that fails is not routed around', async () => {
    const error = await rejection(
      compose().doGenerate(call({ providerOptions: { composite: { candidate: 'scripted/broken' } } })),
    );
    expect(error).toMatchObject({
      name: 'RouteExhaustedError',
      attempts: [{ candidate: 'scripted/broken' }],
    });
  });

  test('an unknown candidate is a warning', async () => {
    const result = await compose().doGenerate(
      call({ providerOptions: { composite: { candidate: 'nobody' } } }),
    );
    expect(result.warnings).toEqual([{ type: 'other', message: expect.stringContaining('"nobody"') }]);
    expect(result.providerMetadata?.composite).toMatchObject({ candidate: 'scripted/fast' });
  });

  test('a classifier finds the task of calls that name none', async () => {
    const ai = createComposite({
      tasks: { code: [says('code')], fast: [says('fast')] },
      defaultTask: 'fast',
      classify: async ({ prompt }) => (JSON.stringify(prompt).includes('function') ? 'code' : undefined),
      pricing: { catalog: false },
    });
    expect((await generateText({ model: ai, prompt: 'Write a function' })).text).toBe('code');
    expect((await generateText({ model: ai, prompt: 'Hello' })).text).toBe('fast');
    expect((await generateText({ model: ai('fast'), prompt: 'Write a function' })).text).toBe('fast');
  });

  test('a classifier that throws or answers nonsense means the default task with a warning', async () => {
    for (const classify of [
      () => {
        throw new Error('x');
      },
      () => 'nonsense' as never,
    ]) {
      const ai = createComposite({
        tasks: { code: [says('code')], fast: [says('fast')] },
        defaultTask: 'fast',
        classify,
        pricing: { catalog: false },
      });
      const { text, warnings } = await generateText({ model: ai, prompt: 'x' });
      expect(text).toBe('fast');
      expect(warnings).toHaveLength(1);
    }
  });

  test('a classifier that never answers is given up after its time', async () => {
    const clock = createManualClock();
    const ai = createComposite({
      tasks: { code: [says('code')], fast: [says('fast')] },
      defaultTask: 'fast',
      classify: () => new Promise<undefined>(() => {}),
      classifyTimeoutMs: 500,
      clock,
      pricing: { catalog: false },
    });
    const result = ai.doGenerate(call());
    await clock.advance(500);
    expect((await result).warnings).toEqual([{ type: 'other', message: expect.stringContaining('500 ms') }]);
    expect(clock.pending()).toBe(0);
  });

  test('an abort does not wait for the classifier', async () => {
    const clock = createManualClock();
    const target = says('fast');
    const ai = createComposite({
      tasks: { fast: [target] },
      classify: () => new Promise<undefined>(() => {}),
      clock,
      pricing: { catalog: false },
    });
    const controller = new AbortController();
    const reason = new Error('stop');
    let thrown: unknown;
    void ai.doGenerate(call({ abortSignal: controller.signal })).then(undefined, (error: unknown) => {
      thrown = error;
    });
    await settle();
    controller.abort(reason);
    await settle();
    expect(thrown).toBe(reason);
    await clock.advance(10_000);
    expect(target.calls.length).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  test.each([
    ['nothing', { prompt: undefined }, 'Invalid prompt: must be a text or a list of messages'],
    ['a number', { prompt: 7 }, 'Invalid prompt: must be a text or a list of messages'],
    ['a message', { prompt: { role: 'user', content: 'Bern' } }, 'Invalid prompt: must be a text or a list'],
    ['messages that are a text', { messages: 'Bern' }, 'Invalid messages: must be a text or a list'],
  ])('a plan refuses a prompt that is %s, without showing it', async (_what, options, says) => {
    // The types forbid it.
    const error = await rejection(Reflect.apply(compose().plan, undefined, [options]));
    expect(InvalidArgumentError.isInstance(error)).toBe(true);
    expect(String(error)).toContain(says);
    expect(String(error)).not.toContain('Bern');
  });

  test('ai.plan shows what a call would do and asks nobody', async () => {
    const ai = compose();
    const before = broken.calls.length;
    const plan = await ai.plan(call());
    expect(plan).toMatchObject({ task: 'fast', taskSource: 'default', maxAttempts: 4 });
    expect(plan.steps.map(({ candidate, reason }) => [candidate, reason])).toEqual([
      ['scripted/broken', 'listed'],
      ['scripted/fast', 'listed'],
    ]);
    expect(broken.calls.length).toBe(before);
  });
});

describe('what a candidate brings', () => {
  test('settings win over the call, provider options are merged, and only for that candidate', async () => {
    const [first, second] = [
      scriptedModel({ id: 'first', turns: [{ error: httpError({ statusCode: 404 }) }] }),
      says('second'),
    ];
    const ai = createComposite({
      tasks: {
        chat: [
          {
            model: first,
            settings: { temperature: 0, headers: { 'x-team': 'a' } },
            providerOptions: { openai: { serviceTier: 'flex' }, acme: { a: 1 } },
          },
          second,
        ],
      },
      pricing: { catalog: false },
    });
    await generateText({
      model: ai,
      prompt: 'x',
      temperature: 0.9,
      headers: { 'x-app': 'b' },
      providerOptions: { openai: { user: 'u', serviceTier: 'auto' } },
    });
    expect(first.calls[0]).toMatchObject({
      temperature: 0,
      headers: { 'x-app': 'b', 'x-team': 'a' },
      providerOptions: { openai: { user: 'u', serviceTier: 'flex' }, acme: { a: 1 } },
    });
    expect(second.calls[0]).toMatchObject({
      temperature: 0.9,
      providerOptions: { openai: { user: 'u', serviceTier: 'auto' } },
    });
    expect(second.calls[0]?.headers).not.toHaveProperty('x-team');
    expect(second.calls[0]?.providerOptions).not.toHaveProperty('acme');
  });

  test('response.modelId is filled in where the provider sends none', async () => {
    const ai = createComposite({ tasks: { chat: [says('nameless')] }, pricing: { catalog: false } });
    expect((await generateText({ model: ai, prompt: 'x' })).response.modelId).toBe('nameless');
    expect((await streamText({ model: ai, prompt: 'x' }).response).modelId).toBe('nameless');
  });
});
