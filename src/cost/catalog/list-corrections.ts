import type { Price } from '../price/price.ts';

/**
 * What a cached token costs of a fresh one at providers that say it for all their models at once, by the catalog's
 * id. Mistral: docs.mistral.ai/studio-api/conversations/advanced/prompt-caching (2026-11).
 */
const cachedShares: Readonly<Record<string, number>> = { mistral: 0.1 };

/** A listed price with the cached rate that its provider's rule gives it, where the list has none. */
export function withCachedRate({
  price,
  provider,
}: {
  readonly price: Price;
  /** The catalog's id. */
  readonly provider: string;
}): Price {
  const share = cachedShares[provider];
  if (share === undefined || price.cacheReadTokens !== undefined) return price;
  return { ...price, cacheReadTokens: Math.round(price.inputTokens * share * 1e9) / 1e9 };
}

/**
 * Windows that the catalog rounds to a million or leaves out (ai.google.dev/gemini-api/docs/models and
 * developers.openai.com/api/docs/models, 2026-11).
 */
const exactWindows: ReadonlyArray<readonly [model: RegExp, tokens: number]> = [
  [/^gemini-(?:2\.5|3|3\.1)-pro(?:-preview)?$/, 1_048_576],
  [/^gemini-(?:2|3)[\d.]*-flash(?:-lite)?(?:-preview)?$/, 1_048_576],
  [/^gpt-4\.1(?:-mini|-nano)?$/, 1_047_576],
  [/^gpt-5\.5(?:-pro)?$/, 1_050_000],
];

const million = 1_000_000;

/** The context window of a catalog entry; a rounded one would leave out requests that just fit. */
export function exactWindow({
  id,
  context_window: listed,
}: {
  readonly id: string;
  readonly context_window?: number;
}): number | undefined {
  if (listed !== undefined && listed !== million) return listed;
  return exactWindows.find(([model]) => model.test(id))?.[1] ?? listed;
}

/**
 * Long-context lines that were given up, with the day from which one rate holds; the catalog goes on listing them at
 * some sellers. Claude 4.6 at its standard rates over the whole window: claude.com/blog/1m-context-ga (2026-03-13), for
 * the Claude Platform, Vertex AI and Foundry. Claude Sonnet 4.5 without the 1M window of its beta, which ended on
 * 2026-04-30: platform.claude.com/docs/en/models/sonnet-4-5/overview (2026-11).
 */
const retired: ReadonlyArray<{ readonly models: RegExp; readonly since: string }> = [
  { models: /^claude-(?:opus|sonnet)-4[-.]6/, since: '2026-03-13' },
  { models: /^claude-sonnet-4[-.]5/, since: '2026-05-01' },
];

/** Tells whether the long-context line of a listed model counts for nothing at a moment. */
export function isRetiredTier({
  modelId,
  start,
  contextWindow,
  atMs,
}: {
  readonly modelId: string;
  /** The tokens above which the listed tier begins. */
  readonly start: number;
  readonly contextWindow: number | undefined;
  readonly atMs: number;
}): boolean {
  const row = retired.find(({ models }) => models.test(modelId));
  if (row !== undefined) return atMs >= Date.parse(row.since);
  // An input that does not fit the window cannot be billed.
  return contextWindow !== undefined && start >= contextWindow;
}
