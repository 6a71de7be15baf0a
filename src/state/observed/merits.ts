import type { Prior } from './share.ts';

/** What a candidate has shown, as far as a score needs it. */
export type Merits = {
  /** Attempts that were counted. */
  readonly attempts: number;
  /** The share of attempts that failed, from 0 to 1. */
  readonly failureShare: number;
  /** The share of first outputs that came too late, from 0 to 1. */
  readonly lateShare: number;
  /** The average of what the application said of its answers, from 0 to 1. */
  readonly feedbackScore: number;
  /** How often the application said something. */
  readonly feedbacks: number;
  /** The average length of its answers; undefined while it has given none. */
  readonly outputTokens: number | undefined;
  /** When an attempt at it ended last. */
  readonly askedAtMs: number | undefined;
};

/** One attempt in twenty. */
export const failurePrior: Prior = { value: 0.05, strength: 4 };
/** As if answers had been seen that take half the deadline, give or take a factor of two. */
export const latePrior: Prior = { value: 0.16, strength: 4 };
/** Nobody complained. */
export const feedbackPrior: Prior = { value: 1, strength: 4 };

/** What is assumed of a candidate that was never asked. */
export const unseen: Merits = {
  attempts: 0,
  failureShare: failurePrior.value,
  lateShare: latePrior.value,
  feedbackScore: feedbackPrior.value,
  feedbacks: 0,
  outputTokens: undefined,
  askedAtMs: undefined,
};
