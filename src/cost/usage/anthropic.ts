import type { CostFlag } from '../cost.ts';
import type { TokenBucket, TokenCounts } from './bucket.ts';
import type { Reading, Share } from './reading.ts';
import { countOf, createCountOf, fieldOf } from './token-count.ts';

/**
 * Reads the usage of the Anthropic Messages API.
 *
 * `input_tokens` is fresh input only; cache reads and writes come on top. Writes kept for 1 hour are named in
 * `cache_creation`; a stream merges two events, of which only the first has it, so the 5-minute part is what is left
 * of the sum (platform.claude.com, prompt caching, 2026-11).
 *
 * `iterations` lists the model calls behind one answer. Compaction and executor calls are billed at the model's rates
 * and make up the true totals, an advisor's at the advisor's (platform.claude.com, advisor tool, 2026-11). After a
 * server-side fallback the totals are those of the model that served; "each attempt that generated output, including
 * one that declined mid-response, is billed separately at the rates of the model that ran it", and one that declined
 * before any output is free (platform.claude.com, refusals and fallback, 2026-09; a usage of that kind is recorded in
 * github.com/ccusage/ccusage/issues/1552).
 */
export function readAnthropicUsage(raw: unknown): Reading {
  const flags: CostFlag[] = [];
  const iterations = fieldOf(raw, 'iterations');
  const list: readonly unknown[] = Array.isArray(iterations) ? iterations : [];
  const ofType = (...types: readonly string[]) =>
    list.filter(iteration => types.includes(String(fieldOf(iteration, 'type'))));
  const advisors = ofType('advisor_message').map(iteration => shareOf({ usage: iteration, flags }));
  const attempts = ofType('message', 'compaction', 'fallback_message');
  const fallback = ofType('fallback_message').at(-1);
  const executors = ofType('message', 'compaction');

  const whole = () => shareOf({ usage: raw, flags });
  const shares =
    fallback !== undefined
      ? fallbackShares({ attempts, fallback, raw, flags })
      : executors.length === 0
        ? [whole()]
        : executorShares({ executors, whole: whole(), flags });
  return {
    shares: [...shares, ...advisors],
    flags,
    inputKnown: countOf(raw, 'input_tokens') !== undefined || executors.length > 0,
    outputKnown: countOf(raw, 'output_tokens') !== undefined || executors.length > 0,
  };
}

function shareOf({ usage, flags }: { readonly usage: unknown; readonly flags: CostFlag[] }): Share {
  const count = createCountOf(flags);
  const creation = fieldOf(usage, 'cache_creation');
  const oneHour = count(creation, 'ephemeral_1h_input_tokens') ?? 0;
  const named = oneHour + (count(creation, 'ephemeral_5m_input_tokens') ?? 0);
  const written = count(usage, 'cache_creation_input_tokens') ?? named;
  if (oneHour > written) flags.push('total-mismatch');
  const cacheWrite1hTokens = Math.min(oneHour, written);
  const output = count(usage, 'output_tokens') ?? 0;
  const thinking = count(fieldOf(usage, 'output_tokens_details'), 'thinking_tokens') ?? 0;
  const model = fieldOf(usage, 'type') === 'advisor_message' ? fieldOf(usage, 'model') : undefined;
  if (thinking > output) flags.push('total-mismatch');
  return {
    counts: {
      inputTokens: count(usage, 'input_tokens') ?? 0,
      cacheReadTokens: count(usage, 'cache_read_input_tokens') ?? 0,
      cacheWriteTokens: written - cacheWrite1hTokens,
      cacheWrite1hTokens,
      outputTokens: Math.max(0, output - thinking),
      reasoningTokens: Math.min(thinking, output),
    },
    // An advisor's tokens without a model's name are still not the executor's; an empty name finds no price.
    ...(fieldOf(usage, 'type') === 'advisor_message' && { modelId: typeof model === 'string' ? model : '' }),
  };
}

function ranBy({ share, iteration }: { readonly share: Share; readonly iteration: unknown }): Share {
  const modelId = fieldOf(iteration, 'model');
  return typeof modelId === 'string' ? { ...share, modelId } : share;
}

/** The attempt that served, whose counts are the totals, then those before it that generated something. */
function fallbackShares({
  attempts,
  fallback,
  raw,
  flags,
}: {
  readonly attempts: readonly unknown[];
  readonly fallback: unknown;
  readonly raw: unknown;
  readonly flags: CostFlag[];
}): readonly Share[] {
  const isServing = (iteration: unknown) =>
    fieldOf(iteration, 'type') === 'fallback_message' &&
    fieldOf(iteration, 'model') === fieldOf(fallback, 'model');
  const declined = attempts.filter(
    iteration => !isServing(iteration) && (countOf(iteration, 'output_tokens') ?? 0) > 0,
  );
  const isOneCall = attempts.filter(isServing).length === 1;
  const shareFor = ({ usage, iteration }: { readonly usage: unknown; readonly iteration: unknown }) =>
    ranBy({ share: shareOf({ usage: withCreation({ usage, raw }), flags }), iteration });
  return [
    shareFor({ usage: isOneCall ? withOwnCounts({ iteration: fallback, raw }) : raw, iteration: fallback }),
    ...declined.map(iteration => shareFor({ usage: iteration, iteration })),
  ];
}

/**
 * What an attempt says of itself goes before the totals, which have been seen to add up the output of all attempts over
 * the input of the first.
 */
function withOwnCounts({ iteration, raw }: { readonly iteration: unknown; readonly raw: unknown }): object {
  const own = Object.entries(Object(iteration)).filter(([, value]) => value !== null);
  return { ...Object(raw), cache_creation: undefined, ...Object.fromEntries(own) };
}

/**
 * A stream says the kinds of cache writes in its first event, which is the first attempt's, and puts the counts of the
 * attempt that served over it: the kinds belong to the attempt whose writes they add up to.
 */
function withCreation({ usage, raw }: { readonly usage: unknown; readonly raw: unknown }): object {
  const creation = fieldOf(raw, 'cache_creation');
  const named =
    (countOf(creation, 'ephemeral_1h_input_tokens') ?? 0) +
    (countOf(creation, 'ephemeral_5m_input_tokens') ?? 0);
  const own = usage === raw ? undefined : fieldOf(usage, 'cache_creation');
  const fits = named === (countOf(usage, 'cache_creation_input_tokens') ?? named);
  return { ...Object(usage), cache_creation: own ?? (fits ? creation : undefined) };
}

/** One share per model call, so that a long-context line is tested on each call and not on their sum. */
function executorShares({
  executors,
  whole,
  flags,
}: {
  readonly executors: readonly unknown[];
  readonly whole: Share;
  readonly flags: CostFlag[];
}): readonly Share[] {
  const own = executors.map(usage => shareOf({ usage, flags }).counts);
  const {
    cacheReadTokens = 0,
    cacheWriteTokens = 0,
    cacheWrite1hTokens = 0,
    reasoningTokens = 0,
  } = whole.counts;
  // Calls may come without cache counts of their own; then the answer's counts are all there is.
  const counts = own.some(hasCache)
    ? own
    : own.map((call, index) =>
        index === 0 ? { ...call, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens } : call,
      );
  // What only the answer as a whole says, such as thinking and the 1-hour part of the writes, is moved within the
  // calls. The whole may have the input of the first call only: where that wrote for 1 hour alone, all calls did.
  const isAll1h = cacheWrite1hTokens > 0 && cacheWriteTokens === 0;
  const withWrites = own.some(call => (call.cacheWrite1hTokens ?? 0) > 0)
    ? counts
    : move({
        counts,
        from: 'cacheWriteTokens',
        to: 'cacheWrite1hTokens',
        amount: counts !== own ? 0 : isAll1h ? Number.POSITIVE_INFINITY : cacheWrite1hTokens,
      });
  return move({
    counts: withWrites,
    from: 'outputTokens',
    to: 'reasoningTokens',
    amount: reasoningTokens,
  }).map(call => ({ counts: call }));
}

function hasCache({
  cacheReadTokens = 0,
  cacheWriteTokens = 0,
  cacheWrite1hTokens = 0,
}: TokenCounts): boolean {
  return cacheReadTokens + cacheWriteTokens + cacheWrite1hTokens > 0;
}

/** Moves up to `amount` tokens from one bucket to another, call by call from the last one back. */
function move({
  counts,
  from,
  to,
  amount,
}: {
  readonly counts: readonly TokenCounts[];
  readonly from: TokenBucket;
  readonly to: TokenBucket;
  readonly amount: number;
}): readonly TokenCounts[] {
  let left = amount;
  return counts.toReversed().map(call => {
    const part = Math.min(left, call[from] ?? 0);
    left -= part;
    return part === 0 ? call : { ...call, [from]: (call[from] ?? 0) - part, [to]: (call[to] ?? 0) + part };
  });
}
