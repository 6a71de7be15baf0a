import { isPromise } from '../state/shared/store-link.ts';
import type { Answer } from '../state/store.ts';

/** Goes on with an answer: at once where it is there, so that nobody waits for a store in memory. */
export function whenThere<VALUE, RESULT>({
  answer,
  next,
}: {
  readonly answer: Answer<VALUE>;
  readonly next: (value: VALUE) => Answer<RESULT>;
}): Answer<RESULT> {
  return isPromise(answer) ? answer.then(next) : next(answer);
}
