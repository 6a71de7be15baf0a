import type {
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import { createPricing } from '../../../src/cost/index.ts';
import { now } from '../replay.ts';

const modelId = 'global.anthropic.claude-sonnet-5-v1:0';

/** As the package of Bedrock converts what the Converse API sends (vercel/ai, packages/amazon-bedrock, 2026-11). */
function usageOf({
  inputTokens,
  outputTokens,
  cacheReadInputTokens = 0,
  cacheWriteInputTokens = 0,
  ...more
}: {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadInputTokens?: number;
  readonly cacheWriteInputTokens?: number;
  readonly cacheDetails?: Array<{ inputTokens: number; ttl: string }>;
}): LanguageModelV4Usage {
  return {
    inputTokens: {
      total: inputTokens + cacheReadInputTokens + cacheWriteInputTokens,
      noCache: inputTokens,
      cacheRead: cacheReadInputTokens,
      cacheWrite: cacheWriteInputTokens,
    },
    outputTokens: { total: outputTokens, text: outputTokens, reasoning: undefined },
    raw: { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens, ...more },
  };
}

function settle({
  usage,
  providerMetadata,
  providerOptions,
}: {
  readonly usage: LanguageModelV4Usage;
  readonly providerMetadata?: SharedV4ProviderMetadata;
  readonly providerOptions?: SharedV4ProviderOptions;
}) {
  return createPricing({ now: () => now, onWarning: () => {} })
    .meter({
      provider: 'amazon-bedrock',
      modelId,
      callOptions: { prompt: [], ...(providerOptions !== undefined && { providerOptions }) },
    })
    .settle({
      outcome: 'success',
      usage,
      ...(providerMetadata !== undefined && { providerMetadata }),
      responseModelId: modelId,
    });
}

describe('Claude on Bedrock, through the Converse API', () => {
  test('cache reads and writes come on top of the input; the details say which writes are kept for 1 hour', async () => {
    const usage = usageOf({
      inputTokens: 100,
      outputTokens: 10,
      cacheReadInputTokens: 2_000,
      cacheWriteInputTokens: 1_500,
      cacheDetails: [
        { inputTokens: 1_000, ttl: '1h' },
        { inputTokens: 500, ttl: '5m' },
      ],
    });
    const { lineItems } = await settle({ usage });
    expect(Object.fromEntries(lineItems.map(({ bucket, quantity }) => [bucket, quantity]))).toEqual({
      inputTokens: 100,
      cacheReadTokens: 2_000,
      cacheWriteTokens: 500,
      cacheWrite1hTokens: 1_000,
      outputTokens: 10,
    });
  });

  test('details beyond the writes are no more than the writes', async () => {
    const usage = usageOf({
      inputTokens: 0,
      outputTokens: 0,
      cacheWriteInputTokens: 10,
      cacheDetails: [{ inputTokens: 11, ttl: '1h' }],
    });
    expect((await settle({ usage })).lineItems).toMatchObject([
      { bucket: 'cacheWrite1hTokens', quantity: 10 },
    ]);
  });

  const usage = usageOf({ inputTokens: 1_000, outputTokens: 100 });

  test.each([
    ['flex', 'priced', '0.0015'],
    ['priority', 'priced', '0.00525'],
    ['default', 'priced', '0.003'],
  ])('the served tier %s is wrapped in an object', async (type, status, usdExact) => {
    // Sonnet 5: 1,000 x $2 + 100 x $10; flex 0.5x, priority 1.75x (aws.amazon.com/bedrock/pricing, 2026-11).
    const served = { serviceTier: { type } };
    const providerMetadata = { amazonBedrock: served, bedrock: served };
    expect(await settle({ usage, providerMetadata })).toMatchObject({ status, usdExact });
  });

  test.each(['amazonBedrock', 'bedrock'])('a tier asked for under %s is an estimate', async name => {
    const providerOptions = { [name]: { serviceTier: 'flex' } };
    expect(await settle({ usage, providerOptions })).toMatchObject({
      status: 'estimated',
      usdExact: '0.0015',
      flags: expect.arrayContaining(['service-tier-requested']),
    });
  });
});
