import { gaveUpWaiting } from '../../provider/gave-up-waiting.ts';
import type { FailureKind } from '../failure-kind.ts';

/** Statuses that mean the same at every provider; the others go by their hundred. */
const kinds: ReadonlyMap<number, FailureKind> = new Map([
  [401, 'auth'],
  [402, 'quota'],
  [403, 'auth'],
  [404, 'not-found'],
  [407, 'auth'],
  [409, 'server'],
  [410, 'not-found'],
  [413, 'context-length'],
  [415, 'unsupported'],
  [421, 'server'],
  // Hugging Face's TGI ("generation"), Bedrock's `ModelErrorException`: the model behind it failed.
  [424, 'server'],
  [425, 'server'],
  [429, 'rate-limit'],
  // Groq: no capacity for the flex tier.
  [498, 'overloaded'],
  [501, 'unsupported'],
  [503, 'overloaded'],
  [529, 'overloaded'],
]);

/** What an HTTP status says when no code says more. */
export function kindOfStatus(statusCode: number): FailureKind | undefined {
  if (gaveUpWaiting.has(statusCode)) return 'timeout';
  const known = kinds.get(statusCode);
  if (known !== undefined || statusCode < 400) return known;
  return statusCode >= 500 ? 'server' : 'invalid-request';
}
