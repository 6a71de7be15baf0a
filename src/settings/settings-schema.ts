import * as z from 'zod/v4';
import { answersLater } from '../boundary/callback.ts';
import { callback, immediateCallback } from '../boundary/callback-schema.ts';
import { type OptionSchemas, strictOptions } from '../boundary/check.ts';
import { lazily } from '../boundary/lazily.ts';
import { budgetsSchema, rateLimitSchema } from '../budget/budget-schema.ts';
import type { CallDefaults } from '../candidate/call-options.ts';
import { priceSchema, pricesSchema } from '../cost/price/price.ts';
import { pricingSchema } from '../cost/pricing-schema.ts';
import { problemOfCondition } from '../fallback/conditions/maker.ts';
import type { StateStore } from '../state/store.ts';
import { observerSchemas, observersSchema } from './observer-settings.ts';
import { orderSchema } from './order-schema.ts';
import {
  attempts,
  delay,
  flag,
  longestMs,
  nonEmpty,
  notNegative,
  positive,
  switchable,
  timeout,
} from './value-schemas.ts';

/** Every verb of a store, which may be an object of a class. */
const verbs: ReadonlyArray<keyof StateStore> = [
  'observe',
  'health',
  'tryProbe',
  'hold',
  'renew',
  'settle',
  'standings',
  'readNote',
  'writeNote',
];

function isStore(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    verbs.every(verb => typeof Reflect.get(value, verb) === 'function')
  );
}

/** Keys only: what a call setting may be is the provider's to say. */
const callDefaults = lazily(() =>
  strictOptions({
    maxOutputTokens: z.unknown().optional(),
    temperature: z.unknown().optional(),
    topP: z.unknown().optional(),
    topK: z.unknown().optional(),
    presencePenalty: z.unknown().optional(),
    frequencyPenalty: z.unknown().optional(),
    stopSequences: z.unknown().optional(),
    seed: z.unknown().optional(),
    reasoning: z.unknown().optional(),
    toolChoice: z.unknown().optional(),
    headers: z.unknown().optional(),
  } satisfies Record<keyof CallDefaults, z.ZodType>),
);
const providerOptions = lazily(() =>
  z.record(
    z.string(),
    z.record(z.string(), z.unknown(), {
      error:
        'must be an object of options: provider options are by provider, such as { openai: { store: false } }',
    }),
  ),
);
const systemMessage = lazily(() =>
  z.looseObject({
    role: z.literal('system', { error: 'must be "system"' }),
    content: z.string({ error: 'must be a text' }),
  }),
);

/** One condition or a list; as a union, it could not say what is wrong with a function. */
const conditions = lazily(() =>
  z.unknown().superRefine((value, context) => {
    for (const [index, condition] of [value].flat().entries()) {
      const message = problemOfCondition(condition);
      if (message === undefined) continue;
      context.addIssue({ code: 'custom', message, path: Array.isArray(value) ? [index] : [] });
    }
  }),
);

const returnWhen = lazily(() =>
  z.enum(['recovered', 'cheaper', 'never'], { error: "must be 'recovered', 'cheaper' or 'never'" }),
);

/** What a route takes, and what a composite takes for all of its routes. */
const routeOptions: OptionSchemas = {
  attempts,
  timeout,
  fallbackWhen: conditions,
  hedge: lazily(() =>
    z.union(
      [
        z.literal(false),
        strictOptions({
          afterMs: z.union([z.literal('adaptive'), delay()], {
            error: "must be milliseconds above 0, or 'adaptive'",
          }),
        }),
      ],
      {
        error: 'must be { afterMs }, or false to switch it off',
      },
    ),
  ),
  affinity: lazily(() =>
    z.union([z.boolean(), strictOptions({ returnWhen: returnWhen().optional() })], {
      error: "must be true or false, or { returnWhen: 'recovered' | 'cheaper' | 'never' }",
    }),
  ),
  recover: lazily(() =>
    z.literal(['buffer', 'continue', false], {
      error: "must be 'buffer' or 'continue', or false to switch it off",
    }),
  ),
  onExhausted: lazily(() => z.enum(['throw', 'best'], { error: "must be 'throw' or 'best'" })),
  instructions: lazily(() =>
    z.union(
      [
        nonEmpty(),
        systemMessage(),
        z.array(systemMessage()).min(1, { error: 'must have a message; leave it out to have none' }),
      ],
      {
        error: 'must be a text, a system message or a list of system messages',
      },
    ),
  ),
  settings: callDefaults,
  providerOptions,
  order: orderSchema,
};

/** A candidate with settings. */
export const candidateSchemas: OptionSchemas = {
  model: lazily(() => z.unknown()),
  name: nonEmpty,
  enabled: lazily(() =>
    z.union([z.boolean(), immediateCallback()], {
      error: 'must be true, false, or a function that answers one of them at once',
    }),
  ),
  healthKey: lazily(() => nonEmpty().max(256, { error: 'must be at most 256 characters' })),
  providerOptions,
  settings: callDefaults,
  price: () => priceSchema,
  rateLimit: rateLimitSchema,
  capabilities: lazily(() =>
    strictOptions({
      image: flag().optional(),
      pdf: flag().optional(),
      audio: flag().optional(),
      video: flag().optional(),
      tools: flag().optional(),
      toolChoice: flag().optional(),
      jsonSchema: flag().optional(),
      reasoning: flag().optional(),
      prefill: flag().optional(),
      contextWindow: positive().optional(),
      maxOutputTokens: positive().optional(),
    }),
  ),
  attempts,
  timeout,
};

/** A route with settings; its candidates are parsed one by one. */
export const routeSchemas: OptionSchemas = {
  ...routeOptions,
  candidates: lazily(() => z.array(z.unknown(), { error: 'must be a list of candidates' })),
};

/** The settings of a composite; its routes are parsed one by one. */
export const settingsSchemas: OptionSchemas = {
  ...routeOptions,
  tasks: lazily(() =>
    z.record(z.string(), z.unknown(), {
      error: 'must be an object of routes by task, such as { code: [openai("gpt-6-sol")] }',
    }),
  ),
  defaultTask: lazily(() => z.string({ error: 'must be the name of a task' })),
  classify: callback,
  classifyTimeoutMs: delay,
  prices: () => pricesSchema,
  pricing: pricingSchema,
  modelCatalogs: lazily(() =>
    z.record(
      z.string(),
      z.custom(
        value =>
          typeof value === 'object' ? value !== null : typeof value === 'function' && !answersLater(value),
        { error: 'must be a catalog of model entries, or a function that looks one up at once' },
      ),
      { error: 'must be an object of catalogs by provider, such as { openai: openaiModelCatalog }' },
    ),
  ),
  retry: lazily(() =>
    switchable({
      initialDelayMs: delay().optional(),
      maxDelayMs: delay().optional(),
      maxRetryAfterMs: notNegative().max(longestMs, { error: 'must be at most 2,147,483,647' }).optional(),
    }),
  ),
  retryBudget: lazily(() =>
    switchable({
      maxTokens: positive().optional(),
      tokensPerSuccess: notNegative().optional(),
    }),
  ),
  circuitBreaker: lazily(() =>
    switchable({
      failureThreshold: z
        .int({ error: 'must be a whole number of failures' })
        .min(1, { error: 'must be at least 1' })
        .optional(),
      cooldownMs: positive().optional(),
      maxCooldownMs: positive().optional(),
      maxRetryAfterMs: positive().optional(),
    }),
  ),
  state: lazily(() =>
    z.custom(isStore, {
      error: 'must be a store, such as memoryState(), with every verb',
    }),
  ),
  namespace: lazily(() => nonEmpty().max(128, { error: 'must be at most 128 characters' })),
  onStateAway: callback,
  onStateBack: callback,
  budgets: budgetsSchema,
  whenStateIsAway: lazily(() => z.enum(['stop', 'allow'], { error: "must be 'stop' or 'allow'" })),
  generateId: immediateCallback,
  clock: lazily(() =>
    z.looseObject(
      { now: immediateCallback(), schedule: immediateCallback() },
      { error: 'must have now() and schedule()' },
    ),
  ),
  random: immediateCallback,
  ...observerSchemas,
  observers: observersSchema,
};
