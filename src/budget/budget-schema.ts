import * as z from 'zod/v4';
import { immediateCallback } from '../boundary/callback-schema.ts';
import { strictOptions } from '../boundary/check.ts';
import { lazily } from '../boundary/lazily.ts';

const usd = lazily(() =>
  z
    .number({ error: 'must be a number of USD' })
    .positive({ error: 'must be above 0: a budget of nothing lets no call through' })
    .max(1_000_000_000, { error: 'must be at most 1,000,000,000' }),
);

const every = lazily(() =>
  z.union(
    [
      z.enum(['hour', 'day', 'month']),
      z
        .int({ error: 'must be a whole number of milliseconds' })
        .min(1, { error: 'must be at least 1 millisecond' }),
    ],
    { error: "must be 'hour', 'day', 'month' or a whole number of milliseconds above 0" },
  ),
);

const per = lazily(() =>
  z.union(
    [
      z.enum(['call', 'session']),
      strictOptions({
        tag: z
          .string({ error: 'must be the name of a tag' })
          .min(1, { error: 'must be the name of a tag, such as "customer"' }),
      }),
      immediateCallback(),
    ],
    { error: "must be 'call', 'session', { tag: 'customer' } or a function that answers a key at once" },
  ),
);

/** What `budgets` takes; what the budgets have to do with each other is checked where they are parsed. */
export const budgetsSchema = lazily(() =>
  z.array(
    strictOptions({
      name: z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' }).optional(),
      usd: usd(),
      every: every().optional(),
      per: per().optional(),
      onExceed: z
        .enum(['clamp', 'cheaper', 'stop'], { error: "must be 'clamp', 'cheaper' or 'stop'" })
        .optional(),
      warnAt: z
        .number({ error: 'must be a share of the limit, such as 0.8' })
        .positive({ error: 'must be above 0: it is a share of the limit, such as 0.8' })
        .max(1, { error: 'must be at most 1: it is a share of the limit, such as 0.8' })
        .optional(),
      unknownUsd: usd().optional(),
    }),
    { error: 'must be a list of budgets, such as [{ usd: 25, every: "day" }]' },
  ),
);

const perMinute = lazily(() =>
  z
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1: a limit of nothing lets no request through' })
    .max(1_000_000_000_000, { error: 'must be at most 1,000,000,000,000' }),
);

/** What the `rateLimit` of a candidate takes. */
export const rateLimitSchema = lazily(() =>
  strictOptions({
    requestsPerMinute: perMinute().optional(),
    tokensPerMinute: perMinute().optional(),
    group: z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' }).optional(),
  }),
);
