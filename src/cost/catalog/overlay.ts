import type { Price, PriceTier } from '../price/price.ts';

/** A price that the catalog lacks or has wrong, with where it is from and when it holds. */
export type OverlayRow = {
  /** The catalog's provider id, a slash, the model id; a trailing `*` matches any end. */
  readonly id: string;
  readonly price: Price;
  /** In tokens, where the page says it; missing: the catalog's. */
  readonly contextWindow?: number;
  /** The page it was read on. */
  readonly source: string;
  /** The day it was read. */
  readonly checked: string;
  /** First and last day (UTC) it holds, as `YYYY-MM-DD`; missing: open. */
  readonly from?: string;
  readonly to?: string;
  /** Hours of the working week, in UTC, in which all rates are multiplied. */
  readonly peak?: {
    readonly hours: ReadonlyArray<readonly [from: number, to: number]>;
    readonly factor: number;
  };
  /** True where the page lists the price under another name, so that it is an estimate. */
  readonly isEstimate?: boolean;
};

const checked = '2026-11-23';
const openaiPricing = 'https://developers.openai.com/api/docs/pricing';
const claudePricing = 'https://platform.claude.com/docs/en/about-claude/pricing';
const geminiPricing = 'https://ai.google.dev/gemini-api/docs/pricing';
const deepseekPricing = 'https://api-docs.deepseek.com/quick_start/pricing';
const deepseekPeak = {
  hours: [
    [1, 4],
    [6, 10],
  ],
  factor: 2,
} as const;

/** Rows that hold today and rows that held; the catalog is asked for everything else. */
export const overlay: readonly OverlayRow[] = [
  ...openai({
    model: 'gpt-6.2-astra',
    from: '2026-11-17',
    inputTokens: 8,
    cacheReadTokens: 0.4,
    outputTokens: 40,
  }),
  ...openai({
    model: 'gpt-6.2-sol',
    from: '2026-11-17',
    inputTokens: 2,
    cacheReadTokens: 0.1,
    outputTokens: 10,
  }),
  ...openai({
    model: 'gpt-6.1-sol',
    from: '2026-09-29',
    inputTokens: 2,
    cacheReadTokens: 0.1,
    outputTokens: 10,
  }),
  ...openai({
    model: 'gpt-6.1-terra',
    from: '2026-10-26',
    inputTokens: 1,
    cacheReadTokens: 0.05,
    outputTokens: 5,
  }),
  // The published rates of the priority tier are no whole factor of the standard ones.
  {
    id: 'openai/gpt-4o-mini',
    price: {
      inputTokens: 0.15,
      cacheReadTokens: 0.075,
      outputTokens: 0.6,
      serviceTiers: { priority: { inputTokens: 0.25, cacheReadTokens: 0.125, outputTokens: 1 } },
    },
    source: 'https://openai.com/api-fast-mode',
    checked,
  },
  {
    id: 'openai/o4-mini',
    price: {
      inputTokens: 1.1,
      cacheReadTokens: 0.275,
      outputTokens: 4.4,
      serviceTiers: { priority: { inputTokens: 2, cacheReadTokens: 0.5, outputTokens: 8 } },
    },
    source: 'https://openai.com/api-fast-mode',
    checked,
  },

  ...claude({
    model: 'claude-fable-5-2',
    from: '2026-11-09',
    inputTokens: 8,
    cacheReadTokens: 0.2,
    outputTokens: 40,
  }),
  ...claude({
    model: 'claude-sonnet-5-5',
    from: '2026-09-28',
    to: '2026-10-06',
    inputTokens: 2,
    cacheReadTokens: 0.2,
    outputTokens: 10,
  }),
  ...claude({
    model: 'claude-sonnet-5-5',
    from: '2026-10-07',
    inputTokens: 2,
    cacheReadTokens: 0.1,
    outputTokens: 10,
  }),
  {
    id: 'anthropic/claude-haiku-5-5',
    from: '2026-10-07',
    price: {
      inputTokens: 0.1,
      cacheReadTokens: 0.01,
      cacheWriteTokens: 0.125,
      cacheWrite1hTokens: 0.2,
      outputTokens: 0.5,
      tiers: [
        {
          aboveInputTokens: 100_000,
          inputTokens: 0.5,
          cacheReadTokens: 0.05,
          cacheWriteTokens: 0.625,
          cacheWrite1hTokens: 1,
          outputTokens: 2.5,
        },
      ],
    },
    source: 'https://platform.claude.com/docs/en/models/haiku-5-5/overview',
    checked,
  },

  ...['gemini-4-argon', 'gemini-4-carbon'].flatMap((model): OverlayRow[] => [
    {
      id: `google/${model}`,
      to: '2026-11-30',
      price: { inputTokens: 2, cacheReadTokens: 0.1, outputTokens: 10 },
      source: geminiPricing,
      checked,
    },
    {
      id: `google/${model}`,
      from: '2026-12-01',
      price: { inputTokens: 4, cacheReadTokens: 0.2, outputTokens: 20 },
      source: geminiPricing,
      checked,
    },
  ]),
  {
    id: 'google/gemini-4-hydrogen',
    from: '2026-11-12',
    price: { inputTokens: 1.5, cacheReadTokens: 0.075, outputTokens: 7.5 },
    source: geminiPricing,
    checked,
  },
  {
    // Listed as gemini-3.1-pro-preview only; the id without -preview is widely used for it.
    id: 'google/gemini-3.1-pro',
    price: {
      inputTokens: 2,
      cacheReadTokens: 0.2,
      outputTokens: 12,
      tiers: [{ aboveInputTokens: 200_000, inputTokens: 4, cacheReadTokens: 0.4, outputTokens: 18 }],
    },
    source: geminiPricing,
    checked,
    isEstimate: true,
  },
  // The catalog has no rates for these; on the Gemini API they are free of charge.
  ...[
    'gemma-3-1b-it',
    'gemma-3-4b-it',
    'gemma-3-12b-it',
    'gemma-3-27b-it',
    'gemma-3n-e2b-it',
    'gemma-3n-e4b-it',
    'gemma-4-26b-a4b-it',
    'gemma-4-31b-it',
  ].map(
    (model): OverlayRow => ({
      id: `google/${model}`,
      price: { inputTokens: 0, outputTokens: 0 },
      source: geminiPricing,
      checked,
    }),
  ),

  // The catalog still has the prices of 2025's spring; the names have been retired since.
  ...['deepseek-chat', 'deepseek-reasoner'].map(
    (model): OverlayRow => ({
      id: `deepseek/${model}`,
      from: '2025-09-29',
      price: { inputTokens: 0.28, cacheReadTokens: 0.028, outputTokens: 0.42 },
      source: 'https://api-docs.deepseek.com/news/news250929',
      checked: '2026-11-23',
    }),
  ),
  {
    id: 'deepseek/deepseek-flash',
    price: { inputTokens: 0.15, cacheReadTokens: 0.003, outputTokens: 0.6 },
    source: deepseekPricing,
    checked,
    peak: deepseekPeak,
  },
  // The retired v4-flash is answered by deepseek-flash at its price.
  {
    id: 'deepseek/deepseek-v4-flash',
    from: '2026-10-17',
    price: { inputTokens: 0.15, cacheReadTokens: 0.003, outputTokens: 0.6 },
    source: deepseekPricing,
    checked,
    peak: deepseekPeak,
  },
  // The catalog cannot say that weekends are off-peak.
  {
    id: 'deepseek/deepseek-v4-pro',
    from: '2026-08-17',
    price: { inputTokens: 0.66, cacheReadTokens: 0.022, outputTokens: 1.98 },
    source: deepseekPricing,
    checked,
    peak: deepseekPeak,
  },
];

type Listed = {
  readonly model: string;
  readonly from: string;
  readonly to?: string;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
};

/**
 * OpenAI since GPT-6.1: writes at 1.25x (30 minutes) and 2.5x (12 hours), and twice the input and 1.5 times the
 * output rates above 272k.
 */
function openai({ model, from, inputTokens, cacheReadTokens, outputTokens }: Listed): OverlayRow[] {
  const rates = {
    inputTokens,
    cacheReadTokens,
    cacheWriteTokens: inputTokens * 1.25,
    cacheWrite12hTokens: inputTokens * 2.5,
    outputTokens,
  };
  const long: PriceTier = {
    aboveInputTokens: 272_000,
    inputTokens: inputTokens * 2,
    cacheReadTokens: cacheReadTokens * 2,
    cacheWriteTokens: inputTokens * 2.5,
    cacheWrite12hTokens: inputTokens * 5,
    outputTokens: outputTokens * 1.5,
  };
  return [
    {
      id: `openai/${model}`,
      from,
      price: { ...rates, tiers: [long] },
      source: openaiPricing,
      checked,
    },
  ];
}

/** Claude: writes at 1.25x (5 minutes) and 2x (1 hour), one rate over the whole context window. */
function claude({ model, from, to, inputTokens, cacheReadTokens, outputTokens }: Listed): OverlayRow[] {
  const rates = {
    inputTokens,
    cacheReadTokens,
    cacheWriteTokens: inputTokens * 1.25,
    cacheWrite1hTokens: inputTokens * 2,
    outputTokens,
  };
  return [
    {
      id: `anthropic/${model}`,
      from,
      ...(to !== undefined && { to }),
      price: { ...rates },
      source: claudePricing,
      checked,
    },
  ];
}
