import type { UIMessage } from 'ai';
import type { CostTotal } from '../cost/total/total.ts';
import { countOf, fieldOf } from '../cost/usage/token-count.ts';
import { addUsage, type MessageUsage } from './message-usage.ts';

/** What is known of an answer before this response. */
export type Before = {
  readonly steps: number;
  readonly candidate: string | undefined;
  readonly usage: MessageUsage;
  readonly costs: ReadonlyArray<CostTotal>;
};

/**
 * Reads the report of the answer that a response goes on with. It comes from a browser, and goes back to it: counts and an
 * amount are taken from it, and what is neither is left out. By hand, because browsers load this entry.
 */
export function reportBefore(messages: ReadonlyArray<UIMessage>): Before {
  const last = messages.at(-1);
  const report = last?.role === 'assistant' ? fieldOf(last.metadata, 'composite') : undefined;
  const steps = fieldOf(report, 'steps');
  const candidate = fieldOf(report, 'candidate');
  const usage = fieldOf(report, 'usage');
  return {
    steps: typeof steps === 'object' && steps !== null ? Object.keys(steps).length : 0,
    candidate: typeof candidate === 'string' ? candidate : undefined,
    usage: addUsage({
      inputTokens: countOf(usage, 'inputTokens'),
      outputTokens: countOf(usage, 'outputTokens'),
      cacheReadTokens: countOf(usage, 'cacheReadTokens'),
      reasoningTokens: countOf(usage, 'reasoningTokens'),
    }),
    costs: report === undefined ? [] : [costBefore(fieldOf(report, 'cost'))],
  };
}

/** The longest amount that this package writes has fewer digits by far; more of them would only be work. */
const longestAmount = 60;

function costBefore(cost: unknown): CostTotal {
  const usdExact = fieldOf(cost, 'usdExact');
  const status = fieldOf(cost, 'status');
  const isKnown = typeof usdExact === 'string' && usdExact.length <= longestAmount;
  return {
    status: status === 'priced' || status === 'estimated' || status === 'lower-bound' ? status : 'unknown',
    ...(isKnown && { usdExact }),
    incomplete: countOf(cost, 'incomplete') ?? 0,
    count: countOf(cost, 'count') ?? 1,
  };
}
