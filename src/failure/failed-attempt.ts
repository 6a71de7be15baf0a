import type { FailureKind } from './failure-kind.ts';

/** One failed attempt as `RouteExhaustedError` carries it. */
export type FailedAttempt = {
  readonly attemptNumber: number;
  readonly candidate: string;
  readonly provider: string;
  readonly modelId: string;
  readonly failureKind: FailureKind;
  readonly durationMs: number;
  readonly statusCode?: number;
  /** The provider's own code for the failure, or the judgement that the answer failed. */
  readonly code?: string;
  /** What the provider package threw, untouched. It may hold the request, so no logger prints it: read it by its name. */
  readonly error: unknown;
};
