import type { LanguageModelV4StreamResult } from '@ai-sdk/provider';
import type { Continuing } from '../attempt.ts';
import type { Heir } from '../delivery/delivery.ts';
import { showBreak } from '../delivery/show-break.ts';
import type { Send } from '../step.ts';
import { streamTo } from '../stream.ts';
import { continueAnswer } from './continue-answer.ts';
import { openRelay, type Relay } from './relay.ts';
import { createTrail, forwardOnTrail, type Trail } from './trail.ts';

/** Sends a `doStream` request whose answer somebody else may go on with. */
export const sendContinued: Send<LanguageModelV4StreamResult> = ({ attempt, queue }) => {
  const { call, candidate, record } = attempt;
  const trail = createTrail({ candidate: candidate.name, attemptNumber: record.attemptNumber });
  return streamTo({
    attempt,
    queue,
    onOpen: delivery => {
      delivery.forward = step => forwardOnTrail({ trail, delivery: step.delivery, part: step.part });
      delivery.heir = call.continuing && heirOf({ trail, continuing: call.continuing });
    },
  });
};

function heirOf({ trail, continuing }: { readonly trail: Trail; readonly continuing: Continuing }): Heir {
  let relay: Relay | undefined;
  return {
    hold: () => (trail.isPlain ? continuing.hold() : undefined),
    goOn: ({ broken, release }) => {
      relay = openRelay({ broken, relay });
      void goOn({ broken, trail, relay, release }).catch(ignore);
    },
  };
}

/** Rejects where there is no consumer any more. */
async function goOn(handover: Parameters<typeof continueAnswer>[0]): Promise<void> {
  try {
    await continueAnswer(handover);
  } catch {
    handover.release();
    showBreak(handover.relay.broken);
  }
}

function ignore(): void {}
