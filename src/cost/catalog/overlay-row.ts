import type { Price, PriceTier } from '../price/price.ts';

/** A price that the catalog lacks or has wrong, with where it is from and when it holds. */
export type OverlayRow = {
  /** The catalog's provider id, a slash, the model id. */
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
    /** Days of the week that are none of the working week. */
    readonly holidays: readonly string[];
    readonly factor: number;
  };
  /** True where the page lists the price under another name, or is not the provider's: then it is an estimate. */
  readonly isEstimate?: boolean;
};

const checked = '2026-11-25';

/** What a page lists; the rest of a row follows from the provider's rules. */
type Listed = {
  readonly model: string;
  readonly from?: string;
  readonly to?: string;
  /** USD per 1M tokens of fresh input, of cached input, and of output. */
  readonly usd: readonly [inputTokens: number, cacheReadTokens: number, outputTokens: number];
};

/**
 * OpenAI since GPT-6.1: writes at 1.25x (30 minutes) and 2.5x (12 hours), and twice the input and 1.5 times the
 * output rates above 272k.
 */
export function openai({
  model,
  from,
  to,
  usd: [inputTokens, cacheReadTokens, outputTokens],
  ultrafast,
}: Listed & { readonly ultrafast?: number }): OverlayRow[] {
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
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      price: {
        ...rates,
        tiers: [long],
        ...(ultrafast !== undefined && { serviceTiers: { ultrafast } }),
      },
      contextWindow: 1_050_000,
      source: `https://developers.openai.com/api/docs/models/${model}`,
      checked,
    },
  ];
}

/**
 * Claude: writes at 1.25x (5 minutes) and 2x (1 hour), and one rate over the whole context window unless there are
 * tiers. Aggregators write the version with a dot.
 */
export function claude({
  model,
  from,
  to,
  usd: [inputTokens, cacheReadTokens, outputTokens],
  tiers,
  isEstimate,
}: Listed & Pick<Price, 'tiers'> & Pick<OverlayRow, 'isEstimate'>): OverlayRow[] {
  return [...new Set([model, model.replace(/-(\d)-(\d)$/, '-$1.$2')])].map(name => ({
    id: `anthropic/${name}`,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    price: {
      inputTokens,
      cacheReadTokens,
      cacheWriteTokens: inputTokens * 1.25,
      cacheWrite1hTokens: inputTokens * 2,
      outputTokens,
      ...(tiers !== undefined && { tiers }),
    },
    contextWindow: 1_000_000,
    source: 'https://platform.claude.com/docs/en/about-claude/pricing',
    checked,
    ...(isEstimate !== undefined && { isEstimate }),
  }));
}

/**
 * Claude on Bedrock: the list price on the global endpoint, 10 % more in a region or a group of regions. AWS's page
 * shows no amounts to a reader of its text; these are what a reseller passes on.
 */
export function claudeOnBedrock({
  model,
  from,
  usd: [inputTokens, cacheReadTokens, outputTokens],
  above100k,
}: Listed & {
  /** What the rates of a prompt above 100,000 tokens are multiplied by. */
  readonly above100k?: number;
}): OverlayRow[] {
  return [
    { id: `aws/global.anthropic.${model}`, premium: 1 },
    { id: `aws/anthropic.${model}`, premium: 1.1 },
  ].map(({ id, premium }): OverlayRow => {
    const at = (usd: number, factor = 1) => Math.round(usd * factor * premium * 1e6) / 1e6;
    const ratesAt = (factor: number) => ({
      inputTokens: at(inputTokens, factor),
      cacheReadTokens: at(cacheReadTokens, factor),
      cacheWriteTokens: at(inputTokens, factor * 1.25),
      cacheWrite1hTokens: at(inputTokens, factor * 2),
      outputTokens: at(outputTokens, factor),
    });
    return {
      id,
      ...(from !== undefined && { from }),
      price: {
        ...ratesAt(1),
        ...(above100k !== undefined && { tiers: [{ aboveInputTokens: 100_000, ...ratesAt(above100k) }] }),
      },
      contextWindow: 1_000_000,
      source: 'https://apify.com/apify/aws-bedrock-proxy',
      checked,
      isEstimate: true,
    };
  });
}

/** xAI: everything doubles from 200k on, the line included. */
export function grok({
  model,
  usd: [inputTokens, cacheReadTokens, outputTokens],
}: Listed): Pick<OverlayRow, 'id' | 'price'> {
  const long: PriceTier = {
    aboveInputTokens: 200_000,
    inclusive: true,
    inputTokens: inputTokens * 2,
    cacheReadTokens: cacheReadTokens * 2,
    outputTokens: outputTokens * 2,
  };
  return { id: `x-ai/${model}`, price: { inputTokens, cacheReadTokens, outputTokens, tiers: [long] } };
}

export const geminiPricing = 'https://ai.google.dev/gemini-api/docs/pricing';

/** Gemini: one rate of cached input, and a window of 1,048,576 tokens. */
export function gemini({
  model,
  from,
  to,
  usd: [inputTokens, cacheReadTokens, outputTokens],
  tiers,
  checked: day,
}: Listed & Pick<Price, 'tiers'> & Pick<OverlayRow, 'checked'>): OverlayRow {
  return {
    id: `google/${model}`,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    price: { inputTokens, cacheReadTokens, outputTokens, ...(tiers !== undefined && { tiers }) },
    contextWindow: 1_048_576,
    source: geminiPricing,
    checked: day,
  };
}
