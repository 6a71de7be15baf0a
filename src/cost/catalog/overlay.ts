import {
  claude,
  claudeOnBedrock,
  gemini,
  geminiPricing,
  grok,
  type OverlayRow,
  openai,
} from './overlay-row.ts';

const checked = '2026-11-23';
const checkedLast = '2026-11-25';
const deepseekPricing = 'https://api-docs.deepseek.com/quick_start/pricing';
// Public holidays in China are off-peak all day; those of 2027 after New Year were not announced when this was read.
const deepseekPeak = {
  hours: [
    [1, 4],
    [6, 10],
  ],
  holidays: [
    '2026-09-25',
    '2026-10-01',
    '2026-10-02',
    '2026-10-05',
    '2026-10-06',
    '2026-10-07',
    '2027-01-01',
  ],
  factor: 2,
} as const;

const gemini31Pro = {
  usd: [2, 0.2, 12],
  tiers: [{ aboveInputTokens: 200_000, inputTokens: 4, cacheReadTokens: 0.4, outputTokens: 18 }],
} as const;

/** Rows that hold today and rows that held; the catalog is asked for everything else. */
export const overlay: readonly OverlayRow[] = [
  ...openai({ model: 'gpt-6.2-astra', from: '2026-11-17', usd: [8, 0.4, 40] }),
  ...openai({ model: 'gpt-6.2-sol', from: '2026-11-17', to: '2027-02-28', usd: [2, 0.1, 10], ultrafast: 3 }),
  ...openai({ model: 'gpt-6.2-sol', from: '2027-03-01', usd: [2, 0.1, 10], ultrafast: 6 }),
  ...openai({ model: 'gpt-6.1-sol', from: '2026-09-29', usd: [2, 0.1, 10] }),
  ...openai({ model: 'gpt-6.1-terra', from: '2026-10-26', usd: [1, 0.05, 5] }),
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

  // Models that users fine-tuned; the catalog lacks their cached input, and most of them.
  ...Object.entries({
    'gpt-4.1': { inputTokens: 3, cacheReadTokens: 0.75, outputTokens: 12 },
    'gpt-4.1-mini': { inputTokens: 0.8, cacheReadTokens: 0.2, outputTokens: 3.2 },
    'gpt-4.1-nano': { inputTokens: 0.2, cacheReadTokens: 0.05, outputTokens: 0.8 },
    'gpt-4o': { inputTokens: 3.75, cacheReadTokens: 1.875, outputTokens: 15 },
    'gpt-4o-mini': { inputTokens: 0.3, cacheReadTokens: 0.15, outputTokens: 1.2 },
    'o4-mini': { inputTokens: 4, cacheReadTokens: 1, outputTokens: 16 },
  }).map(
    ([model, price]): OverlayRow => ({
      id: `openai/ft:${model}`,
      price,
      source: 'https://openai.com/api/pricing',
      checked: '2026-11-28',
    }),
  ),

  // The catalog lacks their audio rates, which are many times those of text.
  ...['gpt-4o-audio-preview', 'gpt-4o-audio-preview-2024-12-17', 'gpt-4o-audio-preview-2025-06-03'].map(
    (model): OverlayRow => ({
      id: `openai/${model}`,
      price: { inputTokens: 2.5, outputTokens: 10, inputAudioTokens: 40, outputAudioTokens: 80 },
      contextWindow: 128_000,
      source: 'https://developers.openai.com/api/docs/models/gpt-4o-audio-preview',
      checked: checkedLast,
    }),
  ),
  ...['gpt-4o-mini-audio-preview', 'gpt-4o-mini-audio-preview-2024-12-17'].map(
    (model): OverlayRow => ({
      id: `openai/${model}`,
      price: { inputTokens: 0.15, outputTokens: 0.6, inputAudioTokens: 10, outputAudioTokens: 20 },
      contextWindow: 128_000,
      source: 'https://developers.openai.com/api/docs/models/gpt-4o-mini-audio-preview',
      checked: checkedLast,
    }),
  ),

  ...claude({ model: 'claude-fable-5-2', from: '2026-11-09', usd: [8, 0.2, 40] }),
  ...claude({ model: 'claude-sonnet-5-5', from: '2026-09-28', to: '2026-10-06', usd: [2, 0.2, 10] }),
  ...claude({ model: 'claude-sonnet-5-5', from: '2026-10-07', usd: [2, 0.1, 10] }),
  ...claude({
    model: 'claude-haiku-5-5',
    from: '2026-10-07',
    usd: [0.1, 0.01, 0.5],
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
  }),
  ...claudeOnBedrock({ model: 'claude-fable-5-2', from: '2026-11-09', usd: [8, 0.2, 40] }),
  ...claudeOnBedrock({ model: 'claude-sonnet-5-5', from: '2026-10-07', usd: [2, 0.1, 10] }),
  ...claudeOnBedrock({ model: 'claude-haiku-5-5', from: '2026-10-07', usd: [0.1, 0.01, 0.5], above100k: 5 }),
  ...claude({ model: 'claude-mythos-5', usd: [10, 1, 50] }),
  ...claude({ model: 'claude-mythos-5-1', usd: [10, 0.25, 50] }),
  // Mythos has had Fable's price so far; this one is not on the page.
  ...claude({ model: 'claude-mythos-5-2', usd: [8, 0.2, 40], isEstimate: true }),

  ...['gemini-4-argon', 'gemini-4-carbon'].flatMap(model => [
    gemini({ model, to: '2026-11-30', usd: [2, 0.1, 10], checked }),
    gemini({ model, from: '2026-12-01', usd: [4, 0.2, 20], checked }),
  ]),
  gemini({ model: 'gemini-4-neon', from: '2026-11-18', usd: [3, 0.15, 15], checked: checkedLast }),
  gemini({ model: 'gemini-4-hydrogen', from: '2026-11-12', usd: [1.5, 0.075, 7.5], checked }),
  // Listed as gemini-3.1-pro-preview only; the id without -preview is widely used for it.
  { ...gemini({ model: 'gemini-3.1-pro', ...gemini31Pro, checked }), isEstimate: true },
  gemini({ model: 'gemini-3.1-pro-preview-customtools', ...gemini31Pro, checked: checkedLast }),
  {
    id: 'google/gemini-2.5-computer-use-preview-10-2025',
    price: {
      inputTokens: 1.25,
      outputTokens: 10,
      tiers: [{ aboveInputTokens: 200_000, inputTokens: 2.5, outputTokens: 15 }],
    },
    contextWindow: 128_000,
    source: geminiPricing,
    checked: checkedLast,
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
      ...(model.startsWith('gemma-4-') && { contextWindow: 262_144 }),
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
    contextWindow: 1_000_000,
    source: deepseekPricing,
    checked,
    peak: deepseekPeak,
  },
  // The retired names are answered by deepseek-flash at its price.
  ...['deepseek-v4-flash', 'deepseek-v4-flash-vision-exp'].map(
    (model): OverlayRow => ({
      id: `deepseek/${model}`,
      from: '2026-10-17',
      price: { inputTokens: 0.15, cacheReadTokens: 0.003, outputTokens: 0.6 },
      contextWindow: 1_000_000,
      source: deepseekPricing,
      checked,
      peak: deepseekPeak,
    }),
  ),
  // The catalog cannot say that weekends are off-peak.
  {
    id: 'deepseek/deepseek-v4-pro',
    from: '2026-08-17',
    price: { inputTokens: 0.66, cacheReadTokens: 0.022, outputTokens: 1.98 },
    source: deepseekPricing,
    checked,
    peak: deepseekPeak,
  },

  ...[
    {
      ...grok({ model: 'grok-4.7', usd: [2, 0.5, 6] }),
      contextWindow: 500_000,
    },
    ...[
      'grok-4.20-multi-agent',
      'grok-4.20-reasoning',
      'grok-4.20-non-reasoning',
      'grok-4.20-0309-reasoning',
      'grok-4.20-0309-non-reasoning',
    ].map(model => ({
      ...grok({ model, usd: [1.25, 0.2, 2.5] }),
      contextWindow: 1_000_000,
    })),
  ].map(
    (row): OverlayRow => ({ ...row, source: 'https://docs.x.ai/developers/pricing', checked: checkedLast }),
  ),

  // The catalog has the promotion that ended on 2026-09-09.
  {
    id: 'zai/glm-5.3-flash',
    from: '2026-09-10',
    price: { inputTokens: 0.15, cacheReadTokens: 0.03, outputTokens: 0.5 },
    source: 'https://docs.z.ai/guides/overview/pricing',
    checked: checkedLast,
  },
  // The catalog takes it for gpt-oss-120b.
  {
    id: 'groq/openai/gpt-oss-safeguard-20b',
    price: { inputTokens: 0.075, cacheReadTokens: 0.0375, outputTokens: 0.3 },
    contextWindow: 131_072,
    source: 'https://console.groq.com/docs/models',
    checked: checkedLast,
  },
  // Read on the page of a reseller that charges the list price.
  ...[
    { model: 'kimi-k3.1-pro', factor: 1 },
    { model: 'kimi-k3.1-pro-highspeed', factor: 2 },
  ].map(
    ({ model, factor }): OverlayRow => ({
      id: `moonshotai/${model}`,
      price: {
        inputTokens: 2 * factor,
        cacheReadTokens: 0.2,
        cacheWrite1hTokens: 4 * factor,
        outputTokens: 10 * factor,
      },
      contextWindow: 1_048_576,
      source: 'https://docs.apiyi.com/en/api-capabilities/kimi-k3-1/overview',
      checked: checkedLast,
      isEstimate: true,
    }),
  ),
  // The price of the dated model that the alias named when this was checked; the catalog still has older ones.
  ...Object.entries({
    'mistral-large-latest': { inputTokens: 0.5, cacheReadTokens: 0.05, outputTokens: 1.5 },
    'mistral-small-latest': { inputTokens: 0.15, cacheReadTokens: 0.015, outputTokens: 0.6 },
    'ministral-3b-latest': { inputTokens: 0.1, cacheReadTokens: 0.01, outputTokens: 0.1 },
    'codestral-latest': { inputTokens: 0.3, cacheReadTokens: 0.03, outputTokens: 0.9 },
    'devstral-latest': { inputTokens: 0.4, cacheReadTokens: 0.04, outputTokens: 2 },
    'devstral-medium-latest': { inputTokens: 0.4, cacheReadTokens: 0.04, outputTokens: 2 },
    'magistral-medium-latest': { inputTokens: 2, cacheReadTokens: 0.2, outputTokens: 5 },
    'magistral-small-latest': { inputTokens: 0.5, cacheReadTokens: 0.05, outputTokens: 1.5 },
  }).map(
    ([model, price]): OverlayRow => ({
      id: `mistral/${model}`,
      price,
      source: 'https://mistral.ai/pricing/api',
      checked: checkedLast,
      isEstimate: true,
    }),
  ),
];
