import type { Failure } from '../../failure/failure.ts';
import type { AnswerPredicate } from './judged-answer.ts';

/** What a condition sees of a failed attempt. */
export type FailureContext = {
  readonly task: string;
  readonly candidate: string;
  /** 1-based across the call. */
  readonly attemptNumber: number;
};

/** What a condition says: `true`, `false`, or nothing. */
export type Verdict = boolean | undefined;

/**
 * Decides whether a failure falls back: `true` does, without asking the same candidate again; `false` ends the call;
 * `undefined` leaves it to the default action of the failure's kind. What is made by `isAnswer()` and its kin judges answers:
 * `true` has the next candidate asked, `false` delivers it, whatever later conditions say.
 */
export type FallbackCondition = ((failure: Failure, context: FailureContext) => Verdict) & {
  /** How it judges answers, or what it is made of; set by `isAnswer()` and its kin, and by `all()`, `any()` and `not()`. */
  readonly judgement?: Judgement;
};

/** What a condition is that is more than a function of a failure. */
export type Judgement = {
  /** What it must see of a stream before it can judge; of a combination, what all of its parts must see. Empty for failures alone. */
  readonly needs: ReadonlyArray<Need>;
} & (
  | { readonly type: 'check'; readonly name: CheckName }
  | {
      readonly type: 'predicate';
      readonly name: string;
      readonly predicate: AnswerPredicate;
      /** `Infinity` where it may take any time. */
      readonly timeoutMs: number;
    }
  | { readonly type: 'all' | 'any'; readonly conditions: ReadonlyArray<FallbackCondition> }
  | { readonly type: 'not'; readonly condition: FallbackCondition }
);

/** The judgements that are ready-made. */
export type CheckName = 'empty-answer' | 'refusal' | 'cut-by-length' | 'invalid-tool-call' | 'invalid-output';

/**
 * How far a stream is held back until it can be judged.
 *
 * - `output`: until its first text, tool call or file; reasoning is held.
 * - `calls`: the same, but an answer that begins with a tool call is held until its finish.
 * - `finish`: all of it.
 */
export type HeldUntil = 'output' | 'calls' | 'finish';

/** What one judgement must see of a stream before it can judge. */
export type Need = {
  readonly until: HeldUntil;
  /** The judgement's name. */
  readonly by: string;
  /** It judges only answers to such requests, and holds no others: for JSON output, or with tools. */
  readonly only?: 'json' | 'tools';
};

/** True where some of the conditions judge answers. */
export function judgeAnswers(conditions: ReadonlyArray<FallbackCondition>): boolean {
  return (
    conditions.length > 0 &&
    conditions.some(({ judgement }) => judgement !== undefined && judgement.needs.length > 0)
  );
}
