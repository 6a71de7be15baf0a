import type { ModelPrice } from '@pydantic/genai-prices';
import type { Price, PriceTier } from '../price/price.ts';
import type { TokenBucket } from '../usage/bucket.ts';

/** The catalog's names of the token rates, all USD per 1M tokens. */
const rateKeys = {
  inputTokens: 'input_mtok',
  cacheReadTokens: 'cache_read_mtok',
  cacheWriteTokens: 'cache_write_mtok',
  cacheWrite1hTokens: 'cache_write_1h_mtok',
  inputAudioTokens: 'input_audio_mtok',
  cacheReadAudioTokens: 'cache_audio_read_mtok',
  inputImageTokens: 'input_image_mtok',
  cacheReadImageTokens: 'cache_image_read_mtok',
  inputVideoTokens: 'input_video_mtok',
  outputTokens: 'output_mtok',
  reasoningTokens: 'output_reasoning_mtok',
  outputAudioTokens: 'output_audio_mtok',
  outputImageTokens: 'output_image_mtok',
} as const satisfies { readonly [Bucket in TokenBucket]?: string };

type Mutable<RECORD> = { -readonly [Key in keyof RECORD]: RECORD[Key] };

/**
 * Turns the catalog's price of a language model into a `Price`; undefined for one without input and output rates.
 *
 * The catalog's tiers start above a count. Some say `271999` or `199999` for lines the provider draws at 272k and
 * 200k: xAI means the line itself ("200k and more"), OpenAI does not ("more than 272k": exactly 272,000 tokens have
 * the short-context rates).
 */
export function fromCatalog({
  listed,
  isOpenAI,
  isRetired,
}: {
  readonly listed: ModelPrice;
  readonly isOpenAI: boolean;
  /** Tells whether a tier that starts above this count is listed for the past only. */
  readonly isRetired: (start: number) => boolean;
}): Price | undefined {
  const base: Mutable<{ [Bucket in TokenBucket]?: number }> = {};
  const starts = new Set<number>();
  for (const [bucket, key] of rateEntries) {
    const rate = listed[key];
    if (rate === undefined) continue;
    if (typeof rate === 'number') base[bucket] = rate;
    else {
      base[bucket] = rate.base;
      for (const { start } of rate.tiers) if (!isRetired(start)) starts.add(start);
    }
  }
  const { inputTokens, outputTokens } = base;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;

  const tiers = [...starts]
    .sort((one, other) => one - other)
    .map(start => tierAt({ listed, start, isOpenAI }));
  const uses = usesOf(listed);
  return {
    ...base,
    inputTokens,
    outputTokens,
    ...(tiers.length > 0 && { tiers }),
    ...(Object.keys(uses).length > 0 && { uses }),
  };
}

const rateEntries = Object.entries(rateKeys) as ReadonlyArray<
  [keyof typeof rateKeys, (typeof rateKeys)[keyof typeof rateKeys]]
>;

function tierAt({
  listed,
  start,
  isOpenAI,
}: {
  readonly listed: ModelPrice;
  readonly start: number;
  readonly isOpenAI: boolean;
}): PriceTier {
  const rates: Mutable<{ [Bucket in TokenBucket]?: number }> = {};
  for (const [bucket, key] of rateEntries) {
    const rate = listed[key];
    if (typeof rate !== 'object') continue;
    const tier = rate.tiers.findLast(({ start: from }) => from <= start);
    if (tier !== undefined) rates[bucket] = tier.price;
  }
  const isBelowLine = (start + 1) % 1_000 === 0;
  return {
    ...rates,
    aboveInputTokens: isBelowLine ? start + 1 : start,
    ...(isBelowLine && !isOpenAI && { inclusive: true }),
  };
}

const feeKeys = {
  webSearch: 'web_searches_kcount',
  fileSearch: 'storage_searches_kcount',
  request: 'requests_kcount',
} as const;

/** Fees that the catalog lists, per use; it counts them by the thousand. */
function usesOf(listed: ModelPrice): Price['uses'] & object {
  return Object.fromEntries(
    Object.entries(feeKeys).flatMap(([bucket, key]) => {
      const rate = listed[key];
      return typeof rate === 'number' ? [[bucket, rate / 1_000]] : [];
    }),
  );
}
