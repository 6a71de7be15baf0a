import { createOpenAI, openai } from '@ai-sdk/openai';
import { wrapLanguageModel } from 'ai';
import { describe, expect, test } from 'vitest';
import { type Cost, costMiddleware } from '../../../src/cost/index.ts';
import { chatAnswer, responsesAnswer } from '../answers.ts';
import { answering, now, replay } from '../replay.ts';

const modes = ['generate', 'stream'] as const;

// developers.openai.com/api/docs/models/gpt-6-sol, 2026-11: $2 input, $0.20 cached, $2.50 written, $10 output; above
// 272k twice and 1.5 times.
const gpt6Sol = 'gpt-6-sol';

describe.each(modes)('OpenAI, %s', mode => {
  test('cached and written input and reasoning are part of the totals, and each is charged once', async () => {
    const usage = {
      input_tokens: 10_000,
      input_tokens_details: { cached_tokens: 6_000, cache_write_tokens: 1_000 },
      output_tokens: 800,
      output_tokens_details: { reasoning_tokens: 500 },
      total_tokens: 10_800,
    };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: gpt6Sol,
      answer: responsesAnswer({ model: gpt6Sol, usage }),
    });
    expect(cost).toMatchObject({
      status: 'priced',
      source: 'catalog',
      priceOf: 'openai/gpt-6-sol',
      priceDate: '2026-09-23',
    });
    expect(
      cost.lineItems.map(({ bucket, quantity, rate, usdExact }) => [bucket, quantity, rate, usdExact]),
    ).toEqual([
      ['inputTokens', 3_000, '2', '0.006'],
      ['cacheReadTokens', 6_000, '0.2', '0.0012'],
      ['cacheWriteTokens', 1_000, '2.5', '0.0025'],
      ['outputTokens', 300, '10', '0.003'],
      ['reasoningTokens', 500, '10', '0.005'],
    ]);
    expect(cost.usdExact).toBe('0.0177');
  });

  test('a relay that names every count twice is read by the names that are counted', async () => {
    // github.com/QuantumNous/new-api, dto.Usage: the names of chat completions are there too, as 0.
    const usage = {
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 1_500,
      prompt_tokens_details: { cached_tokens: 0, text_tokens: 0, audio_tokens: 0, image_tokens: 0 },
      completion_tokens_details: { text_tokens: 0, audio_tokens: 0, reasoning_tokens: 0 },
      input_tokens: 1_000,
      output_tokens: 500,
      input_tokens_details: { cached_tokens: 400, text_tokens: 0, audio_tokens: 0, image_tokens: 0 },
    };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: gpt6Sol,
      answer: responsesAnswer({ model: gpt6Sol, usage }),
    });
    // 600 x $2 + 400 x $0.20 + 500 x $10 per million.
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.00628' });
  });

  test('what orchestrated models took comes on top, and the total proves it', async () => {
    // github.com/vercel/ai/pull/16290, 2026-06; with 40 + 25 the total is 265.
    const usage = {
      input_tokens: 120,
      output_tokens: 80,
      total_tokens: 265,
      input_tokens_details: {
        cached_tokens: 0,
        orchestration_input_tokens: 40,
        orchestration_input_cached_tokens: 10,
      },
      output_tokens_details: { orchestration_output_tokens: 25 },
    };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: 'fugu-ultra',
      answer: responsesAnswer({ model: 'fugu-ultra', usage }),
      settings: { price: { inputTokens: 1, cacheReadTokens: 0.1, outputTokens: 10 } },
    });
    // 150 x $1 + 10 x $0.10 + 105 x $10 per million.
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.001201' });
  });

  test('a dated snapshot in the answer is priced as its model', async () => {
    const usage = { input_tokens: 1_000_00, output_tokens: 0, total_tokens: 100_000 };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: gpt6Sol,
      answer: responsesAnswer({ model: 'gpt-6-sol-2026-09-22', usage }),
    });
    expect(cost).toMatchObject({ status: 'priced', usd: 0.2 });
  });

  test('a long input changes all rates of the request, cached input included, and only above the line', async () => {
    const usage = (input: number) => ({
      input_tokens: input,
      input_tokens_details: { cached_tokens: 200_000 },
      output_tokens: 1_000,
      total_tokens: input + 1_000,
    });
    const at = await replay({
      mode,
      package: 'responses',
      modelId: gpt6Sol,
      answer: responsesAnswer({ model: gpt6Sol, usage: usage(272_000) }),
    });
    const above = await replay({
      mode,
      package: 'responses',
      modelId: gpt6Sol,
      answer: responsesAnswer({ model: gpt6Sol, usage: usage(272_001) }),
    });
    // 72,000 x $2 + 200,000 x $0.20 + 1,000 x $10; then 72,001 x $4 + 200,000 x $0.40 + 1,000 x $15, per million.
    expect(at.cost.usdExact).toBe('0.194');
    expect(above.cost.usdExact).toBe('0.383004');
  });

  test('exactly 272,000 tokens have the short rates where the catalog says 271,999, too', async () => {
    const usage = { input_tokens: 272_000, output_tokens: 0, total_tokens: 272_000 };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: 'gpt-5.4',
      answer: responsesAnswer({ model: 'gpt-5.4', usage }),
    });
    expect(cost.usdExact).toBe('0.68'); // 272,000 x $2.50 (openai.com, gpt-5.4, 2026-11)
  });

  test.each([
    ['flex', '0.5', '0.006'],
    ['priority', '2', '0.024'],
    ['fast', '2', '0.024'],
    ['default', '1', '0.012'],
  ])(
    'the tier it was served under (%s) multiplies every token rate by %s',
    async (serviceTier, _, usdExact) => {
      const usage = { input_tokens: 1_000, output_tokens: 1_000, total_tokens: 2_000 };
      const { cost } = await replay({
        mode,
        package: 'responses',
        modelId: gpt6Sol,
        answer: responsesAnswer({ model: gpt6Sol, usage, serviceTier }),
        // Asked for priority, and served what it says.
        options: { providerOptions: { openai: { serviceTier: 'priority' } } },
      });
      expect(cost).toMatchObject({ status: 'priced', usdExact }); // 1,000 x $2 + 1,000 x $10 = $0.012
    },
  );

  test.each([
    // openai.com/api-fast-mode, 2026-11: $12.50, $1.25, $75.
    ['gpt-5.5', '0.0875'],
    // $0.25, $0.125, $1.
    ['gpt-4o-mini', '0.00125'],
    // $2, $0.50, $8.
    ['o4-mini', '0.01'],
    // $3.50, $0.875, $14.
    ['gpt-4.1', '0.0175'],
  ])('priority of %s has its own published rates', async (model, usdExact) => {
    const usage = { input_tokens: 1_000, output_tokens: 1_000, total_tokens: 2_000 };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: model,
      answer: responsesAnswer({ model, usage, serviceTier: 'priority' }),
    });
    expect(cost).toMatchObject({ status: 'priced', usdExact });
  });

  test('a tier nobody published a price of leaves an estimate at the standard rates', async () => {
    const usage = { input_tokens: 1_000, output_tokens: 0, total_tokens: 1_000 };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: gpt6Sol,
      answer: responsesAnswer({ model: gpt6Sol, usage, serviceTier: 'scale' }),
    });
    expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.002' });
    expect(cost.flags).toContain('service-tier-unknown');
  });

  test('chat completions: the served tier and audio tokens are read where the package drops them', async () => {
    // developers.openai.com, gpt-audio, 2026-11: text $2.50 / $10, audio $32 / $64.
    const usage = {
      prompt_tokens: 1_000,
      prompt_tokens_details: { audio_tokens: 600, cached_tokens: 0 },
      completion_tokens: 500,
      completion_tokens_details: { audio_tokens: 300, reasoning_tokens: 0 },
      total_tokens: 1_500,
    };
    const { cost } = await replay({
      mode,
      package: 'chat',
      modelId: 'gpt-audio',
      answer: chatAnswer({ model: 'gpt-audio-2025-08-28', usage, serviceTier: 'default' }),
      options: {
        prompt: [
          {
            role: 'user',
            content: [{ type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: 'AAAA' } }],
          },
        ],
      },
    });
    // 400 x 2.5 + 600 x 32 + 200 x 10 + 300 x 64 = 1,000 + 19,200 + 2,000 + 19,200 micro-USD
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.0414' });
  });

  test.each([
    // developers.openai.com/api/docs/models/gpt-4o-audio-preview: text $2.50 / $10, audio $40 / $80.
    ['gpt-4o-audio-preview', 'gpt-4o-audio-preview-2025-06-03', '0.051'],
    // developers.openai.com/api/docs/models/gpt-4o-mini-audio-preview: text $0.15 / $0.60, audio $10 / $20.
    ['gpt-4o-mini-audio-preview', 'gpt-4o-mini-audio-preview-2024-12-17', '0.01218'],
  ])('chat completions: audio of %s has rates that the catalog lacks', async (modelId, model, usdExact) => {
    const usage = {
      prompt_tokens: 1_000,
      prompt_tokens_details: { audio_tokens: 600, cached_tokens: 0 },
      completion_tokens: 500,
      completion_tokens_details: { audio_tokens: 300, reasoning_tokens: 0 },
      total_tokens: 1_500,
    };
    const { cost } = await replay({
      mode,
      package: 'chat',
      modelId,
      answer: chatAnswer({ model, usage, serviceTier: 'default' }),
    });
    // 400 x text + 600 x audio in, 200 x text + 300 x audio out: 1,000 + 24,000 + 2,000 + 24,000 micro-USD, and
    // 60 + 6,000 + 120 + 6,000.
    expect(cost).toMatchObject({ status: 'priced', usdExact });
  });

  test.each([
    ['of the Responses API', { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 }, '0.003'],
    [
      'of DeepSeek',
      { prompt_cache_hit_tokens: 600, prompt_cache_miss_tokens: 400, completion_tokens: 100 },
      '0.00192',
    ],
  ])('chat completions: counts by names %s, which the package drops', async (_, usage, usdExact) => {
    const { cost } = await replay({
      mode,
      package: 'chat',
      modelId: gpt6Sol,
      answer: chatAnswer({ model: gpt6Sol, usage }),
      // So that raw chunks are asked for in a stream.
      options: { providerOptions: { openai: { serviceTier: 'default' } } },
    });
    // 1,000 x $2 + 100 x $10 per million; 400 x $2 + 600 x $0.20 + 100 x $10 per million.
    expect(cost).toMatchObject({ status: 'priced', usdExact });
  });

  test('chat completions: the searches of a search model are billed, and not told', async () => {
    const model = 'gpt-4o-search-preview';
    const usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 };
    const { cost } = await replay({
      mode,
      package: 'chat',
      modelId: model,
      answer: chatAnswer({ model, usage }),
    });
    // 1,000 x $2.50 + 100 x $10 per million, and the searches.
    expect(cost).toMatchObject({ status: 'lower-bound', usdExact: '0.0035' });
  });

  test('chat completions: what was served wins over what was asked for', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    const { cost } = await replay({
      mode,
      package: 'chat',
      modelId: gpt6Sol,
      answer: chatAnswer({ model: gpt6Sol, usage, serviceTier: 'default' }),
      options: { providerOptions: { openai: { serviceTier: 'priority' } } },
    });
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.002' });
  });

  test.each([
    ['priority', '0.005'],
    ['flex', '0.00125'],
    ['default', '0.0025'],
  ])(
    'chat completions: a project may be served under a tier that no request asks for (%s)',
    async (serviceTier, usdExact) => {
      // platform.openai.com/docs/api-reference/chat: `auto`, the default, takes the tier of the project's settings.
      const usage = { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 };
      const { cost } = await replay({
        mode,
        package: 'chat',
        modelId: gpt6Sol,
        answer: chatAnswer({ model: gpt6Sol, usage, serviceTier }),
      });
      // 1,000 x $2 + 50 x $10 per million, twice and half of it.
      expect(cost).toMatchObject({ status: 'priced', usdExact });
    },
  );

  test('chat completions: a tier that was asked for and not confirmed is an estimate', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    const { cost } = await replay({
      mode,
      package: 'chat',
      modelId: gpt6Sol,
      answer: chatAnswer({ model: gpt6Sol, usage }),
      options: { providerOptions: { openai: { serviceTier: 'flex' } } },
    });
    expect(cost).toMatchObject({
      status: 'estimated',
      usdExact: '0.001',
      flags: ['service-tier-requested'],
    });
  });

  test('of three web_search_call items only the search is billed', async () => {
    const search = {
      type: 'web_search_call',
      id: 'ws_1',
      status: 'completed',
      action: { type: 'search', query: 'weather' },
    };
    const items = [
      search,
      { ...search, id: 'ws_2', action: { type: 'open_page', url: 'http://127.0.0.1/' } },
      { ...search, id: 'ws_3', action: { type: 'find_in_page', url: 'http://127.0.0.1/', pattern: 'sun' } },
    ];
    const usage = { input_tokens: 1_000, output_tokens: 0, total_tokens: 1_000 };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: gpt6Sol,
      answer: responsesAnswer({ model: gpt6Sol, usage, items }),
      options: { tools: [{ type: 'provider', id: 'openai.web_search', name: 'find', args: {} }] },
    });
    // 1,000 x $2 per million, and one search of $10 per thousand.
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.012' });
    expect(cost.lineItems).toContainEqual({
      bucket: 'webSearch',
      quantity: 1,
      rate: '0.01',
      usd: 0.01,
      usdExact: '0.01',
    });
  });

  test.each([
    ['a finished call without its action may have been a search', 'completed', 'lower-bound'],
    ['a call that was not finished is no search', 'incomplete', 'priced'],
    ['a call that failed is no search', 'failed', 'priced'],
  ])('%s', async (_, status, expected) => {
    const usage = { input_tokens: 1_000, output_tokens: 0, total_tokens: 1_000 };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: gpt6Sol,
      answer: responsesAnswer({
        model: gpt6Sol,
        usage,
        items: [{ type: 'web_search_call', id: 'ws_1', status }],
      }),
    });
    expect(cost).toMatchObject({ status: expected, usdExact: '0.002' });
  });

  test.each(['openai.web_search', 'openai.web_search_preview'] as const)(
    'Azure bills %s at the price of Bing, by whatever name the tool goes',
    async id => {
      const usage = { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 };
      const items = [
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
      ];
      const { json, events } = responsesAnswer({ model: 'gpt-5', usage, items });
      const costs: Cost[] = [];
      const azure = createOpenAI({ name: 'azure', apiKey: 'test', fetch: answering({ json, events }) });
      const model = wrapLanguageModel({
        model: azure.responses('gpt-5'),
        middleware: costMiddleware({ now: () => now, onCost: cost => costs.push(cost), onWarning: () => {} }),
      });
      const options = { prompt: [], tools: [{ type: 'provider' as const, id, name: 'find', args: {} }] };
      if (mode === 'generate') await model.doGenerate(options);
      else for await (const _ of (await model.doStream(options)).stream);
      // 1,000 x $1.25 + 100 x $10 per million, and one search of $14 per thousand.
      expect(costs).toMatchObject([{ status: 'priced', usdExact: '0.01625' }]);
    },
  );

  test('file searches are billed each, and a tool billed by the hour leaves a lower bound', async () => {
    const search = { type: 'file_search_call', status: 'completed', queries: ['x'], results: null };
    const usage = { input_tokens: 1_000, output_tokens: 0, total_tokens: 1_000 };
    const run = (items: readonly Record<string, unknown>[]) =>
      replay({
        mode,
        package: 'responses',
        modelId: gpt6Sol,
        answer: responsesAnswer({ model: gpt6Sol, usage, items }),
      });
    const { cost } = await run([
      { ...search, id: 'fs_1' },
      { ...search, id: 'fs_2' },
    ]);
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.007' }); // 1,000 x $2 per million + 2 x $2.50 per thousand
    const code = {
      type: 'code_interpreter_call',
      id: 'ci_1',
      status: 'completed',
      code: 'print(1)',
      container_id: 'c',
      outputs: [],
    };
    const container = await run([code]);
    expect(container.cost).toMatchObject({ status: 'lower-bound', usdExact: '0.002' });
    expect(container.cost.flags).toContain('tool-fee-unknown');
  });

  test('a loop of server tools sums its calls: a sum above the long-context line proves nothing', async () => {
    const search = { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } };
    const items = [1, 2, 3].map(index => ({ ...search, id: `ws_${index}` }));
    const usage = { input_tokens: 400_000, output_tokens: 0, total_tokens: 400_000 };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: gpt6Sol,
      answer: responsesAnswer({ model: gpt6Sol, usage, items }),
      options: { tools: [{ type: 'provider', id: 'openai.web_search', name: 'web_search', args: {} }] },
    });
    // Four calls of 100,000 on average: 400,000 x $2 and three searches.
    expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.83' });
    expect(cost.flags).toContain('tier-uncertain');
  });

  test('12-hour cache writes have a rate of their own', async () => {
    // developers.openai.com/api/docs/models/gpt-6.1-terra, 2026-11: $1.25 for 30 minutes, $2.50 for 12 hours.
    const usage = {
      input_tokens: 3_000,
      input_tokens_details: {
        cached_tokens: 0,
        cache_write_tokens: 3_000,
        cache_write_tokens_details: { ttl_30m_tokens: 1_000, ttl_12h_tokens: 2_000 },
      },
      output_tokens: 0,
      total_tokens: 3_000,
    };
    const { cost } = await replay({
      mode,
      package: 'responses',
      modelId: 'gpt-6.1-terra',
      answer: responsesAnswer({ model: 'gpt-6.1-terra', usage }),
    });
    expect(cost).toMatchObject({ status: 'priced', source: 'overlay', usdExact: '0.00625' });
  });
});

test('a partial image is no model call: it moves no long-context line', async () => {
  const call = { type: 'image_generation_call', id: 'ig_1' };
  const answer = responsesAnswer({
    model: gpt6Sol,
    usage: { input_tokens: 400_000, output_tokens: 0, total_tokens: 400_000 },
    items: [{ ...call, status: 'completed', result: 'aaaa' }],
  });
  const partial = { type: 'response.image_generation_call.partial_image', item_id: 'ig_1', output_index: 0 };
  const partials = [0, 1, 2].map(index => ({
    ...partial,
    partial_image_index: index,
    partial_image_b64: 'aa',
  }));
  const costWith = async (early: readonly unknown[]) => {
    const [created, ...events] = answer.events;
    const { cost } = await replay({
      mode: 'stream',
      package: 'responses',
      modelId: gpt6Sol,
      answer: { ...answer, events: [created, ...early, ...events] },
      options: {
        tools: [{ type: 'provider', id: 'openai.image_generation', name: 'image_generation', args: {} }],
      },
      settings: {
        price: { inputTokens: 2, outputTokens: 1, tiers: [{ aboveInputTokens: 150_000, inputTokens: 4 }] },
      },
    });
    return cost;
  };
  // Two calls of 200,000 on average, above the line of 150,000: 400,000 x $4 per million. Five would be below it.
  expect(await costWith(partials)).toMatchObject({ status: 'lower-bound', usdExact: '1.6' });
  expect(await costWith(partials)).toEqual(await costWith([]));
});

test('the provider tool of the package is the one that is counted', () => {
  expect(openai.tools.webSearch({}).id).toBe('openai.web_search');
});
