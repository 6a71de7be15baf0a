import { workWithin } from '../boundary/callback.ts';
import type { Attempt } from './attempt.ts';

/** The request of an attempt, with what its record has around it, such as a span that what it sends belongs under. */
export function requestWithin<INPUT, ANSWER>({
  attempt: {
    record: { within },
  },
  send,
}: {
  readonly attempt: Attempt;
  readonly send: (input: INPUT) => ANSWER;
}): (input: INPUT) => ANSWER {
  return within === undefined ? send : input => workWithin({ within, work: () => send(input) });
}
