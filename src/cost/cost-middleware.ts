import { check } from '../boundary/check.ts';
import { createChunk } from '../boundary/chunk.ts';
import type { LanguageModelV4Middleware } from '../provider/sdk-types.ts';
import type { BilledCalls } from './bill-calls.ts';
import type { Cost } from './cost.ts';
import type { Price } from './price/price.ts';
import type { PricingOptions } from './pricing.ts';
import { costMiddlewareSchema } from './pricing-schema.ts';

/** What bills calls; it begins to load when a middleware is made. */
export const billing = createChunk(() => import('./bill-calls.ts'));

/** What `costMiddleware` takes. */
export type CostMiddlewareSettings = PricingOptions & {
  /** The price of the wrapped model; wins over `prices` and the catalog. */
  readonly price?: Price;
  /**
   * Told the cost of every call once, also of one that failed, was cut or was stopped. If it throws or rejects, the
   * call goes on. A stream that is neither read to its end nor cancelled nor aborted has no end to tell of: hand on an
   * `abortSignal`. (A composite ends such a stream by `unreadMs`.)
   */
  readonly onCost?: (cost: Cost) => void;
};

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
