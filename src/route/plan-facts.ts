import type { Candidate } from '../candidate/candidate.ts';
import type { Comeback } from '../state/breakers/comeback.ts';
import type { ReturnWhen, Served } from './affinity/affinity.ts';
import type { Order } from './order/order.ts';
import type { OrderFacts } from './order/ranking.ts';
import type { JudgeFacts } from './serve/capabilities.ts';

/** A route with every default filled in. */
export type Route = {
  readonly task: string;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly order: Order;
  /** Conversations stay on the candidate that served them. */
  readonly hasAffinity: boolean;
  /** When a conversation that left the preferred candidate comes back; left out: `'recovered'`. */
  readonly returnWhen?: ReturnWhen;
};

/** What the plan needs to know of a candidate's health; the breaker's state without its machinery. */
export type Health = {
  readonly state: 'closed' | 'open' | 'half-open';
  readonly isProbing: boolean;
  readonly openUntilMs: number | undefined;
};

/** What is known when the candidates of one call are ordered. */
export type PlanFacts = OrderFacts &
  JudgeFacts & {
    readonly healthOf: (candidate: Candidate) => Health;
    readonly served: Served | undefined;
    /** Who broke off an answer of this conversation a moment ago, by name, the latest last. */
    readonly interrupted: ReadonlyArray<string>;
    /** Whether conversations may come back to a candidate that was out of order; left out: not yet. */
    readonly comebackOf?: (candidate: Candidate) => Comeback;
  };

/** An open candidate, or one that somebody else is probing, is not worth asking first. */
export function goesLast({ state, isProbing }: Health): boolean {
  return state === 'open' || (state === 'half-open' && isProbing);
}
