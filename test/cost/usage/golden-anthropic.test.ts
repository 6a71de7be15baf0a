import { describe, expect, test } from 'vitest';
import { type CostMiddlewareSettings, createPricing } from '../../../src/cost/index.ts';
import { anthropicAnswer } from '../answers.ts';
import { now, replay } from '../replay.ts';

const modes = ['generate', 'stream'] as const;
const lines = (cost: {
  readonly lineItems: ReadonlyArray<{
    readonly bucket: string;
    readonly quantity: number;
    readonly modelId?: string;
  }>;
}) =>
  Object.fromEntries(
    cost.lineItems.map(({ bucket, quantity, modelId }) => [
      modelId === undefined ? bucket : `${modelId} ${bucket}`,
      quantity,
    ]),
  );

/** A call of 100 tokens in and 10 out, with an advisor's of 1,000 and 100. */
const advisedBy = (model: string) => ({
  input_tokens: 100,
  output_tokens: 10,
  iterations: [
    { type: 'message', input_tokens: 100, output_tokens: 10 },
    { type: 'advisor_message', model, input_tokens: 1_000, output_tokens: 100 },
  ],
});

describe.each(modes)('Anthropic, %s', mode => {
  test('cache reads and both kinds of writes come on top of the input, each at its rate', async () => {
    // platform.claude.com/docs/en/about-claude/pricing, Opus 5.5, 2026-11: $4, $0.20, $5, $8, $20.
    const usage = {
      input_tokens: 100,
      cache_read_input_tokens: 10_000,
      cache_creation_input_tokens: 3_000,
      cache_creation: { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 2_000 },
      output_tokens: 500,
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({ model: 'claude-opus-5-5', usage }),
    });
    expect(lines(cost)).toEqual({
      inputTokens: 100,
      cacheReadTokens: 10_000,
      cacheWriteTokens: 1_000,
      cacheWrite1hTokens: 2_000,
      outputTokens: 500,
    });
    // 400 + 2,000 + 5,000 + 16,000 + 10,000 micro-USD
    expect(cost).toMatchObject({
      status: 'priced',
      usdExact: '0.0334',
      priceOf: 'anthropic/claude-opus-5-5',
    });
  });

  test('a server of the same protocol may add a total; cache still comes on top of the input', async () => {
    const usage = {
      input_tokens: 100,
      cache_read_input_tokens: 1_000,
      cache_creation_input_tokens: 0,
      output_tokens: 10,
      total_tokens: 1_110,
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({ model: 'claude-opus-5-5', usage }),
    });
    expect(lines(cost)).toEqual({ inputTokens: 100, cacheReadTokens: 1_000, outputTokens: 10 });
    expect(cost.status).toBe('priced');
  });

  test('a negative count is left out and told', async () => {
    const usage = { input_tokens: 100, cache_read_input_tokens: -5, output_tokens: 10 };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({ model: 'claude-opus-5-5', usage }),
    });
    // platform.claude.com, Opus 5.5, 2026-11: 100 x $4 + 10 x $20 per million.
    expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.0006' });
    expect(cost.flags).toContain('count-invalid');
  });

  test('thinking is a part of the output', async () => {
    const usage = { input_tokens: 0, output_tokens: 500, output_tokens_details: { thinking_tokens: 400 } };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({ model: 'claude-opus-5-5', usage }),
    });
    expect(lines(cost)).toEqual({ outputTokens: 100, reasoningTokens: 400 });
    expect(cost.usdExact).toBe('0.01');
  });

  test.each([
    ['fast mode doubles', { speed: 'fast' }, '0.048'],
    ['inference in the US costs a tenth more', { inference_geo: 'us' }, '0.0264'],
    ['both apply together, exactly', { speed: 'fast', inference_geo: 'us' }, '0.0528'],
    ['batch halves', { service_tier: 'batch' }, '0.012'],
    [
      'standard service changes nothing',
      { service_tier: 'standard', speed: 'standard', inference_geo: 'global' },
      '0.024',
    ],
  ])('%s', async (_, served, usdExact) => {
    const usage = { input_tokens: 1_000, output_tokens: 1_000, ...served };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({ model: 'claude-opus-5-5', usage }),
    });
    expect(cost).toMatchObject({ status: 'priced', usdExact }); // 1,000 x $4 + 1,000 x $20 = $0.024
  });

  test('the US surcharge applies to cached tokens too', async () => {
    const usage = {
      input_tokens: 0,
      cache_read_input_tokens: 1_000_000,
      cache_creation_input_tokens: 0,
      output_tokens: 0,
      inference_geo: 'us',
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({ model: 'claude-opus-5-5', usage }),
    });
    expect(cost.usdExact).toBe('0.22');
  });

  test('a cache read price of 0.025x is taken from the model, not from a rule', async () => {
    const usage = { input_tokens: 0, cache_read_input_tokens: 1_000_000, output_tokens: 0 };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-fable-5-1',
      answer: anthropicAnswer({ model: 'claude-fable-5-1', usage }),
    });
    expect(cost.usdExact).toBe('0.25');
  });

  test('an advisor is charged at its own rates, on top', async () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 100,
      iterations: [
        { type: 'message', input_tokens: 400, output_tokens: 40 },
        { type: 'advisor_message', model: 'claude-opus-5-5', input_tokens: 2_000, output_tokens: 300 },
        { type: 'message', input_tokens: 600, output_tokens: 60 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-sonnet-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
    });
    expect(lines(cost)).toEqual({
      inputTokens: 1_000,
      outputTokens: 100,
      'claude-opus-5-5 inputTokens': 2_000,
      'claude-opus-5-5 outputTokens': 300,
    });
    // Sonnet 5: 1,000 x $2 + 100 x $10; Opus 5.5: 2,000 x $4 + 300 x $20.
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.017' });
  });

  test('an advisor without a known price leaves a lower bound', async () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 0,
      iterations: [
        { type: 'message', input_tokens: 1_000, output_tokens: 0 },
        { type: 'advisor_message', model: 'claude-nobody-9', input_tokens: 2_000, output_tokens: 300 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-sonnet-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
    });
    expect(cost).toMatchObject({ status: 'lower-bound', usdExact: '0.002' });
    expect(cost.flags).toContain('model-unpriced');
  });

  // Mythos 5.2 has an estimated price of $10 and $50; Sonnet 5.5 has $2 and $10 on its page.
  test('an advisor whose price is an estimate makes the cost one', async () => {
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-sonnet-5-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5-5', usage: advisedBy('claude-mythos-5-2') }),
    });
    expect(cost).toMatchObject({ status: 'estimated', flags: ['price-inferred'] });
  });

  test.each([
    ['beside a newer one', 'claude-mythos-5', undefined],
    ["beside a user's price", 'claude-x', { inputTokens: 1, outputTokens: 1 }],
  ])('an old price of an advisor shows, %s', async (_, modelId, price) => {
    const { cost, warnings } = await replay({
      mode,
      package: 'anthropic',
      modelId,
      answer: anthropicAnswer({ model: modelId, usage: advisedBy('claude-opus-4-6') }),
      settings: { now: () => Date.parse('2027-04-06'), ...(price !== undefined && { price }) },
    });
    // Opus 4.6 is of the list of 2026-09-23 and had held for 194 days by then; Mythos 5 was read on 2026-11-25.
    expect(cost).toMatchObject({ flags: ['stale-price'], priceDate: '2026-09-23' });
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('2026-09-23')]);
  });

  test('compaction is billed though the totals leave it out', async () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 100,
      iterations: [
        { type: 'compaction', input_tokens: 50_000, output_tokens: 2_000 },
        { type: 'message', input_tokens: 1_000, output_tokens: 100 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-sonnet-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
    });
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.123' }); // 51,000 x $2 + 2,100 x $10
  });

  test('the cache counts of the calls behind an answer are summed, with the 1-hour part of the whole', async () => {
    const usage = {
      input_tokens: 30,
      output_tokens: 0,
      cache_read_input_tokens: 500,
      cache_creation_input_tokens: 1_000,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1_000 },
      iterations: [
        {
          type: 'message',
          input_tokens: 10,
          output_tokens: 0,
          cache_read_input_tokens: 0,
          cache_creation_input_tokens: 1_000,
        },
        {
          type: 'message',
          input_tokens: 20,
          output_tokens: 0,
          cache_read_input_tokens: 500,
          cache_creation_input_tokens: 0,
        },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-sonnet-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
    });
    expect(lines(cost)).toEqual({ inputTokens: 30, cacheReadTokens: 500, cacheWrite1hTokens: 1_000 });
  });

  test('the totals may have the input of the first call only: all writes for 1 hour are charged as such', async () => {
    // platform.claude.com, advisor tool, 2026-11: top-level input and cache counts are those of the first call.
    const usage = {
      input_tokens: 10,
      output_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 1_000,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1_000 },
      iterations: [
        { type: 'message', input_tokens: 10, output_tokens: 0, cache_creation_input_tokens: 1_000 },
        {
          type: 'message',
          input_tokens: 20,
          output_tokens: 0,
          cache_read_input_tokens: 1_000,
          cache_creation_input_tokens: 200,
        },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-sonnet-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
    });
    expect(lines(cost)).toEqual({ inputTokens: 30, cacheReadTokens: 1_000, cacheWrite1hTokens: 1_200 });
  });

  test('a server-side fallback is billed at the rates of the model that served, whatever id the answer carries', async () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 100,
      iterations: [
        { type: 'message', model: 'claude-fable-5-1', input_tokens: 1_000, output_tokens: 0 },
        { type: 'fallback_message', model: 'claude-opus-5-5', input_tokens: 1_000, output_tokens: 100 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-fable-5-1',
      answer: anthropicAnswer({ model: 'claude-fable-5-1', usage }),
    });
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.006' }); // 1,000 x $4 + 100 x $20
    expect(cost.lineItems.map(({ modelId }) => modelId)).toEqual(['claude-opus-5-5', 'claude-opus-5-5']);
  });

  // Recorded in github.com/ccusage/ccusage/issues/1552, 2026-07: Fable 5 declined after 578 tokens, Opus 4.8 served.
  test.each(['claude-fable-5', 'claude-opus-4-8'])(
    'an attempt that was declined mid-answer is billed too, at its own rates (the answer names %s)',
    async model => {
      const served = {
        input_tokens: 2,
        output_tokens: 13_658,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 79_214,
      };
      const declined = {
        type: 'message',
        model: 'claude-fable-5',
        input_tokens: 2,
        output_tokens: 578,
        cache_creation_input_tokens: 10_421,
        cache_read_input_tokens: 72_769,
      };
      const usage = {
        ...served,
        iterations: [declined, { type: 'fallback_message', model: 'claude-opus-4-8', ...served }],
      };
      const { cost } = await replay({
        mode,
        package: 'anthropic',
        modelId: 'claude-fable-5',
        answer: anthropicAnswer({ model, usage }),
      });
      expect(lines(cost)).toEqual({
        'claude-opus-4-8 inputTokens': 2,
        'claude-opus-4-8 cacheReadTokens': 79_214,
        'claude-opus-4-8 outputTokens': 13_658,
        'claude-fable-5 inputTokens': 2,
        'claude-fable-5 cacheReadTokens': 72_769,
        'claude-fable-5 cacheWriteTokens': 10_421,
        'claude-fable-5 outputTokens': 578,
      });
      // Opus 4.8 at $5, $0.50 and $25: 10 + 39,607 + 341,450 micro-USD. Fable 5 at $10, $1, $12.50 and $50:
      // 20 + 72,769 + 130,262.5 + 28,900.
      expect(cost).toMatchObject({ status: 'priced', usdExact: '0.6130185' });
    },
  );

  test('totals that add up all attempts of a fallback are not the counts of the one that served', async () => {
    // github.com/vercel/ai, anthropic-fallback-mid-output.chunks.txt, 2026: the last event has no input of its own.
    const iterations = [
      { type: 'message', model: 'claude-opus-5-5', input_tokens: 10, output_tokens: 40 },
      { type: 'fallback_message', model: 'claude-opus-4-8', input_tokens: 12, output_tokens: 30 },
    ];
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({
        model: 'claude-opus-5-5',
        usage: { input_tokens: 10, output_tokens: 70, iterations },
        start: { input_tokens: 10, output_tokens: 0 },
      }),
    });
    // Opus 4.8: 12 x $5 + 30 x $25; Opus 5.5: 10 x $4 + 40 x $20.
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.00165' });
  });

  test('of a chain of fallbacks every attempt with output counts, and none without', async () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 100,
      iterations: [
        { type: 'message', model: 'claude-fable-5', input_tokens: 1_000, output_tokens: 0 },
        { type: 'fallback_message', model: 'claude-opus-5-5', input_tokens: 1_000, output_tokens: 10 },
        { type: 'fallback_message', model: 'claude-sonnet-5', input_tokens: 1_000, output_tokens: 100 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-fable-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
    });
    // Sonnet 5: 1,000 x $2 + 100 x $10; Opus 5.5: 1,000 x $4 + 10 x $20.
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.0072' });
  });

  test('a declined attempt that is free needs no price', async () => {
    const usage = {
      input_tokens: 10,
      output_tokens: 10,
      iterations: [
        { type: 'message', model: 'claude-new-9', input_tokens: 10, output_tokens: 0 },
        { type: 'fallback_message', model: 'claude-opus-5-5', input_tokens: 10, output_tokens: 10 },
      ],
    };
    const { cost, warnings } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-new-9',
      answer: anthropicAnswer({ model: 'claude-new-9', usage }),
    });
    // Opus 5.5: 10 x $4 + 10 x $20.
    expect(cost).toMatchObject({
      status: 'priced',
      usdExact: '0.00024',
      priceOf: 'anthropic/claude-opus-5-5',
    });
    expect(warnings.map(({ type }) => type)).not.toContain('unknown-price');
  });

  const ownFable = { inputTokens: 1, outputTokens: 100 };
  test.each<[string, string, CostMiddlewareSettings]>([
    ['of the candidate', 'claude-fable-5', { price: ownFable }],
    ['of the candidate, for a snapshot', 'claude-fable-5-20260601', { price: ownFable }],
    ['by its key', 'claude-fable-5', { prices: { 'anthropic/claude-fable-5': ownFable } }],
    [
      'by its key, for a snapshot',
      'claude-fable-5-20260601',
      { prices: { 'anthropic/claude-fable-5': ownFable } },
    ],
  ])('a declined attempt keeps the price that the user set, %s', async (_, declined, settings) => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 0,
      iterations: [
        { type: 'message', model: declined, input_tokens: 1_000, output_tokens: 1 },
        { type: 'fallback_message', model: 'claude-opus-5-5', input_tokens: 1_000, output_tokens: 0 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-fable-5',
      answer: anthropicAnswer({ model: 'claude-opus-5-5', usage }),
      settings,
    });
    // Opus 5.5: 1,000 x $4; Fable 5 at the user's price: 1,000 x $1 + 1 x $100.
    expect(cost).toMatchObject({ usdExact: '0.0051' });
  });

  test.each([0, 1])(
    'a refusal before any output is free, whatever its usage says (%i of output)',
    async output => {
      // The usage of docs.aws.amazon.com/bedrock, fallback credit, 2026-06.
      const usage = { input_tokens: 106, cache_creation_input_tokens: 10_000, output_tokens: output };
      const { cost } = await replay({
        mode,
        package: 'anthropic',
        modelId: 'claude-fable-5',
        answer: anthropicAnswer({ model: 'claude-fable-5', usage, text: '', stopReason: 'refusal' }),
      });
      expect(cost).toEqual({ status: 'priced', usd: 0, usdExact: '0', lineItems: [], source: 'not-billed' });
    },
  );

  test.each([
    ['a refusal in the middle of an answer', { text: 'Yes', stopReason: 'refusal', output: 1 }],
    ['a refusal with output that is not shown', { text: '', stopReason: 'refusal', output: 578 }],
    ['an empty answer that is no refusal', { text: '', stopReason: 'end_turn', output: 1 }],
  ])('%s is billed', async (_, { output, ...ending }) => {
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-fable-5',
      answer: anthropicAnswer({
        model: 'claude-fable-5',
        usage: { input_tokens: 1_000, output_tokens: output },
        ...ending,
      }),
    });
    expect(cost).toMatchObject({ status: 'priced', usd: (1_000 * 10 + output * 50) / 1e6 }); // $10 and $50
  });

  test('a long-context line is tested on each call behind the answer, not on their sum', async () => {
    // Haiku 5.5, 2026-11: $0.10 / $0.50 up to 100,000 input tokens, $0.50 / $2.50 above.
    const call = { type: 'message', input_tokens: 60_000, output_tokens: 0 };
    const long = { type: 'message', input_tokens: 100_001, output_tokens: 0 };
    const usage = (iterations: readonly object[]) => ({ input_tokens: 0, output_tokens: 0, iterations });
    const run = (iterations: readonly object[]) =>
      replay({
        mode,
        package: 'anthropic',
        modelId: 'claude-haiku-5-5',
        answer: anthropicAnswer({ model: 'claude-haiku-5-5', usage: usage(iterations) }),
      });
    expect((await run([call, call])).cost).toMatchObject({ status: 'priced', usdExact: '0.012' });
    expect((await run([call, long])).cost).toMatchObject({ status: 'priced', usdExact: '0.0560005' });
  });

  test('calls without cache counts of their own: those of the answer count once, and its thinking is shared out', async () => {
    const usage = {
      input_tokens: 30,
      output_tokens: 150,
      cache_read_input_tokens: 500,
      cache_creation_input_tokens: 200,
      output_tokens_details: { thinking_tokens: 120 },
      iterations: [
        { type: 'message', input_tokens: 10, output_tokens: 50 },
        { type: 'message', input_tokens: 20, output_tokens: 100 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-sonnet-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
    });
    expect(lines(cost)).toEqual({
      inputTokens: 30,
      cacheReadTokens: 500,
      cacheWriteTokens: 200,
      outputTokens: 30,
      reasoningTokens: 120,
    });
  });

  test('an advisor whose model is not named is not charged at the rates of the executor', async () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 0,
      iterations: [
        { type: 'message', input_tokens: 1_000, output_tokens: 0 },
        { type: 'advisor_message', input_tokens: 2_000, output_tokens: 300 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-sonnet-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
    });
    expect(cost).toMatchObject({
      status: 'lower-bound',
      usdExact: '0.002',
      flags: expect.arrayContaining(['model-unpriced']),
    });
  });

  test('a line names its model, also where another one has the same rates', async () => {
    const call = { input_tokens: 1_000, output_tokens: 0 };
    const usage = {
      ...call,
      iterations: [
        { type: 'message', ...call },
        { type: 'advisor_message', model: 'claude-opus-5-5', ...call },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({ model: 'claude-opus-5-5', usage }),
    });
    expect(lines(cost)).toEqual({ inputTokens: 1_000, 'claude-opus-5-5 inputTokens': 1_000 });
  });

  test('every model behind an answer has its own factor for fast mode', async () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 0,
      speed: 'fast',
      iterations: [
        { type: 'message', input_tokens: 1_000, output_tokens: 0 },
        { type: 'advisor_message', model: 'claude-opus-4-6', input_tokens: 1_000, output_tokens: 0 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({ model: 'claude-opus-5-5', usage }),
    });
    // Opus 5.5: 2 x 1,000 x $4; Opus 4.6: 6 x 1,000 x $5.
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.038' });
  });

  test.each([
    [
      'more 1-hour writes than writes',
      { cache_creation_input_tokens: 10, cache_creation: { ephemeral_1h_input_tokens: 11 } },
      { cacheWrite1hTokens: 10, outputTokens: 5 },
    ],
    ['more thinking than output', { output_tokens_details: { thinking_tokens: 6 } }, { reasoningTokens: 5 }],
  ])('%s: no more than there is, as an estimate', async (_, more, expected) => {
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({
        model: 'claude-opus-5-5',
        usage: { input_tokens: 0, output_tokens: 5, ...more },
      }),
    });
    expect(lines(cost)).toEqual(expected);
    expect(cost).toMatchObject({ status: 'estimated', flags: expect.arrayContaining(['total-mismatch']) });
  });

  test('the kinds of cache writes without their sum are the writes', async () => {
    const cache_creation = { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-opus-5-5',
      answer: anthropicAnswer({
        model: 'claude-opus-5-5',
        usage: { input_tokens: 0, output_tokens: 0, cache_creation },
      }),
    });
    expect(lines(cost)).toEqual({ cacheWriteTokens: 10, cacheWrite1hTokens: 20 });
  });

  test('a loop of searches sums its calls: a sum above the long-context line proves nothing', async () => {
    // Haiku 5.5, 2026-11: $0.10 up to 100,000 input tokens, $0.50 above. One search lies between two calls.
    const run = (input_tokens: number) =>
      replay({
        mode,
        package: 'anthropic',
        modelId: 'claude-haiku-5-5',
        answer: anthropicAnswer({
          model: 'claude-haiku-5-5',
          usage: { input_tokens, output_tokens: 0, server_tool_use: { web_search_requests: 1 } },
        }),
      });
    expect((await run(150_000)).cost).toMatchObject({
      status: 'estimated',
      usdExact: '0.025', // 150,000 x $0.10 and a search for a cent
      flags: ['tier-uncertain'],
    });
    // Above twice the line one of the two calls must be above it.
    expect((await run(200_002)).cost).toMatchObject({ status: 'priced', usdExact: '0.110001' });
  });

  test('where the calls are listed each is tested by itself, searches or not', async () => {
    const usage = {
      input_tokens: 100_001,
      output_tokens: 0,
      server_tool_use: { web_search_requests: 1 },
      iterations: [
        { type: 'message', input_tokens: 1_000, output_tokens: 0 },
        { type: 'message', input_tokens: 100_001, output_tokens: 0 },
      ],
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-haiku-5-5',
      answer: anthropicAnswer({ model: 'claude-haiku-5-5', usage }),
    });
    // 1,000 x $0.10 + 100,001 x $0.50 and a search for a cent
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.0601005' });
  });

  test('web searches are counted by the provider; fetching pages is free', async () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 0,
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 5 },
    };
    const { cost } = await replay({
      mode,
      package: 'anthropic',
      modelId: 'claude-sonnet-5',
      answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
    });
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.022' }); // 1,000 x $2 per million + 2 x $10 per thousand
  });
});

test('in a stream with a fallback the kinds of cache writes are those of the attempt that made them', async () => {
  const start = {
    input_tokens: 0,
    cache_creation_input_tokens: 10_000,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 10_000 },
    cache_read_input_tokens: 0,
    output_tokens: 1,
  };
  const served = { input_tokens: 0, cache_creation_input_tokens: 100, cache_read_input_tokens: 0 };
  const usage = {
    ...served,
    output_tokens: 10,
    iterations: [
      {
        type: 'message',
        model: 'claude-fable-5',
        input_tokens: 0,
        cache_creation_input_tokens: 10_000,
        cache_read_input_tokens: 0,
        output_tokens: 20,
      },
      { type: 'fallback_message', model: 'claude-opus-5-5', ...served, output_tokens: 10 },
    ],
  };
  const { cost } = await replay({
    mode: 'stream',
    package: 'anthropic',
    modelId: 'claude-fable-5',
    answer: anthropicAnswer({ model: 'claude-fable-5', usage, start }),
  });
  expect(lines(cost)).toEqual({
    'claude-opus-5-5 cacheWriteTokens': 100,
    'claude-opus-5-5 outputTokens': 10,
    'claude-fable-5 cacheWrite1hTokens': 10_000,
    'claude-fable-5 outputTokens': 20,
  });
  // Opus 5.5: 100 x $5 + 10 x $20; Fable 5: 10,000 x $20 + 20 x $50.
  expect(cost).toMatchObject({ status: 'priced', usdExact: '0.2017' });
});

test('each call behind an answer says which writes are kept for 1 hour, which the package leaves out', async () => {
  // rubydoc.info, anthropic-sdk-ruby, BetaAdvisorMessageIterationUsage: `cache_creation` is part of an iteration.
  const writes = (five: number, hour: number) => ({
    input_tokens: 0,
    output_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: five + hour,
    cache_creation: { ephemeral_5m_input_tokens: five, ephemeral_1h_input_tokens: hour },
  });
  const usage = {
    ...writes(1_000, 500),
    iterations: [
      { type: 'message', ...writes(1_000, 500) },
      { type: 'advisor_message', model: 'claude-opus-5-5', ...writes(0, 2_000) },
      { type: 'message', ...writes(100, 300) },
    ],
  };
  const { cost } = await replay({
    mode: 'generate',
    package: 'anthropic',
    modelId: 'claude-sonnet-5',
    answer: anthropicAnswer({ model: 'claude-sonnet-5', usage }),
  });
  expect(lines(cost)).toEqual({
    cacheWriteTokens: 1_100,
    cacheWrite1hTokens: 800,
    'claude-opus-5-5 cacheWrite1hTokens': 2_000,
  });
  // Sonnet 5: 1,100 x $2.50 + 800 x $4; Opus 5.5: 2,000 x $8.
  expect(cost).toMatchObject({ status: 'priced', usdExact: '0.02195' });
});

test('a null in the last event of a stream does not hide what the first one said', async () => {
  const start = {
    input_tokens: 100,
    cache_creation_input_tokens: 1_000,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1_000 },
    cache_read_input_tokens: 10_000,
    output_tokens: 1,
    service_tier: 'standard',
    speed: 'fast',
  };
  // The counts of a `message_delta` are nullable (MessageDeltaUsage of the Anthropic SDKs, 2026-11).
  const usage = {
    input_tokens: null,
    cache_creation_input_tokens: null,
    cache_creation: null,
    cache_read_input_tokens: null,
    output_tokens: 500,
    server_tool_use: null,
    speed: null,
  };
  const { cost } = await replay({
    mode: 'stream',
    package: 'anthropic',
    modelId: 'claude-opus-5-5',
    answer: anthropicAnswer({ model: 'claude-opus-5-5', usage, start }),
  });
  expect(lines(cost)).toEqual({
    inputTokens: 100,
    cacheReadTokens: 10_000,
    cacheWrite1hTokens: 1_000,
    outputTokens: 500,
  });
  // 400 + 2,000 + 8,000 + 10,000 micro-USD, doubled by fast mode.
  expect(cost).toMatchObject({ status: 'priced', usdExact: '0.0408' });
});

test('in a stream the 1-hour part comes with the first event, the sum of the writes with the last', async () => {
  const start = {
    input_tokens: 10,
    cache_creation_input_tokens: 1_000,
    cache_creation: { ephemeral_5m_input_tokens: 600, ephemeral_1h_input_tokens: 400 },
    cache_read_input_tokens: 0,
    output_tokens: 1,
  };
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 1_500,
    cache_read_input_tokens: 200,
    output_tokens: 50,
  };
  const { cost } = await replay({
    mode: 'stream',
    package: 'anthropic',
    modelId: 'claude-sonnet-5',
    answer: anthropicAnswer({ model: 'claude-sonnet-5', usage, start }),
  });
  expect(lines(cost)).toEqual({
    inputTokens: 10,
    cacheReadTokens: 200,
    cacheWriteTokens: 1_100,
    cacheWrite1hTokens: 400,
    outputTokens: 50,
  });
});

test('fast mode that was asked for and not confirmed is an estimate', async () => {
  const { cost } = await replay({
    mode: 'generate',
    package: 'anthropic',
    modelId: 'claude-opus-5-5',
    answer: anthropicAnswer({ model: 'claude-opus-5-5', usage: { input_tokens: 1_000, output_tokens: 0 } }),
    options: { providerOptions: { anthropic: { speed: 'fast' } } },
  });
  expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.008' });
});

test('inference in the US that was asked for and not confirmed is an estimate', async () => {
  const { cost } = await replay({
    mode: 'generate',
    package: 'anthropic',
    modelId: 'claude-opus-5-5',
    answer: anthropicAnswer({ model: 'claude-opus-5-5', usage: { input_tokens: 1_000, output_tokens: 0 } }),
    options: { providerOptions: { anthropic: { inferenceGeo: 'us' } } },
  });
  expect(cost).toMatchObject({ status: 'estimated', usdExact: '0.0044' });
});

test.each([
  [{ output_tokens: 5 }, ['input-estimated'], { inputTokens: 7, outputTokens: 5 }],
  [{ input_tokens: 5, cache_read_input_tokens: 0 }, ['output-estimated'], { inputTokens: 5 }],
])('a count that a server left out is estimated, the other one kept: %j', (raw, flags, expected) => {
  const none = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
  const cost = createPricing({ catalog: false, onWarning: () => {}, estimateTokens: () => 7 })
    .meter({
      provider: 'proxy.messages',
      modelId: 'm',
      price: { inputTokens: 1, outputTokens: 1 },
      callOptions: { prompt: [{ role: 'system', content: 'x' }] },
    })
    .settle({
      outcome: 'success',
      usage: {
        inputTokens: none,
        outputTokens: { total: undefined, text: undefined, reasoning: undefined },
        raw,
      },
    });
  if (cost instanceof Promise) throw new Error('nothing had to be loaded');
  expect(cost.flags).toEqual(flags);
  expect(lines(cost)).toEqual(expected);
});

test("a refusal is free on Anthropic's own API, and said of no other", async () => {
  const settle = (provider: string) =>
    createPricing({ now: () => now, catalog: false, onWarning: () => {} })
      .meter({
        provider,
        modelId: 'm',
        price: { inputTokens: 1, outputTokens: 1 },
        callOptions: { prompt: [] },
      })
      .settle({
        outcome: 'success',
        usage: {
          inputTokens: { total: 100, noCache: 100, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 0, text: 0, reasoning: undefined },
          raw: { input_tokens: 100, output_tokens: 0 },
        },
        responseBody: { stop_reason: 'refusal' },
      });
  expect(settle('anthropic.messages')).toMatchObject({ usdExact: '0', source: 'not-billed' });
  expect(settle('vertex.anthropic.messages')).toMatchObject({ usdExact: '0.0001', source: 'settings' });
});

test.each(['claude-opus-4-6', 'claude-opus-4-7'])('fast mode of %s has its own factor', async modelId => {
  const { cost } = await replay({
    mode: 'generate',
    package: 'anthropic',
    modelId,
    answer: anthropicAnswer({
      model: modelId,
      usage: { input_tokens: 1_000, output_tokens: 0, speed: 'fast' },
    }),
  });
  expect(cost).toMatchObject({ status: 'priced', usdExact: '0.03' }); // 6 x $5
});
