import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { type Clock, delay } from '../boundary/clock.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { Ticket } from '../candidate/ticket.ts';
import { isPromise } from '../state/shared/store-link.ts';
import type { Answer } from '../state/store.ts';

/** Whether a request may be made: now, in a while, or not to this candidate; `stop` ends the call. */
export type Admission =
  | {
      readonly type: 'admitted';
      /** With what it was admitted under, such as a shorter answer. */
      readonly candidate: Candidate;
      readonly ticket: Ticket | undefined;
    }
  | { readonly type: 'wait'; readonly delayMs: number }
  | { readonly type: 'left-out' }
  | { readonly type: 'stop'; readonly reason: string };

/** Asks whether a request may be made. Answers at once where nothing has to be waited for; never rejects. */
export type Admit = (request: {
  readonly candidate: Candidate;
  readonly options: LanguageModelV4CallOptions;
  /** Nobody is left behind this candidate. */
  readonly isLast: boolean;
  /** How long this request has waited for room. */
  readonly waitedMs: number;
}) => Answer<Admission>;

/** An admission that is final. */
type Settled = Exclude<Admission, { readonly type: 'wait' }>;

/** Asks until the answer is final, and waits where there is room soon. Rejects with the signal's reason only. */
export function admit({
  call,
  ask,
  candidate,
  isLast,
  signal,
}: {
  readonly call: { readonly clock: Clock; readonly options: LanguageModelV4CallOptions };
  readonly ask: Admit;
  readonly candidate: Candidate;
  readonly isLast: () => boolean;
  readonly signal: AbortSignal | undefined;
}): Settled | Promise<Settled> {
  const { options } = call;
  const first = ask({ candidate, options, isLast: isLast(), waitedMs: 0 });
  if (!isPromise(first) && first.type !== 'wait') return first;
  return (async () => {
    let admission = await first;
    for (let waitedMs = 0; admission.type === 'wait'; ) {
      await delay({ clock: call.clock, delayMs: admission.delayMs, signal });
      waitedMs += admission.delayMs;
      admission = await ask({ candidate, options, isLast: isLast(), waitedMs });
    }
    if (!signal?.aborted) return admission;
    if (admission.type === 'admitted') admission.ticket?.release();
    throw signal.reason;
  })();
}
