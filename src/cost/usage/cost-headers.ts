import type { AttoUsd } from '../money.ts';
import { amountOf } from './amount.ts';
import { fieldOf } from './token-count.ts';

/**
 * Reads what a LiteLLM proxy says in its response headers, in USD (docs.litellm.ai/docs/proxy/response_headers,
 * 2026-10): `x-litellm-response-cost` is what is charged, after discount and margin. On some of its routes, and in
 * newer versions, there is only `-original`, before both (litellm/proxy/common_request_processing.py, 2026-11).
 *
 * A 0 is no cost: the proxy says it of every model that it has no price for, and of a stream, whose headers go out
 * before the answer is known.
 */
export function readCostHeaders(headers: unknown): AttoUsd | undefined {
  const amount = (suffix: string) => amountOf(fieldOf(headers, `x-litellm-response-cost${suffix}`)) ?? 0n;
  const charged = amount('');
  if (charged > 0n) return charged;
  const original = amount('-original');
  if (original === 0n) return undefined;
  const sum = original - amount('-discount-amount') + amount('-margin-amount');
  return sum > 0n ? sum : undefined;
}
