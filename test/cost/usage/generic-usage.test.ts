import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import { createPricing } from '../../../src/cost/index.ts';

const price = { inputTokens: 1, cacheReadTokens: 0.1, cacheWriteTokens: 2, outputTokens: 10 };
type Fields = {
  readonly total?: number;
  readonly noCache?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
};

function settle({
  input = {},
  output = {},
  raw,
}: {
  readonly input?: Fields;
  readonly output?: { readonly total?: number; readonly text?: number; readonly reasoning?: number };
  readonly raw?: LanguageModelV4Usage['raw'];
}) {
  const usage: LanguageModelV4Usage = {
    inputTokens: {
      total: input.total,
      noCache: input.noCache,
      cacheRead: input.cacheRead,
      cacheWrite: input.cacheWrite,
    },
    outputTokens: { total: output.total, text: output.text, reasoning: output.reasoning },
    ...(raw !== undefined && { raw }),
  };
  const cost = createPricing({ catalog: false, onWarning: () => {}, estimateTokens: () => 7 })
    .meter({
      provider: 'custom',
      modelId: 'm',
      price,
      callOptions: { prompt: [{ role: 'system', content: 'x' }] },
    })
    .settle({ outcome: 'success', usage });
  if (cost instanceof Promise) throw new Error('nothing had to be loaded');
  return {
    status: cost.status,
    flags: cost.flags,
    ...Object.fromEntries(cost.lineItems.map(({ bucket, quantity }) => [bucket, quantity])),
  };
}

describe("the SDK's usage of a provider of unknown shape", () => {
  test('has cache and reasoning inside its totals', () => {
    expect(
      settle({
        input: { total: 100, noCache: 60, cacheRead: 30, cacheWrite: 10 },
        output: { total: 50, text: 20, reasoning: 30 },
      }),
    ).toEqual({
      status: 'priced',
      inputTokens: 60,
      cacheReadTokens: 30,
      cacheWriteTokens: 10,
      outputTokens: 20,
      reasoningTokens: 30,
    });
  });

  test('may leave out the parts', () => {
    expect(settle({ input: { total: 100 }, output: { total: 50 } })).toEqual({
      status: 'priced',
      inputTokens: 100,
      outputTokens: 50,
    });
  });

  test('may leave out the totals', () => {
    expect(settle({ input: { noCache: 100, cacheRead: 30 }, output: { text: 50, reasoning: 5 } })).toEqual({
      status: 'priced',
      inputTokens: 100,
      cacheReadTokens: 30,
      outputTokens: 50,
      reasoningTokens: 5,
    });
  });

  test('with more cache than input has the cache outside', () => {
    expect(settle({ input: { total: 10, noCache: -20, cacheRead: 30 }, output: { total: 0 } })).toMatchObject(
      {
        status: 'estimated',
        flags: ['cache-outside-input', 'count-invalid'],
        inputTokens: 10,
        cacheReadTokens: 30,
      },
    );
  });

  test('with more reasoning than output has the reasoning outside', () => {
    expect(settle({ input: { total: 10 }, output: { total: 2, text: 0, reasoning: 320 } })).toMatchObject({
      status: 'priced',
      flags: ['reasoning-outside-output'],
      outputTokens: 2,
      reasoningTokens: 320,
    });
  });

  test('with parts that contradict the total is an estimate of the total', () => {
    expect(settle({ input: { total: 100, noCache: 90, cacheRead: 30 }, output: { total: 0 } })).toMatchObject(
      { status: 'estimated', flags: ['total-mismatch'], inputTokens: 70, cacheReadTokens: 30 },
    );
  });

  test('that says nothing is estimated, and one that says 0 is not', () => {
    expect(settle({})).toMatchObject({
      status: 'estimated',
      flags: ['input-estimated', 'output-estimated'],
      inputTokens: 7,
    });
    expect(settle({ input: { total: 0 }, output: { total: 0 } })).toEqual({
      status: 'priced',
      flags: undefined,
    });
  });

  test('filled in with 0 by a package where the server said nothing is estimated', () => {
    expect(settle({ input: { total: 0 }, output: { total: 0 }, raw: {} })).toMatchObject({
      status: 'estimated',
      inputTokens: 7,
    });
    expect(settle({ input: { total: 0 }, output: { total: 0 }, raw: { meta: { tokens: 0 } } })).toEqual({
      status: 'priced',
      flags: undefined,
    });
    expect(settle({ input: { total: 5 }, output: { total: 1 }, raw: { total_tokens: 6 } })).toMatchObject({
      status: 'priced',
      inputTokens: 5,
      outputTokens: 1,
    });
    expect(settle({ input: { total: 5 }, output: { total: 1 }, raw: { id: 'x' } })).toMatchObject({
      status: 'priced',
      inputTokens: 5,
    });
  });

  test('that is half there is half estimated', () => {
    expect(settle({ input: { total: 5 } })).toMatchObject({
      status: 'estimated',
      flags: ['output-estimated'],
      inputTokens: 5,
    });
    expect(settle({ output: { text: 5 } })).toMatchObject({
      status: 'estimated',
      flags: ['input-estimated'],
      inputTokens: 7,
      outputTokens: 5,
    });
  });

  test('with numbers that are no counts is told', () => {
    expect(
      settle({ input: { total: 10, cacheRead: Number.NaN }, output: { total: Number.POSITIVE_INFINITY } }),
    ).toMatchObject({ status: 'estimated', flags: ['count-invalid', 'output-estimated'], inputTokens: 10 });
  });

  test('a number that cannot be a count makes an estimate of the rest', () => {
    const usage = { input: { total: 10 }, output: { total: 5, reasoning: -1 } };
    expect(settle(usage)).toEqual({
      status: 'estimated',
      flags: ['count-invalid'],
      inputTokens: 10,
      outputTokens: 5,
    });
  });
});
