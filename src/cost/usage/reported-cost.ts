import { type AttoUsd, attoFromUsd } from '../money.ts';
import { vendorOf } from '../provider-id.ts';
import { fieldOf } from './token-count.ts';

/** A cost that the provider reported itself. */
export type ReportedCost = {
  readonly atto: AttoUsd;
  /** False where the provider says that more is billed elsewhere, or reports a market price instead of a charge. */
  readonly isWhole: boolean;
};

/** xAI's tick: 1 USD is 10^10 ticks (docs.x.ai/developers/cost-tracking, 2026-11). */
const attoPerTick = 10n ** 8n;

/**
 * Reads the cost that a provider reports with its answer.
 *
 * OpenRouter: `cost` in USD; with the user's own upstream key (`is_byok`) it is OpenRouter's fee and the upstream's
 * bill comes on top, otherwise `upstream_inference_cost` is the same money again (openrouter.ai/docs, usage
 * accounting, 2026-11). Its own package leaves `is_byok` out; without an own key the upstream never costs more than
 * was charged, so more means an own key. xAI: `cost_in_usd_ticks`. Perplexity: `cost.total_cost`; its
 * own package puts it into the metadata (github.com/vercel/ai/pull/13705, 2026-03). Vercel AI Gateway:
 * `providerMetadata.gateway.cost`.
 */
export function readReportedCost({
  provider,
  raw,
  providerMetadata,
}: {
  readonly provider: string;
  readonly raw: unknown;
  readonly providerMetadata: unknown;
}): ReportedCost | undefined {
  const ticks =
    fieldOf(raw, 'cost_in_usd_ticks') ?? fieldOf(fieldOf(providerMetadata, 'xai'), 'costInUsdTicks');
  if (typeof ticks === 'number' && Number.isSafeInteger(ticks) && ticks >= 0)
    return { atto: BigInt(ticks) * attoPerTick, isWhole: true };

  const gateway = fieldOf(providerMetadata, 'gateway');
  const charged = amountOf(fieldOf(gateway, 'cost'));
  if (charged !== undefined) {
    const market = amountOf(fieldOf(gateway, 'marketCost'));
    return charged === 0n && market !== undefined && market > 0n
      ? { atto: market, isWhole: false }
      : { atto: charged, isWhole: true };
  }

  const usage = fieldOf(fieldOf(providerMetadata, 'openrouter'), 'usage');
  const cost =
    amountOf(fieldOf(raw, 'cost')) ??
    amountOf(fieldOf(fieldOf(raw, 'cost'), 'total_cost')) ??
    amountOf(fieldOf(fieldOf(fieldOf(providerMetadata, 'perplexity'), 'cost'), 'totalCost')) ??
    amountOf(fieldOf(usage, 'cost'));
  if (cost === undefined) return undefined;
  const details = fieldOf(raw, 'cost_details') ?? fieldOf(usage, 'costDetails');
  const upstream = amountOf(
    fieldOf(details, 'upstream_inference_cost') ?? fieldOf(details, 'upstreamInferenceCost'),
  );
  const isByok = fieldOf(raw, 'is_byok') ?? fieldOf(usage, 'isByok') ?? (upstream ?? 0n) > cost;
  if (isByok === true) {
    // A fee of 0 with no word of the upstream bill says nothing of what the request cost.
    if (upstream === undefined && cost === 0n) return undefined;
    return { atto: cost + (upstream ?? 0n), isWhole: upstream !== undefined };
  }
  // A server that always says 0 does not know; OpenRouter says it of free models and means it.
  const isTrusted =
    vendorOf(provider) === 'openrouter' || details !== undefined || fieldOf(raw, 'is_byok') === false;
  return cost > 0n || isTrusted ? { atto: cost, isWhole: true } : undefined;
}

function amountOf(value: unknown): AttoUsd | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? attoFromUsd(value) : undefined;
  return typeof value === 'string' && /^\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(value)
    ? attoFromUsd(value)
    : undefined;
}
