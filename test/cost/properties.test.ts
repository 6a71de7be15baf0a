import type { JSONObject } from '@ai-sdk/provider';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addCosts, type Cost, createPricing, type Price } from '../../src/cost/index.ts';
import { attoFromUsd, usdFromAtto } from '../../src/cost/total/money.ts';

const callOptions = { prompt: [] };
const count = fc.nat({ max: 2_000_000 });
/** A list price: up to 200 USD with up to six decimals. */
const rate = fc.nat({ max: 200_000_000 }).map(millionths => millionths / 1_000_000);
const flat = fc.record({
  inputTokens: rate,
  cacheReadTokens: rate,
  cacheWriteTokens: rate,
  outputTokens: rate,
});
const messy = fc.oneof(
  count,
  fc.constant(undefined),
  fc.integer(),
  fc.double(),
  fc.constant(Number.NaN),
  fc.constant(Number.POSITIVE_INFINITY),
);

type Counts = {
  readonly fresh: number;
  readonly read: number;
  readonly write: number;
  readonly output: number;
  readonly reasoning: number;
};
const counts: fc.Arbitrary<Counts> = fc.record({
  fresh: count,
  read: count,
  write: count,
  output: count,
  reasoning: count,
});

function costOf({
  price,
  counts: { fresh, read, write, output, reasoning },
}: {
  readonly price: Price;
  readonly counts: Counts;
}): Cost {
  const usage = {
    inputTokens: { total: fresh + read + write, noCache: fresh, cacheRead: read, cacheWrite: write },
    outputTokens: { total: output + reasoning, text: output, reasoning },
  };
  const cost = createPricing({ catalog: false })
    .meter({ provider: 'p', modelId: 'm', price, callOptions })
    .settle({ outcome: 'success', usage });
  if (cost instanceof Promise) throw new Error('nothing had to be loaded');
  return cost;
}

/** The cost of a usage as its provider wrote it; the SDK's own counts say nothing. */
function settleRaw({ raw, price }: { readonly raw: JSONObject; readonly price: Price }): Cost {
  const usage = {
    inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    raw,
  };
  const cost = createPricing({ catalog: false })
    .meter({ provider: 'p', modelId: 'm', price, callOptions })
    .settle({ outcome: 'success', usage });
  if (cost instanceof Promise) throw new Error('nothing had to be loaded');
  return cost;
}

const exactly = (cost: { readonly usdExact?: string }) => attoFromUsd(cost.usdExact ?? 'NaN');

describe('a cost', () => {
  test('is the sum of its lines, exactly', () => {
    fc.assert(
      fc.property(flat, counts, (price, counts) => {
        const cost = costOf({ price, counts });
        expect(cost.lineItems.reduce((sum, line) => sum + exactly(line), 0n)).toBe(exactly(cost));
      }),
    );
  });

  test('does not depend on how a call is split, as long as no tier is crossed', () => {
    fc.assert(
      fc.property(flat, counts, counts, (price, one, other) => {
        const whole = {
          fresh: one.fresh + other.fresh,
          read: one.read + other.read,
          write: one.write + other.write,
          output: one.output + other.output,
          reasoning: one.reasoning + other.reasoning,
        };
        expect(exactly(costOf({ price, counts: one })) + exactly(costOf({ price, counts: other }))).toBe(
          exactly(costOf({ price, counts: whole })),
        );
      }),
    );
  });

  test('jumps at a tier, on all tokens at once', () => {
    const line = 200_000;
    fc.assert(
      fc.property(
        flat,
        fc.nat({ max: line }),
        count,
        fc.integer({ min: 2, max: 9 }),
        (base, read, output, factor) => {
          const price: Price = {
            ...base,
            tiers: [
              {
                aboveInputTokens: line,
                inputTokens: base.inputTokens * factor,
                cacheReadTokens: base.cacheReadTokens * factor,
                outputTokens: base.outputTokens * factor,
              },
            ],
          };
          const at = (input: number) => ({ fresh: input - read, read, write: 0, output, reasoning: 0 });
          expect(exactly(costOf({ price, counts: at(line) }))).toBe(
            exactly(costOf({ price: base, counts: at(line) })),
          );
          const raised = {
            ...base,
            inputTokens: base.inputTokens * factor,
            cacheReadTokens: base.cacheReadTokens * factor,
            outputTokens: base.outputTokens * factor,
          };
          expect(exactly(costOf({ price, counts: at(line + 1) }))).toBe(
            exactly(costOf({ price: raised, counts: at(line + 1) })),
          );
        },
      ),
    );
  });

  test('grows with every bucket and is never negative', () => {
    fc.assert(
      fc.property(
        flat,
        counts,
        fc.constantFrom('fresh', 'read', 'write', 'output', 'reasoning'),
        (price, counts, bucket) => {
          const more = { ...counts, [bucket]: counts[bucket as keyof Counts] + 1 };
          expect(exactly(costOf({ price, counts }))).toBeGreaterThanOrEqual(0n);
          expect(exactly(costOf({ price, counts: more }))).toBeGreaterThanOrEqual(
            exactly(costOf({ price, counts })),
          );
        },
      ),
    );
  });

  test('is a finite amount of at least 0 whatever a provider reports', () => {
    const usage = fc.record({
      inputTokens: fc.record({ total: messy, noCache: messy, cacheRead: messy, cacheWrite: messy }),
      outputTokens: fc.record({ total: messy, text: messy, reasoning: messy }),
    });
    const raw = fc.oneof(
      fc.record({
        prompt_tokens: messy,
        completion_tokens: messy,
        total_tokens: messy,
        prompt_tokens_details: fc.record({
          cached_tokens: messy,
          audio_tokens: messy,
          cache_write_tokens: messy,
        }),
        completion_tokens_details: fc.record({ reasoning_tokens: messy, audio_tokens: messy }),
      }),
      fc.record({
        input_tokens: messy,
        output_tokens: messy,
        cache_read_input_tokens: messy,
        cache_creation_input_tokens: messy,
        cache_creation: fc.record({ ephemeral_1h_input_tokens: messy }),
        iterations: fc.array(
          fc.record({
            type: fc.constantFrom('message', 'compaction', 'advisor_message', 'fallback_message'),
            input_tokens: messy,
            output_tokens: messy,
          }),
          { maxLength: 3 },
        ),
      }),
      fc.record({
        promptTokenCount: messy,
        candidatesTokenCount: messy,
        thoughtsTokenCount: messy,
        cachedContentTokenCount: messy,
        toolUsePromptTokenCount: messy,
        totalTokenCount: messy,
        promptTokensDetails: fc.array(
          fc.record({ modality: fc.constantFrom('AUDIO', 'IMAGE', 'TEXT', 'VIDEO'), tokenCount: messy }),
        ),
      }),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(flat, usage, raw, (price, usage, raw) => {
        const { prompt } = callOptions;
        // A usage as a broken server may send it; JSON has no NaN, a faulty package may.
        const settled = createPricing({ catalog: false, onWarning: () => {} })
          .meter({ provider: 'p', modelId: 'm', price, callOptions: { prompt } })
          .settle({
            outcome: 'success',
            usage: { ...usage, ...(raw !== undefined && { raw: JSON.parse(JSON.stringify(raw)) }) } as never,
          });
        const cost = settled as Cost;
        expect(Number.isFinite(cost.usd)).toBe(true);
        expect(exactly(cost)).toBeGreaterThanOrEqual(0n);
        for (const { quantity, usd } of cost.lineItems)
          expect(Number.isSafeInteger(quantity) && quantity > 0 && usd >= 0).toBe(true);
        expect(cost.lineItems.reduce((sum, line) => sum + exactly(line), 0n)).toBe(exactly(cost));
        expect(JSON.parse(JSON.stringify(cost))).toEqual(cost);
      }),
    );
  });

  test('puts every token into one bucket', () => {
    fc.assert(
      fc.property(counts, counts => {
        const cost = costOf({ price: { inputTokens: 1, outputTokens: 1 }, counts });
        const sum = cost.lineItems.reduce((total, { quantity }) => total + quantity, 0);
        expect(sum).toBe(counts.fresh + counts.read + counts.write + counts.output + counts.reasoning);
      }),
    );
  });
});

describe("a provider's own usage", () => {
  const quantityOf = ({ raw, price }: { readonly raw: JSONObject; readonly price: Price }) => {
    const cost = settleRaw({ raw, price });
    return { cost, tokens: cost.lineItems.reduce((total, { quantity }) => total + quantity, 0) };
  };
  const part = fc.nat({ max: 100_000 });
  const media = fc.record({ TEXT: part, AUDIO: part, IMAGE: part, VIDEO: part });
  type Media = {
    readonly TEXT: number;
    readonly AUDIO: number;
    readonly IMAGE: number;
    readonly VIDEO: number;
  };
  const sumOf = (counts: Media) => counts.TEXT + counts.AUDIO + counts.IMAGE + counts.VIDEO;
  const details = (counts: Media) =>
    Object.entries(counts).map(([modality, tokenCount]) => ({ modality, tokenCount }));
  const added = (one: Media, other: Media): Media => ({
    TEXT: one.TEXT + other.TEXT,
    AUDIO: one.AUDIO + other.AUDIO,
    IMAGE: one.IMAGE + other.IMAGE,
    VIDEO: one.VIDEO + other.VIDEO,
  });

  test('of Gemini has every token in one bucket, each medium at its rate', () => {
    fc.assert(
      fc.property(media, media, media, part, part, (fresh, cached, tools, answer, thoughts) => {
        const prompt = added(fresh, cached);
        const total = sumOf(prompt) + sumOf(tools) + answer + thoughts;
        const { cost, tokens } = quantityOf({
          price: { inputTokens: 0, outputTokens: 0, inputAudioTokens: 1, cacheReadAudioTokens: 10 },
          raw: {
            promptTokenCount: sumOf(prompt),
            promptTokensDetails: details(prompt),
            cachedContentTokenCount: sumOf(cached),
            cacheTokensDetails: details(cached),
            toolUsePromptTokenCount: sumOf(tools),
            toolUsePromptTokensDetails: details(tools),
            candidatesTokenCount: answer,
            thoughtsTokenCount: thoughts,
            totalTokenCount: total,
          },
        });
        expect(tokens).toBe(total);
        expect(exactly(cost)).toBe(BigInt(fresh.AUDIO + tools.AUDIO + 10 * cached.AUDIO) * 10n ** 12n);
      }),
    );
  });

  const call = fc.record({ input: part, read: part, write5m: part, write1h: part, output: part });
  type ClaudeCall = {
    readonly input: number;
    readonly read: number;
    readonly write5m: number;
    readonly write1h: number;
    readonly output: number;
  };
  const wire = ({ input, read, write5m, write1h, output }: ClaudeCall) => ({
    input_tokens: input,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: write5m + write1h,
    cache_creation: { ephemeral_5m_input_tokens: write5m, ephemeral_1h_input_tokens: write1h },
    output_tokens: output,
  });

  test('of Claude costs the same as one call and as the calls behind it, in any order', () => {
    fc.assert(
      fc.property(flat, fc.array(call, { minLength: 1, maxLength: 4 }), (price, calls) => {
        const whole = calls.reduce((one, other) => ({
          input: one.input + other.input,
          read: one.read + other.read,
          write5m: one.write5m + other.write5m,
          write1h: one.write1h + other.write1h,
          output: one.output + other.output,
        }));
        const listed = (order: readonly ClaudeCall[]) =>
          quantityOf({
            price,
            raw: { ...wire(whole), iterations: order.map(of => ({ type: 'message', ...wire(of) })) },
          });
        const one = quantityOf({ price, raw: wire(whole) });
        expect(one.tokens).toBe(whole.input + whole.read + whole.write5m + whole.write1h + whole.output);
        for (const { cost, tokens } of [listed(calls), listed(calls.toReversed())]) {
          expect(tokens).toBe(one.tokens);
          expect(exactly(cost)).toBe(exactly(one.cost));
        }
      }),
    );
  });
});

describe('a sum of costs', () => {
  test('does not depend on the order, and sums of sums are sums', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(flat, counts), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        (calls, seed) => {
          const costs = calls.map(([price, counts]) => costOf({ price, counts }));
          const shuffled = costs.toSorted((one, other) =>
            (exactly(one) ^ BigInt(seed)) < (exactly(other) ^ BigInt(seed)) ? -1 : 1,
          );
          const middle = Math.floor(costs.length / 2);
          expect(addCosts(shuffled)).toEqual(addCosts(costs));
          expect(addCosts([addCosts(costs.slice(0, middle)), addCosts(costs.slice(middle))])).toEqual(
            addCosts(costs),
          );
        },
      ),
    );
  });

  test('is exact for decimals of any size, mixed', () => {
    const decimal = fc
      .tuple(
        fc.oneof(
          fc.bigInt({ min: 0n, max: 12n }),
          // Around 9,007 USD, where pico-USD stop being whole numbers that a double holds.
          fc.bigInt({ min: 8_990n, max: 10_010n }),
          fc.bigInt({ min: 0n, max: 10n ** 12n }),
        ),
        fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }),
        fc.integer({ min: 0, max: 18 }),
      )
      .map(([whole, fraction, decimals]) =>
        decimals === 0 ? `${whole}` : `${whole}.${`${fraction}`.padStart(18, '0').slice(0, decimals)}`,
      );
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 1, maxLength: 60 }), parts => {
        const whole = parts.reduce((sum, part) => {
          const [dollars = '', fraction = ''] = part.split('.');
          return sum + BigInt(dollars + fraction.padEnd(18, '0'));
        }, 0n);
        const total = addCosts(
          parts.map((usdExact): Cost => ({ status: 'priced', usd: 0, usdExact, lineItems: [] })),
        );
        expect(attoFromUsd(total.usdExact ?? '')).toBe(whole);
        expect(total.usd).toBe(Number(total.usdExact));
      }),
      { numRuns: 1_000 },
    );
  });

  test('of a million calls of a ten-millionth of a dollar is ten cents', () => {
    const one = costOf({
      price: { inputTokens: 0.1, outputTokens: 0 },
      counts: { fresh: 1, read: 0, write: 0, output: 0, reasoning: 0 },
    });
    expect(one.usdExact).toBe('0.0000001');
    function* million() {
      for (let index = 0; index < 1_000_000; index++) yield one;
    }
    expect(addCosts(million())).toEqual({
      status: 'priced',
      usd: 0.1,
      usdExact: '0.1',
      incomplete: 0,
      count: 1_000_000,
    });
  });
});

describe('money', () => {
  test('reads back what it writes, for numbers and for strings', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), atto => {
        const { usd, usdExact } = usdFromAtto(atto);
        expect(attoFromUsd(usdExact)).toBe(atto);
        expect(usd).toBe(Number(usdExact));
        expect(usdExact).toMatch(/^-?\d+(\.\d*[1-9])?$/);
      }),
    );
  });

  test('takes a number for the decimal it is written as', () => {
    expect(attoFromUsd(0.1)).toBe(10n ** 17n);
    expect(attoFromUsd(1e-7)).toBe(10n ** 11n);
    expect(attoFromUsd(1.5e21)).toBe(15n * 10n ** 38n);
    expect(attoFromUsd('0.0000000000000000015')).toBe(2n);
  });
});
