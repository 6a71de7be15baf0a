import type { JSONObject } from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import { addCosts, createPriceCatalog, createPricing } from '../../../src/cost/index.ts';

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: undefined },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};
const price = { inputTokens: 1, outputTokens: 1 };

function settle({
  provider = 'p',
  raw,
  providerMetadata,
  error,
  headers,
  preferUserPrice = false,
}: {
  readonly provider?: string;
  readonly raw?: JSONObject;
  readonly providerMetadata?: Record<string, JSONObject>;
  readonly error?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly preferUserPrice?: boolean;
}) {
  const meter = createPricing({ catalog: false, onWarning: () => {}, preferUserPrice }).meter({
    provider,
    modelId: 'm',
    price,
    callOptions: { prompt: [] },
  });
  return meter.settle({
    outcome: error === undefined ? 'success' : 'failure',
    ...(error === undefined && { usage: { ...usage, ...(raw !== undefined && { raw }) } }),
    ...(providerMetadata !== undefined && { providerMetadata }),
    ...(headers !== undefined && { responseHeaders: headers }),
    ...(error !== undefined && { error }),
  });
}

describe('a cost that the provider reports', () => {
  test('the Vercel AI Gateway: a decimal string in the metadata', () => {
    expect(settle({ providerMetadata: { gateway: { cost: '0.00012345' } } })).toMatchObject({
      status: 'priced',
      usdExact: '0.00012345',
      source: 'provider',
    });
  });

  test('the Vercel AI Gateway with an own key charges nothing; the market price is a lower bound of the bill elsewhere', () => {
    expect(settle({ providerMetadata: { gateway: { cost: '0', marketCost: '0.002' } } })).toMatchObject({
      status: 'lower-bound',
      usdExact: '0.002',
    });
    expect(settle({ providerMetadata: { gateway: { cost: '0' } } })).toMatchObject({
      status: 'priced',
      usd: 0,
    });
  });

  test('Perplexity: the sum of its parts', () => {
    const raw = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      cost: {
        input_tokens_cost: 0.00001,
        output_tokens_cost: 0.00001,
        request_cost: 0.005,
        total_cost: 0.00502,
      },
    };
    expect(settle({ raw })).toMatchObject({ status: 'priced', usdExact: '0.00502', source: 'provider' });
  });

  test("Perplexity's own package keeps it in the metadata alone", () => {
    const cost = {
      inputTokensCost: 0.00001,
      outputTokensCost: 0.00014,
      requestCost: 0.005,
      totalCost: 0.00515,
    };
    const raw = { prompt_tokens: 10, completion_tokens: 140, total_tokens: 150 };
    expect(settle({ provider: 'perplexity', raw, providerMetadata: { perplexity: { cost } } })).toMatchObject(
      {
        status: 'priced',
        usdExact: '0.00515',
        source: 'provider',
      },
    );
    expect(
      settle({ provider: 'perplexity', raw, providerMetadata: { perplexity: { cost: null } } }),
    ).toMatchObject({ source: 'settings', usdExact: '0.00015' });
  });

  test("OpenRouter's own package puts it into the metadata", () => {
    expect(
      settle({
        provider: 'openrouter',
        providerMetadata: {
          openrouter: { usage: { cost: 0.25, costDetails: { upstreamInferenceCost: 0.25 } } },
        },
      }),
    ).toMatchObject({ usdExact: '0.25' });
  });

  test('with an own key and no word of the upstream bill it is a lower bound', () => {
    expect(settle({ raw: { prompt_tokens: 1, cost: 0.001, is_byok: true } })).toMatchObject({
      status: 'lower-bound',
      usdExact: '0.001',
    });
  });

  test('with an own key and a fee of 0 only the price list knows', () => {
    const raw = { prompt_tokens: 10, completion_tokens: 0, total_tokens: 10, cost: 0, is_byok: true };
    expect(settle({ provider: 'openrouter', raw })).toMatchObject({
      status: 'priced',
      usdExact: '0.00001',
      source: 'settings',
    });
  });

  test('an upstream bill above the charge means an own key, also where nothing says so', () => {
    // openrouter.ai/docs, usage accounting: the charge is the fee of 5 %.
    const raw = { prompt_tokens: 10, cost: 0.95, cost_details: { upstream_inference_cost: 19 } };
    expect(settle({ provider: 'openrouter', raw })).toMatchObject({ status: 'priced', usdExact: '19.95' });
    expect(
      settle({
        provider: 'openrouter',
        providerMetadata: {
          openrouter: { usage: { cost: 0, costDetails: { upstreamInferenceCost: 0.0360795 } } },
        },
      }),
    ).toMatchObject({ status: 'priced', usdExact: '0.0360795' });
  });

  test('a real answer with an own key', () => {
    // github.com/tailcallhq/forgecode/issues/1641, 2025-10.
    const raw = {
      prompt_tokens: 9_171,
      completion_tokens: 113,
      total_tokens: 9_284,
      cost: 0,
      is_byok: true,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      cost_details: {
        upstream_inference_cost: 0.0360795,
        upstream_inference_prompt_cost: 0.0343845,
        upstream_inference_completions_cost: 0.001695,
      },
      completion_tokens_details: { reasoning_tokens: 55, image_tokens: 0 },
    };
    expect(settle({ provider: 'openrouter', raw })).toMatchObject({
      status: 'priced',
      usdExact: '0.0360795',
    });
  });

  test.each([
    ['prices', { catalog: false, prices: { 'openrouter/x/y': price } }],
    ['the catalog', { catalog: createPriceCatalog({ prices: { 'openrouter/x/y': price } }) }],
  ] as const)("gives way to the user's price in %s where that is preferred", async (_, options) => {
    const raw = { prompt_tokens: 10, completion_tokens: 0, total_tokens: 10, cost: 0.5 };
    const settleAt = (preferUserPrice: boolean) =>
      createPricing({ ...options, preferUserPrice })
        .meter({ provider: 'openrouter.chat', modelId: 'x/y', callOptions: { prompt: [] } })
        .settle({ outcome: 'success', usage: { ...usage, raw }, responseModelId: 'x/y-20261101' });
    expect(await settleAt(false)).toMatchObject({ source: 'provider', usdExact: '0.5' });
    expect(await settleAt(true)).toMatchObject({ source: 'settings', usdExact: '0.00001' });
  });

  test('a discount that OpenRouter gives is kept where it says that the key is its own', () => {
    const raw = {
      prompt_tokens: 10,
      cost: 0.5,
      is_byok: false,
      cost_details: { upstream_inference_cost: 0.6 },
    };
    expect(settle({ provider: 'openrouter', raw })).toMatchObject({ status: 'priced', usdExact: '0.5' });
  });

  test.each([
    ['NaN', Number.NaN],
    ['a word', 'free'],
    ['a negative number of ticks', -5],
  ])('%s is no cost', (_, value) => {
    const cost = typeof value === 'number' && value < 0 ? { cost_in_usd_ticks: value } : { cost: value };
    expect(
      settle({ raw: { prompt_tokens: 10, completion_tokens: 0, total_tokens: 10, ...cost } as JSONObject }),
    ).toMatchObject({ source: 'settings', usdExact: '0.00001' });
  });
});

describe('a cost in the headers of a LiteLLM proxy', () => {
  const cost = 'x-litellm-response-cost';
  const fromPrice = { source: 'settings', usdExact: '0.00001' };

  test.each([
    ['what is charged', { [cost]: '0.002' }, '0.002'],
    ['in the notation of Python', { [cost]: '7.5e-06' }, '0.0000075'],
    ['what is charged, not what it was before', { [cost]: '0.002', [`${cost}-original`]: '0.003' }, '0.002'],
    ['what it was, where nothing else is said', { [`${cost}-original`]: '0.003' }, '0.003'],
    [
      'less the discount, with the margin',
      {
        [`${cost}-original`]: '0.003',
        [`${cost}-discount-amount`]: '0.0005',
        [`${cost}-margin-amount`]: '0.001',
      },
      '0.0035',
    ],
    ['beside the total spent by the key', { [cost]: '0.002', 'x-litellm-key-spend': '12.5' }, '0.002'],
  ])('%s', (_, headers, usdExact) => {
    expect(settle({ headers })).toMatchObject({ status: 'priced', source: 'provider', usdExact });
  });

  test.each([
    ['0', { [cost]: '0.0' }],
    ['None', { [cost]: 'None', [`${cost}-original`]: '' }],
    ['no number', { [cost]: 'NaN' }],
    ['less than nothing', { [cost]: '-0.5' }],
    ['a whole discount', { [`${cost}-original`]: '0.003', [`${cost}-discount-amount`]: '0.003' }],
    ['what the key has spent', { 'x-litellm-key-spend': '12.5' }],
  ])('%s says nothing', (_, headers) => {
    expect(settle({ headers })).toMatchObject(fromPrice);
  });

  test('goes before what the provider behind the proxy said, and gives way to a preferred price', () => {
    const headers = { [cost]: '0.0022' };
    const raw = { prompt_tokens: 10, completion_tokens: 0, total_tokens: 10, cost: 0.002 };
    expect(settle({ provider: 'litellm', headers, raw })).toMatchObject({ usdExact: '0.0022' });
    expect(settle({ provider: 'litellm', headers, raw, preferUserPrice: true })).toMatchObject(fromPrice);
  });

  test('is a lower bound of an answer that was cut', () => {
    const meter = createPricing({ catalog: false }).meter({
      provider: 'litellm.chat',
      modelId: 'm',
      callOptions: { prompt: [] },
    });
    meter.observe({ type: 'text-delta', id: '1', delta: 'Yes' });
    expect(meter.settle({ outcome: 'abort', responseHeaders: { [cost]: '0.002' } })).toMatchObject({
      status: 'lower-bound',
      usdExact: '0.002',
      flags: ['output-incomplete'],
    });
  });
});

describe('a cost in the usage', () => {
  const counts = { prompt_tokens: 10, completion_tokens: 0, total_tokens: 10 };
  const charged = (usdExact: string) => ({ status: 'priced', source: 'provider', usdExact });
  const fromPrice = { source: 'settings', usdExact: '0.00001' };

  test.each([
    ['DeepInfra', 'deepinfra.chat', { estimated_cost: 0.0000268 }, '0.0000268'],
    ['LiteLLM in a stream', 'litellm.chat', { cost: 0.0008902 }, '0.0008902'],
    ['Requesty', 'requesty.chat', { cost: 0.0021 }, '0.0021'],
    ['Requesty in its older answers', 'requesty.chat', { total_cost: 0.0021 }, '0.0021'],
    ['Kilo', 'kilo.chat', { cost: 0.5 }, '0.5'],
    [
      'LLM Gateway, by the name of the field',
      'p',
      { cost_usd_total: 0.000125, cost_usd_input: 0.00002 },
      '0.000125',
    ],
    ['OpenRouter behind another name, by its shape', 'p', { cost: 0.5, is_byok: false }, '0.5'],
    ['Perplexity', 'p', { cost: { currency: 'USD', total_cost: 0.00502 } }, '0.00502'],
  ])('%s is in USD', (_, provider, cost, usdExact) => {
    expect(settle({ provider, raw: { ...counts, ...cost } })).toMatchObject(charged(usdExact));
  });

  test.each([
    ['cost', { cost: 12 }],
    ['total_cost', { total_cost: 12 }],
    ['estimated_cost', { estimated_cost: 12 }],
  ])('%s of a server that nobody knows may be in credits: the own price goes first', async (_, cost) => {
    const raw = { ...counts, ...cost };
    expect(settle({ provider: 'somebody.chat', raw })).toMatchObject(fromPrice);
    // Without a price of one's own it is taken for USD.
    const unpriced = createPricing({ onWarning: () => {} }).meter({
      provider: 'somebody.chat',
      modelId: 'gpt-6-sol',
      callOptions: { prompt: [] },
    });
    expect(await unpriced.settle({ outcome: 'success', usage: { ...usage, raw } })).toMatchObject(
      charged('12'),
    );
  });

  test.each([
    ['a 0 of DeepInfra', 'deepinfra.chat', { estimated_cost: 0 }],
    ['a 0 of LLM Gateway', 'p', { cost_usd_total: 0 }],
    ['a sum in euros', 'perplexity', { cost: { currency: 'EUR', total_cost: 0.00502 } }],
    ['what a part cost', 'p', { cost_usd_input: 0.00002, input_cost: 1 }],
  ])('%s says nothing of the cost', (_, provider, cost) => {
    expect(settle({ provider, raw: { ...counts, ...cost } })).toMatchObject(fromPrice);
  });
});

describe('a candidate that is a composite', () => {
  test('has added up its attempts, in its report or in its error; they are not priced again', () => {
    const cost = addCosts([{ status: 'estimated', usd: 0.5, usdExact: '0.5', lineItems: [] }]);
    expect(settle({ providerMetadata: { composite: { cost } } })).toMatchObject({
      status: 'estimated',
      usdExact: '0.5',
    });
    expect(settle({ error: Object.assign(new Error('exhausted'), { cost }) })).toMatchObject({
      status: 'estimated',
      usdExact: '0.5',
    });
    const cut = addCosts([{ status: 'lower-bound', usd: 0.5, usdExact: '0.5', lineItems: [] }]);
    expect(settle({ providerMetadata: { composite: { cost: cut } } })).toMatchObject({
      status: 'lower-bound',
      usdExact: '0.5',
    });
    expect(settle({ providerMetadata: { composite: { cost: addCosts([undefined]) } } })).toEqual({
      status: 'unknown',
      lineItems: [],
    });
  });
});
