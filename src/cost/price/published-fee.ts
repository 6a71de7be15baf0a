import type { UseBucket } from '../usage/bucket.ts';

type Row = {
  readonly provider: string;
  readonly models?: RegExp;
  readonly fees: { readonly [Bucket in UseBucket]?: number };
};

/**
 * What providers charge for tools they run, in USD per use, where a price says nothing of its own; rows for models
 * come before their provider's rule. Search results and pages that a tool puts into the prompt are input tokens and
 * counted as such.
 *
 * OpenAI: developers.openai.com/api/docs/pricing, tools (2026-11). Azure searches with Bing at a price of its own:
 * learn.microsoft.com/azure/foundry/openai/how-to/web-search (2026-11), $14 per thousand in Microsoft's cost plan
 * (github.com/microsoft/Foundry-Agent-Solution-Templates, docs/cost.md, 2026-09). Anthropic: platform.claude.com, web
 * search tool (2026-11). Google: ai.google.dev/gemini-api/docs/pricing, grounding (2026-11). xAI:
 * docs.x.ai/developers/pricing, tools (2026-11).
 */
const rows: readonly Row[] = [
  // web_search_preview costs more on models that do not reason.
  {
    provider: 'openai',
    models: /^gpt-4(?:o|\.1)/,
    fees: { webSearch: 0.01, webSearchPreview: 0.025, fileSearch: 0.0025 },
  },
  { provider: 'openai', fees: { webSearch: 0.01, webSearchPreview: 0.01, fileSearch: 0.0025 } },
  { provider: 'azure', fees: { webSearch: 0.014, webSearchPreview: 0.014, fileSearch: 0.0025 } },
  { provider: 'anthropic', fees: { webSearch: 0.01 } },
  // Gemini 3 bills each query, earlier models each prompt that was grounded.
  { provider: 'google', models: /^gemini-[12]/, fees: { webSearch: 0.035, mapsSearch: 0.025 } },
  { provider: 'google', models: /^gemini/, fees: { webSearch: 0.014, mapsSearch: 0.014 } },
  { provider: 'google', models: /^claude/, fees: { webSearch: 0.01 } },
  { provider: 'x-ai', fees: { webSearch: 0.005, fileSearch: 0.0025 } },
];

/**
 * The fee of a use: the one with the price, else the published one of the price's owner; undefined where none is known.
 * The lists copy OpenAI's prices for Azure, which passes on the models and sells tools of its own.
 */
export function feeOfUse({
  seller,
  owner,
  modelId,
  bucket,
  listedFee,
}: {
  /** The catalog's id of the provider that was asked; undefined where a user's own price says all. */
  readonly seller: string | undefined;
  /** The catalog's id of the provider whose price it is. */
  readonly owner: string | undefined;
  readonly modelId: string;
  readonly bucket: UseBucket;
  readonly listedFee: number | undefined;
}): number | undefined {
  const own =
    seller === 'azure' && owner !== 'anthropic'
      ? publishedFee({ provider: seller, modelId, bucket })
      : undefined;
  return own ?? listedFee ?? publishedFee({ provider: owner, modelId, bucket });
}

function publishedFee({
  provider,
  modelId,
  bucket,
}: {
  readonly provider: string | undefined;
  readonly modelId: string;
  readonly bucket: UseBucket;
}): number | undefined {
  return rows.find(row => row.provider === provider && (row.models === undefined || row.models.test(modelId)))
    ?.fees[bucket];
}
