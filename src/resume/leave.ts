import { delay } from '../boundary/clock.ts';
import { type Answer, ask, below, isPassing, take } from './answer.ts';

/** How long somebody who has left may still be busy with cancelling, in milliseconds. */
const leavingMs = 10_000;

/** Ends the answer for a caller who wants no more: at the provider too, which would go on and bill it. */
export function leave(answer: Answer): void {
  if (answer.hasLeft) return;
  answer.hasLeft = true;
  void cancelAtProvider(answer).catch(ignore);
}

async function cancelAtProvider(answer: Answer): Promise<void> {
  const { clock, connection, signal } = answer;
  const limit = new AbortController();
  const stopWaiting = clock.schedule({
    delayMs: leavingMs,
    callback: () => {
      limit.abort();
      connection.abort(signal?.reason);
    },
    isBackground: true,
  });
  try {
    // Which answer it is, its first event tells.
    while (answer.responseId === undefined && answer.reader !== undefined) {
      const { done, value } = await answer.reader.read();
      if (done) break;
      take({ answer, events: answer.cutter.push(value) });
    }
    connection.abort(signal?.reason);
    if (answer.responseId === undefined || answer.isOver) return;
    const address = below({ answer, path: `${answer.responseId}/cancel` });
    // What does not get through would go on and be billed.
    for (let tries = 1; tries <= 3; tries++) {
      const response = await ask({ answer, address, method: 'POST', signal: limit.signal });
      await response?.body?.cancel();
      if (response !== undefined && !isPassing(response.status)) return;
      await delay({ clock, delayMs: 250 * 2 ** tries, signal: limit.signal });
    }
  } finally {
    stopWaiting();
  }
}

function ignore(): void {}
