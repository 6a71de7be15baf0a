import { LoadAPIKeyError, LoadSettingError } from 'ai';
import type { FailedAttempt } from './failed-attempt.ts';
import { failureKinds } from './failure-kind.ts';

/** A line for each candidate: the kinds, statuses and codes of its failures. */
export function describeAttempts(attempts: ReadonlyArray<FailedAttempt>): ReadonlyArray<string> {
  const byCandidate = new Map<string, { readonly words: string[]; readonly sentence: string }>();
  for (const { candidate, failureKind, statusCode, code, error } of attempts) {
    const facts = [statusCode, code].filter(fact => fact !== undefined).join(' ');
    const line = byCandidate.get(candidate) ?? { words: [], sentence: missingSetting(error) };
    line.words.push(facts === '' ? failureKind : `${failureKind} (${facts})`);
    byCandidate.set(candidate, line);
  }
  return [...byCandidate].map(
    ([candidate, { words, sentence }]) => `- ${candidate}: ${words.join(', then ')}${sentence}`,
  );
}

/** The SDK's sentence on a key or a setting that is missing: it names the variable to set, and can hold no secret. */
function missingSetting(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (LoadAPIKeyError.isInstance(current) || LoadSettingError.isInstance(current))
      return `: ${current.message.replace(/\s+/g, ' ')}`;
    current = current.cause;
  }
  return '';
}

/**
 * The attempt whose status a caller should see: an outage that may pass before a rejection of the request, because one
 * candidate's "bad request" says little while another was only down.
 */
export function mostTelling(attempts: ReadonlyArray<FailedAttempt>): FailedAttempt | undefined {
  let best: FailedAttempt | undefined;
  for (const attempt of attempts) {
    if (attempt.statusCode === undefined || attempt.statusCode < 400) continue;
    if (
      best === undefined ||
      failureKinds.indexOf(attempt.failureKind) < failureKinds.indexOf(best.failureKind)
    )
      best = attempt;
  }
  return best;
}
