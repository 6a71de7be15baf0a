import type { FinishPart } from '../attempt.ts';
import { stampPart } from '../history/stamp-parts.ts';
import { endAttempt } from '../open-attempt.ts';
import { createCallGate, showsProgress, unreadableCall } from './call-gate.ts';
import { closeProvider } from './close-provider.ts';
import type { Delivery, Forward } from './delivery.ts';
import { type FinishVerdict, judgeStreamedFinish } from './finish.ts';
import { interrupt } from './interrupt.ts';
import { closeWith } from './last-parts.ts';
import { stopWatch } from './stall-watch.ts';
import { isUnreadableEvent, lostContent } from './unreadable-event.ts';

/** Hands a part of a committed stream out, as it is but for its stamp. */
export const forward: Forward = ({ delivery, part }) => {
  const { gate } = delivery;
  if (gate?.doubt() !== undefined && showsProgress(part)) {
    if (gate.doubt() === 'dropped') return interrupt({ delivery, cause: unreadableCall() });
    openGate(delivery);
  }
  switch (part.type) {
    case 'finish':
      return finish({ delivery, part });
    case 'error':
      // What is lost leaves a hole, so nothing behind it may go out.
      if (!isUnreadableEvent(part.error) || lostContent(part.error))
        return interrupt({ delivery, cause: part.error });
      delivery.progress.unreadable = part.error;
      return false;
    case 'raw':
      if (delivery.dropsRaw) return false;
      break;
    case 'tool-call':
      delivery.hasToolCall = true;
      delivery.gate ??= createCallGate();
      if (delivery.gate.holds(part)) return false;
      break;
    case 'tool-input-start':
    case 'tool-input-delta':
      delivery.gate ??= createCallGate();
      delivery.gate.holds(part);
      break;
    case 'tool-result':
    case 'tool-approval-request':
      if (gate?.holds(part)) return false;
  }
  delivery.out?.enqueue(stampPart({ stamper: delivery.stamper, part }));
  return true;
};

function finish({ delivery, part }: { readonly delivery: Delivery; readonly part: FinishPart }): true {
  const { attempt, reader } = delivery;
  const { usage, providerMetadata } = part;
  attempt.facts.usage = usage;
  attempt.facts.providerMetadata = providerMetadata;
  const verdict = verdictOn({ delivery, part });
  if (verdict.type === 'broken') return interrupt({ delivery, cause: verdict.error });
  openGate(delivery);
  delivery.isOver = true;
  stopWatch(delivery.watch);
  endAttempt({ attempt, end: { outcome: 'success' } });
  if (!delivery.isWhole) closeProvider({ clock: attempt.call.clock, reader });
  return closeWith({ delivery, part: { ...part, finishReason: verdict.finishReason } });
}

/** What the finish of a committed stream says of its answer. */
export function verdictOn({
  delivery: { attempt, progress, gate, hasToolCall },
  part,
}: {
  readonly delivery: Delivery;
  readonly part: FinishPart;
}): FinishVerdict {
  return judgeStreamedFinish({
    finish: part,
    candidate: attempt.candidate,
    unreadable: progress.unreadable,
    doubt: gate?.doubtAtEnd(),
    sawContent: true,
    hasToolCall,
  });
}

function openGate({ gate, out, stamper }: Delivery): void {
  for (const waiting of gate?.open() ?? []) out?.enqueue(stampPart({ stamper, part: waiting }));
}
