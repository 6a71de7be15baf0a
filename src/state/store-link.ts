import type { Clock } from '../boundary/clock.ts';
import type { Answer } from './store.ts';

/** What asking a store came to. */
export type Reply<VALUE> =
  | { readonly isAway: false; readonly value: VALUE }
  | { readonly isAway: true; readonly error: unknown };

/** The way to a store: knows whether it is away, and waits for nothing longer than it is told. */
export type StoreLink = {
  /**
   * Asks the store. Never rejects: a store that fails, or does not answer in `limitMs`, is away. While it is, it is asked once a
   * second, and everything else answers at once, unless it `insists`.
   */
  readonly ask: <VALUE>(question: Question<VALUE>) => Answer<Reply<VALUE>>;
  readonly isAway: () => boolean;
};

type Question<VALUE> = {
  readonly work: () => Answer<VALUE>;
  readonly limitMs: number;
  readonly insists?: boolean;
};

/** How long a store that is away is left alone. */
const restMs = 1_000;

/** Why a store is away that has said nothing. */
class StateTimeoutError extends Error {
  override readonly name = 'StateTimeoutError';
}

/** Makes the way to a store, which is taken for being there. */
export function createStoreLink({
  clock,
  onAway,
  onBack,
}: {
  readonly clock: Clock;
  /** Told once each time the store goes away. */
  readonly onAway: (error: unknown) => void;
  /** Told once each time it is back. */
  readonly onBack: () => void;
}): StoreLink {
  /** When it may be asked again; undefined while it is there. */
  let restUntilMs: number | undefined;
  let lastError: unknown;

  const lose = <VALUE>(error: unknown): Reply<VALUE> => {
    const wasThere = restUntilMs === undefined;
    restUntilMs = clock.now() + restMs;
    lastError = error;
    if (wasThere) onAway(error);
    return { isAway: true, error };
  };
  const find = <VALUE>(value: VALUE): Reply<VALUE> => {
    const wasAway = restUntilMs !== undefined;
    restUntilMs = undefined;
    if (wasAway) onBack();
    return { isAway: false, value };
  };

  const ask: StoreLink['ask'] = <VALUE>({
    work,
    limitMs,
    insists = false,
  }: Question<VALUE>): Answer<Reply<VALUE>> => {
    if (restUntilMs !== undefined) {
      if (!insists && clock.now() < restUntilMs) return { isAway: true, error: lastError };
      restUntilMs = clock.now() + restMs;
    }
    try {
      const answer = work();
      if (!isPromise(answer)) return find(answer);
      return within({ answer, limitMs, clock }).then(
        value => find(value),
        error => lose<VALUE>(error),
      );
    } catch (error) {
      return lose(error);
    }
  };
  return { isAway: () => restUntilMs !== undefined, ask };
}

/** True for what has to be waited for. */
export function isPromise<VALUE>(answer: Answer<VALUE>): answer is PromiseLike<VALUE> {
  return (
    typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
  );
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
