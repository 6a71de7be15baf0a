import { quietly } from '../../boundary/callback.ts';
import type { Candidate } from '../../candidate/candidate.ts';

/** Who may be asked in one call, beyond what the route lists. */
export type Allowance = {
  /** Names of candidates or providers; nobody else is asked. */
  readonly only: ReadonlyArray<string> | undefined;
  /** Names of candidates or providers that are not asked. */
  readonly exclude: ReadonlyArray<string> | undefined;
  /** False where only the first candidate of the plan is asked. */
  readonly hasFallback: boolean;
};

/** A candidate that may not be asked, and why. */
export type NotAllowed = { readonly candidate: string; readonly reason: string };

/** Parts candidates into those that may be asked and those that may not. */
export function partAllowed({
  candidates,
  allowance,
}: {
  readonly candidates: ReadonlyArray<Candidate>;
  readonly allowance: Allowance | undefined;
}): { readonly allowed: ReadonlyArray<Candidate>; readonly notAllowed: ReadonlyArray<NotAllowed> } {
  const allowed: Candidate[] = [];
  const notAllowed: NotAllowed[] = [];
  for (const candidate of candidates) {
    const reason = whyNot({ candidate, allowance });
    if (reason === undefined) allowed.push(candidate);
    else notAllowed.push({ candidate: candidate.name, reason });
  }
  return { allowed, notAllowed };
}

function whyNot({
  candidate,
  allowance,
}: {
  readonly candidate: Candidate;
  readonly allowance: Allowance | undefined;
}): string | undefined {
  // A function that throws does not switch a candidate off: nobody decided that.
  if (candidate.isEnabled !== undefined && quietly(candidate.isEnabled) === false) return 'enabled: false';
  const names = namesOf(candidate);
  if (allowance?.only !== undefined && !allowance.only.some(name => names.includes(name)))
    return 'not in only';
  return allowance?.exclude?.some(name => names.includes(name)) === true ? 'in exclude' : undefined;
}

/** The names that a candidate goes by: its own, and its provider's in full and without the kind of model. */
function namesOf({ name, model: { provider } }: Candidate): ReadonlyArray<string> {
  return [name, provider, provider.split('.', 1)[0] ?? provider];
}

/** Names in `only` and `exclude` that no candidate goes by, as a warning; a misspelt one must not leave out nobody in silence. */
export function unknownNames({
  allowance,
  everyCandidate,
}: {
  readonly allowance: Allowance | undefined;
  readonly everyCandidate: ReadonlyArray<Candidate>;
}): ReadonlyArray<string> {
  const asked = [...(allowance?.only ?? []), ...(allowance?.exclude ?? [])];
  const unknown = asked.filter(name => !everyCandidate.some(candidate => namesOf(candidate).includes(name)));
  if (unknown.length === 0) return [];
  const known = new Set(everyCandidate.flatMap(namesOf));
  return [
    `There is no candidate or provider ${unknown.map(name => `"${name}"`).join(', ')}; there are ${[...known].join(', ')}.`,
  ];
}

/** What a call is told that nobody may serve. */
export function nobodyAllowed(notAllowed: ReadonlyArray<NotAllowed>): string {
  return `Nobody may be asked: ${notAllowed.map(({ candidate, reason }) => `${candidate} (${reason})`).join(', ')}.`;
}
