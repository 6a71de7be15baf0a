import { deepStrictEqual, ok } from 'node:assert/strict';
import type { Claim, Standing, StateStore } from '../../state/store.ts';

/** What a test of a store works with: keys of its own, so that it can run in a store that others use. */
export type Bench = {
  readonly store: StateStore;
  /** Lets time pass for the store. */
  readonly pass: (ms: number) => Promise<void>;
  /** A name that nobody else has. */
  readonly name: (text: string) => string;
  /** An id that was never used. */
  readonly id: () => string;
};

/** A test of a store. */
export type Check = (bench: Bench) => Promise<void>;

/** Fails where two values differ. */
export function same({
  actual,
  expected,
  why,
}: {
  readonly actual: unknown;
  readonly expected: unknown;
  readonly why: string;
}): void {
  deepStrictEqual(actual, expected, why);
}

/** Fails where something does not hold. */
export function holds({ that, why }: { readonly that: boolean; readonly why: string }): void {
  ok(that, why);
}

/** Longer than a store takes to answer, shorter than anybody wants to wait for a test. */
export const leaseMs = 1_000;
/** For what is not to end while a test runs. */
export const longMs = 600_000;

/** Places a hold in one scope; true where it is held. */
export async function place({
  bench: { store, id },
  claim,
  for: forMs = longMs,
}: {
  readonly bench: Bench;
  readonly claim: Claim;
  readonly for?: number;
}): Promise<{ readonly id: string; readonly isHeld: boolean; readonly standing: Standing | undefined }> {
  const own = id();
  const { outcome, standings } = await store.hold({ id: own, claims: [claim], leaseMs: forMs });
  return { id: own, isHeld: outcome === 'held', standing: standings[0] };
}

/** What is used and held in a scope. */
export async function read({
  store,
  scope,
  slidingMs,
}: {
  readonly store: StateStore;
  readonly scope: string;
  readonly slidingMs?: number;
}): Promise<{ readonly used: bigint; readonly held: bigint }> {
  const [standing] = await store.standings([{ scope, ...(slidingMs !== undefined && { slidingMs }) }]);
  return { used: standing?.used ?? -1n, held: standing?.held ?? -1n };
}
