import type { Clock } from '../boundary/clock.ts';
import type {
  Claim,
  HoldAnswer,
  HoldRequest,
  Renewal,
  ScopeWindow,
  Settlement,
  Standing,
  StateStore,
} from './store.ts';

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

/** What is counted together. */
type Scope = {
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

/** Keeps amounts in memory, at once. At most `maxScopes`, the ones touched last. */
export function createMemoryScopes({
  clock,
  maxScopes,
}: {
  readonly clock: Clock;
  readonly maxScopes: number;
}): Pick<StateStore, 'renew'> & {
  readonly hold: (request: HoldRequest) => HoldAnswer;
  readonly settle: (settlement: Settlement) => ReadonlyArray<Standing>;
  readonly standings: (scopes: ReadonlyArray<ScopeWindow>) => ReadonlyArray<Standing>;
} {
  const scopes = new Map<string, Scope>();

  const find = ({ scope: name, slidingMs }: ScopeWindow): Scope | undefined => {
    const scope = scopes.get(name);
    if (scope === undefined) return undefined;
    const nowMs = clock.now();
    if (scope.keepUntilMs <= nowMs) {
      scopes.delete(name);
      return undefined;
    }
    if (slidingMs !== undefined) slide({ scope, nowMs, slidingMs });
    expire({ scope, nowMs });
    return scope;
  };

  /** Finds or makes a scope, which is then the one touched last. */
  const touch = (claim: Claim): Scope => {
    const scope = find(claim) ?? {
      used: 0n,
      held: 0n,
      holds: new Map(),
      slices: [],
      keepUntilMs: 0,
      leasesUntilMs: Number.POSITIVE_INFINITY,
    };
    scopes.delete(claim.scope);
    scopes.set(claim.scope, scope);
    scope.keepUntilMs = Math.max(scope.keepUntilMs, clock.now() + claim.keepMs);
    return scope;
  };

  /** Forgets what is not kept any more, a few at a time, and what was touched longest ago beyond the bound. */
  const tidy = (): void => {
    const nowMs = clock.now();
    let looked = 0;
    for (const [name, { keepUntilMs }] of scopes) {
      if (keepUntilMs <= nowMs || scopes.size > maxScopes) scopes.delete(name);
      else if (++looked > 2) return;
    }
  };

  return {
    hold: ({ id, claims, leaseMs }) => {
      const isHeld = claims.every(claim => {
        const scope = find(claim);
        return (
          scope?.holds.has(id) ||
          claim.limit === undefined ||
          (scope?.used ?? 0n) + claim.amount <= claim.limit
        );
      });
      if (!isHeld)
        return {
          outcome: 'denied',
          standings: claims.map(claim => denied({ claim, scope: find(claim), nowMs: clock.now() })),
        };
      const standings = claims.map(claim => {
        const scope = touch(claim);
        place({ scope, id, claim, leaseMs, nowMs: clock.now() });
        return standing({ window: claim, scope });
      });
      tidy();
      return { outcome: 'held', standings };
    },
    renew: ({ id, scopes: names, leaseMs }: Renewal) => {
      const nowMs = clock.now();
      for (const name of names) {
        const scope = scopes.get(name);
        const hold = scope?.holds.get(id);
        if (hold !== undefined && !hold.isExpired && hold.leaseUntilMs > nowMs)
          hold.leaseUntilMs = nowMs + leaseMs;
      }
    },
    settle: ({ id, amounts }) =>
      amounts.map(({ amount, ...window }) => {
        const scope = find(window);
        if (scope !== undefined) settle({ scope, id, amount });
        return standing({ window, scope });
      }),
    standings: windows => windows.map(window => standing({ window, scope: find(window) })),
  };
}

function place({
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

function settle({
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
function slide({
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
function expire({ scope, nowMs }: { readonly scope: Scope; readonly nowMs: number }): void {
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

function standing({
  window,
  scope,
}: {
  readonly window: ScopeWindow;
  readonly scope: Scope | undefined;
}): Standing {
  return { scope: window.scope, used: scope?.used ?? 0n, held: scope?.held ?? 0n };
}

function denied({
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
