import { describe, expect, test } from 'vitest';
import { createPriceCatalog, createPricing } from '../../../src/cost/index.ts';
import { now } from '../replay.ts';

const catalog = createPriceCatalog({ now: () => now });
const arn = 'arn:aws:bedrock:us-east-1';

describe('a path that names a model', () => {
  const sonnet4 = 'anthropic.claude-sonnet-4-20250514-v1:0';
  const sonnet45 = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
  const sonnet55 = 'anthropic.claude-sonnet-5-5';

  test.each([
    // Sonnet 4 costs the same everywhere; later ones 10 % more than the global endpoint's price.
    [`${arn}::foundation-model/${sonnet4}`, 3],
    [`${arn}:123456789012:inference-profile/us.${sonnet4}`, 3],
    [`arn:aws:bedrock:eu-central-1::foundation-model/${sonnet45}`, 3.3],
    [`${arn}:123456789012:inference-profile/us.${sonnet45}`, 3.3],
    [`${arn}:123456789012:inference-profile/global.${sonnet45}`, 3],
    [`${arn}::foundation-model/${sonnet55}`, 2.2],
    [`${arn}:123456789012:inference-profile/eu.${sonnet55}`, 2.2],
    [`${arn}:123456789012:inference-profile/global.${sonnet55}`, 2],
    [`arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/jp.${sonnet45}`, 3.3],
    [`arn:aws:bedrock:ca-central-1:123456789012:inference-profile/ca.${sonnet45}`, 3.3],
    [`${arn}::foundation-model/amazon.nova-pro-v1:0`, 0.8],
    [`${arn}:123456789012:inference-profile/us.meta.llama3-3-70b-instruct-v1:0`, 0.72],
    ['amazon.nova-2-lite-v1:0', 0.33],
  ])('Bedrock: %s', async (modelId, inputTokens) => {
    const found = await catalog.lookUp({ provider: 'amazon-bedrock', modelId });
    expect(found).toMatchObject({ price: { inputTokens } });
    // A resource in capitals is no other resource.
    expect(await catalog.lookUp({ provider: 'bedrock.anthropic', modelId: modelId.toUpperCase() })).toEqual(
      found,
    );
  });

  test.each([
    [`bedrock/us-east-1/${sonnet4}`, 3],
    [`bedrock/ap-southeast-2/${sonnet45}`, 3.3],
    [`bedrock/${sonnet45}`, 3.3],
    [`bedrock/global.${sonnet45}`, 3],
    [`bedrock/converse/us.${sonnet45}`, 3.3],
    [`bedrock/invoke/us-west-2/${sonnet45}`, 3.3],
    [`bedrock/${arn}:123456789012:inference-profile/global.${sonnet45}`, 3],
    [`bedrock/eu-west-1/${sonnet55}`, 2.2],
    [`us.${sonnet45}`, 3.3],
    [`global.${sonnet45}`, 3],
    [sonnet4, 3],
    ['us.meta.llama3-3-70b-instruct-v1:0', 0.72],
  ])('behind a proxy: %s', async (modelId, inputTokens) => {
    expect(await catalog.lookUp({ provider: 'litellm.chat', modelId })).toMatchObject({
      price: { inputTokens },
      flags: expect.arrayContaining(['vendor-list-price']),
    });
    // Asked of Bedrock itself it is Bedrock's own price.
    const own = await catalog.lookUp({ provider: 'amazon-bedrock', modelId });
    expect(own).toMatchObject({ price: { inputTokens } });
    expect(own.price && own.flags).not.toContain('vendor-list-price');
  });

  test.each([
    ['google.vertex.chat', 'publishers/google/models/gemini-2.5-pro', 1.25],
    ['google.vertex.chat', 'projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro', 1.25],
    ['googleVertex.anthropic.messages', 'claude-sonnet-4-5@20250929', 3],
    ['vertex.anthropic.messages', 'publishers/anthropic/models/claude-sonnet-4-5@20250929', 3],
  ])('Google: %s %s', async (provider, modelId, inputTokens) => {
    expect(await catalog.lookUp({ provider, modelId })).toMatchObject({ price: { inputTokens }, flags: [] });
  });
});

test.each([
  [
    `${arn}:123456789012:application-inference-profile/a1b2c3`,
    'an application inference profile does not say which model it runs',
  ],
  [`${arn}:123456789012:prompt-router/r1`, 'a prompt router does not say which model it runs'],
  [
    `${arn}:123456789012:custom-model-deployment/d1`,
    'a custom model deployment does not say which model it runs',
  ],
  [`${arn}:123456789012:imported-model/m1`, 'an imported model does not say which model it runs'],
  [`${arn}:123456789012:provisioned-model/p1`, 'provisioned throughput is billed by the hour'],
  [
    'bedrock/us-east-1/1-month-commitment/anthropic.claude-v2:1',
    'provisioned throughput is billed by the hour',
  ],
  [
    'arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0',
    'this partition of AWS has prices of its own',
  ],
  [
    'bedrock/us-gov-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0',
    'this partition of AWS has prices of its own',
  ],
  ['projects/p/locations/l/endpoints/1234', 'an endpoint does not say which model runs on it'],
])('%s has no price, and the hint says why and what to set', async (modelId, why) => {
  for (const provider of ['amazon-bedrock', 'litellm.chat'])
    expect(await catalog.lookUp({ provider, modelId })).toEqual({ why });
  const cost = await createPricing({ now: () => now, onWarning: () => {} })
    .meter({ provider: 'amazon-bedrock', modelId, callOptions: { prompt: [] } })
    .settle({ outcome: 'success' });
  expect(cost).toMatchObject({ status: 'unknown', hint: expect.stringContaining(`(${why})`) });
  const set = createPriceCatalog({
    prices: { [`amazon-bedrock/${modelId}`]: { inputTokens: 1, outputTokens: 2 } },
  });
  expect(await set.lookUp({ provider: 'amazon-bedrock', modelId })).toMatchObject({ source: 'settings' });
});
