import type { FailureKind } from '../failure-kind.ts';

/**
 * What a failure is about: the candidate (its key, its account, its model), so that every other call would fail too, or
 * something of this one request (a parameter, an item, a file). Absent where the provider names neither.
 */
export type FailureSubject = 'candidate' | 'request';

/** What a code, a status or a sentence of a provider means. */
export type Meaning = { readonly kind: FailureKind; readonly about?: FailureSubject };

/**
 * Codes by the kind they mean, in lower case. `status code` with a space between is a code at that status only, and wins
 * over the code alone.
 */
export type CodesByKind = Partial<Readonly<Record<FailureKind, readonly string[]>>>;

/** What one provider documents beyond the common codes, or means differently. */
export type ProviderCodes = {
  /** Parts of the model's `provider`, or of the host that answered, by which it is told. */
  readonly names: readonly string[];
  /** Codes, by what they mean. */
  readonly codes: CodesByKind;
  /** Codes that name no key, account or model. */
  readonly vague?: CodesByKind;
  /** Statuses that mean here what they do not mean everywhere, or that are this provider's only word for a cause. */
  readonly statuses?: CodesByKind;
};

/** Kinds that say something about everybody's calls, where a code of their own names the cause. */
const lasting: ReadonlySet<FailureKind> = new Set(['auth', 'quota', 'not-found']);

/** Turns a table by kind into one by code; `vague` codes name no key, account or model. */
export function meanings({
  codes,
  vague = {},
}: {
  readonly codes: CodesByKind;
  readonly vague?: CodesByKind;
}): ReadonlyMap<string, Meaning> {
  return new Map([
    ...entriesOf(vague).map(([code, kind]) => [code, { kind }] as const),
    ...entriesOf(codes).map(([code, kind]) => [code, meaningOf(kind)] as const),
  ]);
}

function meaningOf(kind: FailureKind): Meaning {
  if (lasting.has(kind)) return { kind, about: 'candidate' };
  // The model could not do what this request's tools or schema ask for.
  return kind === 'malformed-response' ? { kind, about: 'request' } : { kind };
}

function entriesOf(codes: CodesByKind): ReadonlyArray<readonly [code: string, kind: FailureKind]> {
  return Object.entries(codes).flatMap(([kind, list]) =>
    // `Object.entries` forgets the type of the keys.
    list.map(code => [code, kind as FailureKind] as const),
  );
}
