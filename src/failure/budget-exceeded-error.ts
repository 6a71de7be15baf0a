import { AISDKError } from 'ai';
import type { CostTotal } from '../cost/index.ts';
import { LoggableError } from './loggable-error.ts';

const marker = 'ai-composite.error.BudgetExceededError';
const symbol = Symbol.for(marker);

/** An amount in USD: the nearest number, and the exact decimal. */
type Amount = { readonly usd: number; readonly usdExact: string };

/**
 * A budget leaves no room for this call, and no candidate fits into what is left: no request was made for it.
 *
 * Not retryable, and nobody's failure: it counts against no candidate's health. The amounts are those of the moment it was
 * refused, and absent where the state that keeps them could not be asked.
 */
export class BudgetExceededError extends LoggableError {
  private readonly [symbol] = true;

  readonly callId: string;
  readonly task: string;
  /** The budget's name. */
  readonly budget: string;
  /** Whose it is; empty where all calls share it. */
  readonly key: string;
  readonly limit: Amount;
  readonly spent?: Amount;
  /** Held by requests that are under way. */
  readonly held?: Amount;
  /** What the request would have taken at least; absent where no price is known. */
  readonly needed?: Amount;
  /** When it starts anew, in milliseconds since the epoch; absent where it never does. */
  readonly resetsAtMs?: number;
  /** `exceeded`: no room. `unpriced`: no price is known, and the budget has no `unknownUsd`. `away`: the state cannot be asked. */
  readonly reason: 'exceeded' | 'unpriced' | 'away';
  /** What the call has cost all the same, such as classifying it. */
  readonly cost: CostTotal;
  /** Always false: asked again at once it would be refused again. */
  readonly isRetryable = false;

  constructor({
    message,
    callId,
    task,
    budget,
    key,
    limit,
    spent,
    held,
    needed,
    resetsAtMs,
    reason,
    cost,
  }: Pick<
    BudgetExceededError,
    'message' | 'callId' | 'task' | 'budget' | 'key' | 'limit' | 'reason' | 'cost'
  > & {
    readonly spent: Amount | undefined;
    readonly held: Amount | undefined;
    readonly needed: Amount | undefined;
    readonly resetsAtMs: number | undefined;
  }) {
    super({ name: 'BudgetExceededError', message });
    this.callId = callId;
    this.task = task;
    this.budget = budget;
    this.key = key;
    this.limit = limit;
    if (spent !== undefined) this.spent = spent;
    if (held !== undefined) this.held = held;
    if (needed !== undefined) this.needed = needed;
    if (resetsAtMs !== undefined) this.resetsAtMs = resetsAtMs;
    this.reason = reason;
    this.cost = cost;
  }

  /** Tells it by its marker, also across two installed versions of this package. */
  static override isInstance(error: unknown): error is BudgetExceededError {
    return AISDKError.hasMarker(error, marker);
  }
}
