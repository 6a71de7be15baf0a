import * as z from 'zod/v4';
import { refuse, strictOptions } from '../boundary/check.ts';
import { defined } from '../boundary/defined.ts';
import { lazily } from '../boundary/lazily.ts';
import type { LanguageModelV4CallOptions } from '../provider/sdk-types.ts';
import type { Allowance } from '../route/serve/allowed.ts';

const compositeOptionsSchema = lazily(() => {
  const text = z.string({ error: 'must be a text' });
  const names = z.array(text, { error: 'must be a list of names' });
  return strictOptions({
    /** The task to route by; an unknown one goes to the default task with a warning. */
    task: text.optional(),
    /** Asks this candidate only, by its name. */
    candidate: text.optional(),
    /** Asks these only: names of candidates or of providers, such as `openai`. The order stays the route's. */
    only: names.optional(),
    /** Asks none of these: names of candidates or of providers. */
    exclude: names.optional(),
    /** `false` asks only the candidate that goes first; its failure is the call's. */
    fallback: z.boolean({ error: 'must be true or false' }).optional(),
    /** Goes into `onCallEnd` and the cost tracker's totals. */
    tags: z.record(z.string(), text.optional(), { error: 'must be an object of texts' }).optional(),
    /** Names the conversation, for affinity, classifying and totals; affinity remembers names of up to 256 characters. */
    sessionId: text.optional(),
  });
});

/** What `providerOptions.composite` takes; for `satisfies CompositeProviderOptions`. */
export type CompositeProviderOptions = z.infer<ReturnType<typeof compositeOptionsSchema>>;

/** One call as the composite understands it. */
export type CompositeRequest = {
  /** The call's options without our own namespace. */
  readonly options: LanguageModelV4CallOptions;
  readonly task: string | undefined;
  readonly candidate: string | undefined;
  /** Undefined where everybody on the route may be asked. */
  readonly allowance: Allowance | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly sessionId: string | undefined;
  /** Names the budgets of the composite that this one is a candidate of, which count its requests too. */
  readonly outerBudgets: string | undefined;
};

const noTags: Readonly<Record<string, string>> = {};

/** Reads what one call asks of the composite. Throws `InvalidArgumentError` where `providerOptions.composite` is malformed. */
export function readRequest(options: LanguageModelV4CallOptions): CompositeRequest {
  const own = options.providerOptions?.composite;
  if (own === undefined)
    return {
      options,
      task: undefined,
      candidate: undefined,
      allowance: undefined,
      tags: noTags,
      sessionId: undefined,
      outerBudgets: undefined,
    };

  const { asked, outerBudgets } = readLent(own);
  const parsed = compositeOptionsSchema().safeParse(asked);
  if (!parsed.success) {
    refuse({
      path: ['providerOptions', 'composite'],
      value: own,
      problem: parsed.error.issues
        .map(({ path, message }) => [path.join('.'), message].filter(text => text !== '').join(' '))
        .join('; '),
      cause: parsed.error,
    });
  }
  const { composite: _own, ...providerOptions } = options.providerOptions ?? {};
  const { task, candidate, only, exclude, fallback = true, tags, sessionId } = parsed.data;
  return {
    options: { ...options, providerOptions },
    task,
    candidate,
    allowance:
      only === undefined && exclude === undefined && fallback
        ? undefined
        : { only, exclude, hasFallback: fallback },
    tags: tags === undefined ? noTags : defined(tags),
    sessionId,
    outerBudgets,
  };
}

/** What a composite that has this one for a candidate puts beside what the user asks, which may be anything. */
function readLent(own: unknown): { readonly asked: unknown; readonly outerBudgets: string | undefined } {
  if (typeof own !== 'object' || own === null || !('lentBudgets' in own))
    return { asked: own, outerBudgets: undefined };
  const { lentBudgets, ...asked } = own;
  return { asked, outerBudgets: typeof lentBudgets === 'string' ? lentBudgets : undefined };
}
