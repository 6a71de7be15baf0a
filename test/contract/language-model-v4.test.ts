import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { wrapLanguageModel } from 'ai';
import { compositeMiddleware, createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { httpError, type ScriptedModel, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call, collect, rejection, textOf } from '../testing/call.ts';

const settings = { pricing: { catalog: false } } as const;

/** Every way to build a model out of candidates. */
const builds: Readonly<Record<string, (candidates: readonly ScriptedModel[]) => LanguageModelV4>> = {
  'ai, a composite of tasks': candidates => createComposite({ tasks: { chat: candidates }, ...settings }),
  'ai, a composite of one list': candidates => createComposite(candidates),
  "ai('task')": candidates =>
    createComposite({ tasks: { other: candidates.slice(0, 1), chat: candidates }, ...settings })('chat'),
  "ai.languageModel('task')": candidates =>
    createComposite({
      tasks: { other: candidates.slice(0, 1), chat: candidates },
      ...settings,
    }).languageModel('chat'),
  'ai, classified': candidates =>
    createComposite({
      tasks: { other: candidates.slice(0, 1), chat: candidates },
      classify: async () => 'chat',
      ...settings,
    }),
  'ai, with a hedge': candidates =>
    createComposite({
      tasks: { chat: candidates },
      ...(candidates.length > 1 && { hedge: { afterMs: 60_000 } }),
      ...settings,
    }),
  'wrapLanguageModel with compositeMiddleware': candidates =>
    wrapLanguageModel({
      model: scriptedModel({ id: 'inner', turns: [] }),
      middleware: compositeMiddleware({ tasks: { chat: candidates }, ...settings }),
    }),
  'a composite inside a composite': candidates =>
    createComposite({
      tasks: { outer: [createComposite({ tasks: { chat: candidates }, ...settings })] },
      ...settings,
    }),
  'a composite of composites': candidates =>
    createComposite({
      tasks: {
        outer: candidates.map(candidate => createComposite({ tasks: { chat: [candidate] }, ...settings })),
      },
      attempts: 1,
      ...settings,
    }),
};

const answer: Turn = { text: ['Hel', 'lo'], modelId: 'served' };
const bad: Turn = { error: httpError({ statusCode: 400 }) };

for (const [name, build] of Object.entries(builds)) {
  describe(`the V4 contract: ${name}`, () => {
    const make = (...turns: readonly Turn[]) => {
      const models = turns.map((turn, index) => scriptedModel({ id: `m${index + 1}`, turns: [turn] }));
      return { model: build(models), models };
    };

    test('has version, provider, model id and a promise of supported URLs', async () => {
      const { model } = make(answer);
      expect(model.specificationVersion).toBe('v4');
      expect(typeof model.provider).toBe('string');
      expect(model.provider).not.toBe('');
      expect(typeof model.modelId).toBe('string');
      expect(model.modelId).not.toBe('');
      expect(await model.supportedUrls).toEqual({});
    });

    test('doGenerate resolves with content, finish reason, usage and warnings', async () => {
      for (const turns of [[answer], [bad, answer]]) {
        const result = await make(...turns).model.doGenerate(call());
        expect(result.content).toMatchObject([{ type: 'text', text: 'Hello' }]);
        expect(result.finishReason).toEqual({ unified: 'stop', raw: 'stop' });
        expect(result.usage).toMatchObject({ inputTokens: { total: 10 }, outputTokens: { total: 2 } });
        expect(result.warnings).toEqual([]);
        expect(result.response?.modelId).toBe('served');
      }
    });

    test('doStream resolves with a stream in the order of the contract', async () => {
      for (const turns of [[answer], [bad, answer]]) {
        const { parts, thrown } = await collect({ model: make(...turns).model });
        expect(thrown).toBeUndefined();
        expect(textOf(parts)).toBe('Hello');
        checkOrder(parts);
      }
    });

    test('a stream can be read once, by one reader, and ends', async () => {
      const { stream } = await make(answer).model.doStream(call());
      const reader = stream.getReader();
      expect(stream.locked).toBe(true);
      while (!(await reader.read()).done);
      expect((await reader.read()).done).toBe(true);
    });

    test('the report is on the result and on the finish part, as JSON', async () => {
      const { model } = make(bad, answer);
      const { providerMetadata } = await model.doGenerate(call());
      const { parts } = await collect({ model });
      const finish = parts.at(-1);
      for (const metadata of [
        providerMetadata,
        finish?.type === 'finish' ? finish.providerMetadata : undefined,
      ]) {
        expect(metadata?.composite).toMatchObject({ attempts: expect.any(Array), cost: expect.any(Object) });
        expect(JSON.parse(JSON.stringify(metadata))).toEqual(metadata);
      }
    });

    test('options reach the candidate as they are, but for our own and the signal', async () => {
      const { model, models } = make(answer);
      const controller = new AbortController();
      const options = call({
        abortSignal: controller.signal,
        temperature: 0.3,
        maxOutputTokens: 9,
        stopSequences: ['x'],
        seed: 4,
        headers: { 'x-a': 'b' },
        providerOptions: { acme: { a: 1 } },
        toolChoice: { type: 'required' },
        includeRawChunks: false,
      });
      const frozen = structuredClone({ ...options, abortSignal: undefined });
      await model.doGenerate(options);
      const { abortSignal, ...seen } = models[0]?.calls[0] ?? call();
      const { abortSignal: _own, ...given } = options;
      expect(seen).toEqual(given);
      expect(abortSignal).toBeInstanceOf(AbortSignal);
      expect({ ...options, abortSignal: undefined }).toEqual(frozen);
    });

    test('calls share nothing: the same model answers again and again', async () => {
      const { model, models } = make(answer);
      for (let index = 0; index < 3; index++) {
        await model.doGenerate(call());
        await collect({ model });
      }
      expect(models[0]?.calls.length).toBe(6);
    });

    test('an abort rejects with its reason', async () => {
      const { model, models } = make({ silent: true }, answer);
      const reason = new DOMException('stop', 'AbortError');
      for (const mode of ['doGenerate', 'doStream'] as const) {
        const controller = new AbortController();
        const error = rejection(model[mode](call({ abortSignal: controller.signal })));
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        controller.abort(reason);
        expect(await error).toBe(reason);
      }
      expect(models[1]?.calls.length).toBe(0);
    });

    test('a cancel reaches the candidate', async () => {
      const { model, models } = make(answer);
      const { stream } = await model.doStream(call());
      await stream.cancel('enough');
      expect(models[0]?.cancelled.length).toBe(1);
    });

    test('failure of all is one error that the SDK does not retry', async () => {
      const { model } = make(bad, bad);
      for (const mode of ['doGenerate', 'doStream'] as const) {
        const error = await rejection(model[mode](call()));
        expect(error).toMatchObject({ name: 'RouteExhaustedError', statusCode: 400, isRetryable: false });
      }
    });

    test('raw chunks come only when asked for', async () => {
      const parts: LanguageModelV4StreamPart[] = [
        { type: 'stream-start', warnings: [] },
        { type: 'raw', rawValue: { a: 1 } },
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: 'x' },
        { type: 'text-end', id: 't' },
        {
          type: 'finish',
          usage: {
            inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
            outputTokens: { total: 1, text: 1, reasoning: 0 },
          },
          finishReason: { unified: 'stop', raw: 'stop' },
        },
      ];
      const asked = await collect({
        model: make({ parts }).model,
        options: call({ includeRawChunks: true }),
      });
      expect(asked.parts.filter(({ type }) => type === 'raw').length).toBe(1);
      checkOrder(asked.parts.filter(({ type }) => type !== 'raw'));
    });
  });
}

/** stream-start first, metadata before output, every block started once and ended, finish once and last. */
function checkOrder(parts: readonly LanguageModelV4StreamPart[]): void {
  expect(parts[0]?.type).toBe('stream-start');
  expect(parts.filter(({ type }) => type === 'stream-start').length).toBe(1);
  expect(parts.filter(({ type }) => type === 'finish').length).toBe(1);
  expect(parts.at(-1)?.type).toBe('finish');
  const open = new Set<string>();
  const seen = new Set<string>();
  for (const part of parts) {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        expect(seen.has(part.id)).toBe(false);
        seen.add(part.id);
        open.add(part.id);
        break;
      case 'text-delta':
      case 'reasoning-delta':
        expect(open.has(part.id)).toBe(true);
        break;
      case 'text-end':
      case 'reasoning-end':
        expect(open.delete(part.id)).toBe(true);
        break;
      case 'response-metadata':
        expect(seen.size).toBe(0);
    }
  }
  expect(open.size).toBe(0);
}
