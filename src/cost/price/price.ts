import * as z from 'zod/v4';
import { check, strictOptions } from '../../boundary/check.ts';
import { type TokenBucket, tokenBuckets, type UseBucket, useBuckets } from '../usage/bucket.ts';

/**
 * USD per 1M tokens, by bucket, keys named as in the SDK's `usage`.
 *
 * A bucket without a rate of its own takes the rate of the bucket it is a special case of: cached and written input,
 * and audio, images and video in the input, the `inputTokens` rate; reasoning, and audio and images in the output,
 * the `outputTokens` rate. So a missing cache price means the full input rate, never 0. Long cache writes take a
 * published ratio to `cacheWriteTokens`, which makes the cost an estimate; cached audio and images take the rate of
 * their medium, else that of cached input.
 */
export type Rates = { readonly [Bucket in TokenBucket]?: number };

/** Rates for a long input. A tier is a cliff: it applies to the whole request, not to the tokens above the line. */
export type PriceTier = Rates & {
  /** The tier applies when the whole input, cached tokens included, is more than this. */
  readonly aboveInputTokens: number;
  /** Makes the line itself part of the tier ("200k and more", as at xAI). Default: false ("more than 200k"). */
  readonly inclusive?: boolean;
};

/**
 * What a model costs. All rates 0 is a free model.
 *
 * @example
 * const price: Price = { inputTokens: 2, outputTokens: 10, cacheReadTokens: 0.2, cacheWriteTokens: 2.5 };
 */
export type Price = Rates & {
  /** USD per 1M fresh input tokens. */
  readonly inputTokens: number;
  /** USD per 1M output tokens. */
  readonly outputTokens: number;
  /** Long-context tiers; the highest one that applies wins. */
  readonly tiers?: readonly PriceTier[];
  /**
   * What another service tier costs, by the name the provider reports (`flex`, `priority`, `fast`, `batch`, or `us`
   * for a regional surcharge): a factor on all token rates, or rates: those named replace the others, long-context
   * ones included; the rest stays. Tiers that are not named here take the provider's published factor.
   */
  readonly serviceTiers?: Readonly<Record<string, number | Rates>>;
  /** USD per use (not per million): tools the provider runs and bills by the use, and a fee per request. */
  readonly uses?: { readonly [Bucket in UseBucket]?: number };
};

/**
 * Prices by `provider/model`, exact or with a trailing `*`: `{ 'ofox/claude-*': { ... } }`.
 *
 * `provider` is the model's `provider`, what comes before a dot in it (`openai` for `openai.responses`), or the
 * catalog's name for it. An exact key wins over a pattern, a longer pattern over a shorter one.
 */
export type Prices = Readonly<Record<`${string}/${string}`, Price>>;

const makePriceSchema = () => {
  const perMillion = amount('USD per 1M tokens');
  const rates = optional({ names: tokenBuckets, schema: perMillion });

  return strictOptions({
    ...rates,
    inputTokens: perMillion,
    outputTokens: perMillion,
    tiers: z
      .array(
        strictOptions({
          ...rates,
          aboveInputTokens: z.number().int().positive(),
          inclusive: z.boolean().optional(),
        }),
      )
      .optional(),
    serviceTiers: z
      .record(z.string(), z.union([amount('a factor such as 0.5, or rates'), strictOptions(rates)]))
      .optional(),
    uses: strictOptions(optional({ names: useBuckets, schema: amount('USD per use') })).optional(),
  });
};

/** Parses a `Price`; refuses unknown keys, and amounts that are not numbers of at least 0. */
export const priceSchema = /* @__PURE__ */ z.lazy(makePriceSchema);

const keyPattern = /^[^/*\s]+\/(?:[^*\s]+\*?|\*)$/;

/** Parses `Prices`. */
export const pricesSchema = /* @__PURE__ */ z.lazy(() =>
  z
    .record(z.string(), priceSchema, {
      error: "must be prices by model, such as { 'provider/model': { inputTokens: 2, outputTokens: 10 } }",
    })
    .superRefine((prices, context) => {
      for (const key of Object.keys(prices)) {
        if (keyPattern.test(key)) continue;
        context.addIssue({
          code: 'custom',
          path: [key],
          message: 'its key must be "provider/model" or "provider/model*"',
        });
      }
    }),
);

/** Checks prices that a caller passed in; throws `InvalidArgumentError` on the first that cannot be. */
export function parsePrices({
  prices,
  option,
}: {
  readonly prices: unknown;
  readonly option: string;
}): Prices {
  check({ schema: pricesSchema, value: prices, path: [option] });
  // The schema and the type say the same; zod writes optional keys as `| undefined`, which exactOptionalPropertyTypes
  // tells apart, and the values that were passed in are kept as they are.
  return prices as Prices;
}

function optional({ names, schema }: { readonly names: readonly string[]; readonly schema: z.ZodType }) {
  return Object.fromEntries(names.map(name => [name, schema.optional()]));
}

function amount(unit: string) {
  const error = `must be ${unit}, a number of at least 0 (a free model has all rates 0)`;
  return z.number({ error }).nonnegative({ error });
}
