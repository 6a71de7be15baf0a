import { REMOTE_DATA_JSON_URL } from '@pydantic/genai-prices';
import { describe, expect, test, vi } from 'vitest';
import { overlay } from '../../../src/cost/catalog/overlay.ts';
import { createPriceCatalog, type PriceTier } from '../../../src/cost/index.ts';
import { now } from '../replay.ts';

const catalog = createPriceCatalog({ now: () => now });

describe('the match guard', () => {
  test.each([
    ['openai.responses', 'gpt-6-sol', 'openai/gpt-6-sol'],
    ['openai.chat', 'gpt-6-sol-2026-09-22', 'openai/gpt-6-sol'],
    ['openai.chat', 'gpt-5-mini-2027-01-31', 'openai/gpt-5-mini'],
    ['openai.chat', 'ft:gpt-4o-2024-08-06:acme::1a2b', 'openai/ft:gpt-4o'],
    ['anthropic.messages', 'claude-sonnet-5', 'anthropic/claude-sonnet-5'],
    ['anthropic.messages', 'claude-sonnet-5-20260630', 'anthropic/claude-sonnet-5'],
    ['anthropic.messages', 'claude-haiku-4-5-20251001', 'anthropic/claude-haiku-4-5'],
    ['anthropic.messages', 'claude-3-5-haiku-latest', 'anthropic/claude-3-5-haiku-latest'],
    ['google.generative-ai', 'gemini-3.8-flash', 'google/gemini-3.8-flash'],
    ['google.generative-ai', 'models/gemini-3.8-flash-preview', 'google/gemini-3.8-flash'],
    ['google.generative-ai', 'gemini-2.0-flash-001', 'google/gemini-2.0-flash'],
    ['google.generative-ai', 'gemini-3.1-pro-preview', 'google/gemini-3.1-pro-preview'],
    ['google.vertex.chat', 'gemini-3.8-flash', 'google/gemini-3.8-flash'],
    ['vertex.anthropic.messages', 'claude-opus-5-5@20260922', 'google/claude-opus-5-5'],
    ['amazon-bedrock', 'us.anthropic.claude-sonnet-5-v1:0', 'aws/regional.anthropic.claude-sonnet-5-v1:0'],
    ['amazon-bedrock', 'global.anthropic.claude-sonnet-5-v1:0', 'aws/global.anthropic.claude-sonnet-5-v1:0'],
    ['amazon-bedrock', 'us.anthropic.claude-fable-5-1', 'aws/regional.anthropic.claude-fable-5-1-v1:0'],
    ['amazon-bedrock', 'anthropic.claude-fable-5', 'aws/regional.anthropic.claude-fable-5-v1:0'],
    [
      'amazon-bedrock',
      'us.anthropic.claude-3-5-sonnet-20241022-v2:0',
      'aws/regional.anthropic.claude-3-5-sonnet-20241022-v2:0',
    ],
    ['xai.chat', 'grok-4.6-latest', 'x-ai/grok-4.6'],
    ['groq.chat', 'openai/gpt-oss-120b', 'groq/openai/gpt-oss-120b'],
    ['openrouter', 'anthropic/claude-sonnet-5', 'openrouter/anthropic/claude-sonnet-5'],
  ])('accepts %s %s', async (provider, modelId, expected) => {
    expect(await catalog.lookUp({ provider, modelId })).toMatchObject({ priceOf: expected, flags: [] });
  });

  test.each([
    ['anthropic.messages', 'claude-sonnet-5-7', 'anthropic/claude-sonnet-5'],
    ['anthropic.messages', 'claude-haiku-4-6', 'anthropic/claude-haiku-4-5'],
    ['google.generative-ai', 'gemini-3.8-flash-lite', 'google/gemini-3.8-flash'],
    ['google.generative-ai', 'gemini-2.5-pro-ultra', 'google/gemini-2.5-pro'],
    ['openai.chat', 'gpt-4.5-preview-plus', 'openai/gpt-4.5-preview'],
    ['amazon-bedrock', 'us.anthropic.claude-sonnet-5-5-v1:0', 'aws/regional.anthropic.claude-sonnet-5-v1:0'],
    // A second version is another model, and GovCloud has other prices: 0.18 instead of 0.15.
    ['amazon-bedrock', 'amazon.nova-pro-v2:0', 'aws/amazon.nova-pro-v1:0'],
    ['amazon-bedrock', 'us-gov.openai.gpt-oss-120b-1:0', 'aws/openai.gpt-oss-120b-1:0'],
    // The newest of a family, not the model that has the family's name: Gemini 1.0 Pro, Ministral 3B of 2024.
    ['google.generative-ai', 'gemini-pro-latest', 'google/gemini-pro'],
    ['mistral.chat', 'open-mistral-nemo-latest', 'mistral/mistral-nemo'],
  ])('never prices %s %s as its ancestor, and names the nearest', async (provider, modelId, nearest) => {
    expect(await catalog.lookUp({ provider, modelId })).toEqual({ nearest });
  });
});

test.each([
  // The list's day is before Grok 4.7, Sonnet 5.5 and Mistral's next models.
  ['xai.chat', 'grok-latest', 'x-ai/grok-4.5'],
  ['openrouter', '~anthropic/claude-sonnet-latest', 'openrouter/~anthropic/claude-sonnet-latest'],
  ['mistral.chat', 'mistral-medium-latest', 'mistral/mistral-medium-latest'],
])('%s %s is an estimate: it names another model with every release', async (provider, modelId, priceOf) => {
  expect(await catalog.lookUp({ provider, modelId })).toMatchObject({ priceOf, flags: ['price-inferred'] });
});

describe('every model of the catalog', () => {
  const providers = {
    openai: 'openai.responses',
    anthropic: 'anthropic.messages',
    google: 'google.generative-ai',
    'x-ai': 'xai.chat',
    deepseek: 'deepseek.chat',
    mistral: 'mistral.chat',
    moonshotai: 'moonshotai.chat',
    groq: 'groq.chat',
    aws: 'amazon-bedrock',
  };
  const models = async (listed: keyof typeof providers) => {
    const ids = (await catalog.list({ provider: listed })).filter(id => !/ft[:-]|[*]/.test(id));
    return { ids: new Set(ids), names: ids.map(id => id.slice(listed.length + 1)) };
  };
  const siblings =
    '-9 .9 -10 -fast -ultrafast -highspeed -turbo -mini -nano -lite -pro -max -plus -thinking -reasoning -codex -code -instruct -cyber -v2 -v2:0 -70b -1399 -latest-fast [1m] @fast :free :batch :online :nitro :floor :thinking';

  // The entries of these say in so many words that they have one price.
  const named = /^gpt-5(?:\.[125])?-codex$|^gemini-2\.[05]-flash(?:-preview)?[-:]thinking$/;

  test.each(Object.keys(providers) as (keyof typeof providers)[])(
    '%s: a successor or a sibling never has its price',
    async listed => {
      const { ids, names } = await models(listed);
      const priced: string[] = [];
      for (const name of names) {
        for (const suffix of siblings.split(' ')) {
          const modelId = `${name}${suffix}`;
          if (ids.has(`${listed}/${modelId}`) || named.test(modelId)) continue;
          const found = await catalog.lookUp({ provider: providers[listed], modelId });
          // Another entry may name it: `o3` and `o3-mini`, spelt otherwise.
          if (found.price !== undefined && found.priceOf === `${listed}/${name}`) priced.push(modelId);
        }
      }
      expect(priced).toEqual([]);
    },
  );

  test.each(['openai', 'anthropic', 'google'] as const)(
    '%s: a dated snapshot has its price',
    async listed => {
      const { names } = await models(listed);
      const missing: string[] = [];
      for (const name of names) {
        const own = await catalog.lookUp({ provider: providers[listed], modelId: name });
        if (own.price === undefined || own.flags.length > 0 || /\d{3,}|latest|preview/.test(name)) continue;
        for (const suffix of ['-2027-01-31', '-20270131']) {
          const found = await catalog.lookUp({ provider: providers[listed], modelId: `${name}${suffix}` });
          if (found.price?.inputTokens !== own.price.inputTokens) missing.push(`${name}${suffix}`);
        }
      }
      expect(missing).toEqual([]);
    },
  );
});

describe('vendor prefixes', () => {
  test.each([
    ['ofox.chat', 'anthropic/claude-sonnet-5', 'anthropic/claude-sonnet-5'],
    ['ofox.chat', 'claude-sonnet-5', 'anthropic/claude-sonnet-5'],
    ['ofox.chat', 'gpt-6-sol', 'openai/gpt-6-sol'],
    ['ofox.chat', 'gemini-3.8-flash', 'google/gemini-3.8-flash'],
    ['gateway', 'openai/gpt-6-luna', 'openai/gpt-6-luna'],
    ['gateway', 'anthropic/claude-sonnet-5-5', 'anthropic/claude-sonnet-5-5'],
    ['proxy', 'openai:gpt-6-sol', 'openai/gpt-6-sol'],
    ['ofox.chat', 'moonshotai/kimi-k3', 'moonshotai/kimi-k3'],
    ['ofox.chat', 'openrouter/moonshotai/kimi-k3', 'openrouter/moonshotai/kimi-k3'],
  ])('%s %s is an estimate at the list price of the vendor', async (provider, modelId, expected) => {
    expect(await catalog.lookUp({ provider, modelId })).toMatchObject({
      priceOf: expected,
      flags: ['vendor-list-price'],
    });
  });

  test.each([
    ['ollama', 'gpt-oss-20b'],
    ['ollama', 'deepseek-r1'],
    ['ofox', 'llama-4'],
    ['mock-provider', 'mock-model-id'],
    ['ofox', 'anthropic/claude-sonnet-5-7'],
    // Free on the Gemini API, which says nothing of what others charge; OpenAI does not serve its open models at all.
    ['ofox', 'google/gemma-3-27b-it'],
    ['workers-ai', '@cf/google/gemma-3-4b-it'],
    ['ofox', 'mistral/mistral-nemo:free'],
    ['ofox', 'openai/gpt-oss-120b'],
    ['openai.chat', 'gpt-oss-20b'],
    ['azure.chat', 'gpt-oss-120b'],
  ])('%s %s is unknown: anyone may serve it at any price', async (provider, modelId) => {
    expect((await catalog.lookUp({ provider, modelId })).price).toBeUndefined();
  });
});

describe('the overlay', () => {
  test('every row has a source, the day it was read, and amounts of at most six decimals', () => {
    for (const { source, checked, price, from, to } of overlay) {
      expect(source).toMatch(/^https:\/\//);
      expect(checked).toMatch(/^2026-\d\d-\d\d$/);
      if (from !== undefined && to !== undefined) expect(from <= to).toBe(true);
      for (const amount of JSON.stringify(price).match(/\d+\.\d+/g) ?? [])
        expect(amount.split('.')[1]?.length).toBeLessThanOrEqual(6);
    }
  });

  test('a price that changed is the one of the day', async () => {
    const read = async (day: string) => {
      const found = await catalog.lookUp({
        provider: 'anthropic',
        modelId: 'claude-sonnet-5-5',
        atMs: Date.parse(day),
      });
      return found.price?.cacheReadTokens;
    };
    expect(await read('2026-09-28T00:00:00Z')).toBe(0.2);
    expect(await read('2026-10-06T23:59:59Z')).toBe(0.2);
    expect(await read('2026-10-07T00:00:00Z')).toBe(0.1);
    expect(await read('2026-09-27T23:59:59Z')).toBeUndefined();
  });

  test('DeepSeek costs twice as much in the hours of the working week it names', async () => {
    const input = async (at: string) =>
      (await catalog.lookUp({ provider: 'deepseek.chat', modelId: 'deepseek-flash', atMs: Date.parse(at) }))
        .price?.inputTokens;
    expect(await input('2026-11-23T03:59:59Z')).toBe(0.3);
    expect(await input('2026-11-23T04:00:00Z')).toBe(0.15);
    expect(await input('2026-11-22T03:00:00Z')).toBe(0.15);
    // api-docs.deepseek.com/zh-cn/quick_start/pricing: public holidays are off-peak; this is a Friday.
    expect(await input('2027-01-01T03:00:00Z')).toBe(0.15);
    expect(await input('2026-12-31T03:00:00Z')).toBe(0.3);
  });

  // provider, model, then USD per 1M tokens: input, cache read, output; and what a long input makes of them.
  test.each<[string, string, number, number | undefined, number, PriceTier?]>([
    // developers.openai.com/api/docs/models/gpt-6.1-terra (2026-11): above 272K twice the input, 1.5 times the output.
    [
      'openai.responses',
      'gpt-6.1-terra',
      1,
      0.05,
      5,
      {
        aboveInputTokens: 272_000,
        inputTokens: 2,
        cacheReadTokens: 0.1,
        cacheWriteTokens: 2.5,
        cacheWrite12hTokens: 5,
        outputTokens: 7.5,
      },
    ],
    // docs.x.ai/developers/pricing (2026-11): "once its prompt reaches" 200k, everything doubles.
    [
      'xai.responses',
      'grok-4.7',
      2,
      0.5,
      6,
      { aboveInputTokens: 200_000, inclusive: true, inputTokens: 4, cacheReadTokens: 1, outputTokens: 12 },
    ],
    [
      'xai.chat',
      'grok-4.20-0309-non-reasoning',
      1.25,
      0.2,
      2.5,
      { aboveInputTokens: 200_000, inclusive: true, inputTokens: 2.5, cacheReadTokens: 0.4, outputTokens: 5 },
    ],
    [
      'xai.chat',
      'grok-4.20-multi-agent-0309',
      1.25,
      0.2,
      2.5,
      { aboveInputTokens: 200_000, inclusive: true, inputTokens: 2.5, cacheReadTokens: 0.4, outputTokens: 5 },
    ],
    // platform.claude.com/docs/en/about-claude/pricing (2026-11).
    ['anthropic.messages', 'claude-mythos-5-1', 10, 0.25, 50],
    ['anthropic.messages', 'claude-mythos-5', 10, 1, 50],
    // ai.google.dev/gemini-api/docs/pricing (2026-11), flat over the window.
    ['google.generative-ai', 'gemini-4-neon', 3, 0.15, 15],
    // The same page: no cached price, so the full input rate.
    [
      'google.generative-ai',
      'gemini-2.5-computer-use-preview-10-2025',
      1.25,
      undefined,
      10,
      { aboveInputTokens: 200_000, inputTokens: 2.5, outputTokens: 15 },
    ],
    // api-docs.deepseek.com/quick_start/pricing (2026-11), off-peak.
    ['deepseek.chat', 'deepseek-v4-flash-vision-exp', 0.15, 0.003, 0.6],
    // docs.z.ai/guides/overview/pricing: the catalog has the promotion that ended in September.
    ['zai.chat', 'GLM-5.3-Flash', 0.15, 0.03, 0.5],
    // console.groq.com/docs/models: the catalog takes it for gpt-oss-120b.
    ['groq.chat', 'openai/gpt-oss-safeguard-20b', 0.075, 0.0375, 0.3],
  ])('%s %s is $%d, $%d cached and $%d', async (provider, modelId, input, cached, output, tier) => {
    const found = await catalog.lookUp({ provider, modelId });
    expect(found).toMatchObject({ source: 'overlay', flags: [] });
    expect(found.price).toMatchObject({ inputTokens: input, outputTokens: output });
    expect(found.price?.cacheReadTokens).toBe(cached);
    expect(found.price?.tiers).toEqual(tier && [tier]);
  });

  test.each([
    ['mistral.chat', 'mistral-large-latest', 0.5],
    ['mistral.chat', 'ministral-3b-latest', 0.1],
    ['moonshotai.chat', 'kimi-k3.1-pro-highspeed', 4],
    ['anthropic.messages', 'claude-mythos-5-2', 8],
  ])('%s %s is an estimate: the page names another model, or is not the provider’s', async (...row) => {
    const [provider, modelId, inputTokens] = row;
    expect(await catalog.lookUp({ provider, modelId })).toMatchObject({
      source: 'overlay',
      price: { inputTokens },
      flags: ['price-inferred'],
    });
  });

  test('Claude on Bedrock has the list price on the global endpoint, and 10 % more on a regional one', async () => {
    const rates = async (modelId: string) =>
      (await catalog.lookUp({ provider: 'amazon-bedrock', modelId })).price;
    expect(await rates('global.anthropic.claude-sonnet-5-5')).toEqual({
      inputTokens: 2,
      cacheReadTokens: 0.1,
      cacheWriteTokens: 2.5,
      cacheWrite1hTokens: 4,
      outputTokens: 10,
    });
    expect(await rates('eu.anthropic.claude-haiku-5-5')).toEqual({
      inputTokens: 0.11,
      cacheReadTokens: 0.011,
      cacheWriteTokens: 0.1375,
      cacheWrite1hTokens: 0.22,
      outputTokens: 0.55,
      tiers: [
        {
          aboveInputTokens: 100_000,
          inputTokens: 0.55,
          cacheReadTokens: 0.055,
          cacheWriteTokens: 0.6875,
          cacheWrite1hTokens: 1.1,
          outputTokens: 2.75,
        },
      ],
    });
  });

  test('aggregators write the version of a Claude with a dot', async () => {
    for (const modelId of ['anthropic/claude-sonnet-5.5', 'anthropic/claude-haiku-5.5', 'claude-fable-5.2'])
      expect(await catalog.lookUp({ provider: 'gateway', modelId })).toMatchObject({
        source: 'overlay',
        flags: ['vendor-list-price'],
      });
  });

  test('GPT-6.2 Sol costs three times as much when ultrafast, and six times from March 2027', async () => {
    const factor = async (day: string) =>
      (await catalog.lookUp({ provider: 'openai', modelId: 'gpt-6.2-sol', atMs: Date.parse(day) })).price
        ?.serviceTiers?.ultrafast;
    expect(await factor('2027-02-28T23:59:59Z')).toBe(3);
    expect(await factor('2027-03-01T00:00:00Z')).toBe(6);
  });

  test.each(['gemma-3-27b-it', 'gemma-3n-e4b-it', 'gemma-4-31b-it'])('%s is free', async modelId => {
    expect(await catalog.lookUp({ provider: 'google.generative-ai', modelId })).toMatchObject({
      price: { inputTokens: 0, outputTokens: 0 },
      flags: [],
    });
    expect((await catalog.lookUp({ provider: 'google', modelId: `${modelId}-pro` })).price).toBeUndefined();
  });

  test('a price listed under another name only is an estimate', async () => {
    expect(await catalog.lookUp({ provider: 'google', modelId: 'gemini-3.1-pro' })).toMatchObject({
      source: 'overlay',
      flags: ['price-inferred'],
    });
  });
});

describe('a catalog of its own', () => {
  test('lists what it knows', async () => {
    const ids = await catalog.list({ provider: 'openai' });
    expect(ids).toContain('openai/gpt-6-sol');
    expect(ids).toContain('openai/gpt-6.2-sol');
    expect(ids.every(id => id.startsWith('openai/'))).toBe(true);
    expect((await catalog.list()).length).toBeGreaterThan(1_000);
  });

  test.each([
    'anthropic/claude-opus-5-5',
    'aws/amazon.nova-lite-v1:0',
    'x-ai/grok-4.7',
    'zhipuai/GLM-5.3-Flash',
  ])('finds %s by the names it lists', async listed => {
    expect(await catalog.list()).toContain(listed);
    const [provider = '', modelId = ''] = listed.split('/');
    expect(await catalog.lookUp({ provider, modelId })).toMatchObject({ priceOf: listed });
  });

  test('answers without a promise once it is loaded', async () => {
    const own = createPriceCatalog({ now: () => now });
    expect(own.lookUpNow({ provider: 'openai', modelId: 'gpt-6-sol' })).toBeUndefined();
    await own.load();
    expect(own.lookUpNow({ provider: 'openai', modelId: 'gpt-6-sol' })).toMatchObject({
      price: { inputTokens: 2, outputTokens: 10 },
      priceDate: '2026-09-23',
    });
  });

  test('takes prices that win over the list, the later ones over the earlier', async () => {
    const own = createPriceCatalog({ prices: { 'openai/gpt-6-*': { inputTokens: 9, outputTokens: 9 } } });
    expect(await own.lookUp({ provider: 'openai.chat', modelId: 'gpt-6-sol' })).toMatchObject({
      source: 'settings',
      priceOf: 'openai/gpt-6-*',
      price: { inputTokens: 9 },
    });
    own.override({ 'openai/gpt-6-sol': { inputTokens: 8, outputTokens: 8 } });
    expect(await own.lookUp({ provider: 'openai.chat', modelId: 'gpt-6-sol' })).toMatchObject({
      price: { inputTokens: 8 },
    });
    expect(() => own.override({ 'openai/gpt-6-sol': { inputTokens: -1, outputTokens: 8 } })).toThrow(
      /override\.openai\/gpt-6-sol\.inputTokens.*at least 0.*got -1/,
    );
  });

  const fresh = [
    {
      id: 'openai',
      name: 'OpenAI',
      api_pattern: '.*',
      models: [{ id: 'gpt-9', match: { equals: 'gpt-9' }, prices: { input_mtok: 3, output_mtok: 4 } }],
    },
  ];

  test('is refreshed from a source that the caller names, dated that day', async () => {
    const own = createPriceCatalog({ now: () => now });
    await expect(own.refresh({ source: async () => fresh })).resolves.toEqual({ models: 1 });
    expect(await own.lookUp({ provider: 'openai', modelId: 'gpt-9' })).toMatchObject({
      price: { inputTokens: 3, outputTokens: 4 },
      priceDate: '2026-11-23',
    });
    expect((await own.lookUp({ provider: 'openai', modelId: 'gpt-5' })).price).toBeUndefined();
  });

  const listOf = (input_mtok: number) => [
    {
      ...fresh[0],
      models: [{ id: 'gpt-9', match: { equals: 'gpt-9' }, prices: { input_mtok, output_mtok: 4 } }],
    },
  ];
  const gpt9 = { provider: 'openai', modelId: 'gpt-9' };

  test('of two refreshes at a time the one called last wins, whichever answers first', async () => {
    const own = createPriceCatalog({ now: () => now });
    const slow = Promise.withResolvers<unknown>();
    const first = own.refresh({ source: () => slow.promise });
    await own.refresh({ source: () => listOf(2) });
    slow.resolve(listOf(1));
    await expect(first).resolves.toEqual({ models: 1 });
    expect(await own.lookUp(gpt9)).toMatchObject({ price: { inputTokens: 2 } });
    // One that fails gives way to the earlier one.
    const third = own.refresh({ source: () => listOf(3) });
    await expect(own.refresh({ source: () => [] })).rejects.toThrow();
    await third;
    expect(await own.lookUp(gpt9)).toMatchObject({ price: { inputTokens: 3 } });
  });

  test('a refresh while the list loads is not undone by the load', async () => {
    const own = createPriceCatalog({ now: () => now });
    const loading = own.load();
    await own.refresh({ source: () => listOf(5) });
    await loading;
    expect(own.lookUpNow(gpt9)).toMatchObject({ price: { inputTokens: 5 } });
  });

  test('forgets what it found before a refresh, and keeps overrides', async () => {
    const own = createPriceCatalog({ now: () => now });
    expect((await own.lookUp(gpt9)).price).toBeUndefined();
    own.override({ 'openai/gpt-8': { inputTokens: 8, outputTokens: 8 } });
    await own.refresh({ source: () => listOf(6) });
    expect(await own.lookUp(gpt9)).toMatchObject({ price: { inputTokens: 6 } });
    expect(await own.lookUp({ provider: 'openai', modelId: 'gpt-8' })).toMatchObject({ source: 'settings' });
  });

  test('a refreshed list is newer than the rows beside it, which fill what it lacks', async () => {
    const own = createPriceCatalog({ now: () => Date.parse('2027-03-01T12:00:00Z') });
    const models = [
      { id: 'gpt-6.2-astra', match: { equals: 'gpt-6.2-astra' }, prices: { input_mtok: 7, output_mtok: 35 } },
    ];
    await own.refresh({ source: () => [{ ...fresh[0], models }] });
    expect(await own.lookUp({ provider: 'openai', modelId: 'gpt-6.2-astra' })).toMatchObject({
      source: 'catalog',
      price: { inputTokens: 7, outputTokens: 35 },
      priceDate: '2027-03-01',
    });
    expect(await own.lookUp({ provider: 'openai', modelId: 'gpt-6.1-terra' })).toMatchObject({
      source: 'overlay',
      price: { inputTokens: 1 },
    });
  });

  test('is refreshed from a URL that the caller names', async () => {
    const own = createPriceCatalog({ now: () => now });
    const asked: string[] = [];
    const fetch = async (url: unknown) => {
      asked.push(String(url));
      return new Response(JSON.stringify(fresh));
    };
    await own.refresh({ url: 'http://127.0.0.1/data.json', fetch });
    expect(asked).toEqual(['http://127.0.0.1/data.json']);
    expect((await own.lookUp({ provider: 'openai', modelId: 'gpt-9' })).price).toBeDefined();
  });

  test('is refreshed from the published list of genai-prices when asked to, and asks nobody before', async () => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (url: unknown) => {
      asked.push(String(url));
      return new Response(JSON.stringify(fresh));
    });
    try {
      const own = createPriceCatalog({ now: () => now });
      await own.lookUp({ provider: 'openai', modelId: 'gpt-6-sol' });
      expect(asked).toEqual([]);
      await expect(own.refresh('genai-prices')).resolves.toEqual({ models: 1 });
      expect(asked).toEqual([REMOTE_DATA_JSON_URL]);
      expect(await own.lookUp({ provider: 'openai', modelId: 'gpt-9' })).toMatchObject({
        priceDate: '2026-11-23',
      });
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test.each([
    ['genai', /Invalid refresh: must be 'genai-prices', \{ url \} or \{ source \}.*got "genai"/],
    [undefined, /got undefined/],
    [null, /got null/],
    [{ source: [] }, /Invalid refresh/],
    [{ url: 5 }, /Invalid refresh/],
  ])('refuses to be refreshed from %j', async (from, message) => {
    const own = createPriceCatalog({ now: () => now });
    // As JavaScript may call it.
    await expect(Reflect.apply(own.refresh, own, [from])).rejects.toThrow(message);
    expect(await own.lookUp({ provider: 'openai', modelId: 'gpt-6-sol' })).toMatchObject({
      source: 'catalog',
    });
  });

  test('reads dates as the published list writes them', async () => {
    const own = createPriceCatalog({ now: () => now });
    const cut = { constraint: { start_date: '2026-11-01' }, prices: { input_mtok: 3, output_mtok: 4 } };
    const models = [{ ...fresh[0]?.models[0], prices: [{ prices: { input_mtok: 6, output_mtok: 8 } }, cut] }];
    await own.refresh({ source: () => [{ ...fresh[0], models }] });
    const at = async (day: string) => {
      const found = await own.lookUp({ ...gpt9, atMs: Date.parse(day) });
      return found.price && [found.price.inputTokens, ...found.flags];
    };
    expect(await at('2026-10-31')).toEqual([6]);
    expect(await at('2026-11-01')).toEqual([3]);
    // Cut three weeks before the list of 2026-11-23: old after 60 days.
    expect(await at('2027-01-23')).toEqual([3, 'stale-price']);
  });

  test.each([
    ['an error status', { url: 'http://127.0.0.1/', fetch: async () => new Response('no', { status: 503 }) }],
    ['no JSON', { url: 'http://127.0.0.1/', fetch: async () => new Response('<html>') }],
    [
      'no connection',
      {
        url: 'http://127.0.0.1/',
        fetch: async () => {
          throw new TypeError('fetch failed');
        },
      },
    ],
    ['another format', { source: () => ({ models: {} }) }],
    ['a model without a match', { source: () => [{ id: 'openai', models: [{ id: 'gpt-9' }] }] }],
    ['an empty list', { source: () => [] }],
    ['a list without models', { source: () => [{ id: 'openai', models: [] }] }],
    [
      'a source that throws',
      {
        source: () => {
          throw new Error('gone');
        },
      },
    ],
  ])('keeps the old list on %s', async (_, from) => {
    const own = createPriceCatalog({ now: () => now });
    const before = await own.lookUp({ provider: 'openai', modelId: 'gpt-6-sol' });
    await expect(own.refresh(from)).rejects.toThrow();
    expect(await own.lookUp({ provider: 'openai', modelId: 'gpt-6-sol' })).toEqual(before);
  });
});

test('a free model of a catalog entry without rates is free only by its name', async () => {
  expect((await catalog.lookUp({ provider: 'openai', modelId: 'omni-moderation' })).price).toBeUndefined();
  // Listed with an input rate only: no language model.
  expect(
    (await catalog.lookUp({ provider: 'openai', modelId: 'text-embedding-3-small' })).price,
  ).toBeUndefined();
  expect(await catalog.lookUp({ provider: 'mistral', modelId: 'mistral-nemo:free' })).toMatchObject({
    price: { inputTokens: 0, outputTokens: 0 },
  });
});

describe('the context window', () => {
  test.each([
    // genai-prices 0.1.8: context_window.
    ['openai.responses', 'gpt-6-sol', 1_050_000],
    ['anthropic.messages', 'claude-haiku-4-5-20251001', 200_000],
    // An aggregator passes the vendor's model on, and with it the vendor's window.
    ['ofox.chat', 'anthropic/claude-sonnet-5', 1_000_000],
    ['azure.responses', 'gpt-4o', 128_000],
    // The price is the overlay's, the window the catalog's.
    ['openai.chat', 'o4-mini', 200_000],
    ['openai.chat', 'gpt-6.2-sol', 1_050_000],
    // The catalog rounds these to 1,000,000, and has none for the Pro models.
    ['openai.chat', 'gpt-4.1-mini-2025-04-14', 1_047_576],
    ['azure.responses', 'gpt-5.5', 1_050_000],
    ['google.generative-ai', 'gemini-3.8-flash', 1_048_576],
    ['google.generative-ai', 'gemini-3.1-pro-preview', 1_048_576],
    ['vertex.anthropic.messages', 'claude-opus-5-5@20260922', 1_000_000],
    ['google.generative-ai', 'gemma-4-31b-it', 262_144],
    ['anthropic.messages', 'claude-haiku-5-5', 1_000_000],
    ['google.generative-ai', 'gemini-4-argon', 1_048_576],
    ['xai.chat', 'grok-4.7', 500_000],
  ])('%s %s holds %d tokens', async (provider, modelId, contextWindow) => {
    expect(await catalog.lookUp({ provider, modelId })).toMatchObject({ contextWindow });
  });

  test('is absent where the list does not say', async () => {
    const found = await catalog.lookUp({ provider: 'openai', modelId: 'gpt-4.5-preview' });
    expect(found.price).toBeDefined();
    expect('contextWindow' in found).toBe(false);
  });

  test('is that of the list where an override has the price', async () => {
    const own = createPriceCatalog({ prices: { 'ofox/*': { inputTokens: 1, outputTokens: 1 } } });
    const query = { provider: 'ofox.chat', modelId: 'openai/gpt-6-sol' };
    expect('contextWindow' in (await own.lookUp(query))).toBe(false);
    await own.load();
    expect(await own.lookUp(query)).toMatchObject({ source: 'settings', contextWindow: 1_050_000 });
  });
});
