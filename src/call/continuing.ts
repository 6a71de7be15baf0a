import { createChunk } from '../boundary/chunk.ts';
import type { Continuing } from '../fallback/attempt.ts';
import { type Accounts, closeIfDone } from './accounts.ts';

/** How another candidate goes on with an answer; loaded when the first one breaks off. */
const continuation = createChunk(() => import('../fallback/continue/continue-answer.ts'));

/** What an answer that changes hands needs of its call. */
export function continuingBy(accounts: Accounts): Continuing {
  return {
    goOn: async handover => {
      const { continueAnswer } = continuation.now() ?? (await continuation.load());
      await continueAnswer(handover);
    },
    hold: () => {
      accounts.running += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        accounts.running -= 1;
        closeIfDone(accounts);
      };
    },
    tell: parts => {
      accounts.parts = [...parts];
    },
    fail: () => {
      accounts.isExhausted = true;
    },
  };
}
