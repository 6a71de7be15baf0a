import type { Clock } from '../../boundary/clock.ts';
import type { Answer } from '../store.ts';

/** What asking a store came to. */
export type Reply<VALUE> =
  | { readonly isAway: false; readonly value: VALUE }
  | { readonly isAway: true; readonly error: unknown };

/** Whoever wants to know when a store goes away and comes back. */
export type OutageObservers = {
  /** Told once each time the store goes away. */
  readonly onAway: (error: unknown) => void;
  /** Told once each time it is back. */
  readonly onBack: (awayMs: number) => void;
};

/** What a store is asked. */
export type Question<VALUE> = {
  readonly work: () => Answer<VALUE>;
  /** How long its answer is waited for. */
  readonly limitMs: number;
  /** Asks a store that is away, too. */
  readonly insists?: boolean;
  /** Who asks, and is told where the store is away; undefined for what is asked beside the calls. */
  readonly observers: OutageObservers | undefined;
};

/** The way to a store: knows whether it is away, and waits for nothing longer than it is told. */
export type StoreLink = {
  /**
   * Asks the store. Never rejects: a store that fails, or does not answer in time, is away. While it is, it is asked once a
   * second, and everything else answers at once, unless it `insists`.
   */
  readonly ask: <VALUE>(question: Question<VALUE>) => Answer<Reply<VALUE>>;
  readonly isAway: () => boolean;
  /** Tells whom it concerns that it is away, if it is. */
  readonly concerns: (observers: OutageObservers | undefined) => void;
};

/** How long a store that is away is left alone. */
const restMs = 1_000;

/** Why a store is away that has said nothing. */
class StateTimeoutError extends Error {
  override readonly name = 'StateTimeoutError';
}

type Outage = {
  readonly sinceMs: number;
  askAgainAtMs: number;
  error: unknown;
  /** Who was told: the first one whom it concerned. A client that was closed after the last call concerns nobody. */
  told: OutageObservers | undefined;
};

/** Makes the way to a store, which is taken for being there. */
export function createStoreLink({
  clock,
  onBack,
}: {
  readonly clock: Clock;
  /** Called each time the store is back. */
  readonly onBack: () => void;
}): StoreLink {
  let outage: Outage | undefined;

  const lose = <VALUE>({
    error,
    observers,
  }: {
    readonly error: unknown;
    readonly observers: OutageObservers | undefined;
  }): Reply<VALUE> => {
    const nowMs = clock.now();
    outage ??= { sinceMs: nowMs, askAgainAtMs: nowMs, error, told: undefined };
    outage.askAgainAtMs = nowMs + restMs;
    outage.error = error;
    return tell({ outage, observers });
  };
  const find = <VALUE>(value: VALUE): Reply<VALUE> => {
    if (outage !== undefined) {
      const { sinceMs, told } = outage;
      outage = undefined;
      told?.onBack(clock.now() - sinceMs);
      onBack();
    }
    return { isAway: false, value };
  };

  const ask: StoreLink['ask'] = <VALUE>({
    work,
    limitMs,
    insists = false,
    observers,
  }: Question<VALUE>): Answer<Reply<VALUE>> => {
    if (outage !== undefined) {
      const nowMs = clock.now();
      if (!insists && nowMs < outage.askAgainAtMs) return tell({ outage, observers });
      outage.askAgainAtMs = nowMs + restMs;
    }
    try {
      const answer = work();
      if (!isPromise(answer)) return find(answer);
      return within({ answer, limitMs, clock }).then(
        value => find(value),
        error => lose<VALUE>({ error, observers }),
      );
    } catch (error) {
      return lose({ error, observers });
    }
  };
  return {
    isAway: () => outage !== undefined,
    ask,
    concerns: observers => {
      if (outage !== undefined) tell({ outage, observers });
    },
  };
}

function tell({
  outage,
  observers,
}: {
  readonly outage: Outage;
  readonly observers: OutageObservers | undefined;
}): { readonly isAway: true; readonly error: unknown } {
  if (outage.told === undefined && observers !== undefined) {
    outage.told = observers;
    observers.onAway(outage.error);
  }
  return { isAway: true, error: outage.error };
}

/** True for what has to be waited for. */
export function isPromise<VALUE>(answer: Answer<VALUE>): answer is PromiseLike<VALUE> {
  return (
    typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
  );
}

/** Goes on with an answer: at once where it is there. */
export function whenAnswered<VALUE, NEXT>({
  answer,
  next,
}: {
  readonly answer: Answer<VALUE>;
  readonly next: (value: VALUE) => NEXT;
}): Answer<NEXT> {
  return isPromise(answer) ? answer.then(next) : next(answer);
}

function within<VALUE>({
  answer,
  limitMs,
  clock,
}: {
  readonly answer: PromiseLike<VALUE>;
  readonly limitMs: number;
  readonly clock: Clock;
}): Promise<VALUE> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule({
      delayMs: limitMs,
      callback: () => reject(new StateTimeoutError(`The state did not answer within ${limitMs} ms.`)),
    });
    answer.then(
      value => {
        cancel();
        resolve(value);
      },
      error => {
        cancel();
        reject(error);
      },
    );
  });
}
