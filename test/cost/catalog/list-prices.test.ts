import { describe, expect, test } from 'vitest';
import { createPriceCatalog, type Price } from '../../../src/cost/index.ts';
import { now } from '../replay.ts';

const catalog = createPriceCatalog({ now: () => now });
const priceOf = async (provider: string, modelId: string, atMs?: number) =>
  (await catalog.lookUp({ provider, modelId, ...(atMs !== undefined && { atMs }) })).price;

describe('long-context lines that were given up', () => {
  test.each([
    ['anthropic.messages', 'claude-sonnet-4-5'],
    ['anthropic.messages', 'claude-sonnet-4-5-20250929'],
    ['vertex.anthropic.messages', 'claude-sonnet-4-5@20250929'],
    ['azure.anthropic.messages', 'claude-sonnet-4-5'],
    ['proxy', 'anthropic/claude-sonnet-4.5'],
    ['proxy', 'vertex_ai/claude-sonnet-4-5'],
    ['anthropic.messages', 'claude-opus-4-6'],
    ['vertex.anthropic.messages', 'claude-opus-4-6'],
    ['vertex.anthropic.messages', 'claude-sonnet-4-6'],
  ])('%s %s has one rate now', async (provider, modelId) => {
    expect((await priceOf(provider, modelId))?.tiers).toBeUndefined();
  });

  test.each([
    ['claude-sonnet-4-5', '2026-04-30T23:59:59Z', '2026-05-01T00:00:00Z'],
    ['claude-opus-4-6', '2026-03-12T23:59:59Z', '2026-03-13T00:00:00Z'],
  ])('%s keeps its line for calls of that time', async (modelId, before, after) => {
    for (const provider of ['anthropic', 'vertex']) {
      expect((await priceOf(provider, modelId, Date.parse(before)))?.tiers).toMatchObject([
        { aboveInputTokens: 200_000 },
      ]);
      expect((await priceOf(provider, modelId, Date.parse(after)))?.tiers).toBeUndefined();
    }
  });

  test('a line at or above the window cannot be reached, also in a list that was refreshed', async () => {
    const own = createPriceCatalog({ now: () => now });
    const input_mtok = { base: 1, tiers: [{ start: 200_000, price: 2 }] };
    const model = (id: string, context_window?: number) => ({
      id,
      match: { equals: id },
      prices: { input_mtok, output_mtok: 1 },
      ...(context_window !== undefined && { context_window }),
    });
    await own.refresh({
      source: () => [
        {
          id: 'openai',
          name: 'OpenAI',
          api_pattern: '.*',
          models: [
            model('small', 200_000),
            model('large', 1_000_000),
            model('unknown'),
            model('claude-sonnet-4-5'),
          ],
        },
      ],
    });
    const linesOf = async (modelId: string) =>
      (await own.lookUp({ provider: 'openai', modelId })).price?.tiers?.length ?? 0;
    expect(await linesOf('small')).toBe(0);
    expect(await linesOf('large')).toBe(1);
    expect(await linesOf('unknown')).toBe(1);
    expect(await linesOf('claude-sonnet-4-5')).toBe(0);
  });
});

test.each([
  ['gpt-4.1-2025-04-14', 3, 0.75, 12],
  ['gpt-4.1-mini-2025-04-14', 0.8, 0.2, 3.2],
  ['gpt-4.1-nano-2025-04-14', 0.2, 0.05, 0.8],
  ['gpt-4o-2024-08-06', 3.75, 1.875, 15],
  ['gpt-4o-mini-2024-07-18', 0.3, 0.15, 1.2],
  ['o4-mini-2025-04-16', 4, 1, 16],
])('a fine-tuned %s has a cached rate', async (base, inputTokens, cacheReadTokens, outputTokens) => {
  const owned = [
    `ft:${base}:acme::1a2b`,
    `ft:${base}:acme:support:1a2b`,
    `ft:${base}:acme::1a2b:ckpt-step-88`,
  ];
  for (const modelId of [`ft:${base}`, ...owned])
    for (const [provider, id] of [
      ['openai.responses', modelId],
      ['litellm.chat', `openai/${modelId}`],
    ] as const)
      expect(await priceOf(provider, id)).toEqual({ inputTokens, cacheReadTokens, outputTokens });
  expect(await priceOf('openai.chat', `ft:${base.replace('-20', '-pro-20')}:acme::1a2b`)).toBeUndefined();
});

test.each([
  ['magistral-medium-2509', 2, 0.2],
  ['codestral-2501', 0.3, 0.03],
  ['mistral-large-2512', 0.5, 0.05],
  ['open-mixtral-8x7b', 0.7, 0.07],
  ['magistral-small-latest', 0.5, 0.05],
])('Mistral bills cached input at a tenth: %s', async (modelId, inputTokens, cacheReadTokens) => {
  expect(await priceOf('mistral.chat', modelId)).toMatchObject({ inputTokens, cacheReadTokens });
});

test('what a newer list lacks of a row that it confirms, the row fills in; a price that moved is the list’s', async () => {
  const own = createPriceCatalog({ now: () => Date.parse('2027-03-01T12:00:00Z') });
  const tuned = (name: string, input_mtok: number, output_mtok: number) => ({
    id: `ft:${name}`,
    match: { starts_with: `ft:${name}-20` },
    prices: { input_mtok, output_mtok },
  });
  await own.refresh({
    source: () => [
      {
        id: 'openai',
        name: 'OpenAI',
        api_pattern: '.*',
        models: [tuned('gpt-4o-mini', 0.3, 1.2), tuned('gpt-4o', 3, 15)],
      },
    ],
  });
  const lookUp = (modelId: string) => own.lookUp({ provider: 'openai', modelId });
  expect(await lookUp('ft:gpt-4o-mini-2024-07-18:acme::1')).toMatchObject({
    price: { inputTokens: 0.3, cacheReadTokens: 0.15, outputTokens: 1.2 },
    source: 'catalog',
    priceDate: '2027-03-01',
  });
  expect((await lookUp('ft:gpt-4o-2024-08-06:acme::1')).price).toEqual({ inputTokens: 3, outputTokens: 15 });
});

describe('every model of the list and the overlay', () => {
  const models = async () => {
    const all = await Promise.all(
      (await catalog.list()).map(async id => {
        const slash = id.indexOf('/');
        const [provider, modelId] = [id.slice(0, slash), id.slice(slash + 1)];
        const found = await catalog.lookUp({ provider, modelId });
        return { id, provider, modelId, found };
      }),
    );
    return all.flatMap(({ found, ...model }) => (found.price === undefined ? [] : [{ ...model, found }]));
  };
  const isDated = /\d{3,}|latest|preview|:|@|v\d$/;
  const unlike = async (
    wanted: ReadonlyArray<{
      readonly id: string;
      readonly price: Price;
      readonly as: readonly [string, string];
    }>,
  ) => {
    const different: string[] = [];
    for (const { id, price, as } of wanted) {
      const other = await priceOf(...as);
      if (JSON.stringify(other) !== JSON.stringify(price)) different.push(`${id} as ${as[1]}`);
    }
    return different;
  };

  test('has no long-context line that its window cannot reach, and no line that is cheaper below', async () => {
    const wrong = (await models()).filter(({ found: { price, contextWindow = Number.POSITIVE_INFINITY } }) =>
      price.tiers?.some(
        ({ aboveInputTokens, inputTokens = price.inputTokens, outputTokens = price.outputTokens }) =>
          aboveInputTokens >= contextWindow ||
          inputTokens < price.inputTokens ||
          outputTokens < price.outputTokens,
      ),
    );
    // Its page has a line at 200k for a window of 128k.
    expect(wrong.map(({ id }) => id)).toEqual(['google/gemini-2.5-computer-use-preview-10-2025']);
  });

  test('never charges more for a cached token than for a fresh one, nor leaves a cached one at the lower rate of a tier', async () => {
    const wrong = (await models()).filter(({ found: { price } }) => {
      const cached = (price.cacheReadTokens ?? 0) > price.inputTokens;
      const dropped = price.tiers?.some(
        tier => price.cacheReadTokens !== undefined && tier.cacheReadTokens === undefined,
      );
      return cached || dropped === true;
    });
    // OpenRouter lists one cached rate for both; it reports its cost itself.
    expect(wrong.map(({ id }) => id)).toEqual(['openrouter/x-ai/grok-4-fast']);
  });

  test('Anthropic and fine-tuned OpenAI models have a cached rate', async () => {
    const wrong = (await models()).filter(
      ({ provider, modelId, found: { price } }) =>
        price.cacheReadTokens === undefined &&
        ((provider === 'anthropic' && !/^claude-(?:2|v1)/.test(modelId)) ||
          (modelId.startsWith('ft:') && !modelId.startsWith('ft:gpt-3.5'))),
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test('is old after two months only where its price moved shortly before the list was made', async () => {
    const later = Date.parse('2026-11-28T12:00:00Z');
    const old = new Set<string>();
    for (const { provider, modelId } of await models()) {
      const found = await catalog.lookUp({ provider, modelId, atMs: later });
      if (found.price !== undefined && found.flags.includes('stale-price')) old.add(found.priceOf);
    }
    expect([...old].sort()).toEqual([
      'aws/global.openai.gpt-5.6-sol',
      'mistral/voxtral-small-24b-2507',
      'openai/gpt-5.6-luna',
      'openai/gpt-5.6-sol',
      'openai/gpt-5.6-terra',
      'openrouter/google/gemma-4-31b-it',
      'openrouter/~anthropic/claude-opus-latest',
    ]);
  });

  test('a snapshot has all rates of its model', async () => {
    const plain = (await models()).filter(
      ({ provider, modelId, found: { flags } }) =>
        /^(?:openai|anthropic|google|x-ai)$/.test(provider) && !isDated.test(modelId) && flags.length === 0,
    );
    expect(plain.length).toBeGreaterThan(100);
    const wanted = plain.map(({ id, provider, modelId, found: { price } }) => ({
      id,
      price,
      // Vertex AI dates Claude with an @.
      as: [provider, `${modelId}${provider === 'google' ? '@' : '-'}20270131`] as const,
    }));
    expect(await unlike(wanted)).toEqual([]);
  });

  test('a vendor before the id changes no rate', async () => {
    const sold = (await models()).filter(
      ({ provider, found: { price } }) =>
        /^(?:openai|anthropic|google|x-ai|mistral|deepseek)$/.test(provider) && price.inputTokens > 0,
    );
    const wanted = sold.map(({ id, found: { price } }) => ({ id, price, as: ['proxy', id] as const }));
    expect(await unlike(wanted)).toEqual([]);
  });

  test('an ARN changes no rate', async () => {
    const sold = (await models()).filter(
      ({ id }) => id.startsWith('aws/') && !id.startsWith('aws/regional.'),
    );
    expect(sold.length).toBeGreaterThan(50);
    const wanted = sold.flatMap(({ id, modelId, found: { price } }) =>
      [
        `arn:aws:bedrock:us-west-2::foundation-model/${modelId}`,
        `arn:aws:bedrock:us-west-2:123456789012:inference-profile/${modelId}`,
        `bedrock/us-west-2/${modelId}`,
      ].map(path => ({ id, price, as: ['amazon-bedrock', path] as const })),
    );
    expect(await unlike(wanted)).toEqual([]);
  });
});
