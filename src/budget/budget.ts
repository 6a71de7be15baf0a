import type { LanguageModelV4CallOptions } from '../provider/sdk-types.ts';

/** The call that a budget counts, for a `per` function that says whose budget it is. */
export type BudgetRequest = {
  /** The call's task; undefined for the request to a classifying model, which is made to find it. */
  readonly task: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly sessionId: string | undefined;
  readonly options: LanguageModelV4CallOptions;
};

/** How long a budget lasts before it starts anew: an hour, a day or a month of UTC, or so many milliseconds from the epoch. */
export type BudgetPeriod = 'hour' | 'day' | 'month' | number;

/**
 * Who has a budget of their own: each call, each `sessionId`, each value of a tag, or each key that a function answers at once.
 * Calls without a `sessionId` or the tag share one, whose key is empty; a function that answers `undefined` does not count
 * the call.
 */
export type BudgetKey =
  | 'call'
  | 'session'
  | { readonly tag: string }
  | ((request: BudgetRequest) => string | undefined);

/** An upper bound on what calls may cost. */
export type BudgetSettings = {
  /** Shows in errors, warnings and reports; default: what it is, such as `day` or `month per customer`. */
  readonly name?: string;
  /** The limit in USD, above 0. */
  readonly usd: number;
  /** When it starts anew; default: never. */
  readonly every?: BudgetPeriod;
  /** Who has one of their own; default: all calls share one. */
  readonly per?: BudgetKey;
  /**
   * What gives way first where a request does not fit: `'clamp'`, the default, shortens its answer where one of use still fits,
   * then leaves the candidate out; `'cheaper'` leaves it out at once, for one that fits; `'stop'` ends the call.
   */
  readonly onExceed?: 'clamp' | 'cheaper' | 'stop';
  /** The share of the limit, above 0 and up to 1, at which `onBudgetWarning` is told; default 0.8. */
  readonly warnAt?: number;
  /** What a request costs at most, in USD, where no price is known; without it such a candidate is left out. */
  readonly unknownUsd?: number;
};

/** A budget with every default filled in; amounts are atto-USD (1e-18 USD). */
export type Budget = {
  readonly name: string;
  readonly limit: bigint;
  readonly every: BudgetPeriod | undefined;
  readonly per: BudgetKey | undefined;
  readonly onExceed: 'clamp' | 'cheaper' | 'stop';
  /** What was spent when the warning is due. */
  readonly warnFrom: bigint;
  /** What is held where no price is known; undefined where such a request is refused. */
  readonly unknown: bigint | undefined;
};
