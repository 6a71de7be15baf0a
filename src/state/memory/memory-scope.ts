import type { Claim, ScopeWindow, Standing } from '../store.ts';

/** One hold in one scope. */
type Hold = {
  readonly amount: bigint;
  leaseUntilMs: number;
  /** Its lease was over when somebody looked: it counts as spent. */
  isExpired: boolean;
  /** Where it counts in a sliding scope. */
  readonly slice: Slice | undefined;
};

/** What was held at about the same time. */
type Slice = { readonly sinceMs: number; untilMs: number; amount: bigint; isOver: boolean };

/** What is counted together, in memory. */
export type Scope = {
  used: bigint;
  held: bigint;
  readonly holds: Map<string, Hold>;
  /** The oldest first. Empty in a scope that does not slide. */
  readonly slices: Slice[];
  keepUntilMs: number;
  /** No lease ends before. */
  leasesUntilMs: number;
};

/** What nobody has settled for so long after its lease was over, nobody will. */
const forgetMs = 86_400_000;
/** What is held within a thousandth of a sliding scope's time leaves it together, so that it never has more slices than that. */
const slicesPerWindow = 1_000;

/** Makes an empty scope. */
export function createScope(): Scope {
  return {
    used: 0n,
    held: 0n,
    holds: new Map(),
    slices: [],
    keepUntilMs: 0,
    leasesUntilMs: Number.POSITIVE_INFINITY,
  };
}

/** Places a hold, unless it is there. */
export function place({
  scope,
  id,
  claim: { amount, slidingMs },
  leaseMs,
  nowMs,
}: {
  readonly scope: Scope;
  readonly id: string;
  readonly claim: Claim;
  readonly leaseMs: number;
  readonly nowMs: number;
}): void {
  if (scope.holds.has(id)) return;
  const slice = slidingMs === undefined ? undefined : sliceAt({ scope, nowMs, slidingMs });
  scope.holds.set(id, { amount, leaseUntilMs: nowMs + leaseMs, isExpired: false, slice });
  scope.leasesUntilMs = Math.min(scope.leasesUntilMs, nowMs + leaseMs);
  scope.used += amount;
  if (slice === undefined) scope.held += amount;
  else slice.amount += amount;
}

/** Puts what was used in the place of a hold; nothing where it is not there. */
export function settle({
  scope,
  id,
  amount,
}: {
  readonly scope: Scope;
  readonly id: string;
  readonly amount: bigint;
}): void {
  const hold = scope.holds.get(id);
  if (hold === undefined) return;
  scope.holds.delete(id);
  const { slice } = hold;
  if (slice === undefined && !hold.isExpired) scope.held -= hold.amount;
  if (slice?.isOver) return;
  scope.used += amount - hold.amount;
  if (slice !== undefined) slice.amount += amount - hold.amount;
}

/** The slice that takes what is held now. */
function sliceAt({
  scope: { slices },
  nowMs,
  slidingMs,
}: {
  readonly scope: Scope;
  readonly nowMs: number;
  readonly slidingMs: number;
}): Slice {
  const last = slices.at(-1);
  if (last !== undefined && nowMs - last.sinceMs < slidingMs / slicesPerWindow) {
    last.untilMs = Math.max(last.untilMs, nowMs);
    return last;
  }
  const slice = { sinceMs: nowMs, untilMs: nowMs, amount: 0n, isOver: false };
  slices.push(slice);
  return slice;
}

/** Lets go of the slices that are older than the window. */
export function slide({
  scope,
  nowMs,
  slidingMs,
}: {
  readonly scope: Scope;
  readonly nowMs: number;
  readonly slidingMs: number;
}): void {
  let over = 0;
  for (const slice of scope.slices) {
    if (slice.untilMs + slidingMs > nowMs) break;
    slice.isOver = true;
    scope.used -= slice.amount;
    over += 1;
  }
  if (over > 0) scope.slices.splice(0, over);
}

/** Turns holds whose leases are over into what was spent; looks at them only where one may be. */
export function expire({ scope, nowMs }: { readonly scope: Scope; readonly nowMs: number }): void {
  if (scope.leasesUntilMs > nowMs) return;
  scope.leasesUntilMs = Number.POSITIVE_INFINITY;
  for (const [id, hold] of scope.holds) {
    if (hold.isExpired) {
      if (hold.leaseUntilMs + forgetMs <= nowMs) scope.holds.delete(id);
      continue;
    }
    if (hold.leaseUntilMs > nowMs) {
      scope.leasesUntilMs = Math.min(scope.leasesUntilMs, hold.leaseUntilMs);
      continue;
    }
    hold.isExpired = true;
    if (hold.slice === undefined) scope.held -= hold.amount;
    else scope.holds.delete(id);
  }
}

/** How a scope stands; as an empty one where there is none. */
export function standing({
  window,
  scope,
}: {
  readonly window: ScopeWindow;
  readonly scope: Scope | undefined;
}): Standing {
  return { scope: window.scope, used: scope?.used ?? 0n, held: scope?.held ?? 0n };
}

/** How a scope stands that has no room, and when there may be some. */
export function denied({
  claim,
  scope,
  nowMs,
}: {
  readonly claim: Claim;
  readonly scope: Scope | undefined;
  readonly nowMs: number;
}): Standing {
  const { amount, limit, slidingMs } = claim;
  const known = standing({ window: claim, scope });
  if (scope === undefined || slidingMs === undefined || limit === undefined) return known;
  let missing = scope.used + amount - limit;
  if (missing <= 0n) return known;
  for (const slice of scope.slices) {
    missing -= slice.amount;
    if (missing <= 0n) return { ...known, retryAfterMs: slice.untilMs + slidingMs - nowMs };
  }
  return known;
}
