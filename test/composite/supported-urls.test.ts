import { generateText } from 'ai';
import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { httpError, scriptedModel } from '../fallback/scripted-model.ts';

const model = (supportedUrls: Record<string, RegExp[]> | PromiseLike<Record<string, RegExp[]>>, id = 'm') =>
  scriptedModel({ id, turns: [{ text: ['ok'] }], supportedUrls });
const shared = (...models: ReadonlyArray<ReturnType<typeof model>>) => createComposite(models).supportedUrls;

describe('supportedUrls', () => {
  test('are those that all candidates fetch themselves', async () => {
    const one = model({ 'image/*': [/^https:\/\/a/, /^https:\/\/b/i], 'application/pdf': [/^https:/] });
    const two = model({ 'image/*': [/^https:\/\/b/i, /^https:\/\/a/i] });
    expect(await shared(one, two)).toEqual({ 'image/*': [/^https:\/\/b/i] });
  });

  test('are none where one candidate fetches none', async () => {
    expect(await shared(model({ '*/*': [/./] }), model({}))).toEqual({});
  });

  test('are awaited, lazily and once', async () => {
    let asked = 0;
    const lazy = model({
      then: (onFulfilled, onRejected) => {
        asked += 1;
        return Promise.resolve({ '*': [/x/] }).then(onFulfilled, onRejected);
      },
    });
    const ai = createComposite([lazy]);
    expect(asked).toBe(0);
    expect(await ai.supportedUrls).toEqual({ '*': [/x/] });
    await ai.supportedUrls;
    expect(asked).toBe(1);
  });

  test('of wide and narrow media types are the narrow ones', async () => {
    expect(await shared(model({ 'image/*': [/x/] }), model({ 'image/png': [/x/] }))).toEqual({
      'image/png': [/x/],
    });
    expect(await shared(model({ '*/*': [/x/] }), model({ 'image/*': [/x/] }))).toEqual({ 'image/*': [/x/] });
  });

  test('of a model that fails to say are none', async () => {
    expect(await shared(model(Promise.reject(new Error('x'))), model({ '*': [/x/] }))).toEqual({});
  });

  test('of a pinned task are those of its candidates alone, of the composite those of all', async () => {
    const wide = model({ '*': [/x/] }, 'wide');
    const none = model({}, 'none');
    const ai = createComposite({ tasks: { wide: [wide], none: [none] } });
    expect(await ai('wide').supportedUrls).toEqual({ '*': [/x/] });
    expect(await ai.supportedUrls).toEqual({});
  });

  test('make an image URL work after a fallback: it is downloaded when the second cannot fetch it', async () => {
    const first = scriptedModel({
      id: 'first',
      turns: [{ error: httpError({ statusCode: 500 }) }],
      supportedUrls: { 'image/*': [/^https:/] },
    });
    const second = scriptedModel({ id: 'second', turns: [{ text: ['a cat'] }] });
    const downloads: string[] = [];
    const { text } = await generateText({
      model: createComposite({ tasks: { chat: [first, second] }, attempts: 1, pricing: { catalog: false } }),
      messages: [
        { role: 'user', content: [{ type: 'image', image: new URL('https://example.com/cat.png') }] },
      ],
      experimental_download: async requests =>
        requests.map(({ url }) => {
          downloads.push(url.href);
          return { data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]), mediaType: 'image/png' };
        }),
    });
    expect(text).toBe('a cat');
    expect(downloads).toEqual(['https://example.com/cat.png']);
    expect(JSON.stringify(second.calls[0]?.prompt)).not.toContain('https://example.com');
  });
});
