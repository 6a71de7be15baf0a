import type { CallType } from '../candidate/call-options.ts';
import type { Ticket } from '../candidate/ticket.ts';
import type { Attempt, AttemptEnd } from './attempt.ts';
import { cut, disarm } from './cut.ts';

/** Opens an attempt: linked to the signal, its books opened. */
export function openAttempt({
  call,
  candidate,
  type,
  startedAtMs,
  total,
  signal,
  tellBreaker,
  ticket,
}: Pick<Attempt, 'call' | 'candidate' | 'startedAtMs' | 'total' | 'signal' | 'tellBreaker'> & {
  readonly type: CallType;
  readonly ticket: Ticket | undefined;
}): Attempt {
  candidate.prepare?.();
  const attempt: Attempt = {
    call,
    candidate,
    startedAtMs,
    record: call.record({ candidate, type, startedAtMs, ticket }),
    total,
    controller: new AbortController(),
    signal,
    onAbort: undefined,
    tellBreaker,
    // Written out, or it would be made anew with every fact.
    facts: {
      firstChunkMs: undefined,
      usage: undefined,
      providerMetadata: undefined,
      responseModelId: undefined,
      responseBody: undefined,
      responseHeaders: undefined,
    },
    wasCut: undefined,
    onCut: undefined,
    isProven: false,
    hasEnded: false,
    disarm: undefined,
  };
  if (signal !== undefined) {
    attempt.onAbort = () => cut({ attempt, error: signal.reason });
    signal.addEventListener('abort', attempt.onAbort, { once: true });
  }
  return attempt;
}

/** Ends an attempt; the first end counts, later ones are ignored. Aborts the provider's request unless it succeeded. */
export function endAttempt({ attempt, end }: { readonly attempt: Attempt; readonly end: AttemptEnd }): void {
  if (attempt.hasEnded) return;
  attempt.hasEnded = true;
  const { call, signal, onAbort } = attempt;
  attempt.onCut = undefined;
  disarm(attempt);
  if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  if (end.outcome === 'success') prove(attempt);
  else attempt.controller.abort(end.failure?.error ?? signal?.reason ?? notWanted());
  if (end.failure !== undefined) call.state.retryBudget.onFailure(end.failure.kind);
  attempt.record.end({ ...attempt.facts, ...end });
}

/** The first output is there: the candidate is healthy, whatever becomes of the rest. */
export function prove(attempt: Attempt): void {
  if (attempt.isProven) return;
  attempt.isProven = true;
  attempt.tellBreaker('success');
  attempt.call.state.retryBudget.onSuccess();
}

/** Made once: a signal without a reason makes one each time, with a stack, which costs more than the rest of an abort. */
let unwanted: DOMException | undefined;

/** What the request of an answer is aborted with that its consumer has cancelled. */
function notWanted(): DOMException {
  unwanted ??= new DOMException('This operation was aborted', 'AbortError');
  return unwanted;
}
