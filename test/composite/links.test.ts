import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import { generateText, type ModelMessage, streamText, tool } from 'ai';
import { type CompositeModel, compositeMetadata, createComposite, RouteExhaustedError } from 'ai-composite';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createDownloads } from '../../src/call/download-links.ts';
import { createFaultServer, type FaultServer, respond } from '../../src/testing/index.ts';
import { httpError, type ScriptedModel, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { candidateOf } from '../route/candidate-of.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());
afterEach(() => vi.restoreAllMocks());

const quiet = { pricing: { catalog: false, onWarning: () => {} }, attempts: 1 } as const;
const youTube = 'https://www.youtube.com/watch?v=dQw4w9WgXcQ';
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

const asking = (url: string, mediaType: string): ModelMessage[] => [
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is it?' },
      { type: 'file', data: new URL(url), mediaType },
    ],
  },
];
const video = asking(youTube, 'video/mp4');
const image = asking('https://files.example/cat.png', 'image/png');

/** The web beyond this machine: nobody may go there but by these answers. Loopback stays as it is. */
function web(
  answer: (url: string, init: RequestInit | undefined) => Promise<Response> | Response = () =>
    new Response(png, { headers: { 'content-type': 'image/png' } }),
) {
  const asked: string[] = [];
  const real = globalThis.fetch;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (new URL(url).hostname === '127.0.0.1' || new URL(url).hostname === 'localhost')
      return real(input, init);
    asked.push(url);
    return answer(url, init);
  });
  return asked;
}

const account = () => server.account(`links${Math.random().toString(36).slice(2)}`);
const says = (
  id: string,
  supportedUrls: Record<string, RegExp[]> = {},
  turns: readonly Turn[] = [{ text: [id] }],
  provider = 'scripted',
) => scriptedModel({ id, provider, turns, supportedUrls });
const anyImage = { 'image/*': [/^https?:\/\/.*$/] };

/** What a model got in the place of the file. */
const fileOf = (model: ScriptedModel, call = 0) => {
  const message = model.calls[call]?.prompt.find(({ role }) => role === 'user');
  return typeof message?.content === 'string'
    ? undefined
    : message?.content.flatMap(part =>
        part.type === 'file' ? [{ mediaType: part.mediaType, data: part.data }] : [],
      )[0];
};

describe('a YouTube link', () => {
  const setUp = () => {
    const [gemini, gpt] = [account(), account()];
    gemini.script([respond.answer({ text: 'gemini' })]);
    gpt.script([respond.answer({ text: 'gpt' })]);
    const models = {
      gemini: {
        model: createGoogle({ baseURL: gemini.baseUrl, apiKey: 'test' })('gemini-3.8-flash'),
        name: 'gemini',
      },
      gpt: { model: createOpenAI({ baseURL: gpt.baseUrl, apiKey: 'test' })('gpt-6-sol'), name: 'gpt' },
    };
    return { gemini, gpt, models };
  };
  const skipped = [{ candidate: 'gpt', reason: 'does not follow a YouTube link, which the request has' }];

  for (const mode of ['generate', 'stream'] as const) {
    for (const order of [
      ['gemini', 'gpt'],
      ['gpt', 'gemini'],
    ] as const) {
      test(`reaches Gemini, and who cannot follow it is skipped: ${order.join(', ')}, ${mode}`, async () => {
        const asked = web();
        const { gemini, gpt, models } = setUp();
        const model = createComposite({ tasks: { chat: order.map(name => models[name]) }, ...quiet });
        const options = { model, messages: video };
        const result = mode === 'generate' ? await generateText(options) : streamText(options);
        expect(await result.text).toBe('gemini');
        expect(
          (await compositeMetadata({ providerMetadata: (await result.steps)[0]?.providerMetadata }))?.skipped,
        ).toEqual(skipped);
        expect(JSON.stringify(gemini.requests[0]?.body)).toContain(`"fileUri":"${youTube}"`);
        expect([gpt.requests, asked]).toEqual([[], []]);
      });
    }
  }

  test('in a nested composite reaches its Gemini, and goes around it where it has none', async () => {
    const asked = web();
    const { gemini, models } = setUp();
    const nest = (name: 'gemini' | 'gpt') => ({
      model: createComposite({ tasks: { chat: [models[name]] }, ...quiet }),
      name,
    });
    const model = createComposite({ tasks: { chat: [nest('gpt'), nest('gemini')] }, ...quiet });
    const result = await generateText({ model, messages: video });
    expect([result.text, compositeMetadata(result)?.skipped, asked]).toEqual(['gemini', skipped, []]);
    expect(JSON.stringify(gemini.requests[0]?.body)).toContain(`"fileUri":"${youTube}"`);
  });

  test.each(['named', 'classified', 'pinned task'] as const)(
    'is taken on another route than the default one (%s)',
    async how => {
      const asked = web();
      const { gemini, models } = setUp();
      const ai = createComposite({
        tasks: { chat: [models.gpt], watch: [models.gpt, models.gemini] },
        ...quiet,
        ...(how === 'classified' && { classify: () => 'watch' as const }),
      });
      const result = await generateText({
        model: how === 'pinned task' ? ai('watch') : ai,
        messages: video,
        ...(how === 'named' && { providerOptions: { composite: { task: 'watch' } } }),
      });
      expect([result.text, asked]).toEqual(['gemini', []]);
      expect(JSON.stringify(gemini.requests[0]?.body)).toContain(`"fileUri":"${youTube}"`);
    },
  );

  test('is taken by a pinned candidate of another route than the pinned task', async () => {
    const asked = web();
    const { gemini, models } = setUp();
    const ai = createComposite({ tasks: { chat: [models.gpt], watch: [models.gemini] }, ...quiet });
    const { text } = await generateText({
      model: ai('chat'),
      messages: video,
      providerOptions: { composite: { candidate: 'gemini' } },
    });
    expect([text, asked]).toEqual(['gemini', []]);
    expect(JSON.stringify(gemini.requests[0]?.body)).toContain(`"fileUri":"${youTube}"`);
    // What a package says of its models is its own, often one object for all of them.
    expect(Object.keys(await models.gpt.model.supportedUrls)).toEqual(['image/*', 'application/pdf']);
  });

  test('is never downloaded as a video, also where nobody else is left', async () => {
    const asked = web();
    const { gemini, gpt, models } = setUp();
    gemini.script([respond.status(401)]);
    const model = createComposite({ tasks: { chat: [models.gemini, models.gpt] }, ...quiet });
    const error = await generateText({ model, messages: video }).catch((thrown: unknown) => thrown);
    expect(RouteExhaustedError.isInstance(error) && error.attempts.map(({ candidate }) => candidate)).toEqual(
      ['gemini'],
    );
    // A pin is asked all the same, and gets what the caller sent.
    await generateText({ model, messages: video, providerOptions: { composite: { candidate: 'gpt' } } });
    expect(JSON.stringify(gpt.requests[0]?.body)).toContain(youTube);
    expect(asked).toEqual([]);
  });

  test('goes to a Gemini whose package says no more than "any URL", and to nobody else with such a package', async () => {
    const anyUrl = { '*': [/^https?:\/\/.*$/, /^gs:\/\/.*$/] };
    const vertex = () => says('gemini-3.8-flash', anyUrl, undefined, 'google.vertex.chat');
    const { '*': any = [], ...others } = await createComposite([vertex(), says('gpt', anyImage)])
      .supportedUrls;
    expect(others).toEqual({ 'image/*': [/^https?:\/\/.*$/] });
    expect(any.some(pattern => pattern.test(youTube))).toBe(true);
    expect(any.some(pattern => pattern.test('https://files.example/a.mp4'))).toBe(false);
    const asked = web();
    const gemini = vertex();
    await generateText({
      model: createComposite({ tasks: { chat: [says('gpt', anyImage), gemini] }, ...quiet }),
      messages: video,
    });
    expect([fileOf(gemini)?.data, asked]).toEqual([{ type: 'url', url: new URL(youTube) }, []]);
    expect(
      await createComposite([says('other', { '*': [/^https?:\/\/.*$/] }), says('gpt')]).supportedUrls,
    ).toEqual({});
  });
});

test.each([
  [
    'gs://bucket/a.mp4',
    'does not follow a Google Cloud Storage link, which the request has',
    { '*': [/^https?:\/\/.*$/, /^gs:\/\/.*$/] },
  ],
  [
    's3://bucket/a.mp4',
    'does not follow an Amazon S3 link, which the request has',
    { 'video/*': [/^s3:\/\//] },
  ],
  [
    'https://generativelanguage.googleapis.com/v1beta/files/abc',
    'does not follow a file that the Gemini API holds, which the request has',
    { '*': [/^https:\/\/generativelanguage\.googleapis\.com\/v1beta\/files\/.*$/] },
  ],
])('%s reaches who follows it, and the others are skipped', async (url, reason, urls) => {
  const asked = web();
  const able = says('able', urls);
  const model = createComposite({ tasks: { chat: [says('unable', anyImage), able] }, ...quiet });
  const result = await generateText({ model, messages: asking(url, 'video/mp4') });
  expect([result.text, fileOf(able)?.data]).toEqual(['able', { type: 'url', url: new URL(url) }]);
  expect(compositeMetadata(result)?.skipped).toEqual([{ candidate: 'scripted/unable', reason }]);
  expect(asked).toEqual([]);
});

test('a file that the Gemini API holds is not fetched by a package that takes any URL of an image', async () => {
  const held = 'https://generativelanguage.googleapis.com/v1beta/files/abc';
  const unable = () => says('unable', anyImage);
  const able = says('able', { '*': [/^https:\/\/generativelanguage\.googleapis\.com\/v1beta\/files\/.*$/] });
  const model = createComposite({ tasks: { chat: [unable(), able] }, ...quiet });
  const result = await generateText({ model, messages: asking(held, 'image/png') });
  expect([result.text, fileOf(able)?.data]).toEqual(['able', { type: 'url', url: new URL(held) }]);
  expect(compositeMetadata(result)?.skipped).toEqual([
    {
      candidate: 'scripted/unable',
      reason: 'does not follow a file that the Gemini API holds, which the request has',
    },
  ]);
  // Where nobody is known to hold it, a link is what the package says.
  const alone = createComposite({ tasks: { chat: [unable(), unable()] }, ...quiet });
  const { warnings } = await generateText({ model: alone, messages: asking(held, 'image/png') });
  expect(warnings).toEqual([]);
});

test('a YouTube link reaches a nested composite whose candidates are made when they are asked', async () => {
  const asked = web();
  const gemini = says('gemini-3.8-flash', { '*': [/^https:\/\/(?:www\.)?youtube\.com\/watch\?v=.*$/] });
  const inner = createComposite({ tasks: { chat: [() => gemini] }, ...quiet });
  const model = createComposite({ tasks: { chat: [says('gpt', anyImage), inner] }, ...quiet });
  const result = await generateText({ model, messages: video });
  expect([result.text, asked]).toEqual(['gemini-3.8-flash', []]);
  expect(fileOf(gemini)?.data).toEqual({ type: 'url', url: new URL(youTube) });
});

describe('a link to a file', () => {
  const pinTo = (candidate: string) => ({ providerOptions: { composite: { candidate } } });
  const compose = (own: ScriptedModel): CompositeModel<'code' | 'chat'> =>
    createComposite({
      tasks: { code: [says('coder', anyImage)], chat: [{ model: own, name: 'own' }] },
      ...quiet,
    });
  const downloaded = { mediaType: 'image/png', data: { type: 'data', data: png } };

  for (const mode of ['generate', 'stream'] as const) {
    test(`is downloaded for a pinned candidate of another route that does not follow it (${mode})`, async () => {
      const asked = web();
      const own = says('own');
      const options = { model: compose(own)('code'), messages: image, ...pinTo('own') };
      expect(mode === 'generate' ? (await generateText(options)).text : await streamText(options).text).toBe(
        'own',
      );
      expect([fileOf(own), asked]).toEqual([downloaded, ['https://files.example/cat.png']]);
    });
  }

  test('goes out as it is to who follows it, and nothing is downloaded before a candidate that does not need it', async () => {
    const asked = web();
    const ai = createComposite({
      tasks: { code: [says('coder', anyImage), says('second', anyImage)] },
      ...quiet,
    });
    expect((await generateText({ model: ai('code'), messages: image })).text).toBe('coder');
    expect(asked).toEqual([]);
  });

  test('is downloaded once in a call, also for a tool result and for a second attempt', async () => {
    const asked = web();
    const own = says('own', {}, [{ error: httpError({ statusCode: 500 }) }, { text: ['own'] }]);
    const ai = createComposite({
      tasks: { code: [says('coder', anyImage)], chat: [{ model: own, name: 'own', attempts: 2 }] },
      ...quiet,
      retry: { initialDelayMs: 0.01, maxDelayMs: 0.01 },
    });
    const { text } = await generateText({
      model: ai('code'),
      tools: { look: tool({ inputSchema: z.object({}) }) },
      messages: [
        ...image,
        { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'look', input: {} }] },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 'c',
              toolName: 'look',
              output: {
                type: 'content',
                value: [
                  {
                    type: 'file',
                    data: { type: 'url', url: new URL('https://files.example/cat.png') },
                    mediaType: 'image/*',
                  },
                  {
                    type: 'file',
                    data: { type: 'url', url: new URL('https://files.example/dog.png') },
                    mediaType: 'image/*',
                  },
                ],
              },
            },
          ],
        },
      ],
      ...pinTo('own'),
    });
    expect([text, own.calls.length]).toEqual(['own', 2]);
    expect(asked).toEqual(['https://files.example/cat.png', 'https://files.example/dog.png']);
    expect(fileOf(own, 1)).toEqual(downloaded);
    expect(JSON.stringify(own.calls[1]?.prompt)).not.toContain('https://');
    expect(JSON.stringify(own.calls[1]?.prompt.at(-1))).toContain('"mediaType":"image/png"');
  });

  test.each([
    ['a status', () => new Response('no', { status: 404 })],
    [
      'a page about it',
      () => new Response('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }),
    ],
    ['no connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['a file that is too large', () => new Response(png, { headers: { 'content-length': String(2 ** 31) } })],
  ])(
    'that cannot be had (%s) fails the attempt as unsupported, and says nothing of the health',
    async (_name, answer) => {
      web(answer);
      const own = says('own');
      const ai = compose(own);
      for (let count = 0; count < 6; count++) {
        const error = await generateText({ model: ai('code'), messages: image, ...pinTo('own') }).catch(
          (thrown: unknown) => thrown,
        );
        if (!RouteExhaustedError.isInstance(error)) throw error;
        expect(error.attempts.map(({ failureKind }) => failureKind)).toEqual(['unsupported']);
        expect(error.message).not.toContain('files.example');
      }
      expect(own.calls).toEqual([]);
      expect(ai.health().map(({ state }) => state)).toEqual(['closed', 'closed']);
    },
  );

  test('to a private address is not followed by us', async () => {
    const asked = web();
    const own = says('own');
    const options = {
      model: compose(own)('code'),
      messages: asking('http://169.254.169.254/a.png', 'image/png'),
    };
    await expect(generateText({ ...options, ...pinTo('own') })).rejects.toThrow(RouteExhaustedError);
    expect([asked, own.calls]).toEqual([[], []]);
  });

  test("stops being downloaded when the caller aborts, with the caller's reason", async () => {
    const controller = new AbortController();
    const signals: Array<AbortSignal | null | undefined> = [];
    web((_url, init) => {
      signals.push(init?.signal);
      controller.abort(new Error('enough'));
      return new Promise(() => {});
    });
    const own = says('own');
    await expect(
      generateText({
        model: compose(own)('code'),
        messages: image,
        abortSignal: controller.signal,
        ...pinTo('own'),
      }),
    ).rejects.toThrow('enough');
    expect([signals.map(signal => signal?.aborted), own.calls]).toEqual([[true], []]);
  });

  test('whose download ended with the loser of a hedge is downloaded again for the winner', async () => {
    let release: (response: Response) => void = () => {};
    const signals: Array<AbortSignal | null | undefined> = [];
    web((_url, init) => {
      signals.push(init?.signal);
      return new Promise((resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        release = resolve;
      });
    });
    const download = createDownloads(() => [
      { url: new URL('https://files.example/cat.png'), mediaType: 'image/png' },
    ]);
    const [first, second] = [new AbortController(), new AbortController()];
    const candidate = candidateOf({ name: 'own' });
    const prompt: LanguageModelV4Prompt = [
      {
        role: 'user',
        content: [
          {
            type: 'file',
            mediaType: 'image/png',
            data: { type: 'url', url: new URL('https://files.example/cat.png') },
          },
        ],
      },
    ];
    const lost = download({ candidate, prompt, signal: first.signal });
    const won = download({ candidate, prompt, signal: second.signal });
    await vi.waitFor(() => expect(signals.length).toBe(1));
    first.abort(new Error('lost'));
    await expect(lost).rejects.toThrow('could not be downloaded');
    await vi.waitFor(() => expect(signals.length).toBe(2));
    release(new Response(png, { headers: { 'content-type': 'image/png' } }));
    expect(await won).toEqual([{ role: 'user', content: [{ type: 'file', ...downloaded }] }]);
  });

  test('that a custom download hands on goes out as it is', async () => {
    const asked = web();
    const own = says('own');
    await generateText({
      model: createComposite({ tasks: { chat: [own] }, ...quiet }),
      messages: image,
      experimental_download: async requests => requests.map(() => null),
    });
    expect([fileOf(own)?.data, asked]).toEqual([
      { type: 'url', url: new URL('https://files.example/cat.png') },
      [],
    ]);
  });
});

test('a candidate that is declared without videos is skipped by a request with one', async () => {
  const ai = createComposite({
    tasks: { chat: [{ model: says('blind'), capabilities: { video: false } }, says('able')] },
    ...quiet,
  });
  const { skipped } = await ai.plan({
    prompt: [
      {
        role: 'user',
        content: [{ type: 'file', mediaType: 'VIDEO/mp4', data: { type: 'data', data: png } }],
      },
    ],
  });
  expect(skipped).toEqual([
    { candidate: 'scripted/blind', reason: 'declared without videos, which the request needs' },
  ]);
  expect(ai.describe()).toContain('video');
});
