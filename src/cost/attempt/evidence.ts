import { mergeUsage } from '../seen/merge-usage.ts';
import { fieldOf } from '../usage/token-count.ts';
import type { MeterEnd } from './meter.ts';
import type { EndedAttempt } from './settling.ts';

/** What is known of an attempt's usage, from wherever it came. */
export type Evidence = {
  readonly usage: MeterEnd['usage'];
  /** The provider's own usage where it was seen on the wire, or in the body. */
  readonly wire: unknown;
  /** The provider's own usage, wherever it was. */
  readonly raw: unknown;
  readonly providerMetadata: unknown;
  readonly served: string | undefined;
  readonly wireTier: unknown;
  /** The provider's own word for why the answer ended. */
  readonly stopReason: unknown;
  /** The answer ended before the provider was done with it. */
  readonly isCut: boolean;
  readonly isWireEarly: boolean;
};

/** Puts together what the result, the finish part, the wire and the body say. */
export function gatherEvidence({ seen, end }: Pick<EndedAttempt, 'seen' | 'end'>): Evidence {
  const { finish } = seen;
  const usage = end.usage ?? finish?.usage;
  const isWhole = usage !== undefined && hasCounts(usage);
  const providerMetadata = end.providerMetadata ?? finish?.providerMetadata ?? seen.gemini?.metadata();
  const bodyUsage = fieldOf(end.responseBody, 'usage');
  const fromWire = bodyUsage ?? seen.wireUsage;
  const wire = isWhole ? moreThan({ usage, providerMetadata, bodyUsage, seen }) : fromWire;
  const isInterrupted =
    finish?.finishReason.unified === 'interrupted' || finish?.finishReason.unified === 'error';
  return {
    usage: isWhole ? usage : undefined,
    wire,
    raw: wire ?? (isWhole ? usage.raw : undefined),
    providerMetadata,
    served: end.responseModelId ?? seen.responseModelId,
    wireTier: fieldOf(end.responseBody, 'service_tier') ?? seen.wireTier,
    stopReason: fieldOf(end.responseBody, 'stop_reason') ?? finish?.finishReason.raw,
    isCut: end.outcome !== 'success' && (isInterrupted || (finish === undefined && end.usage === undefined)),
    isWireEarly: !isWhole && seen.isWireUsageEarly,
  };
}

/**
 * A whole usage is the package's, which sums continued requests and merges events. This is where the wire has more: of
 * chat completions the package drops audio tokens, and counts by names it does not know, which leaves zeros; of
 * Anthropic's iterations the kinds of cache writes; and a count that is null or 0 in the last event of Anthropic or
 * Gemini hides the one of an earlier event.
 */
function moreThan({
  usage,
  providerMetadata,
  bodyUsage,
  seen,
}: {
  readonly usage: MeterEnd['usage'] & object;
  readonly providerMetadata: unknown;
  readonly bodyUsage: unknown;
  readonly seen: EndedAttempt['seen'];
}): unknown {
  const fromWire = bodyUsage ?? seen.wireUsage;
  const isChat =
    fieldOf(fromWire, 'prompt_tokens') !== undefined || fieldOf(fromWire, 'completion_tokens') !== undefined;
  if (isChat) return fromWire;
  if (isUpgraded(usage)) return usageInMetadata(providerMetadata) ?? fromWire;
  if (fieldOf(bodyUsage, 'iterations') != null) return bodyUsage;
  if (seen.gemini !== undefined) return mergeUsage({ first: fromWire, last: usage.raw });
  if (bodyUsage === undefined && seen.isWireUsageEarly)
    return withStart({ start: fromWire, last: usage.raw });
  return usage.inputTokens.total === 0 && usage.outputTokens.total === 0 ? fromWire : undefined;
}

/**
 * The output of Anthropic's first event is only an opening, and of several attempts the counts are those of the last:
 * there a 0 is one.
 */
function withStart({ start, last }: { readonly start: unknown; readonly last: unknown }): unknown {
  if (typeof start !== 'object' || typeof last !== 'object' || last === null) return undefined;
  if (fieldOf(last, 'iterations') == null)
    return mergeUsage({
      first: { ...start, output_tokens: fieldOf(last, 'output_tokens') ?? fieldOf(start, 'output_tokens') },
      last,
    });
  const said = Object.entries(last).filter(([, value]) => value !== null);
  return { ...start, ...Object.fromEntries(said) };
}

/** A package fills in 0 where a server said nothing; its own numbers tell the two apart. */
function hasCounts({ inputTokens, outputTokens, raw }: MeterEnd['usage'] & object): boolean {
  if (raw !== undefined || inputTokens.total !== undefined || outputTokens.total !== undefined) return true;
  return [...Object.values(inputTokens), ...Object.values(outputTokens)].some(count => count !== undefined);
}

/** The SDK upgrades older models; their usage has three or four numbers and, as raw, at most their total. */
function isUpgraded({ raw }: MeterEnd['usage'] & object): boolean {
  return raw === undefined || (raw.totalTokens !== undefined && Object.keys(raw).length === 1);
}

/** Where packages of that age put the provider's own usage (version 2 of `@ai-sdk/anthropic` and `@ai-sdk/google`). */
function usageInMetadata(providerMetadata: unknown): unknown {
  return (
    fieldOf(fieldOf(providerMetadata, 'anthropic'), 'usage') ??
    fieldOf(fieldOf(providerMetadata, 'google'), 'usageMetadata') ??
    undefined
  );
}
