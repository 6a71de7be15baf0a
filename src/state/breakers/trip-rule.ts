import { RouteExhaustedError } from '../../failure/errors.ts';
import type { Failure } from '../../failure/failure.ts';
import type { FailureKind } from '../../failure/failure-kind.ts';

/** What a failure does to the circuit breaker: opens it at once, counts as one of a row, or nothing. */
export type TripEffect = 'none' | 'count' | 'open';

/**
 * What each kind says about a candidate's health. `lasting` is out of order for everybody, if the provider's own code says
 * so; a caller's mistake says nothing.
 */
const effects: Readonly<Record<FailureKind, 'none' | 'count' | 'lasting'>> = {
  auth: 'lasting',
  quota: 'lasting',
  'not-found': 'lasting',
  'rate-limit': 'count',
  overloaded: 'count',
  server: 'count',
  network: 'count',
  timeout: 'count',
  'malformed-response': 'count',
  empty: 'count',
  unknown: 'count',
  'context-length': 'none',
  'content-filter': 'none',
  'invalid-request': 'none',
  unsupported: 'none',
};

/**
 * The trip rule: which failures count against a candidate that all callers share.
 *
 * Only what names its key, account or model opens at once. A bare 401, 403 or 404, or a code as vague, may be about one
 * visitor's file, item or conversation, so it counts as one of a row; what names something of the request counts for nothing.
 */
export function tripEffectOf(failure: Failure): TripEffect {
  if (failure.about === 'request') return 'none';
  const effect = effects[failure.kind];
  if (effect !== 'lasting') return effect;
  if (failure.about === 'candidate') return 'open';
  // A composite as a candidate has breakers of its own; it is out of order where all of its candidates are, which `about` tells.
  if (RouteExhaustedError.isInstance(failure.error)) return 'count';
  // Told neither by a status nor by a code of the provider's, so by a class that means just this.
  return failure.statusCode === undefined && failure.code === undefined ? 'open' : 'count';
}
