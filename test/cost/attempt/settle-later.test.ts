import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import {
  type CostWarning,
  createPriceCatalog,
  createPricing,
  type MeterEnd,
  type PricingOptions,
} from '../../../src/cost/index.ts';
import { usageOf } from '../../fallback/scripted-model.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const own = { 'p/*': { inputTokens: 1, outputTokens: 2 } };
const success: MeterEnd = { outcome: 'success', usage: usageOf(1_000, 500) };

function meterOf({
  options,
  modelId = 'm',
  provider = 'p',
  callOptions = { prompt: [] },
}: {
  readonly options: PricingOptions;
  readonly modelId?: string;
  readonly provider?: string;
  readonly callOptions?: LanguageModelV4CallOptions;
}) {
  return createPricing({ now: () => now, ...options }).meter({ provider, modelId, callOptions });
}

/** A cost that is there once it is read. */
function laterOf(cost: ReturnType<ReturnType<typeof meterOf>['settleLater']>) {
  if (cost instanceof Promise) throw new Error('The cost needed a promise.');
  return cost;
}

describe('a cost that is worked out when it is read', () => {
  test.each<[string, MeterEnd]>([
    ['an ordinary answer', success],
    ['a reported cost', { ...success, usage: { ...usageOf(1, 1), raw: { cost_in_usd_ticks: 5 } } }],
    ['no usage', { outcome: 'success' }],
    ['an abort', { outcome: 'abort' }],
    ['a refused request', { outcome: 'failure', error: { statusCode: 400 } }],
    ['a cached answer', { ...success, providerMetadata: { composite: { cached: true } } }],
  ])('is the one that is worked out at once: %s', (_, end) => {
    const options = { catalog: false, prices: own, onWarning: () => {} } as const;
    const later = laterOf(meterOf({ options }).settleLater(end));
    expect(later()).toEqual(meterOf({ options }).settle(end));
    expect(later()).toBe(later());
  });

  test('has the price that held when the attempt ended, whatever is set since', async () => {
    const catalog = createPriceCatalog({ prices: own, now: () => now });
    const later = laterOf(meterOf({ options: { catalog } }).settleLater(success));
    catalog.override({ 'p/*': { inputTokens: 100, outputTokens: 100 } });
    expect(later()).toMatchObject({ usdExact: '0.002' });
  });

  test('is warned of at once, and once', () => {
    const warnings: CostWarning['type'][] = [];
    const onWarning = ({ type }: CostWarning) => void warnings.push(type);
    const unpriced = laterOf(meterOf({ options: { catalog: false, onWarning } }).settleLater(success));
    const uncounted = laterOf(
      meterOf({ options: { catalog: false, prices: own, onWarning } }).settleLater({ outcome: 'success' }),
    );
    expect(warnings).toEqual(['unknown-price', 'missing-usage']);
    expect([unpriced().status, unpriced().status, uncounted().status]).toEqual([
      'unknown',
      'unknown',
      'estimated',
    ]);
    expect(warnings).toHaveLength(2);
  });

  test.each<[string, MeterEnd]>([
    ['priced', success],
    ['estimated', { outcome: 'success' }],
    ['reported', { ...success, usage: { ...usageOf(1, 1), raw: { cost_in_usd_ticks: 5 } } }],
    ['not billed', { outcome: 'failure', error: { statusCode: 400 } }],
    ['cached', { ...success, providerMetadata: { composite: { cached: true } } }],
  ])('holds nothing of the conversation: %s', async (_, end) => {
    let prompt: LanguageModelV4CallOptions['prompt'] | undefined = [
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    ];
    const held = new WeakRef(prompt);
    const options = { catalog: false, prices: own, onWarning: () => {} } as const;
    const later = laterOf(meterOf({ options, callOptions: { prompt } }).settleLater(end));
    prompt = undefined;
    await new Promise(resolve => setTimeout(resolve));
    globalThis.gc?.();
    expect(held.deref()).toBeUndefined();
    expect(later().status).not.toBe('unknown');
  });
});
