import * as z from 'zod/v4';
import { lazily } from '../../boundary/lazily.ts';
import type { ClassifyRequest } from './classify-request.ts';

/** Rules such as `classifyByRules`: a classifier that asks no model, whose cost would be lost. */
export type Rules<TASK extends string> = (
  request: ClassifyRequest,
) => TASK | undefined | PromiseLike<TASK | undefined>;

/** What answers where nobody was sure: a task, or rules. */
export type Otherwise<TASK extends string> = TASK | Rules<TASK>;

/** What `otherwise` must be. */
export const otherwiseSchema = lazily(() =>
  z
    .union([z.string().min(1), z.custom(value => typeof value === 'function')], {
      error: 'must be the name of a task, or a classifier, such as classifyByRules',
    })
    .optional(),
);

/** What `maxEntries` must be. */
export const maxEntriesSchema = lazily(() =>
  z
    .int({ error: 'must be a whole number of conversations' })
    .min(1, { error: 'must be at least 1' })
    .optional(),
);

/** What tasks that are told in words must be. */
export const describedTasksSchema = lazily(() =>
  z
    .record(z.string(), z.string({ error: 'must say in words what the task is for' }).min(1), {
      error: 'must say what each task is for, such as { code: "writing or fixing code" }',
    })
    .refine(tasks => Object.keys(tasks).length > 1, { error: 'must have two tasks to choose from' }),
);

/** The rules that `otherwise` means. */
export function rulesOf<TASK extends string>(
  otherwise: Otherwise<TASK> | undefined,
): Rules<TASK> | undefined {
  return typeof otherwise === 'string' ? () => otherwise : otherwise;
}

/**
 * A decision model of the AI SDK, such as `openai.decisionModel('gpt-6-luna')`, by the few things that are used of it: the
 * SDK's own type is experimental.
 */
export type DecisionModelLike = {
  readonly provider: string;
  readonly modelId: string;
  /** Answers questions about a state. */
  readonly doDecide: (...parameters: never[]) => PromiseLike<unknown>;
};

/** What `classifyWithDecision` takes. */
export type ClassifyWithDecisionSettings<TASK extends string = string, OTHERWISE extends string = never> = {
  /** What each task is for, in words that the model understands; two tasks or more. */
  readonly tasks: Readonly<Record<TASK, string>>;
  /**
   * The least probability, 0 to 1, with which a task is taken; below it nobody is sure, and `otherwise` answers. Default: 0.5.
   * A model that gives no probabilities is taken at its word.
   */
  readonly minProbability?: number;
  /** A task, or rules, for when the model is not sure or gives no answer. Default: the default task. */
  readonly otherwise?: Otherwise<OTHERWISE>;
  /** Conversations to remember, the most recent; default: 1,000. */
  readonly maxEntries?: number;
};

/** An embedding model of the AI SDK, such as `openai.embeddingModel('text-embedding-3-small')`, by what is used of it. */
export type EmbeddingModelLike = {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  /** Embeds texts. */
  readonly doEmbed: (...parameters: never[]) => PromiseLike<unknown>;
};

/** What `classifyByExamples` takes. */
export type ClassifyByExamplesSettings<TASK extends string = string, OTHERWISE extends string = never> = {
  /** Some things that people write for each task, in all their languages; two tasks or more, five to twenty examples each. */
  readonly tasks: Readonly<Record<TASK, ReadonlyArray<string>>>;
  /** The least cosine similarity, -1 to 1, to the nearest example; below it nobody is sure. Default: 0.3. */
  readonly minSimilarity?: number;
  /** A task, or rules, for when no example is near or the model gives no answer. Default: the default task. */
  readonly otherwise?: Otherwise<OTHERWISE>;
  /** Conversations to remember, the most recent; default: 1,000. */
  readonly maxEntries?: number;
};

/** What `classifyWithModel` takes. */
export type ClassifyWithModelSettings<TASK extends string = string, FALLBACK extends string = never> = {
  /** What each task is for, in words that the model understands; two tasks or more. */
  readonly tasks: Readonly<Record<TASK, string>>;
  /** Rules for when the model gives no answer, such as `classifyByRules`; default: none, so the default task serves. */
  readonly fallback?: Rules<FALLBACK>;
  /** Conversations to remember, the most recent; default: 1,000. */
  readonly maxEntries?: number;
};
