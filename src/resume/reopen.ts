import { delay } from '../boundary/clock.ts';
import { markReopening } from '../provider/reopening.ts';
import { type Answer, ask, below, isPassing, isStream } from './answer.ts';
import { createEventCutter } from './event-cutter.ts';

/** Opens the answer again behind its last event; false where the provider does not have it any more. */
export async function reopen(answer: Answer): Promise<boolean> {
  const { responseId, sequenceNumber, maxReopens, clock, connection, signal } = answer;
  if (responseId === undefined || sequenceNumber === undefined) return false;
  markReopening({ signal, isReopening: true });
  try {
    while (answer.reopens < maxReopens) {
      const waitMs = answer.reopens === 0 ? 0 : Math.min(4_000, 250 * 2 ** answer.reopens);
      answer.reopens += 1;
      if (waitMs > 0) await delay({ clock, delayMs: waitMs, signal: connection.signal });
      const address = below({ answer, path: responseId });
      address.searchParams.set('stream', 'true');
      address.searchParams.set('starting_after', String(sequenceNumber));
      const response = await ask({ answer, address, method: 'GET', signal: connection.signal });
      if (answer.hasLeft) return false;
      if (response === undefined) continue;
      if (isStream(response)) {
        answer.reader = response.body.getReader();
        answer.cutter = createEventCutter();
        return true;
      }
      void response.body?.cancel().catch(ignore);
      if (!isPassing(response.status)) return false;
    }
    return false;
  } catch {
    // Only the wait rejects, when the caller has left.
    return false;
  } finally {
    markReopening({ signal, isReopening: false });
  }
}

function ignore(): void {}
