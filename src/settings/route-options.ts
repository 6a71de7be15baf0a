import type { Instructions } from 'ai';
import type { CallDefaults } from '../candidate/call-options.ts';
import type { TimeoutSettings } from '../candidate/timeouts.ts';
import type { FallbackCondition } from '../fallback/conditions/condition.ts';
import type { Recover } from '../fallback/recover.ts';
import type { SharedV4ProviderOptions } from '../provider/sdk-types.ts';
import type { ReturnWhen } from '../route/affinity/affinity.ts';
import type { Order } from '../route/order/order.ts';
import type { CandidateInput } from './candidate-settings.ts';

/** What holds for a route, and as a default for every route of a composite. */
export type RouteOptions = {
  /** Attempts per candidate and call, retries included; default 2. */
  readonly attempts?: number;
  /** Time limits; a number is `totalMs`. */
  readonly timeout?: number | TimeoutSettings;
  /** What falls back and what does not, beyond the default of each failure kind; the first condition with a verdict decides. */
  readonly fallbackWhen?: FallbackCondition | ReadonlyArray<FallbackCondition>;
  /**
   * Starts the next candidate beside a silent one. Default: false, because it costs a second request. `afterMs: 'adaptive'` does
   * after the time in which the candidate was seen to answer 19 of 20 such requests, and not before enough was seen.
   */
  readonly hedge?: { readonly afterMs: number | 'adaptive' } | false;
  /** In which order candidates are asked; default `'listed'`. Open circuit breakers and skips act on top of it. */
  readonly order?: Order;
  /**
   * Keeps a conversation on the candidate that served it, where its prompt cache and its signatures are, until that one is
   * open or unable, or the one that would go first without it is cheaper by more than the cache is worth. A conversation
   * that left the preferred candidate comes back as `returnWhen` says. Default: true, which is `{ returnWhen: 'recovered' }`.
   */
  readonly affinity?: boolean | AffinitySettings;
  /**
   * What is done about a stream that breaks after its first output, beyond the visible error. `'buffer'` hands nothing out
   * before the proper finish, so that every failure falls back; `generateText` is streamed too then, and limited by the first
   * output and the gap. `'continue'` has the next candidate go on with the answer,
   * where that is certain: behind the text so far where it is declared to take a prefill, else where its fresh answer begins
   * with exactly that text. Default: false.
   */
  readonly recover?: Recover | false;
  /**
   * What becomes of a call that nobody gave an answer to that passes `fallbackWhen`: `'throw'` throws `RouteExhaustedError`,
   * `'best'` delivers the least bad answer that there was, with a warning: a whole one before one that was cut off, before
   * an empty one, before a refusal, before one with a tool call that cannot be run; of two that are as bad, the earlier. An
   * attempt that brought no answer brings none here either. Default: `'throw'`.
   */
  readonly onExhausted?: 'throw' | 'best';
  /** Instructions for calls that have none of their own. */
  readonly instructions?: Instructions;
  /** Call options to start from, such as `temperature`; the call's own win. A tool choice is for calls that left it open. */
  readonly settings?: CallDefaults;
  /** Provider options to start from; the call's own are merged over them. */
  readonly providerOptions?: SharedV4ProviderOptions;
};

/** How a conversation keeps its candidate. */
export type AffinitySettings = {
  /** When a conversation that left the preferred candidate comes back to it; default `'recovered'`. */
  readonly returnWhen?: ReturnWhen;
};

/** A route: candidates in their order, at least one, optionally with settings. */
export type RouteInput =
  | ReadonlyArray<CandidateInput>
  | (RouteOptions & { readonly candidates: ReadonlyArray<CandidateInput> });
