import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { Failure } from '../failure/failure.ts';
import type { Delivery } from './delivery.ts';
import { closeWith } from './last-parts.ts';

const noUsage: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** A stream that broke after its commit, and whose attempt has ended. */
export type Interruption = { readonly delivery: Delivery; readonly failure: Failure };

/** Shows the consumer that the answer broke off: an error and a finish `error`, never a clean end. */
export function showBreak({ delivery, failure }: Interruption): true {
  const { usage = noUsage, providerMetadata } = delivery.attempt.facts;
  return closeWith({
    delivery,
    failure,
    part: {
      type: 'finish',
      finishReason: { unified: 'error', raw: undefined },
      usage,
      ...(providerMetadata !== undefined && { providerMetadata }),
    },
  });
}
