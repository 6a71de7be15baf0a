import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';
import { z } from 'zod';
import { refuse } from './check.ts';

const compositeOptionsSchema = z.strictObject({
  /** The task to route by; an unknown one goes to the default task with a warning. */
  task: z.string().optional(),
  /** Asks this candidate only, by its name. */
  candidate: z.string().optional(),
  /** Goes into `onCallEnd` and the cost tracker's totals. */
  tags: z.record(z.string(), z.string()).optional(),
  /** Names the conversation, for affinity, classifying and totals; affinity remembers names of up to 256 characters. */
  sessionId: z.string().optional(),
});

/** What `providerOptions.composite` takes; for `satisfies CompositeProviderOptions`. */
export type CompositeProviderOptions = z.infer<typeof compositeOptionsSchema>;

/** One call as the composite understands it. */
export type CompositeRequest = {
  /** The call's options as candidates get them: without our own namespace. */
  readonly options: LanguageModelV4CallOptions;
  readonly task: string | undefined;
  readonly candidate: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly sessionId: string | undefined;
};

const noTags: Readonly<Record<string, string>> = {};

/** Reads what one call asks of the composite. Throws `InvalidArgumentError` where `providerOptions.composite` is malformed. */
export function readRequest(options: LanguageModelV4CallOptions): CompositeRequest {
  const own = options.providerOptions?.composite;
  if (own === undefined)
    return { options, task: undefined, candidate: undefined, tags: noTags, sessionId: undefined };

  const parsed = compositeOptionsSchema.safeParse(own);
  if (!parsed.success) {
    refuse({
      path: ['providerOptions', 'composite'],
      value: own,
      problem: `${z.prettifyError(parsed.error)}; it takes { task?, candidate?, tags?, sessionId? }`,
      cause: parsed.error,
    });
  }
  const { composite: _own, ...providerOptions } = options.providerOptions ?? {};
  const { task, candidate, tags, sessionId } = parsed.data;
  return { options: { ...options, providerOptions }, task, candidate, tags: tags ?? noTags, sessionId };
}

/** A warning as the SDK shows it on a result. */
export function warn(message: string): SharedV4Warning {
  return { type: 'other', message: `ai-composite: ${message}` };
}
