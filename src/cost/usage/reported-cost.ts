import type { JSONObject } from '@ai-sdk/provider';
import { numberAt } from './token-count.ts';

/** xAI's tick: ten billion to the dollar. */
const ticksPerUsd = 10_000_000_000;

/**
 * The cost in USD that a provider reports itself: OpenRouter's `cost` (with its own key at the upstream, `is_byok`, the
 * upstream's bill comes on top), xAI's `cost_in_usd_ticks`.
 */
export function readReportedCost(raw: JSONObject | undefined): number | undefined {
  if (raw === undefined) return undefined;
  const ticks = numberAt({ raw, path: ['cost_in_usd_ticks'] });
  if (ticks !== undefined && ticks >= 0) return ticks / ticksPerUsd;
  const cost = numberAt({ raw, path: ['cost'] });
  if (cost === undefined || cost < 0) return undefined;
  const upstream =
    raw.is_byok === true ? numberAt({ raw, path: ['cost_details', 'upstream_inference_cost'] }) : undefined;
  return cost + (upstream ?? 0);
}
