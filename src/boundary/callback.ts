/** Tells an observer, and waits for nothing: one that throws, rejects or never returns changes no call. */
export function notify<EVENT>({
  observer,
  event,
}: {
  readonly observer: ((event: EVENT) => unknown) | undefined;
  readonly event: EVENT;
}): void {
  if (observer === undefined) return;
  try {
    settleQuietly(observer(event));
  } catch {
    // The observer's own affair.
  }
}

/** Calls the function it is handed, once and at once, with something of its own around it. */
export type Within = (execute: () => void) => unknown;

/**
 * Works inside a function of the user's. What that one answers or throws changes nothing, and where it does not call what it
 * is handed, the work is done without it.
 */
export function workWithin<RESULT>({
  within,
  work,
}: {
  readonly within: Within;
  readonly work: () => RESULT;
}): RESULT {
  let done: { readonly result: RESULT } | { readonly error: unknown } | undefined;
  const once = (): void => {
    if (done !== undefined) return;
    try {
      done = { result: work() };
    } catch (error) {
      done = { error };
    }
  };
  notify({ observer: within, event: once });
  once();
  if (done === undefined || 'error' in done) throw done?.error;
  return done.result;
}

/**
 * Keeps a promise that nobody waits for from ending the process when it rejects. True for a promise or anything else that
 * is awaited like one; a caller that needs an answer at once has none then.
 */
export function settleQuietly(answer: unknown): boolean {
  // Most callbacks answer nothing.
  if (answer === undefined || !isThenable(answer)) return false;
  void Promise.resolve(answer).catch(ignore);
  return true;
}

/** True for a function declared `async`, or a generator: where an answer is needed at once it can give none. */
export function answersLater(value: unknown): boolean {
  const tag = Object.prototype.toString.call(value);
  return (
    tag === '[object AsyncFunction]' ||
    tag === '[object AsyncGeneratorFunction]' ||
    tag === '[object GeneratorFunction]'
  );
}

/** What a callback answered instead of what was asked for, without what may be inside it. */
export function describeAnswer(answer: unknown): string {
  if (answer === null) return 'null';
  if (answer === undefined) return 'nothing';
  if (isThenable(answer)) return 'a promise';
  return typeof answer === 'object' ? 'an object' : `a ${typeof answer}`;
}

/** What a callback threw, without its message, which may hold anything. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : describeAnswer(error);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return (
      ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
      'then' in value &&
      typeof value.then === 'function'
    );
  } catch {
    return false;
  }
}

/** What is the user's may throw, and a call must not fail for it. */
export function quietly<RESULT>(work: () => RESULT): RESULT | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function ignore(): void {}
