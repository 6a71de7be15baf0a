import { vendorOf } from '../price/provider-id.ts';
import { type AttoUsd, attoFromUsd } from '../total/money.ts';
import { fieldOf } from '../usage/token-count.ts';

/** A cost that the provider reported itself. */
export type ReportedCost = {
  readonly atto: AttoUsd;
  /** False where the provider says that more is billed elsewhere, or reports a market price instead of a charge. */
  readonly isWhole: boolean;
  /** False where nothing but custom says that the figure is in USD, so that the user's own price comes first. */
  readonly isUsd: boolean;
};

/** What is known of an answer that may say what it cost. */
type Answer = {
  readonly provider: string;
  /** The provider's own usage. */
  readonly raw: unknown;
  readonly providerMetadata: unknown;
  readonly headers?: unknown;
};

/** xAI's tick: 1 USD is 10^10 ticks (docs.x.ai/developers/cost-tracking, 2026-11). */
const attoPerTick = 10n ** 8n;

/**
 * Whose `cost`, `total_cost` or `estimated_cost` is in USD, by the first words of the model's `provider`: OpenRouter
 * (openrouter.ai/docs, usage accounting, 2026-11), DeepInfra, whose prices and bills are in USD alone (deepinfra.com,
 * 2026-11), LiteLLM with `include_cost_in_streaming_usage`, Manifest and Kilo (github.com/anomalyco/opencode, issue
 * 43818 and pull request 43827, 2026-08), Requesty (github.com/api-evangelist/requesty, 2026-06). Others may count in
 * credits of their own.
 */
const inUsd: ReadonlySet<string> = new Set([
  'openrouter',
  'deepinfra',
  'litellm',
  'requesty',
  'manifest',
  'kilo',
  'kilocode',
]);

/**
 * Reads the cost that a provider reports with its answer; the gateway that was spoken to goes before whom it asked.
 *
 * LiteLLM: response headers. xAI: `cost_in_usd_ticks`. Vercel AI Gateway: `providerMetadata.gateway.cost`. LLM Gateway:
 * `cost_usd_total` (docs.llmgateway.io, cost breakdown, 2026-11). Perplexity: `cost.total_cost`; its own package puts it
 * into the metadata (github.com/vercel/ai/pull/13705, 2026-03). OpenRouter and those that copy it: `cost`.
 */
export function readReportedCost(answer: Answer): ReportedCost | undefined {
  const { raw, providerMetadata, headers } = answer;
  const told = readCostHeaders(headers);
  if (told !== undefined) return { atto: told, isWhole: true, isUsd: true };
  const ticks =
    fieldOf(raw, 'cost_in_usd_ticks') ?? fieldOf(fieldOf(providerMetadata, 'xai'), 'costInUsdTicks');
  if (typeof ticks === 'number' && Number.isSafeInteger(ticks) && ticks >= 0)
    return { atto: BigInt(ticks) * attoPerTick, isWhole: true, isUsd: true };
  return readGatewayCost(fieldOf(providerMetadata, 'gateway')) ?? readTotal(answer) ?? readCharge(answer);
}

/** The Vercel AI Gateway charges nothing for an own key, whose bill comes from elsewhere at about the market price. */
function readGatewayCost(gateway: unknown): ReportedCost | undefined {
  const charged = amountOf(fieldOf(gateway, 'cost'));
  if (charged === undefined) return undefined;
  const market = amountOf(fieldOf(gateway, 'marketCost'));
  return charged === 0n && market !== undefined && market > 0n
    ? { atto: market, isWhole: false, isUsd: true }
    : { atto: charged, isWhole: true, isUsd: true };
}

/** Sums whose name or shape says what they are; a sum in another currency is none. */
function readTotal({ raw, providerMetadata }: Answer): ReportedCost | undefined {
  const cost = fieldOf(raw, 'cost');
  const currency = fieldOf(cost, 'currency') ?? 'USD';
  const atto =
    positiveAmount(fieldOf(raw, 'cost_usd_total')) ??
    (currency === 'USD' ? positiveAmount(fieldOf(cost, 'total_cost')) : undefined) ??
    positiveAmount(fieldOf(fieldOf(fieldOf(providerMetadata, 'perplexity'), 'cost'), 'totalCost'));
  return atto === undefined ? undefined : { atto, isWhole: true, isUsd: true };
}

/**
 * OpenRouter's `cost` is what it charges; with the user's own upstream key (`is_byok`) that is its fee and the upstream's
 * bill comes on top, otherwise `upstream_inference_cost` is the same money again (openrouter.ai/docs, usage accounting,
 * 2026-11). Its own package leaves `is_byok` out; without an own key the upstream never costs more than was charged, so
 * more means an own key.
 */
function readCharge({ provider, raw, providerMetadata }: Answer): ReportedCost | undefined {
  const usage = fieldOf(fieldOf(providerMetadata, 'openrouter'), 'usage');
  const cost =
    amountOf(fieldOf(raw, 'cost')) ??
    amountOf(fieldOf(raw, 'total_cost')) ??
    amountOf(fieldOf(raw, 'estimated_cost')) ??
    amountOf(fieldOf(usage, 'cost'));
  if (cost === undefined) return undefined;
  const details = fieldOf(raw, 'cost_details') ?? fieldOf(usage, 'costDetails');
  const said = fieldOf(raw, 'is_byok') ?? fieldOf(usage, 'isByok');
  const vendor = vendorOf(provider).toLowerCase();
  const isUsd = inUsd.has(vendor) || details !== undefined || said !== undefined || usage !== undefined;
  const upstream = amountOf(
    fieldOf(details, 'upstream_inference_cost') ?? fieldOf(details, 'upstreamInferenceCost'),
  );
  if ((said ?? (upstream ?? 0n) > cost) === true) {
    // A fee of 0 with no word of the upstream bill says nothing of what the request cost.
    if (upstream === undefined && cost === 0n) return undefined;
    return { atto: cost + (upstream ?? 0n), isWhole: upstream !== undefined, isUsd };
  }
  // A server that always says 0 does not know; OpenRouter says it of free models and means it.
  const isTrusted = vendor === 'openrouter' || details !== undefined || said === false;
  return cost > 0n || isTrusted ? { atto: cost, isWhole: true, isUsd } : undefined;
}

/**
 * Reads what a LiteLLM proxy says in its response headers, in USD (docs.litellm.ai/docs/proxy/response_headers,
 * 2026-10): `x-litellm-response-cost` is what is charged, after discount and margin. On some of its routes, and in
 * newer versions, there is only `-original`, before both (litellm/proxy/common_request_processing.py, 2026-11).
 *
 * A 0 is no cost: the proxy says it of every model that it has no price for, and of a stream, whose headers go out
 * before the answer is known.
 */
function readCostHeaders(headers: unknown): AttoUsd | undefined {
  const amount = (suffix: string) => amountOf(fieldOf(headers, `x-litellm-response-cost${suffix}`)) ?? 0n;
  const charged = amount('');
  if (charged > 0n) return charged;
  const original = amount('-original');
  if (original === 0n) return undefined;
  const sum = original - amount('-discount-amount') + amount('-margin-amount');
  return sum > 0n ? sum : undefined;
}

/** Reads an amount of USD: a number of at least 0, or the text of one; undefined for anything else. */
function amountOf(value: unknown): AttoUsd | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? attoFromUsd(value) : undefined;
  return typeof value === 'string' && /^\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(value)
    ? attoFromUsd(value)
    : undefined;
}

function positiveAmount(value: unknown): AttoUsd | undefined {
  const amount = amountOf(value);
  return amount === undefined || amount === 0n ? undefined : amount;
}
