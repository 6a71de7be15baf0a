import { check } from '../boundary/check.ts';
import { createChunk } from '../boundary/chunk.ts';
import type { LanguageModelV4Middleware } from '../provider/sdk-types.ts';
import type { BilledCalls, CostMiddlewareSettings } from './bill-calls.ts';
import { costMiddlewareSchema } from './pricing-schema.ts';

/** What bills calls; it begins to load when a middleware is made. */
export const billing = createChunk(() => import('./bill-calls.ts'));

/**
 * Puts the cost of each call to one model into `providerMetadata.composite.cost`, on the result or on the finish of a
 * stream. Throws `InvalidArgumentError` on settings that cannot work.
 *
 * @example
 * const model = wrapLanguageModel({ model: openai('gpt-6-sol'), middleware: costMiddleware() });
 */
export function costMiddleware(settings: CostMiddlewareSettings = {}): LanguageModelV4Middleware {
  check({ schema: costMiddlewareSchema(), value: settings, path: [] });
  let calls: BilledCalls | undefined;
  const billed = async (): Promise<BilledCalls> => {
    const { billCalls } = billing.now() ?? (await billing.load());
    calls ??= billCalls(settings);
    return calls;
  };
  void billing.load();
  return {
    specificationVersion: 'v4',
    wrapGenerate: async call => (calls ?? (await billed())).wrapGenerate(call),
    wrapStream: async call => (calls ?? (await billed())).wrapStream(call),
  };
}
