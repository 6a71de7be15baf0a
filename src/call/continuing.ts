import type { Continuing } from '../fallback/attempt.ts';
import { type Accounts, closeIfDone } from './accounts.ts';

/** What an answer that changes hands needs of its call. */
export function continuingBy(accounts: Accounts): Continuing {
  return {
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
