import type { Delivery, Interruption, Successor } from '../delivery/delivery.ts';
import { giveUp } from '../delivery/give-up.ts';
import type { Queue, Step } from '../step.ts';

/** A stream that changes hands: who has it, and who may still be asked. It lives from the first break to the end. */
export type Relay = {
  readonly queue: Queue;
  /** Who may still go on with the answer: not who broke off, and not who failed before. */
  readonly tries: Try[];
  /** Whoever goes on with the answer; undefined while somebody is looked for. */
  current: Delivery | undefined;
  /** What the consumer sees if nobody goes on: the break of the one that made the latest part. */
  broken: Interruption;
  /** Ends whoever is asked when the caller aborts, or the consumer is through. */
  readonly signal: AbortSignal;
  /** For the stream that the consumer has. */
  readonly successor: Successor;
};

/** One candidate's turn; fresh where it has to answer the request as it was. */
type Try = { readonly step: Step; readonly isFresh: boolean };

/** The relay behind a stream that broke: opened at the first break, and looking for somebody again at each one after it. */
export function openRelay({
  broken,
  relay = createRelay(broken),
}: {
  readonly broken: Interruption;
  /** The one of the breaks before. */
  readonly relay: Relay | undefined;
}): Relay {
  relay.current = undefined;
  broken.delivery.successor = relay.successor;
  return relay;
}

function createRelay(broken: Interruption): Relay {
  const { attempt, queue } = broken.delivery;
  const { abortSignal } = attempt.call.options;
  const asked = new Set([attempt.candidate.name, ...queue.failed.map(({ candidate }) => candidate)]);
  const left = new AbortController();
  const relay: Relay = {
    queue,
    tries: queue.steps
      .filter(({ candidate }) => !asked.has(candidate.name))
      .map(step => ({ step, isFresh: false })),
    current: undefined,
    broken,
    signal: abortSignal === undefined ? left.signal : AbortSignal.any([abortSignal, left.signal]),
    successor: {
      read: () => relay.current?.read(),
      cancel: reason => {
        left.abort(reason);
        if (relay.current !== undefined) giveUp({ delivery: relay.current, reason });
      },
    },
  };
  return relay;
}
