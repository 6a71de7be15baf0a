import { InvalidArgumentError } from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import {
  type Cost,
  type CostWarning,
  costMiddleware,
  createPriceCatalog,
  createPricing,
  type Price,
  type PricingOptions,
  priceSchema,
  pricesSchema,
} from '../../../src/cost/index.ts';
import { parsePrices } from '../../../src/cost/price/price.ts';
import { now } from '../replay.ts';

const usage = {
  inputTokens: { total: 1_000, noCache: 1_000, cacheRead: 0, cacheWrite: undefined },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};
const callOptions = { prompt: [] };
const usd = (inputTokens: number): Price => ({ inputTokens, outputTokens: 0 });

async function settle({
  provider,
  modelId,
  price,
  served,
  options,
}: {
  readonly provider: string;
  readonly modelId: string;
  readonly price?: Price;
  readonly served?: string;
  readonly options?: PricingOptions;
}): Promise<Cost> {
  const pricing = createPricing({ now: () => now, onWarning: () => {}, ...options });
  const meter = pricing.meter({ provider, modelId, callOptions, ...(price !== undefined && { price }) });
  return meter.settle({
    outcome: 'success',
    usage,
    ...(served !== undefined && { responseModelId: served }),
  });
}

describe('whose price it is', () => {
  const prices = {
    'openai/gpt-6-sol': usd(1),
    'openai/gpt-6-*': usd(2),
    'openai/*': usd(3),
    'openai.chat/gpt-6-sol': usd(4),
    'ofox/anthropic/claude-*': usd(5),
  };
  test.each([
    ['openai.responses', 'gpt-6-sol', 'openai/gpt-6-sol', '0.001'],
    ['openai.responses', 'gpt-6-luna', 'openai/gpt-6-*', '0.002'],
    ['openai.responses', 'o9', 'openai/*', '0.003'],
    ['openai.chat', 'gpt-6-sol', 'openai.chat/gpt-6-sol', '0.004'],
    ['ofox.chat', 'anthropic/claude-sonnet-5', 'ofox/anthropic/claude-*', '0.005'],
  ])(
    '%s %s: the exact key before a pattern, the longer pattern before the shorter',
    async (provider, modelId, priceOf, usdExact) => {
      expect(await settle({ provider, modelId, options: { prices } })).toMatchObject({
        status: 'priced',
        source: 'settings',
        priceOf,
        usdExact,
      });
    },
  );

  test.each([
    // A key may name a provider up to any of its dots, and by the catalog's name.
    ['my.proxy.chat', 'm', { 'my.proxy/m': usd(1), 'my/m': usd(2) }, '0.001'],
    ['my.proxy.chat', 'm', { 'my/m': usd(2), 'my/*': usd(3) }, '0.002'],
    ['my.proxy.chat', 'm', { 'my.proxy/*': usd(3), 'my/*': usd(4) }, '0.003'],
    ['xai.chat', 'grok-9', { 'x-ai/grok-9': usd(5) }, '0.005'],
    ['xai.chat', 'grok-9', { 'x-ai/*': usd(5), 'xai/grok-*': usd(6) }, '0.006'],
    ['amazon-bedrock', 'us.anthropic.claude-9-v1:0', { 'amazon-bedrock/us.anthropic.*': usd(7) }, '0.007'],
    ['fireworks.chat', 'accounts/f/models/m', { 'fireworks/accounts/f/models/m': usd(8) }, '0.008'],
    // Neither a part of a provider's name nor a part of an id is enough.
    ['openai-proxy.chat', 'm', { 'openai/*': usd(1) }, undefined],
    ['proxy.chat', 'gpt-6-sol-pro', { 'proxy/gpt-6-sol': usd(1) }, undefined],
    ['proxy.chat', 'constructor', { 'proxy/x': usd(1) }, undefined],
    ['constructor', '__proto__', { 'proxy/x': usd(1) }, undefined],
  ])('%s %s with %j', async (provider, modelId, own, usdExact) => {
    const cost = await settle({ provider, modelId, options: { prices: own, catalog: false } });
    expect(cost.usdExact).toBe(usdExact);
  });

  test("the candidate's own price wins over all", async () => {
    expect(
      await settle({
        provider: 'openai.responses',
        modelId: 'gpt-6-sol',
        price: usd(7),
        options: { prices },
      }),
    ).toMatchObject({ usdExact: '0.007' });
  });

  test("the user's price wins over the catalog, and has no date", async () => {
    const cost = await settle({
      provider: 'openai.responses',
      modelId: 'gpt-6-sol',
      options: { prices: { 'openai/gpt-6-sol': usd(9) } },
    });
    expect(cost).toMatchObject({ usdExact: '0.009' });
    expect('priceDate' in cost).toBe(false);
  });

  test('the model that served is priced, not the one that was asked for', async () => {
    expect(
      await settle({ provider: 'openai.responses', modelId: 'gpt-6-sol', served: 'gpt-6-luna-2026-09-22' }),
    ).toMatchObject({ usdExact: '0.0001', priceOf: 'openai/gpt-6-luna' });
    expect(
      await settle({ provider: 'azure.responses', modelId: 'my-deployment', served: 'gpt-6-sol' }),
    ).toMatchObject({ usdExact: '0.002' });
  });

  test('what was found for one served id is not taken for another', async () => {
    const pricing = createPricing({ catalog: false, prices: { 'p/asked': usd(1), 'p/other': usd(2) } });
    const settle = (served: string) =>
      pricing
        .meter({ provider: 'p', modelId: 'asked', callOptions })
        .settle({ outcome: 'success', usage, responseModelId: served });
    expect([settle('asked'), settle('other'), settle('asked'), settle('other')]).toMatchObject([
      { usd: 0.001 },
      { usd: 0.002 },
      { usd: 0.001 },
      { usd: 0.002 },
    ]);
  });

  test('the hint of an unknown model names the entry nearest to the model that was asked for', async () => {
    const cost = await settle({
      provider: 'anthropic.messages',
      modelId: 'claude-sonnet-5-9',
      served: 'claude-sonnet-5-9-x',
    });
    expect(cost.hint).toContain('(nearest: anthropic/claude-sonnet-5)');
  });

  test('a served id with a vendor in front is the id that was asked for', async () => {
    expect(
      await settle({ provider: 'openai.chat', modelId: 'gpt-6-sol', served: 'openai/gpt-6-sol' }),
    ).toMatchObject({ status: 'priced', priceOf: 'openai/gpt-6-sol' });
  });

  test('a served id that nobody priced leaves an estimate at the price of the one asked for', async () => {
    const cost = await settle({
      provider: 'anthropic.messages',
      modelId: 'claude-sonnet-5',
      served: 'claude-sonnet-5-9',
    });
    expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.002' });
    expect(cost.flags).toContain('served-model-unpriced');
  });

  test('without a catalog only the own prices count', async () => {
    expect(
      await settle({ provider: 'openai.chat', modelId: 'gpt-6-sol', options: { catalog: false } }),
    ).toMatchObject({ status: 'unknown' });
  });

  test('a catalog can be shared, and its overrides are prices of the user', async () => {
    const catalog = createPriceCatalog({ prices: { 'openai/gpt-6-sol': usd(6) } });
    expect(
      await settle({ provider: 'openai.chat', modelId: 'gpt-6-sol', options: { catalog } }),
    ).toMatchObject({ usdExact: '0.006', source: 'settings' });
  });

  test.each([
    ['a snapshot answers', { 'openai/gpt-4o': usd(7) }, 'gpt-4o', '0.007'],
    [
      'the served model has a price too',
      { 'openai/gpt-4o': usd(7), 'openai/gpt-4o-2024-08-06': usd(8) },
      'gpt-4o',
      '0.008',
    ],
    [
      'a pattern names the served model',
      { 'openai/gpt-4o-*': usd(8), 'openai/gpt-4o': usd(7) },
      'gpt-4o',
      '0.007',
    ],
    ['only a pattern does', { 'openai/gpt-4o-*': usd(8) }, 'gpt-4o', '0.008'],
    ['an alias is answered by a listed model', { 'openai/mine': usd(9) }, 'mine', '0.009'],
  ])("the user's price wins over the list wherever it was set: %s", async (_, own, modelId, usdExact) => {
    const model = { provider: 'openai.chat', modelId, served: 'gpt-4o-2024-08-06' };
    const catalog = createPriceCatalog({ prices: own });
    for (const options of [{ prices: own }, { catalog }])
      expect(await settle({ ...model, options })).toMatchObject({
        status: 'priced',
        source: 'settings',
        usdExact,
      });
  });

  test("a list that cannot be loaded leaves the user's prices in the catalog", async () => {
    const { lookUpNow, ...rest } = createPriceCatalog({ prices: { 'openai/gpt-4o': usd(7) } });
    const catalog = { ...rest, lookUpNow, load: () => Promise.reject(new Error('offline')) };
    const model = { provider: 'openai.chat', modelId: 'gpt-4o', served: 'gpt-4o-2024-08-06' };
    expect(await settle({ ...model, options: { catalog } })).toMatchObject({ usdExact: '0.007' });
  });

  test('a free model costs 0, which is not unknown', async () => {
    expect(
      await settle({ provider: 'local', modelId: 'm', price: { inputTokens: 0, outputTokens: 0 } }),
    ).toMatchObject({ status: 'priced', usd: 0, usdExact: '0' });
  });

  test('a price with tiers, service tiers and rates of its own for a tier', async () => {
    const price: Price = {
      inputTokens: 1,
      outputTokens: 2,
      tiers: [{ aboveInputTokens: 1_000, inclusive: true, inputTokens: 4 }],
      serviceTiers: { flex: 0.25, batch: { inputTokens: 0.1, outputTokens: 0.1 } },
    };
    const tiered = (serviceTier: string) => {
      const meter = createPricing({ catalog: false, onWarning: () => {} }).meter({
        provider: 'openai.responses',
        modelId: 'm',
        price,
        callOptions,
      });
      return meter.settle({ outcome: 'success', usage, providerMetadata: { openai: { serviceTier } } });
    };
    expect(await settle({ provider: 'x', modelId: 'm', price })).toMatchObject({ usdExact: '0.004' });
    expect(tiered('flex')).toMatchObject({ status: 'priced', usdExact: '0.001' });
    expect(tiered('batch')).toMatchObject({ status: 'priced', usdExact: '0.0001' });
    // No tier has the name of a method.
    expect(tiered('constructor')).toMatchObject({ status: 'estimated', flags: ['service-tier-unknown'] });
    // The published factor applies where the price says nothing of the tier.
    expect(tiered('priority')).toMatchObject({ status: 'priced', usdExact: '0.008' });
  });

  test('of several tiers the highest that applies wins, in whatever order they are written', async () => {
    const tiers = [
      { aboveInputTokens: 900, inputTokens: 5 },
      { aboveInputTokens: 500, inputTokens: 3 },
      { aboveInputTokens: 1_000, inputTokens: 9 },
    ];
    // 1,000 tokens are above 500 and 900, and not above 1,000.
    expect(
      await settle({ provider: 'x', modelId: 'm', price: { inputTokens: 1, outputTokens: 1, tiers } }),
    ).toMatchObject({ usdExact: '0.005' });
  });

  test('searches of Claude on Google Cloud cost what they cost at Anthropic', async () => {
    const raw = { input_tokens: 0, output_tokens: 0, server_tool_use: { web_search_requests: 2 } };
    const meter = createPricing({ now: () => now, onWarning: () => {} }).meter({
      provider: 'vertex.anthropic.messages',
      modelId: 'claude-opus-5-5',
      callOptions,
    });
    expect(await meter.settle({ outcome: 'success', usage: { ...usage, raw } })).toMatchObject({
      status: 'priced',
      usdExact: '0.02',
    });
  });

  test('one price of two models keeps their published factors apart', async () => {
    const pricing = createPricing({ catalog: false, prices: { 'anthropic/*': usd(1) } });
    const raw = { input_tokens: 1_000, output_tokens: 0, speed: 'fast' };
    const fast = (modelId: string) =>
      pricing
        .meter({ provider: 'anthropic.messages', modelId, callOptions })
        .settle({ outcome: 'success', usage: { ...usage, raw } });
    expect(await fast('claude-opus-4-6')).toMatchObject({ usdExact: '0.006' });
    expect(await fast('claude-opus-5-5')).toMatchObject({ usdExact: '0.002' });
  });

  test('a 1-hour write without a rate is inferred from the 5-minute one: 2x the input for 1.25x', async () => {
    const raw = {
      input_tokens: 0,
      output_tokens: 0,
      cache_creation_input_tokens: 1_000,
      cache_creation: { ephemeral_1h_input_tokens: 1_000 },
    };
    const settled = (price: Price) =>
      createPricing({ catalog: false })
        .meter({ provider: 'x', modelId: 'm', price, callOptions })
        .settle({ outcome: 'success', usage: { ...usage, raw } });
    expect(settled({ inputTokens: 4, cacheWriteTokens: 5, outputTokens: 1 })).toMatchObject({
      status: 'estimated',
      usdExact: '0.008',
      flags: ['price-inferred'],
    });
    expect(settled({ inputTokens: 4, outputTokens: 1 })).toMatchObject({
      status: 'priced',
      usdExact: '0.004',
    });
  });

  test.each([
    ['groq.chat', 'openai/gpt-oss-120b', 'flex', { status: 'priced', usdExact: '0.00015' }],
    // openai.com/api-fast-mode (2026-11), per 1,000 input tokens: $12.50, $8.75, $3.50, $0.45, $0.25 and $2 per 1M.
    ['openai.chat', 'gpt-5.5-2026-04-23', 'priority', { status: 'priced', usdExact: '0.0125' }],
    ['openai.chat', 'gpt-4o-2024-05-13', 'priority', { status: 'priced', usdExact: '0.00875' }],
    ['openai.chat', 'gpt-4.1-2025-04-14', 'priority', { status: 'priced', usdExact: '0.0035' }],
    ['openai.chat', 'gpt-5-mini-2025-08-07', 'priority', { status: 'priced', usdExact: '0.00045' }],
    ['openai.chat', 'gpt-4o-mini-2024-07-18', 'priority', { status: 'priced', usdExact: '0.00025' }],
    ['openai.chat', 'o4-mini', 'priority', { status: 'priced', usdExact: '0.002' }],
    // developers.openai.com (2026-11): ultrafast is 6x on GPT-6 Astra and GPT-6.1 Sol, 3x on GPT-6.2 Sol until 2027-02.
    ['openai.responses', 'gpt-6-astra', 'ultrafast', { status: 'priced', usdExact: '0.06' }],
    ['openai.responses', 'gpt-6.1-sol', 'ultrafast', { status: 'priced', usdExact: '0.012' }],
    ['openai.responses', 'gpt-6.2-sol', 'ultrafast', { status: 'priced', usdExact: '0.006' }],
    ['openai.responses', 'gpt-6.2-sol', 'priority', { status: 'priced', usdExact: '0.004' }],
    ['openai.responses', 'gpt-6.2-astra', 'ultrafast', { status: 'estimated' }],
    // ai.google.dev/gemini-api/docs/pricing (2026-11): $5.40 and $1.50 instead of $3.
    ['google.generative-ai', 'gemini-4-neon', 'priority', { status: 'priced', usdExact: '0.0054' }],
    ['google.generative-ai', 'gemini-4-neon', 'flex', { status: 'priced', usdExact: '0.0015' }],
    // platform.claude.com, fast mode (2026-11): $30 on the first two models that had it, twice the price since.
    ['anthropic.messages', 'claude-opus-4-6', 'fast', { status: 'priced', usdExact: '0.03' }],
    ['anthropic.messages', 'claude-opus-4-8', 'fast', { status: 'priced', usdExact: '0.01' }],
    ['anthropic.messages', 'claude-fable-5-2', 'fast', { status: 'priced', usdExact: '0.016' }],
    ['vertex.anthropic.messages', 'claude-opus-5-5', 'fast', { status: 'priced', usdExact: '0.008' }],
    ['azure.responses', 'gpt-6-sol', 'priority', { status: 'priced', usdExact: '0.004' }],
    [
      'amazon-bedrock',
      'global.anthropic.claude-sonnet-5-v1:0',
      'flex',
      { status: 'priced', usdExact: '0.001' },
    ],
    ['ofox.chat', 'gpt-6-sol', 'priority', { status: 'estimated', usdExact: '0.004' }],
    ['mistral.chat', 'mistral-small-2603', 'priority', { status: 'estimated', usdExact: '0.00015' }],
  ])('%s %s served as %s', async (provider, modelId, tier, expected) => {
    const raw =
      tier === 'fast'
        ? { input_tokens: 1_000, output_tokens: 0, cache_read_input_tokens: 0, speed: tier }
        : { prompt_tokens: 1_000, completion_tokens: 0, service_tier: tier };
    const meter = createPricing({ now: () => now, onWarning: () => {} }).meter({
      provider,
      modelId,
      callOptions,
    });
    expect(await meter.settle({ outcome: 'success', usage: { ...usage, raw } })).toMatchObject(expected);
  });

  test('a fee per use is charged beside the tokens, and one nobody published leaves a lower bound', () => {
    const content = {
      type: 'tool-result' as const,
      toolCallId: 't',
      toolName: 'web_search',
      result: { action: { type: 'search' } },
    };
    const search = (price: Price) => {
      const meter = createPricing({ catalog: false }).meter({
        provider: 'openai.responses',
        modelId: 'm',
        price,
        callOptions,
      });
      meter.observe(content);
      return meter.settle({ outcome: 'success', usage });
    };
    expect(search({ ...usd(1), uses: { webSearch: 0.03, request: 0.002 } })).toMatchObject({
      status: 'priced',
      usdExact: '0.033',
    });
    // Where the price says nothing, the published fee of the provider holds: $10 per thousand.
    expect(search(usd(1))).toMatchObject({ status: 'priced', usdExact: '0.011' });
    const elsewhere = createPricing({ catalog: false }).meter({
      provider: 'proxy',
      modelId: 'm',
      price: usd(1),
      callOptions,
    });
    elsewhere.observe(content);
    expect(elsewhere.settle({ outcome: 'success', usage })).toMatchObject({
      status: 'lower-bound',
      usdExact: '0.001',
      flags: ['tool-fee-unknown'],
    });
  });
});

describe('tools that are billed by what no answer states', () => {
  const settle = ({
    tools,
    used = [],
    raw,
    modelId = 'm',
  }: {
    readonly tools: readonly `${string}.${string}`[];
    readonly used?: readonly string[];
    readonly raw?: Record<string, number>;
    readonly modelId?: string;
  }) => {
    const meter = createPricing({ catalog: false }).meter({
      provider: 'proxy',
      modelId,
      price: { inputTokens: 1, outputTokens: 1 },
      callOptions: {
        prompt: [],
        tools: tools.map(id => ({ type: 'provider' as const, id, name: id.replace('.', '_'), args: {} })),
      },
    });
    for (const id of used)
      meter.observe({
        type: 'tool-result',
        toolCallId: id,
        toolName: id.replace('.', '_'),
        result: {},
      });
    const usage = {
      inputTokens: { total: 1_000, noCache: 1_000, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 0, text: 0, reasoning: 0 },
      raw: { input_tokens: 1_000, output_tokens: 0, total_tokens: 1_000, ...raw },
    };
    return meter.settle({ outcome: 'success', usage });
  };
  // 1,000 x $1 per million, and the tool.
  const without = { status: 'lower-bound', usdExact: '0.001', flags: ['tool-fee-unknown'] };
  const whole = { status: 'priced', usdExact: '0.001' };

  // docs.x.ai/developers/pricing, 2026-11: $5 per thousand calls of most tools.
  test('those of xAI leave a lower bound, be they seen or counted, and not where xAI says what it charged', () => {
    for (const id of ['xai.web_search', 'xai.x_search', 'xai.code_execution', 'xai.file_search'] as const)
      expect(settle({ tools: [id], used: [id] })).toMatchObject(without);
    expect(settle({ tools: ['xai.x_search'], raw: { num_server_side_tools_used: 7 } })).toMatchObject(
      without,
    );
    expect(settle({ tools: ['xai.x_search'], raw: { num_server_side_tools_used: 0 } })).toMatchObject(whole);
    const charged = settle({
      tools: ['xai.x_search'],
      used: ['xai.x_search'],
      raw: { num_server_side_tools_used: 7, cost_in_usd_ticks: 628_540_000 },
    });
    // 1 USD is 10^10 ticks.
    expect(charged).toMatchObject({ status: 'priced', source: 'provider', usdExact: '0.062854' });
    expect(charged).not.toHaveProperty('flags');
  });

  // groq.com/pricing, 2026-11; @ai-sdk/groq 4.0.84 has no tool results.
  test('that of Groq leaves one wherever a model that runs it was offered it', () => {
    expect(settle({ tools: ['groq.browser_search'], modelId: 'openai/gpt-oss-120b' })).toMatchObject(without);
    expect(settle({ tools: ['groq.browser_search'], modelId: 'gpt-6' })).toMatchObject(whole);
  });

  // platform.claude.com, pricing, 2026-11: free where web_search_20260209, web_fetch_20260209 or later is offered.
  test("Claude's code execution leaves one, but is free beside a web tool that filters with it", () => {
    const used = ['anthropic.code_execution_20250825'] as const;
    expect(settle({ tools: used })).toMatchObject(whole);
    expect(settle({ tools: used, used })).toMatchObject(without);
    expect(settle({ tools: [...used, 'anthropic.web_search_20250305'], used })).toMatchObject(without);
    expect(settle({ tools: [...used, 'anthropic.web_fetch_20260209'], used })).toMatchObject(whole);
  });
});

describe('prices that cannot be', () => {
  test.each([
    [
      'a negative price',
      { 'a/b': { inputTokens: -1, outputTokens: 1 } },
      /Invalid prices\.a\/b\.inputTokens: must be USD per 1M tokens, a number of at least 0.*got -1/,
    ],
    [
      'a price that is no number',
      { 'a/b': { inputTokens: '2', outputTokens: 1 } },
      /prices\.a\/b\.inputTokens.*got "2"/,
    ],
    ['a missing price', { 'a/b': { inputTokens: 1 } }, /prices\.a\/b\.outputTokens.*got undefined/],
    [
      'an unknown key',
      { 'a/b': { inputTokens: 1, outputTokens: 1, outputTokensCached: 1 } },
      /prices\.a\/b: has no option "outputTokensCached" \(did you mean outputTokens\?\); it takes inputTokens, /,
    ],
    ['a key without a provider', { b: { inputTokens: 1, outputTokens: 1 } }, /prices\.b.*"provider\/model"/],
    ['a star in the middle', { 'a/*b': { inputTokens: 1, outputTokens: 1 } }, /prices\.a\/\*b/],
    [
      'a negative fee',
      { 'a/b': { inputTokens: 1, outputTokens: 1, uses: { webSearch: -1 } } },
      /uses\.webSearch: must be USD per use/,
    ],
  ])('%s is refused with the option, the value and the fix', (_, prices, message) => {
    expect(() => parsePrices({ prices, option: 'prices' })).toThrow(message);
    expect(() => parsePrices({ prices, option: 'prices' })).toThrow(InvalidArgumentError);
    expect(pricesSchema.safeParse(prices).success).toBe(false);
  });

  test('are refused wherever they are passed in, before any call', () => {
    const price = { inputTokens: -1, outputTokens: 1 };
    expect(() => createPricing({ prices: { 'a/b': price } })).toThrow(
      /prices\.a\/b\.inputTokens: must be USD per 1M tokens.*got -1/,
    );
    expect(() => costMiddleware({ prices: { 'a/b': price } })).toThrow(InvalidArgumentError);
    expect(() => costMiddleware({ price: { inputTokens: Number.NaN, outputTokens: 1 } })).toThrow(
      /Invalid price\.inputTokens: must be USD per 1M tokens.*got NaN/,
    );
  });

  test('every key of a price is accepted', () => {
    const price: Price = {
      inputTokens: 1,
      outputTokens: 1,
      cacheReadTokens: 0,
      cacheWriteTokens: 1,
      cacheWrite1hTokens: 1,
      cacheWrite12hTokens: 1,
      reasoningTokens: 1,
      inputAudioTokens: 1,
      cacheReadAudioTokens: 1,
      outputAudioTokens: 1,
      inputImageTokens: 1,
      cacheReadImageTokens: 1,
      outputImageTokens: 1,
      inputVideoTokens: 1,
      tiers: [{ aboveInputTokens: 200_000, inputTokens: 2 }],
      serviceTiers: { flex: 0.5, fast: { inputTokens: 2 } },
      uses: {
        webSearch: 0.01,
        webSearchPreview: 0.025,
        fileSearch: 0.0025,
        mapsSearch: 0.014,
        request: 0.005,
      },
    };
    expect(priceSchema.parse(price)).toEqual(price);
  });
});

describe('warnings', () => {
  test('come once per model, and a callback that throws costs nothing', async () => {
    const warnings: CostWarning[] = [];
    const pricing = createPricing({
      now: () => now,
      catalog: false,
      onWarning: warning => {
        warnings.push(warning);
        throw new Error('broken');
      },
    });
    const settle = (modelId: string) =>
      pricing.meter({ provider: 'p', modelId, callOptions }).settle({ outcome: 'success', usage });
    for (const modelId of ['a', 'a', 'b', 'a'])
      expect(await settle(modelId)).toMatchObject({ status: 'unknown' });
    expect(warnings.map(({ type, modelId }) => `${type} ${modelId}`)).toEqual([
      'unknown-price a',
      'unknown-price b',
    ]);
  });

  test('a list price that moves is old after 60 days, which is told once and shows on every cost', async () => {
    const warnings: CostWarning[] = [];
    const atMs = Date.parse('2026-11-22T00:00:00Z') + 1;
    const pricing = (nowMs: number) =>
      createPricing({ now: () => nowMs, onWarning: warning => warnings.push(warning) });
    const settle = (from: ReturnType<typeof pricing>) =>
      // Its price was cut on 2026-08-21, a month before the list.
      from
        .meter({ provider: 'openai.chat', modelId: 'gpt-5.6-sol', callOptions })
        .settle({ outcome: 'success', usage });
    const fresh = pricing(atMs - 1);
    expect((await settle(fresh)).flags).toBeUndefined();
    const old = pricing(atMs);
    expect(await settle(old)).toMatchObject({
      status: 'priced',
      flags: ['stale-price'],
      priceDate: '2026-09-23',
    });
    await settle(old);
    expect(warnings.map(({ type, message }) => [type, message])).toEqual([
      ['stale-prices', expect.stringContaining("refresh('genai-prices')")],
    ]);
  });

  test.each([
    // Never another price on record: a year.
    ['openai.chat', 'gpt-4.1', '2027-09-23'],
    ['anthropic.messages', 'claude-opus-4-8', '2027-09-23'],
    // In force since 2026-03-13, 194 days before the list of 2026-09-23: as long again.
    ['anthropic.messages', 'claude-opus-4-6', '2027-04-05'],
    // In force since 2025-06-10: a year at most.
    ['openai.chat', 'o3', '2027-09-23'],
    // Read in the overlay on 2026-11-25: from 2026-10-07, and from 2025-09-29.
    ['anthropic.messages', 'claude-sonnet-5-5', '2027-01-24'],
    ['deepseek.chat', 'deepseek-chat', '2027-11-23'],
  ])('%s %s: its list price is taken to hold until %s', async (provider, modelId, day) => {
    const catalog = createPriceCatalog();
    const flagsAt = async (atMs: number) => {
      const found = await catalog.lookUp({ provider, modelId, atMs });
      return found.price === undefined ? 'no price' : found.flags;
    };
    const lastMs = Date.parse(day);
    expect(await flagsAt(lastMs)).toEqual([]);
    expect(await flagsAt(lastMs + 30 * 60 * 1_000)).toEqual(['stale-price']);
  });
});

test('a price that has to be loaded comes as a promise, and later at once', async () => {
  const pricing = createPricing({ now: () => now, onWarning: () => {} });
  const settle = () =>
    pricing
      .meter({ provider: 'openai.chat', modelId: 'gpt-6-sol', callOptions })
      .settle({ outcome: 'success', usage });
  expect(settle()).toBeInstanceOf(Promise);
  await settle();
  expect(settle()).toMatchObject({ status: 'priced' });
});

test('preparing starts the load, so that the price is there when the answer is', async () => {
  const catalog = createPriceCatalog({ now: () => now });
  const pricing = createPricing({ now: () => now, catalog, onWarning: () => {} });
  let loads = 0;
  const counted = createPricing({
    catalog: {
      ...catalog,
      load: () => {
        loads += 1;
        return catalog.load();
      },
    },
  });
  counted.prepare({ provider: 'composite', modelId: 'chat' });
  counted.prepare({ provider: 'p', modelId: 'm', price: usd(1) });
  expect(loads).toBe(0);
  counted.prepare({ provider: 'openai.chat', modelId: 'gpt-6-sol' });
  expect(loads).toBe(1);
  await catalog.load();
  counted.prepare({ provider: 'openai.chat', modelId: 'gpt-6-sol' });
  expect(loads).toBe(1);
  expect(
    pricing
      .meter({ provider: 'openai.chat', modelId: 'gpt-6-sol', callOptions })
      .settle({ outcome: 'success', usage }),
  ).toMatchObject({ usdExact: '0.002' });
});

test('a range before the call: the input alone, fresh and cached, and with all the output the call allows', async () => {
  const pricing = createPricing({ now: () => now, estimateTokens: text => text.length });
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'x'.repeat(1_000) }] }];
  const call = {
    provider: 'openai.chat',
    modelId: 'gpt-6-sol',
    callOptions: { prompt, maxOutputTokens: 100 },
  };
  expect(await pricing.estimate({ call })).toEqual({
    minUsd: 0.002,
    minCachedUsd: 0.0002,
    maxUsd: 0.003,
    inputTokens: 1_000,
    maxOutputTokens: 100,
  });
  expect(await pricing.estimate({ call: { ...call, callOptions: { prompt } } })).toMatchObject({
    maxOutputTokens: 4_096,
    maxUsd: 0.04296,
  });
  expect(await pricing.estimate({ call: { ...call, provider: 'nobody', modelId: 'm' } })).toEqual({
    inputTokens: 1_000,
    maxOutputTokens: 100,
  });
});

test('a range before the call has the fee per request in it', async () => {
  const pricing = createPricing({ now: () => now, catalog: false, estimateTokens: text => text.length });
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'x'.repeat(1_000) }] }];
  const price = { inputTokens: 1, cacheReadTokens: 0.5, outputTokens: 1, uses: { request: 0.012 } };
  const callOptions = { prompt, maxOutputTokens: 1_000 };
  // $0.012 and 1,000 x $1, 1,000 x $0.50, and 1,000 x $1 + 1,000 x $1.
  const call = { provider: 'perplexity', modelId: 'sonar', price, callOptions };
  expect(await pricing.estimate({ call })).toMatchObject({
    minUsd: 0.013,
    minCachedUsd: 0.0125,
    maxUsd: 0.014,
  });
});

describe('the context window of a model', () => {
  const model = { provider: 'openai.chat', modelId: 'gpt-6-sol' };

  test('is known once the catalog is loaded, which asking for it never starts', async () => {
    const catalog = createPriceCatalog({ now: () => now });
    let loads = 0;
    const counted = createPricing({
      catalog: {
        ...catalog,
        load: () => {
          loads += 1;
          return catalog.load();
        },
      },
    });
    expect(counted.contextWindow(model)).toBeUndefined();
    expect(loads).toBe(0);
    await catalog.load();
    expect(counted.contextWindow(model)).toBe(1_050_000);
    expect(counted.contextWindow({ provider: 'gateway', modelId: 'openai/gpt-6-sol' })).toBe(1_050_000);
    expect(counted.contextWindow({ provider: 'composite', modelId: 'chat' })).toBeUndefined();
  });

  test("is the catalog's whoever's price wins", async () => {
    const catalog = createPriceCatalog({ prices: { 'openai/gpt-6-luna': usd(3) } });
    const pricing = createPricing({ catalog, prices: { 'openai/gpt-6-sol': usd(2) } });
    await catalog.load();
    expect(pricing.contextWindow(model)).toBe(1_050_000);
    expect(pricing.contextWindow({ ...model, price: usd(1) })).toBe(1_050_000);
    expect(pricing.contextWindow({ ...model, modelId: 'gpt-6-luna' })).toBe(1_050_000);
  });

  test('is unknown without a catalog', () => {
    expect(createPricing({ catalog: false }).contextWindow({ ...model, price: usd(1) })).toBeUndefined();
  });
});

describe('pricing never costs the answer', () => {
  test('an estimator that throws leaves an unknown cost, one that returns nonsense an estimate', async () => {
    const price = { inputTokens: 1, outputTokens: 1 };
    const call = {
      provider: 'p',
      modelId: 'm',
      price,
      callOptions: { prompt: [{ role: 'system' as const, content: 'hi' }] },
    };
    const settle = (estimateTokens: () => number) => {
      const meter = createPricing({ catalog: false, estimateTokens }).meter(call);
      meter.observe({ type: 'text-delta', id: '1', delta: 'hello' });
      return meter.settle({ outcome: 'abort' });
    };
    expect(
      await settle(() => {
        throw new Error('broken');
      }),
    ).toEqual({ status: 'unknown', lineItems: [], hint: 'Pricing failed: broken' });
    expect(await settle(() => Number.NaN)).toMatchObject({ status: 'lower-bound', usdExact: '0.000001' });
  });

  test('a refreshed list with an entry that cannot be read has no price for it', async () => {
    const catalog = createPriceCatalog();
    await catalog.refresh({
      source: () => [
        {
          id: 'openai',
          name: 'O',
          api_pattern: '.*',
          models: [
            { id: 'bad', match: { equals: 'bad' }, prices: [{ constraint: { nonsense: 1 }, prices: {} }] },
          ],
        },
      ],
    });
    expect(await settle({ provider: 'openai.chat', modelId: 'bad', options: { catalog } })).toMatchObject({
      status: 'unknown',
    });
  });

  test('a catalog that throws leaves an unknown cost, and nothing fails before the call', async () => {
    const fail = () => {
      throw new Error('broken');
    };
    const pricing = createPricing({ catalog: { ...createPriceCatalog(), lookUpNow: fail, load: fail } });
    const model = { provider: 'openai.chat', modelId: 'gpt-6-sol', callOptions };
    expect(() => pricing.prepare(model)).not.toThrow();
    expect(pricing.contextWindow(model)).toBeUndefined();
    expect(await pricing.meter(model).settle({ outcome: 'success', usage })).toMatchObject({
      status: 'unknown',
      hint: 'Pricing failed: broken',
    });
  });

  test('a catalog that cannot be loaded is one without the model', async () => {
    const broken = {
      ...createPriceCatalog(),
      load: () => Promise.reject(new Error('no chunk')),
      lookUpNow: () => undefined,
    };
    expect(
      await settle({ provider: 'openai.chat', modelId: 'gpt-6-sol', options: { catalog: broken } }),
    ).toMatchObject({ status: 'unknown' });
  });
});
