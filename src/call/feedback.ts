import * as z from 'zod/v4';
import { check, strictOptions } from '../boundary/check.ts';
import { lazily } from '../boundary/lazily.ts';
import type { Feedback } from '../state/observed/rated-calls.ts';
import type { SharedState } from '../state/state.ts';

const wrongScore = { error: 'must be a number from 0, useless, to 1, all that was asked for' };
const feedbackSchema = lazily(() =>
  strictOptions({
    callId: z.string({ error: 'must be the callId of a report or an event' }),
    score: z.number(wrongScore).min(0, wrongScore).max(1, wrongScore),
  }),
);

/**
 * Counts what an application says of an answer for the candidate that gave it. False for a call that is not remembered.
 * Throws `InvalidArgumentError` where it is no feedback.
 */
export function takeFeedback({
  state,
  feedback,
}: {
  /** Undefined before there was a call. */
  readonly state: SharedState | undefined;
  readonly feedback: Feedback;
}): boolean {
  check({ schema: feedbackSchema(), value: feedback, path: ['feedback'] });
  return state?.observed?.now()?.calls.rate(feedback) ?? false;
}
