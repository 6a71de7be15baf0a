import { describe, expect, test } from 'vitest';
import { createPricing } from '../../../src/cost/index.ts';
import { googleAnswer, interactionAnswer } from '../answers.ts';
import { now, replay } from '../replay.ts';

const modes = ['generate', 'stream'] as const;

describe.each(modes)('Google, %s', mode => {
  const run = (options: {
    readonly modelId: string;
    readonly usage: Record<string, unknown> | null;
    readonly grounding?: Record<string, unknown>;
  }) => replay({ mode, package: 'google', modelId: options.modelId, answer: googleAnswer(options) });

  test('cached input is part of the prompt, thoughts are not part of the answer', async () => {
    const usage = {
      promptTokenCount: 1_000,
      cachedContentTokenCount: 400,
      candidatesTokenCount: 200,
      thoughtsTokenCount: 300,
      totalTokenCount: 1_500,
    };
    const { cost } = await run({ modelId: 'gemini-3.8-flash', usage });
    // ai.google.dev/gemini-api/docs/pricing, 2026-11: $0.75, $0.075 cached, $3.75 with thoughts.
    expect(cost.lineItems.map(({ bucket, quantity }) => [bucket, quantity])).toEqual([
      ['inputTokens', 600],
      ['cacheReadTokens', 400],
      ['outputTokens', 200],
      ['reasoningTokens', 300],
    ]);
    expect(cost).toMatchObject({
      status: 'priced',
      usdExact: '0.002355',
      priceOf: 'google/gemini-3.8-flash',
    });
  });

  test('audio input has its own rate, cached audio another', async () => {
    // gemini-2.5-flash: text $0.30, audio $1, cached text $0.03, cached audio $0.10.
    const usage = {
      promptTokenCount: 1_000,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 400 },
        { modality: 'AUDIO', tokenCount: 600 },
      ],
      cachedContentTokenCount: 300,
      cacheTokensDetails: [
        { modality: 'TEXT', tokenCount: 100 },
        { modality: 'AUDIO', tokenCount: 200 },
      ],
      candidatesTokenCount: 0,
      totalTokenCount: 1_000,
    };
    const { cost } = await run({ modelId: 'gemini-2.5-flash', usage });
    expect(Object.fromEntries(cost.lineItems.map(({ bucket, quantity }) => [bucket, quantity]))).toEqual({
      inputTokens: 300,
      inputAudioTokens: 400,
      cacheReadTokens: 100,
      cacheReadAudioTokens: 200,
    });
    expect(cost.usdExact).toBe('0.000513'); // 90 + 400 + 3 + 20 micro-USD
  });

  test('image output has its own rate', async () => {
    const usage = {
      promptTokenCount: 10,
      candidatesTokenCount: 1_300,
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1_290 }],
      totalTokenCount: 1_310,
    };
    const { cost } = await run({ modelId: 'gemini-2.5-flash-image', usage });
    expect(cost.usdExact).toBe('0.038728'); // 10 x $0.30 + 10 x $2.50 + 1,290 x $30
  });

  test('what tools put into the prompt is billed as input, and does not count against the long-context line', async () => {
    const usage = {
      promptTokenCount: 190_000,
      toolUsePromptTokenCount: 20_000,
      candidatesTokenCount: 1_000,
      totalTokenCount: 211_000,
    };
    const { cost } = await run({ modelId: 'gemini-3.1-pro-preview', usage });
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.432' }); // 210,000 x $2 + 1,000 x $12
  });

  test('a prompt above 200,000 tokens changes all rates, one of exactly 200,000 none', async () => {
    const usage = (prompt: number) => ({
      promptTokenCount: prompt,
      candidatesTokenCount: 1_000,
      totalTokenCount: prompt + 1_000,
    });
    expect((await run({ modelId: 'gemini-3.1-pro-preview', usage: usage(200_000) })).cost.usdExact).toBe(
      '0.412',
    );
    expect((await run({ modelId: 'gemini-3.1-pro-preview', usage: usage(200_001) })).cost.usdExact).toBe(
      '0.818004',
    );
  });

  test.each([
    ['flex', '0.00225'],
    ['SERVICE_TIER_FLEX', '0.00225'],
    ['batch', '0.00225'],
    ['priority', '0.0081'],
    ['standard', '0.0045'],
  ])('the served tier %s', async (serviceTier, usdExact) => {
    const usage = {
      promptTokenCount: 1_000,
      candidatesTokenCount: 1_000,
      totalTokenCount: 2_000,
      serviceTier,
    };
    const { cost } = await run({ modelId: 'gemini-3.8-flash', usage });
    expect(cost).toMatchObject({ status: 'priced', usdExact }); // 1,000 x $0.75 + 1,000 x $3.75 = $0.0045
  });

  // The values of cloud.google.com/vertex-ai, GenerateContentResponse#TrafficType, 2026-11.
  test.each([
    ['ON_DEMAND_PRIORITY', 'priced', '0.0081'],
    ['ON_DEMAND_FLEX', 'priced', '0.00225'],
    ['ON_DEMAND', 'priced', '0.0045'],
    ['TRAFFIC_TYPE_UNSPECIFIED', 'priced', '0.0045'],
    // Reserved capacity is paid for by the month; the list price is all there is to say.
    ['PROVISIONED_THROUGHPUT', 'estimated', '0.0045'],
  ])('a traffic type of Vertex AI names the tier: %s', async (trafficType, status, usdExact) => {
    const usage = {
      promptTokenCount: 1_000,
      candidatesTokenCount: 1_000,
      totalTokenCount: 2_000,
      trafficType,
    };
    expect((await run({ modelId: 'gemini-3.8-flash', usage })).cost).toMatchObject({ status, usdExact });
  });

  test('thoughts that show in the total only are charged as output, as an estimate', async () => {
    const usage = { promptTokenCount: 1_000, candidatesTokenCount: 100, totalTokenCount: 1_400 };
    const { cost } = await run({ modelId: 'gemini-3.8-flash', usage });
    expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.00225' }); // 1,000 x $0.75 + 400 x $3.75
    expect(cost.flags).toContain('output-from-total');
  });

  test('a total below its parts is told, and the parts count', async () => {
    const usage = {
      promptTokenCount: 1_000,
      candidatesTokenCount: 100,
      thoughtsTokenCount: 50,
      totalTokenCount: 1_149,
    };
    const { cost } = await run({ modelId: 'gemini-3.8-flash', usage });
    expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.0013125' }); // 1,000 x $0.75 + 150 x $3.75
    expect(cost.flags).toContain('total-mismatch');
  });

  test('Gemini 3 bills each search query at list price, which is an estimate: the free allowance is not known', async () => {
    const usage = { promptTokenCount: 1_000, candidatesTokenCount: 0, totalTokenCount: 1_000 };
    const { cost } = await run({
      modelId: 'gemini-3.8-flash',
      usage,
      grounding: { webSearchQueries: ['weather paris', 'weather paris today'] },
    });
    expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.02875' }); // 1,000 x $0.75 + 2 x $14 per thousand
    expect(cost.flags).toContain('free-allowance-ignored');
  });

  test('Gemini 2.5 bills a grounded prompt once, however many queries', async () => {
    const usage = { promptTokenCount: 1_000, candidatesTokenCount: 0, totalTokenCount: 1_000 };
    const { cost } = await run({
      modelId: 'gemini-2.5-flash',
      usage,
      grounding: { webSearchQueries: ['one', 'two', 'three'] },
    });
    expect(cost.usdExact).toBe('0.0353'); // 1,000 x $0.30 + $35 per thousand
  });

  test('only different queries are billed, empty ones never; a search for images is a search', async () => {
    // ai.google.dev/gemini-api/docs/google-search, 2026-11: "we ignore the empty web search queries when counting
    // unique queries"; the list is of the kind in discuss.ai.google.dev/t/168136.
    const usage = { promptTokenCount: 1_000, candidatesTokenCount: 0, totalTokenCount: 1_000 };
    const { cost } = await run({
      modelId: 'gemini-3.8-flash',
      usage,
      grounding: {
        webSearchQueries: ['', 'paris', '', 'paris', 'rome'],
        imageSearchQueries: ['rome', 'tower'],
      },
    });
    expect(cost.usdExact).toBe('0.04275'); // 1,000 x $0.75 + 3 x $14 per thousand
  });

  test('a price of 0 is a price: Gemma is free on the Gemini API', async () => {
    const usage = { promptTokenCount: 1_000, candidatesTokenCount: 1_000, totalTokenCount: 2_000 };
    expect((await run({ modelId: 'gemma-3-27b-it', usage })).cost).toMatchObject({
      status: 'priced',
      usd: 0,
      usdExact: '0',
      source: 'overlay',
    });
  });
});

// The names of ai.google.dev/api/interactions-api, Usage, 2026-11, as @ai-sdk/google 4.0.121 passes them on.
describe.each(modes)("Google's Interactions API, %s", mode => {
  const run = ({ modelId, usage }: { readonly modelId: string; readonly usage: Record<string, unknown> }) =>
    replay({ mode, package: 'interactions', modelId, answer: interactionAnswer({ usage }) });

  test('what tools put into the prompt is input beside it, cached input is part of it, thoughts are output', async () => {
    const { cost } = await run({
      modelId: 'gemini-3.8-flash',
      usage: {
        total_input_tokens: 1_000,
        total_cached_tokens: 400,
        total_tool_use_tokens: 200,
        total_output_tokens: 100,
        total_thought_tokens: 300,
        total_tokens: 1_600,
        grounding_tool_count: [{ type: 'google_search', count: 2 }],
      },
    });
    // (1,000 + 200 - 400) x $0.75 + 400 x $0.075 + (100 + 300) x $3.75 per million = 2,130 micro-USD, and 2 x $14 per
    // thousand.
    expect(cost).toMatchObject({
      status: 'estimated',
      usdExact: '0.03013',
      flags: expect.arrayContaining(['free-allowance-ignored']),
    });
  });

  test('modalities have their rates, and a prompt of Gemini 2.5 that was grounded is billed once a tool', async () => {
    const { cost } = await run({
      modelId: 'gemini-2.5-flash',
      usage: {
        total_input_tokens: 1_000,
        input_tokens_by_modality: [
          { modality: 'text', tokens: 400 },
          { modality: 'audio', tokens: 600 },
        ],
        total_output_tokens: 100,
        total_tokens: 1_100,
        grounding_tool_count: [
          { type: 'google_search', count: 3 },
          { type: 'google_maps', count: 2 },
        ],
      },
    });
    // 400 x $0.30 + 600 x $1 + 100 x $2.50 per million = 970 micro-USD; $35 and $25 per thousand.
    expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.06097' });
  });
});

describe('the modalities of Gemini', () => {
  /** Every bucket has a rate of its own, so that a token in the wrong one shows. */
  const price = {
    inputTokens: 1,
    inputAudioTokens: 2,
    inputImageTokens: 3,
    inputVideoTokens: 4,
    cacheReadTokens: 0.1,
    cacheReadAudioTokens: 0.2,
    cacheReadImageTokens: 0.3,
    outputTokens: 10,
    outputAudioTokens: 20,
    outputImageTokens: 30,
    reasoningTokens: 40,
  };
  const of = (...counts: ReadonlyArray<readonly [modality: string, tokenCount: number]>) =>
    counts.map(([modality, tokenCount]) => ({ modality, tokenCount }));
  const bucketsOf = async (usage: Record<string, unknown>) => {
    const answer = googleAnswer({ usage });
    const { cost } = await replay({
      mode: 'generate',
      package: 'google',
      modelId: 'm',
      answer,
      settings: { price },
    });
    return {
      ...Object.fromEntries(cost.lineItems.map(({ bucket, quantity }) => [bucket, quantity])),
      flags: cost.flags,
    };
  };

  test('every medium is taken out of the prompt, what is cached of it and what tools brought included', async () => {
    expect(
      await bucketsOf({
        promptTokenCount: 1_000,
        promptTokensDetails: of(['TEXT', 400], ['AUDIO', 100], ['IMAGE', 200], ['VIDEO', 300]),
        toolUsePromptTokenCount: 50,
        toolUsePromptTokensDetails: of(['TEXT', 30], ['IMAGE', 20]),
        cachedContentTokenCount: 360,
        cacheTokensDetails: of(['TEXT', 200], ['AUDIO', 10], ['IMAGE', 50], ['VIDEO', 100]),
        candidatesTokenCount: 90,
        candidatesTokensDetails: of(['TEXT', 20], ['AUDIO', 30], ['IMAGE', 40]),
        thoughtsTokenCount: 7,
        totalTokenCount: 1_147,
      }),
    ).toEqual({
      inputTokens: 230, // 400 + 30 - 200
      inputAudioTokens: 90,
      inputImageTokens: 170, // 200 + 20 - 50
      inputVideoTokens: 200,
      cacheReadTokens: 300, // text and video
      cacheReadAudioTokens: 10,
      cacheReadImageTokens: 50,
      outputTokens: 20,
      outputAudioTokens: 30,
      outputImageTokens: 40,
      reasoningTokens: 7,
      flags: undefined,
    });
  });

  test('one medium can be listed in several entries', async () => {
    const promptTokensDetails = of(['AUDIO', 100], ['AUDIO', 50], ['TEXT', 10]);
    expect(await bucketsOf({ promptTokenCount: 160, promptTokensDetails, totalTokenCount: 160 })).toEqual({
      inputTokens: 10,
      inputAudioTokens: 150,
      flags: undefined,
    });
  });

  test('more cached than there is input is no more than the input, as an estimate', async () => {
    expect(
      await bucketsOf({ promptTokenCount: 100, cachedContentTokenCount: 101, totalTokenCount: 100 }),
    ).toEqual({ cacheReadTokens: 100, flags: ['cached-exceeds-input'] });
  });

  test.each([
    { thoughtsTokenCount: -1 },
    { promptTokensDetails: of(['AUDIO', -1]) },
    { cachedContentTokenCount: Number.MAX_VALUE },
  ])('a number that cannot be a count is left out and told: %j', async invalid => {
    expect(
      await bucketsOf({
        promptTokenCount: 100,
        candidatesTokenCount: 10,
        totalTokenCount: 110,
        ...invalid,
      }),
    ).toEqual({ inputTokens: 100, outputTokens: 10, flags: ['count-invalid'] });
  });

  test('a total without what tools put into the prompt is no contradiction', async () => {
    expect(
      await bucketsOf({
        promptTokenCount: 100,
        toolUsePromptTokenCount: 50,
        candidatesTokenCount: 10,
        totalTokenCount: 110,
      }),
    ).toEqual({ inputTokens: 150, outputTokens: 10, flags: undefined });
  });

  test('a usage without any count was never said', async () => {
    const { flags } = await bucketsOf({ trafficType: 'ON_DEMAND' });
    expect(flags).toEqual(['input-estimated', 'output-estimated']);
  });
});

test.each(['google', 'googleVertex', 'vertex'])(
  'the metadata of the package can go by the name %s',
  async name => {
    const cost = await createPricing({ now: () => now, onWarning: () => {} })
      .meter({
        provider: 'google.vertex.chat',
        modelId: 'gemini-3.1-pro-preview',
        callOptions: { prompt: [] },
      })
      .settle({
        outcome: 'success',
        usage: {
          inputTokens: { total: 300_000, noCache: 300_000, cacheRead: 0, cacheWrite: undefined },
          outputTokens: { total: 0, text: 0, reasoning: 0 },
          raw: { promptTokenCount: 300_000, totalTokenCount: 300_000 },
        },
        providerMetadata: {
          [name]: {
            initialPromptTokenCount: 100_000,
            groundingMetadataPerRequest: [{ webSearchQueries: ['paris'] }, null],
          },
        },
      });
    expect(cost.usdExact).toBe('0.614'); // 300,000 x $2, below the line of 200,000, and $14 per thousand
  },
);

test('a prompt that was grounded on a map alone has an allowance too', async () => {
  const { cost } = await replay({
    mode: 'generate',
    package: 'google',
    modelId: 'gemini-3.8-flash',
    answer: googleAnswer({
      usage: { promptTokenCount: 1_000, totalTokenCount: 1_000 },
      grounding: { groundingChunks: [{ maps: { uri: 'x' } }] },
    }),
  });
  expect(cost).toMatchObject({
    status: 'estimated',
    usdExact: '0.01475', // 1,000 x $0.75 and $14 per thousand
    flags: expect.arrayContaining(['free-allowance-ignored']),
  });
});

test.each([
  ['gemini-3.8-flash', '0.04275'], // 1,000 x $0.75, and per thousand 2 x $14 for the searches and $14 for the map
  ['gemini-2.5-flash', '0.0603'], // 1,000 x $0.30, and per thousand $35 for the prompt and $25 for the map
])(
  'grounding that comes in several chunks of a stream is counted once and whole (%s)',
  async (modelId, usdExact) => {
    // The queries come with one chunk, the sources with another (github.com/vercel/ai/pull/13123, 2026-03).
    const usage = { promptTokenCount: 1_000, candidatesTokenCount: 0, totalTokenCount: 1_000 };
    const { cost, parts } = await replay({
      mode: 'stream',
      package: 'google',
      modelId,
      answer: googleAnswer({
        usage,
        early: [
          { grounding: { webSearchQueries: ['paris'] } },
          { grounding: { webSearchQueries: ['paris', 'rome'], groundingChunks: [{ maps: { uri: 'x' } }] } },
        ],
        grounding: { groundingChunks: [{ web: { uri: 'https://a.example' } }] },
      }),
    });
    expect(cost).toMatchObject({ status: 'estimated', usdExact });
    expect(parts.some(({ type }) => type === 'raw')).toBe(false);
  },
);

test('a price that changes with the year is the one of the day of the call', async () => {
  const usage = { promptTokenCount: 1_000, candidatesTokenCount: 0, totalTokenCount: 1_000 };
  const on = async (day: string) =>
    (
      await replay({
        mode: 'generate',
        package: 'google',
        modelId: 'gemini-3.8-flash',
        answer: googleAnswer({ usage }),
        settings: { now: () => Date.parse(day) },
      })
    ).cost.usdExact;
  expect(await on('2026-12-31T23:59:59Z')).toBe('0.00075');
  expect(await on('2027-01-01T00:00:00Z')).toBe('0.0015');
});
