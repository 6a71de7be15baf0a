import * as z from 'zod/v4';
import { callback, immediateCallback } from '../boundary/callback-schema.ts';
import { strictOptions } from '../boundary/check.ts';
import { lazily } from '../boundary/lazily.ts';
import { priceSchema, pricesSchema } from './price/price.ts';

const options = lazily(() => {
  const catalog = z
    .union([z.literal(false), z.custom(value => isMadeOf({ value, methods: ['lookUpNow', 'load'] }))], {
      error: 'must be a price catalog, or false for none; createPriceCatalog() makes one',
    })
    .optional();
  return {
    catalog,
    estimateTokens: immediateCallback().optional(),
    preferUserPrice: z.boolean({ error: 'must be true or false' }).optional(),
    maxWaitMs: z
      .number({ error: 'must be a number of milliseconds' })
      .positive({ error: 'must be above 0' })
      .max(2_147_483_647, { error: 'must be at most 2,147,483,647: no call waits for a price for ever' })
      .optional(),
    onWarning: callback().optional(),
  };
});

/** What a composite's `pricing` takes; its prices and its clock are settings of their own. */
export const pricingSchema = lazily(() => strictOptions(options()));

/** What `costMiddleware` takes. */
export const costMiddlewareSchema = lazily(() =>
  strictOptions({
    ...options(),
    prices: pricesSchema.optional(),
    price: priceSchema.optional(),
    now: immediateCallback().optional(),
    schedule: immediateCallback().optional(),
    onCost: callback().optional(),
  }),
);

function isMadeOf({
  value,
  methods,
}: {
  readonly value: unknown;
  readonly methods: ReadonlyArray<string>;
}): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    methods.every(name => typeof Reflect.get(value, name) === 'function')
  );
}
