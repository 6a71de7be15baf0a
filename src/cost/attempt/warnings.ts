import { notify } from '../../boundary/callback.ts';
import type { CatalogMiss } from '../catalog/catalog-price.ts';
import { vendorOf } from '../price/provider-id.ts';

/** Something about pricing that the user should know; told at most once per model and type. */
export type CostWarning = {
  readonly type: 'unknown-price' | 'missing-usage' | 'stale-prices';
  readonly provider: string;
  readonly modelId: string;
  /** What is wrong and what fixes it. */
  readonly message: string;
};

const maxRemembered = 1_000;

/** Tells a warning unless it was told before; the message is made only when it is told. */
export type WarnOnce = (warning: Omit<CostWarning, 'message'> & { readonly tell: () => string }) => void;

/**
 * Makes a teller. Unknown prices and missing usage are told once per model, an old catalog once: its models are all
 * as old. What it remembers is bounded, and a callback that throws costs nothing.
 */
export function createWarnOnce({
  onWarning,
}: {
  readonly onWarning: (warning: CostWarning) => unknown;
}): WarnOnce {
  const told = new Map<CostWarning['type'], Set<string>>();
  return ({ type, provider, modelId, tell }) => {
    const known = told.get(type) ?? new Set<string>();
    const key = type === 'stale-prices' ? '' : `${provider}|${modelId}`;
    if (known.has(key) || known.size >= maxRemembered) return;
    told.set(type, known.add(key));
    notify({ observer: onWarning, event: { type, provider, modelId, message: tell() } });
  };
}

type Model = { readonly provider: string; readonly modelId: string };

/** Says which price is missing and how to set it. */
export function unknownPriceHint({
  provider,
  modelId,
  miss: { nearest, why },
}: Model & { readonly miss: CatalogMiss }): string {
  // Escaped: one such letter makes V8 keep the whole file with two bytes a letter.
  const fix = `prices: { '${vendorOf(provider)}/${modelId}': { inputTokens: \u2026, outputTokens: \u2026 } }`;
  const reason = why ?? (nearest === undefined ? undefined : `nearest: ${nearest}`);
  return `No price is known for ${provider} ${modelId}${reason === undefined ? '' : ` (${reason})`}; set it in USD per 1M tokens: ${fix}`;
}

/**
 * Providers whose own packages ask for usage, or whose servers send it unasked, by the first word of their `provider`.
 * They have no setting for it (versions of 2026-11).
 */
const asksByItself: ReadonlySet<string> = new Set(
  (
    'alibaba azure baseten cerebras cohere deepinfra deepseek fireworks groq mistral moonshotai ' +
    'ollama openai perplexity togetherai vercel workersai xai'
  ).split(' '),
);

/** No usage came with a whole answer. */
export function missingUsageMessage({
  provider,
  modelId,
  isStream,
}: Model & { readonly isStream: boolean }): string {
  const advice = usageAdvice({ provider, modelId, isStream });
  return `ai-composite: ${provider} ${modelId} reported no usage, so its cost is estimated. ${advice}`;
}

/** Only packages that leave it to the user have a setting, and only what is set there can help. */
function usageAdvice({ provider, modelId, isStream }: Parameters<typeof missingUsageMessage>[0]): string {
  const vendor = vendorOf(provider);
  if (vendor === 'openrouter') return `Ask for it: openrouter('${modelId}', { usage: { include: true } }).`;
  // Names of models that `createOpenAICompatible` makes end so; it asks for the usage of a stream where it is told to.
  if (isStream && /\.(?:chat|completion)$/.test(provider) && !asksByItself.has(vendor))
    return 'If it is made by createOpenAICompatible, ask for it: createOpenAICompatible({ ..., includeUsage: true }).';
  return 'Its package has no setting for that: ask whoever runs the server, or a proxy in front of it.';
}

/** A price that was used is old. */
export function stalePriceMessage(priceDate: string): string {
  return `ai-composite: list prices in use were last checked on ${priceDate}. Update ai-composite, refresh the catalog (createPriceCatalog().refresh('genai-prices')), or set prices.`;
}
