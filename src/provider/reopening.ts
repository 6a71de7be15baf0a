/**
 * Tells that the connection behind a request is being opened anew, so that silence is no stall. The mark is on the request's
 * own signal: that is all that a `fetch` and whoever watches the stream have in common.
 */
const mark = Symbol.for('ai-composite.reopening');

/** Sets or takes away the mark. */
export function markReopening({
  signal,
  isReopening,
}: {
  readonly signal: AbortSignal | undefined;
  readonly isReopening: boolean;
}): void {
  if (signal !== undefined) Reflect.set(signal, mark, isReopening);
}

/** True while the connection of the request with this signal is being opened anew. */
export function isReopening(signal: AbortSignal): boolean {
  return Reflect.get(signal, mark) === true;
}
