import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { generateText, streamText } from 'ai';
import { type CompositeMetadata, createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import type { LanguageModelV4, LanguageModelV4GenerateResult } from '../../src/provider/sdk-types.ts';
import { down, scriptedModel, type Turn, usageOf } from '../fallback/scripted-model.ts';
import { call } from '../testing/call.ts';

const ok: Turn = { text: ['Hi'], usage: usageOf(100, 50) };

function compose({ turns = [ok], ...settings }: { readonly turns?: ReadonlyArray<Turn> } & object = {}) {
  let ids = 0;
  const ai = createComposite({
    tasks: {
      chat: [
        { model: scriptedModel({ id: 'one', turns }), price: { inputTokens: 1, outputTokens: 2 } },
        { model: scriptedModel({ id: 'two', turns: [ok] }), price: { inputTokens: 1, outputTokens: 2 } },
      ],
    },
    attempts: 1,
    pricing: { catalog: false },
    clock: { now: () => 0, schedule: () => () => {} },
    generateId: () => `call-${++ids}`,
    ...settings,
  });
  return { ai, ids: () => ids };
}

const expected = {
  callId: 'call-1',
  task: 'chat',
  candidate: 'scripted/two',
  attempts: [
    { attemptNumber: 1, candidate: 'scripted/one', outcome: 'failure', failureKind: 'server' },
    { attemptNumber: 2, candidate: 'scripted/two', outcome: 'success', cost: { usdExact: '0.0002' } },
  ],
  skipped: [],
  cost: { status: 'priced', usdExact: '0.0002', incomplete: 0, count: 2 },
};

describe.each(['generate', 'stream'] as const)('the model of an attempt (%s)', mode => {
  test.each([
    ['the one that the provider names', { ...ok, modelId: 'one-2026-11-01' }, 'one-2026-11-01'],
    ['the requested one where it names none', ok, 'one'],
  ])('is %s', async (_name, turn, modelId) => {
    const { ai } = compose({ turns: [turn] });
    const metadata =
      mode === 'generate'
        ? (await generateText({ model: ai, prompt: 'hi' })).providerMetadata
        : await streamText({ model: ai, prompt: 'hi' }).providerMetadata;
    expect(metadata?.composite).toMatchObject({ attempts: [{ modelId }] });
  });
});

describe('a report that was not read yet', () => {
  const readers: ReadonlyArray<readonly [name: string, read: (metadata: object) => unknown]> = [
    ['JSON.stringify', metadata => JSON.parse(JSON.stringify(metadata))],
    ['structuredClone', metadata => structuredClone(metadata)],
    ['spread', metadata => ({ ...metadata })],
    ['Object.entries', metadata => Object.fromEntries(Object.entries(metadata))],
    ['reading it after it was frozen', metadata => ({ ...Object.freeze(metadata) })],
  ];

  test.each(readers)('is plain data to %s', async (_name, read) => {
    const { ai, ids } = compose({ turns: [{ error: down }] });
    const { providerMetadata = {} } = await ai.doGenerate(call());
    const { composite } = read(providerMetadata) as { readonly composite: CompositeMetadata };
    expect(composite).toMatchObject(expected);
    expect(providerMetadata.composite).toEqual(composite);
    expect(structuredClone(composite)).toEqual(composite);
    expect(ids()).toBe(1);
  });

  test('has the token counts of an attempt, without what its provider calls them', async () => {
    const usage = { ...usageOf(100, 50), raw: { prompt_tokens: 100, note: 'x' } };
    const { ai } = compose({ turns: [{ text: ['Hi'], usage }] });
    const { composite } = (await ai.doGenerate(call())).providerMetadata ?? {};
    const [attempt] = (composite as CompositeMetadata).attempts;
    expect(attempt?.usage).toStrictEqual({
      inputTokens: { ...usage.inputTokens },
      outputTokens: { ...usage.outputTokens },
    });
    expect(attempt?.startedAtMs).toBe(0);
  });

  test('shows on the console', async () => {
    const { ai } = compose();
    const { providerMetadata = {} } = await ai.doGenerate(call());
    expect(inspect(providerMetadata)).toContain("callId: 'call-1'");
    expect(inspect(providerMetadata)).toBe(inspect({ ...providerMetadata }));
  });

  test('can be replaced', async () => {
    const { ai } = compose();
    const { providerMetadata = {} } = await ai.doGenerate(call());
    providerMetadata.composite = { cached: true };
    expect(providerMetadata).toStrictEqual({ composite: { cached: true } });
  });

  test('is the same object whoever reads it, and the property is plain from then on', async () => {
    const { ai } = compose();
    const { providerMetadata = {} } = await ai.doGenerate(call());
    const { composite } = providerMetadata;
    expect(providerMetadata.composite).toBe(composite);
    expect(Object.getOwnPropertyDescriptors(providerMetadata)).toEqual({
      composite: { value: composite, configurable: true, enumerable: true, writable: true },
    });
  });

  test('goes through generateText and streamText', async () => {
    const { ai } = compose();
    const generated = await generateText({ model: ai, prompt: 'Hi' });
    const streamed = streamText({ model: ai, prompt: 'Hi' });
    await streamed.consumeStream();
    for (const metadata of [generated.providerMetadata, await streamed.providerMetadata])
      expect(metadata?.composite).toMatchObject({ candidate: 'scripted/one', cost: { usdExact: '0.0002' } });
  });
});

test('asks generateId once a call, read or not', async () => {
  const { ai, ids } = compose();
  await ai.doGenerate(call());
  await ai.doGenerate(call());
  expect(ids()).toBe(2);
});

test('a result that nobody read keeps no prompt alive', async () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  // A scripted model would keep every call.
  const model = (modelId: string, answer: () => LanguageModelV4GenerateResult): LanguageModelV4 => ({
    specificationVersion: 'v4',
    provider: 'forgetful',
    modelId,
    supportedUrls: {},
    doGenerate: async () => answer(),
    doStream: async () => {
      throw down;
    },
  });
  const price = { inputTokens: 1, outputTokens: 2 };
  const first = model('one', () => {
    throw down;
  });
  const second = model('two', () => ({
    content: [{ type: 'text', text: 'Hi' }],
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: usageOf(100, 50),
    warnings: [],
  }));
  const ai = createComposite(
    [first, second].map(own => ({ model: own, price })),
    { attempts: 1 },
  );
  const held: unknown[] = [];
  const prompts: WeakRef<object>[] = [];
  for (let index = 0; index < 20; index++) {
    const prompt = call().prompt.map(message => ({ ...message }));
    prompts.push(new WeakRef(prompt));
    held.push((await ai.doGenerate(call({ prompt }))).providerMetadata);
  }
  await new Promise(resolve => setTimeout(resolve));
  if (typeof collect === 'function') collect();
  // The last call may still be on the stack.
  expect(prompts.filter(prompt => prompt.deref() !== undefined).length).toBeLessThan(3);
  expect(held).toHaveLength(20);
});
