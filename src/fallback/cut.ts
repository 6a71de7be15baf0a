import { AttemptTimeoutError } from '../failure/errors.ts';
import type { Attempt } from './attempt.ts';
import type { Limit } from './limits/limit.ts';

/** Cuts the attempt off when a limit runs out, in place of the one before; costs a timer only where there is a limit. */
export function arm({
  attempt,
  limit: { name, limitMs, dueAtMs },
  nowMs,
}: {
  readonly attempt: Attempt;
  readonly limit: Limit;
  /** Where somebody has looked at the clock. */
  readonly nowMs?: number;
}): void {
  disarm(attempt);
  if (dueAtMs === Number.POSITIVE_INFINITY) return;
  const { clock } = attempt.call;
  attempt.disarm = clock.schedule({
    delayMs: Math.max(0, dueAtMs - (nowMs ?? clock.now())),
    callback: () => expire({ attempt, name, limitMs }),
  });
}

/** Cuts an attempt because this limit ran out. */
export function expire({
  attempt,
  name,
  limitMs,
}: Pick<Limit, 'name' | 'limitMs'> & { readonly attempt: Attempt }): void {
  const { name: candidate } = attempt.candidate;
  cut({ attempt, error: new AttemptTimeoutError({ candidate, limit: name, limitMs }) });
}

/**
 * Settles as the promise does, unless the attempt is cut first: a provider that ignores its signal must not hold us up.
 * `drop` lets go of what comes all the same, which would hold its socket.
 */
export function untilCut<T>({
  attempt,
  promise,
  drop,
}: {
  readonly attempt: Attempt;
  readonly promise: PromiseLike<T>;
  readonly drop?: (late: T) => unknown;
}): PromiseLike<T> {
  // Without a signal and a limit nothing can cut it.
  if (attempt.signal === undefined && attempt.disarm === undefined) return promise;
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    const onCut = (error: unknown) => {
      reject(error);
      if (drop !== undefined) void promise.then(drop).then(undefined, ignore);
    };
    listenForCut({ attempt, onCut });
  });
}

/** From now on a cut goes to this function; it replaces the one before. */
export function listenForCut({
  attempt,
  onCut,
}: {
  readonly attempt: Attempt;
  readonly onCut: (error: unknown) => void;
}): void {
  attempt.onCut = onCut;
  if (attempt.wasCut !== undefined) onCut(attempt.wasCut.error);
}

/** Throws what the attempt was cut with. */
export function throwIfCut({ wasCut }: Attempt): void {
  if (wasCut !== undefined) throw wasCut.error;
}

/** Cuts an attempt, once: whoever waits for it learns it, and its request is aborted. */
export function cut({ attempt, error }: { readonly attempt: Attempt; readonly error: unknown }): void {
  if (attempt.wasCut !== undefined) return;
  attempt.wasCut = { error };
  attempt.onCut?.(error);
  attempt.controller.abort(error);
}

/** Ends the limit that is armed. */
export function disarm(attempt: Attempt): void {
  attempt.disarm?.();
  attempt.disarm = undefined;
}

function ignore(): void {}
