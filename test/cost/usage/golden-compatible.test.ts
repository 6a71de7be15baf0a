import { describe, expect, test } from 'vitest';
import { chatAnswer } from '../answers.ts';
import { replay } from '../replay.ts';

const modes = ['generate', 'stream'] as const;
const price = {
  inputTokens: 1,
  cacheReadTokens: 0.1,
  cacheWriteTokens: 1.25,
  cacheWrite1hTokens: 2,
  outputTokens: 10,
};

describe.each(modes)('OpenAI-compatible servers, %s', mode => {
  const run = (options: {
    readonly provider: string;
    readonly modelId: string;
    readonly usage: Record<string, unknown>;
    readonly settings?: Parameters<typeof replay>[0]['settings'];
  }) =>
    replay({
      mode,
      package: `compatible:${options.provider}`,
      modelId: options.modelId,
      answer: chatAnswer({ model: options.modelId, usage: options.usage }),
      ...(options.settings !== undefined && { settings: options.settings }),
    });
  const priced = (options: { readonly usage: Record<string, unknown>; readonly provider?: string }) =>
    run({ provider: 'proxy', modelId: 'm', settings: { price }, ...options });
  const bucketsOf = async (options: Parameters<typeof priced>[0]) => {
    const { cost } = await priced(options);
    return {
      status: cost.status,
      usdExact: cost.usdExact,
      ...Object.fromEntries(cost.lineItems.map(({ bucket, quantity }) => [bucket, quantity])),
    };
  };

  test('xAI: reasoning is not in the completion, and the total says so', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 2,
      completion_tokens_details: { reasoning_tokens: 320 },
      total_tokens: 422,
    };
    expect(await bucketsOf({ usage })).toEqual({
      status: 'priced',
      inputTokens: 100,
      outputTokens: 2,
      reasoningTokens: 320,
      usdExact: '0.00332',
    });
  });

  test('xAI: reasoning is added also where it is smaller than the completion', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 500,
      completion_tokens_details: { reasoning_tokens: 320 },
      total_tokens: 920,
    };
    expect(await bucketsOf({ usage })).toMatchObject({ outputTokens: 500, reasoningTokens: 320 });
    const { total_tokens: _, ...withoutTotal } = usage;
    for (const provider of ['xai', 'x-ai'])
      expect(await bucketsOf({ usage: withoutTotal, provider })).toMatchObject({
        outputTokens: 500,
        reasoningTokens: 320,
      });
  });

  test('Groq and DeepSeek: reasoning is in the completion and is not added', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 500,
      completion_tokens_details: { reasoning_tokens: 320 },
      total_tokens: 600,
    };
    expect(await bucketsOf({ usage })).toEqual({
      status: 'priced',
      inputTokens: 100,
      outputTokens: 180,
      reasoningTokens: 320,
      usdExact: '0.0051',
    });
  });

  test('reasoning larger than the completion lies outside of it where no total says otherwise', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 2,
      completion_tokens_details: { reasoning_tokens: 320 },
    };
    expect(await bucketsOf({ usage })).toMatchObject({ outputTokens: 2, reasoningTokens: 320 });
  });

  test('reasoning larger than a completion that the total proves whole is clamped to it, and told', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      completion_tokens_details: { reasoning_tokens: 60 },
      total_tokens: 150,
    };
    // 100 x $1 + 50 x $10 per million.
    expect(await bucketsOf({ usage })).toEqual({
      status: 'estimated',
      inputTokens: 100,
      reasoningTokens: 50,
      usdExact: '0.0006',
    });
  });

  test('what reasoning outside of the completion leaves of the total was generated too', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 2,
      completion_tokens_details: { reasoning_tokens: 320 },
      total_tokens: 602,
    };
    // 602 - 100 = 502 tokens of output: 100 x $1 + 502 x $10 per million.
    expect(await bucketsOf({ usage })).toEqual({
      status: 'estimated',
      inputTokens: 100,
      outputTokens: 2,
      reasoningTokens: 500,
      usdExact: '0.00512',
    });
  });

  test('reasoning that the total has less room for than it takes is an estimate', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 2,
      completion_tokens_details: { reasoning_tokens: 320 },
      total_tokens: 150,
    };
    const { cost } = await priced({ usage });
    expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.00332' });
    expect(cost.flags).toContain('total-mismatch');
  });

  test.each([
    [{ cached_tokens: 150 }, { cacheReadTokens: 100 }, '0.00031'], // 100 x $0.10 + 30 x $10 per million
    [
      { cached_tokens: 70, cache_write_tokens: 80 },
      { cacheReadTokens: 70, cacheWriteTokens: 30 },
      '0.0003445', // 70 x $0.10 + 30 x $1.25 + 30 x $10 per million
    ],
  ])('no more is cached than the prompt that a total proves: %j', async (details, cached, usdExact) => {
    // The 20 tokens of reasoning make up the total, so that what is cached lies in the prompt.
    const usage = {
      prompt_tokens: 100,
      prompt_tokens_details: details,
      completion_tokens: 10,
      completion_tokens_details: { reasoning_tokens: 20 },
      total_tokens: 130,
    };
    expect(await bucketsOf({ usage })).toEqual({
      status: 'estimated',
      ...cached,
      outputTokens: 10,
      reasoningTokens: 20,
      usdExact,
    });
    expect((await priced({ usage })).cost.flags).toContain('cached-exceeds-input');
  });

  test('a real answer of Grok: the prompt has the cached tokens, the total the reasoning', async () => {
    // github.com/vercel/ai/issues/11487, 2026-01: 279 + 6 + 89 = 374.
    const usage = {
      prompt_tokens: 279,
      completion_tokens: 6,
      total_tokens: 374,
      prompt_tokens_details: { text_tokens: 279, audio_tokens: 0, image_tokens: 0, cached_tokens: 149 },
      completion_tokens_details: { reasoning_tokens: 89, audio_tokens: 0 },
    };
    // 130 x $1 + 149 x $0.10 + 95 x $10 per million.
    expect(await bucketsOf({ usage })).toEqual({
      status: 'priced',
      inputTokens: 130,
      cacheReadTokens: 149,
      outputTokens: 6,
      reasoningTokens: 89,
      usdExact: '0.0010949',
    });
  });

  test('Gemini behind a proxy: thoughts show in the total only', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_600 };
    expect(await bucketsOf({ usage })).toEqual({
      status: 'estimated',
      inputTokens: 1_000,
      outputTokens: 100,
      reasoningTokens: 500,
      usdExact: '0.007',
    });
  });

  test('DeepSeek: prompt_cache_hit_tokens', async () => {
    const usage = {
      prompt_tokens: 1_000,
      prompt_cache_hit_tokens: 600,
      prompt_cache_miss_tokens: 400,
      completion_tokens: 0,
      total_tokens: 1_000,
    };
    expect(await bucketsOf({ usage })).toEqual({
      status: 'priced',
      inputTokens: 400,
      cacheReadTokens: 600,
      usdExact: '0.00046',
    });
  });

  test('DeepSeek: hit and miss make up a prompt that is not named', async () => {
    const usage = { prompt_cache_hit_tokens: 600, prompt_cache_miss_tokens: 400, completion_tokens: 10 };
    expect(await bucketsOf({ usage })).toMatchObject({
      status: 'priced',
      inputTokens: 400,
      cacheReadTokens: 600,
    });
  });

  test('Moonshot: cached_tokens at the top level', async () => {
    const usage = { prompt_tokens: 1_000, cached_tokens: 600, completion_tokens: 0, total_tokens: 1_000 };
    expect(await bucketsOf({ usage })).toMatchObject({ inputTokens: 400, cacheReadTokens: 600 });
  });

  test.each([
    { num_cached_tokens: 1_008 },
    { prompt_token_details: { cached_tokens: 1_008 } },
    { prompt_tokens_details: { cached_tokens: 1_008 } },
  ])('Mistral tells cached tokens by three names: %o', async details => {
    // docs.mistral.ai, prompt caching; github.com/vercel/ai/issues/14382.
    const usage = { prompt_tokens: 1_013, completion_tokens: 30, total_tokens: 1_043, ...details };
    // 5 x $1 + 1,008 x $0.10 + 30 x $10 per million.
    expect(await bucketsOf({ usage, provider: 'mistral' })).toEqual({
      status: 'priced',
      inputTokens: 5,
      cacheReadTokens: 1_008,
      outputTokens: 30,
      usdExact: '0.0004058',
    });
  });

  test('cached tokens under two names are charged once', async () => {
    const usage = {
      prompt_tokens: 1_000,
      prompt_tokens_details: { cached_tokens: 600 },
      prompt_cache_hit_tokens: 600,
      cached_tokens: 600,
      completion_tokens: 0,
      total_tokens: 1_000,
    };
    expect(await bucketsOf({ usage })).toMatchObject({ inputTokens: 400, cacheReadTokens: 600 });
  });

  test('cache writes are read from where the package does not look', async () => {
    const base = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    const expected = { status: 'priced', inputTokens: 600, cacheWriteTokens: 400, usdExact: '0.0011' };
    expect(
      await bucketsOf({
        usage: { ...base, prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 400 } },
      }),
    ).toEqual(expected);
    expect(await bucketsOf({ usage: { ...base, cache_write_tokens: 400 } })).toEqual(expected);
    expect(await bucketsOf({ usage: { ...base, cache_creation_input_tokens: 400 } })).toEqual(expected);
    expect(
      await bucketsOf({
        usage: {
          ...base,
          cache_creation_input_tokens: 400,
          cache_creation: { ephemeral_1h_input_tokens: 300, ephemeral_5m_input_tokens: 100 },
        },
      }),
    ).toMatchObject({ inputTokens: 600, cacheWriteTokens: 100, cacheWrite1hTokens: 300 });
  });

  test('a proxy that leaves cached tokens out of the prompt never makes a negative cost, and the total proves it', async () => {
    const usage = {
      prompt_tokens: 100,
      prompt_tokens_details: { cached_tokens: 5_000 },
      completion_tokens: 10,
      total_tokens: 5_110,
    };
    expect(await bucketsOf({ usage })).toEqual({
      status: 'estimated',
      inputTokens: 100,
      cacheReadTokens: 5_000,
      outputTokens: 10,
      usdExact: '0.0007',
    });
  });

  test('cached tokens left out of the prompt are found by the total also where nothing looks negative', async () => {
    const usage = {
      prompt_tokens: 1_000,
      prompt_tokens_details: { cached_tokens: 800 },
      completion_tokens: 50,
      total_tokens: 1_850,
    };
    expect(await bucketsOf({ usage })).toMatchObject({
      inputTokens: 1_000,
      cacheReadTokens: 800,
      outputTokens: 50,
    });
  });

  test('reads and writes of Claude behind a proxy can both lie outside', async () => {
    const usage = {
      prompt_tokens: 10,
      cache_read_input_tokens: 2_000,
      cache_creation_input_tokens: 300,
      completion_tokens: 5,
      total_tokens: 2_315,
    };
    expect(await bucketsOf({ usage })).toMatchObject({
      inputTokens: 10,
      cacheReadTokens: 2_000,
      cacheWriteTokens: 300,
      outputTokens: 5,
    });
  });

  test('cache and reasoning can all lie outside', async () => {
    const usage = {
      prompt_tokens: 1_000,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 30,
      completion_tokens: 50,
      completion_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 1_284,
    };
    expect(await bucketsOf({ usage })).toMatchObject({
      inputTokens: 1_000,
      cacheReadTokens: 200,
      cacheWriteTokens: 30,
      outputTokens: 50,
      reasoningTokens: 4,
    });
  });

  test('what lies outside is told apart from what lies inside', async () => {
    const usage = {
      prompt_tokens: 10,
      cache_read_input_tokens: 2_000,
      cache_creation_input_tokens: 300,
      completion_tokens: 5,
      completion_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 2_315,
    };
    expect(await bucketsOf({ usage })).toMatchObject({
      inputTokens: 10,
      cacheReadTokens: 2_000,
      cacheWriteTokens: 300,
      outputTokens: 2,
      reasoningTokens: 3,
    });
  });

  test('a relay that names every count twice is read by the names that are counted', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      input_tokens: 0,
      output_tokens: 0,
      input_tokens_details: null,
    };
    expect(await bucketsOf({ usage })).toMatchObject({
      status: 'priced',
      inputTokens: 100,
      outputTokens: 50,
    });
  });

  test('a relay in front of Claude tells writes kept for 1 hour by a name of its own', async () => {
    // github.com/QuantumNous/new-api, dto.Usage, 2026-11.
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 0,
      total_tokens: 1_000,
      cache_creation_input_tokens: 400,
      claude_cache_creation_5_m_tokens: 100,
      claude_cache_creation_1_h_tokens: 300,
    };
    // 600 x $1 + 100 x $1.25 + 300 x $2 per million.
    expect(await bucketsOf({ usage })).toEqual({
      status: 'priced',
      inputTokens: 600,
      cacheWriteTokens: 100,
      cacheWrite1hTokens: 300,
      usdExact: '0.001325',
    });
  });

  test('audio and cached audio are told apart from text', async () => {
    const usage = {
      prompt_tokens: 1_000,
      prompt_tokens_details: {
        audio_tokens: 700,
        cached_tokens: 500,
        cached_tokens_details: { audio_tokens: 300 },
      },
      completion_tokens: 100,
      completion_tokens_details: { audio_tokens: 60 },
      total_tokens: 1_100,
    };
    const audio = { ...price, inputAudioTokens: 30, cacheReadAudioTokens: 3, outputAudioTokens: 60 };
    const { cost } = await run({ provider: 'proxy', modelId: 'm', usage, settings: { price: audio } });
    expect(Object.fromEntries(cost.lineItems.map(({ bucket, quantity }) => [bucket, quantity]))).toEqual({
      inputTokens: 100,
      inputAudioTokens: 400,
      cacheReadTokens: 200,
      cacheReadAudioTokens: 300,
      outputTokens: 40,
      outputAudioTokens: 60,
    });
  });

  test('Perplexity bills each request beside its tokens', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    const { cost } = await run({ provider: 'perplexity', modelId: 'sonar', usage });
    // docs.perplexity.ai, sonar: $1 per million and, as the catalog has it, $12 per thousand requests.
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.013' });
  });

  test('Perplexity bills deep research by its queries, and reasoning that is in neither completion nor total', async () => {
    const usage = {
      prompt_tokens: 33,
      completion_tokens: 7_163,
      total_tokens: 7_196,
      citation_tokens: 19_153,
      num_search_queries: 30,
      reasoning_tokens: 193_947,
    };
    const { cost } = await run({ provider: 'perplexity', modelId: 'sonar-deep-research', usage });
    // docs.perplexity.ai, pricing: $2, $8 and $3 for reasoning per million, $5 per thousand queries; 33 x 2 +
    // 7,163 x 8 + 193,947 x 3 micro-USD + $0.15, and 19,153 citation tokens that have no bucket.
    expect(cost).toMatchObject({ status: 'lower-bound', usdExact: '0.789211' });
  });

  // docs.perplexity.ai, sonar-deep-research, 2026-10: neither the completion nor the total has the reasoning.
  test.each([
    [400, '0.009266'], // 33 x $2 + 1,000 x $8 + 400 x $3 per million
    [1_200, '0.011666'], // 33 x $2 + 1,000 x $8 + 1,200 x $3 per million
  ])(
    '%i tokens of reasoning of Perplexity come on top of completion and total',
    async (reasoning, usdExact) => {
      const usage = {
        prompt_tokens: 33,
        completion_tokens: 1_000,
        total_tokens: 1_033,
        reasoning_tokens: reasoning,
      };
      const { cost } = await run({ provider: 'perplexity', modelId: 'sonar-deep-research', usage });
      expect(cost).toMatchObject({ status: 'priced', usdExact });
      expect(cost.flags).not.toContain('total-mismatch');
    },
  );

  test("sources of xAI's live search are billed beside the tokens", async () => {
    const usage = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150, num_sources_used: 4 };
    expect((await priced({ usage })).cost).toMatchObject({ status: 'lower-bound', usdExact: '0.0006' });
    expect((await priced({ usage: { ...usage, num_sources_used: 0 } })).cost.status).toBe('priced');
  });

  test('no cached price means the full input rate', async () => {
    const usage = {
      prompt_tokens: 1_000,
      prompt_tokens_details: { cached_tokens: 600 },
      completion_tokens: 0,
      total_tokens: 1_000,
    };
    const { cost } = await run({
      provider: 'proxy',
      modelId: 'm',
      usage,
      settings: { price: { inputTokens: 1, outputTokens: 2 } },
    });
    expect(cost.usdExact).toBe('0.001');
  });

  test('OpenRouter: its cost is the cost, and the upstream cost is the same money', async () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 10,
      total_tokens: 1_010,
      cost: 0.00014,
      is_byok: false,
      cost_details: { upstream_inference_cost: 0.00014 },
    };
    const { cost } = await run({
      provider: 'openrouter',
      modelId: 'anthropic/claude-sonnet-5',
      usage,
      settings: { price },
    });
    expect(cost).toEqual({
      status: 'priced',
      usd: 0.00014,
      usdExact: '0.00014',
      source: 'provider',
      lineItems: [{ bucket: 'reported', quantity: 1, usd: 0.00014, usdExact: '0.00014' }],
    });
  });

  test('OpenRouter with an own key: the fee and the upstream bill add up', async () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 10,
      total_tokens: 1_010,
      cost: 0.00001,
      is_byok: true,
      cost_details: { upstream_inference_cost: 0.0002 },
    };
    expect(
      (await run({ provider: 'openrouter', modelId: 'anthropic/claude-sonnet-5', usage })).cost,
    ).toMatchObject({ status: 'priced', usdExact: '0.00021' });
  });

  test('OpenRouter says 0 of a free model and means it; a proxy that always says 0 does not know', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000, cost: 0 };
    expect((await run({ provider: 'openrouter', modelId: 'google/gemma:free', usage })).cost).toMatchObject({
      status: 'priced',
      usd: 0,
      source: 'provider',
    });
    expect((await priced({ usage })).cost).toMatchObject({
      status: 'priced',
      usdExact: '0.001',
      source: 'settings',
    });
  });

  test('a reported cost that cannot be one is ignored', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000, cost: -1 };
    expect((await priced({ usage })).cost).toMatchObject({ usdExact: '0.001', source: 'settings' });
  });

  test('DeepInfra reports an estimated cost, which is what it bills', async () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 10,
      total_tokens: 1_010,
      estimated_cost: 0.0000268,
    };
    const settings = { price };
    expect((await run({ provider: 'deepinfra', modelId: 'm', usage, settings })).cost).toMatchObject({
      status: 'priced',
      usdExact: '0.0000268',
      source: 'provider',
    });
  });

  test('LiteLLM says in its headers what it charges', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    const { cost } = await replay({
      mode,
      package: 'compatible:litellm',
      modelId: 'm',
      answer: {
        ...chatAnswer({ model: 'm', usage }),
        headers: { 'x-litellm-response-cost': '7.5e-06', 'x-litellm-key-spend': '12.5' },
      },
      settings: { price },
    });
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.0000075', source: 'provider' });
  });

  test('xAI reports ticks of 10^-10 USD', async () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 10,
      total_tokens: 1_010,
      cost_in_usd_ticks: 37_756_000,
    };
    expect((await run({ provider: 'xai', modelId: 'grok-4.6', usage })).cost).toMatchObject({
      status: 'priced',
      usdExact: '0.0037756',
      source: 'provider',
    });
  });

  test('a setting puts the own price above the reported cost', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000, cost: 0.5 };
    expect(
      (
        await run({
          provider: 'openrouter',
          modelId: 'x/y',
          usage,
          settings: { price, preferUserPrice: true },
        })
      ).cost,
    ).toMatchObject({ usdExact: '0.001', source: 'settings' });
    expect(
      (await run({ provider: 'openrouter', modelId: 'x/y', usage, settings: { preferUserPrice: true } }))
        .cost,
    ).toMatchObject({ usdExact: '0.5', source: 'provider' });
  });

  test('xAI draws the long-context line at 200,000 itself', async () => {
    const usage = (prompt: number) => ({ prompt_tokens: prompt, completion_tokens: 0, total_tokens: prompt });
    const at = async (prompt: number) =>
      (await run({ provider: 'xai', modelId: 'grok-4.6', usage: usage(prompt) })).cost.usdExact;
    expect(await at(199_999)).toBe('0.399998');
    expect(await at(200_000)).toBe('0.8');
  });

  test('an aggregator is priced at the list price of the vendor, as an estimate', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    for (const modelId of ['claude-sonnet-5', 'anthropic/claude-sonnet-5']) {
      const { cost } = await run({ provider: 'ofox', modelId, usage });
      expect(cost).toMatchObject({
        status: 'estimated',
        usdExact: '0.002',
        priceOf: 'anthropic/claude-sonnet-5',
      });
      expect(cost.flags).toContain('vendor-list-price');
    }
  });

  test.each([
    ['fast', '0.004'],
    ['priority', '0.004'],
    ['flex', '0.001'],
    ['default', '0.002'],
  ])('OpenAI behind another name bills the tier it was served under (%s)', async (serviceTier, usdExact) => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    const { cost } = await replay({
      mode,
      package: 'compatible:ofox',
      modelId: 'gpt-6-sol',
      answer: chatAnswer({ model: 'gpt-6-sol', usage, serviceTier }),
    });
    // 1,000 x $2 per million, twice and half of it.
    expect(cost).toMatchObject({
      status: 'estimated',
      usdExact,
      flags: ['vendor-list-price'],
    });
  });

  test('a tier that was asked for as the server spells it, and not confirmed, is an estimate', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    const asking = (provider: string, name: string) =>
      replay({
        mode,
        package: `compatible:${provider}`,
        modelId: 'gpt-6-sol',
        answer: chatAnswer({ model: 'gpt-6-sol', usage }),
        options: { providerOptions: { [name]: { service_tier: 'flex' } } },
      });
    for (const { cost } of [await asking('openai', 'openai'), await asking('my-proxy', 'myProxy')]) {
      expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.001' });
      expect(cost.flags).toContain('service-tier-requested');
    }
  });

  test('an unknown model has no amount, and the warning has the line that fixes it, once', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    const { cost, warnings } = await run({ provider: 'ofox', modelId: 'qwen-9', usage });
    expect(cost.status).toBe('unknown');
    expect('usd' in cost || 'usdExact' in cost).toBe(false);
    expect(warnings.map(({ type }) => type)).toEqual(['unknown-price']);
    expect(warnings[0]?.message).toContain("prices: { 'ofox/qwen-9': { inputTokens: …, outputTokens: … } }");
  });

  test('an explicit 0 of the provider stays 0', async () => {
    const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    expect((await priced({ usage })).cost).toMatchObject({ status: 'priced', usd: 0 });
  });

  test('a count the provider left out is estimated, the one it gave is kept', async () => {
    const { cost } = await priced({ usage: { completion_tokens: 7 } });
    expect(cost.status).toBe('estimated');
    expect(cost.flags).toContain('input-estimated');
    expect(cost.lineItems.find(({ bucket }) => bucket === 'outputTokens')?.quantity).toBe(7);
    expect(cost.lineItems.find(({ bucket }) => bucket === 'inputTokens')?.quantity).toBeGreaterThan(3);
  });

  test('a negative count is no count, and is told', async () => {
    const details = { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105 };
    const cached = await priced({ usage: { ...details, prompt_tokens_details: { cached_tokens: -5 } } });
    // 100 x $1 + 5 x $10 per million.
    expect(cached.cost).toMatchObject({
      status: 'estimated',
      usdExact: '0.00015',
      flags: ['count-invalid'],
    });
    const output = await priced({
      usage: { prompt_tokens: 100, completion_tokens: -5, total_tokens: 95 },
    });
    expect(output.cost).toMatchObject({
      status: 'estimated',
      flags: ['count-invalid', 'output-estimated'],
    });
    expect(output.cost.usd).toBeGreaterThan(0.0001);
  });

  test('a count the provider left out is what the other leaves of the total', async () => {
    expect(await bucketsOf({ usage: { prompt_tokens: 100, total_tokens: 150 } })).toEqual({
      status: 'estimated',
      inputTokens: 100,
      outputTokens: 50,
      usdExact: '0.0006',
    });
    expect(await bucketsOf({ usage: { completion_tokens: 50, total_tokens: 150 } })).toEqual({
      status: 'estimated',
      inputTokens: 100,
      outputTokens: 50,
      usdExact: '0.0006',
    });
  });

  test.each([
    ['a total alone', { total_tokens: 500 }],
    ['nulls beside timings', { prompt_tokens: null, completion_tokens: null, queue_time: 0.1 }],
    ['nulls', { prompt_tokens: null, completion_tokens: null, total_tokens: null }],
    ['nothing', {}],
  ])('%s is no 0: input and output are estimated', async (_, usage) => {
    const { cost } = await priced({ usage });
    expect(cost).toMatchObject({ status: 'estimated', flags: ['input-estimated', 'output-estimated'] });
    expect(cost.usd).toBeGreaterThan(0);
  });
});

test('a stream without usage is estimated, and the warning names the option that is missing, once', async () => {
  const { cost, warnings } = await replay({
    mode: 'stream',
    package: 'compatible:proxy',
    modelId: 'm',
    answer: chatAnswer({ model: 'm', usage: null, text: 'The sun is shining over Paris today.' }),
    settings: { price },
    includeUsage: false,
  });
  expect(cost).toMatchObject({ status: 'estimated', flags: ['input-estimated', 'output-estimated'] });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatchObject({ type: 'missing-usage' });
  expect(warnings[0]?.message).toContain('includeUsage: true');
});

test('Moonshot puts the usage of a stream inside the choice, where the package does not look', async () => {
  const head = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'kimi-k3' };
  const usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100, cached_tokens: 400 };
  const events = [
    { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes.' }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage }] },
  ];
  const { cost } = await replay({
    mode: 'stream',
    package: 'compatible:moonshotai',
    modelId: 'kimi-k3',
    answer: { json: {}, events },
  });
  // platform.kimi.ai, kimi-k3, 2026-11: $3, $0.30 cached, $15.
  expect(cost).toMatchObject({ status: 'priced', usdExact: '0.00342', priceOf: 'moonshotai/kimi-k3' });
});

test('Groq puts the usage of a stream aside where it was not asked for', async () => {
  // Shape: github.com/groq/groq-python, ChatCompletionChunk.x_groq.
  const head = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'llama-3.3-70b-versatile' };
  const usage = {
    queue_time: 0.09,
    prompt_tokens: 38,
    prompt_time: 0.004,
    completion_tokens: 4,
    completion_time: 0.027,
    total_tokens: 42,
    total_time: 0.031,
  };
  const events = [
    {
      ...head,
      choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes.' }, finish_reason: null }],
      x_groq: { id: 'req_1' },
    },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], x_groq: { id: 'req_1', usage } },
  ];
  const { cost, warnings } = await replay({
    mode: 'stream',
    package: 'compatible:groq',
    modelId: 'llama-3.3-70b-versatile',
    answer: { json: {}, events },
    settings: { price },
    includeUsage: false,
  });
  // 38 x $1 + 4 x $10 per million.
  expect(cost).toMatchObject({ status: 'priced', usdExact: '0.000078' });
  expect(warnings).toEqual([]);
});

test.each([
  ['an empty usage', {}],
  ['a usage of zeros', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
])('%s that closes a stream takes nothing back of the one before', async (_, last) => {
  const head = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' };
  const usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 };
  const events = [
    { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes.' }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage },
    { ...head, choices: [], usage: last },
  ];
  const { cost } = await replay({
    mode: 'stream',
    package: 'compatible:proxy',
    modelId: 'm',
    answer: { json: {}, events },
    settings: { price },
  });
  // 1,000 x $1 + 100 x $10 per million.
  expect(cost).toMatchObject({ status: 'priced', usdExact: '0.002' });
});
