import type { CallEndEvent } from '../report/events.ts';
import { isTold } from '../report/observe.ts';
import { closeAfterLast, reportOf, tell } from './accounts.ts';
import type { OpenCall } from './open-call.ts';

/** Tells that the call has ended, once its last attempt has: at once, or for a stream when the consumer is through with it. */
export function closeAfterLastAttempt(open: OpenCall): void {
  const { accounts, composite } = open;
  if (!isTold({ observers: accounts.observers, name: 'onCallEnd' })) return;
  const close = () => {
    const event = toCallEnd(open);
    tell({ accounts, one: own => own.onCallEnd?.(event) });
    // A report that nobody reads keeps the accounts, and must not keep what observes this call.
    accounts.observers = composite.observers;
  };
  closeAfterLast({ accounts, close });
}

function toCallEnd({ accounts, composite, request, startedAtMs }: OpenCall): CallEndEvent {
  const { served } = accounts;
  const { sessionId, tags } = request;
  const { candidate, ...known } = reportOf({ accounts, serving: served });
  return {
    ...known,
    tags,
    ...(sessionId !== undefined && { sessionId }),
    outcome: outcomeOf({ accounts, request }),
    ...(served !== undefined && { candidate }),
    startedAtMs,
    durationMs: composite.clock.now() - startedAtMs,
  };
}

function outcomeOf({
  accounts: { served, refused, isExhausted, entries },
  request: { options },
}: Pick<OpenCall, 'accounts' | 'request'>): CallEndEvent['outcome'] {
  if (served !== undefined) return 'success';
  if (isExhausted) return 'failure';
  // Between two attempts, as in a backoff, no attempt ends with the abort.
  if (options.abortSignal?.aborted === true) return 'abort';
  return (refused ?? entries.at(-1))?.ended?.outcome ?? 'failure';
}
