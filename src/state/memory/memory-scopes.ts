import type { Clock } from '../../boundary/clock.ts';
import type { Claim, HoldAnswer, HoldRequest, Renewal, ScopeWindow, Settlement, Standing } from '../store.ts';
import { createScope, denied, expire, place, type Scope, settle, slide, standing } from './memory-scope.ts';

/** Amounts kept in memory, which answer at once. */
export type MemoryScopes = {
  readonly hold: (request: HoldRequest) => HoldAnswer;
  readonly renew: (renewal: Renewal) => void;
  readonly settle: (settlement: Settlement) => ReadonlyArray<Standing>;
  readonly standings: (windows: ReadonlyArray<ScopeWindow>) => ReadonlyArray<Standing>;
};

type Memory = {
  readonly clock: Clock;
  readonly maxScopes: number;
  /** The one touched longest ago first. */
  readonly scopes: Map<string, Scope>;
};

/** Makes an empty memory of at most `maxScopes`, the ones touched last. */
export function createMemoryScopes({ clock, maxScopes }: Omit<Memory, 'scopes'>): MemoryScopes {
  const memory: Memory = { clock, maxScopes, scopes: new Map() };
  return {
    hold: request => hold({ memory, request }),
    renew: renewal => renew({ memory, renewal }),
    settle: ({ id, amounts }) =>
      amounts.map(({ amount, ...window }) => {
        const scope = find({ memory, window });
        if (scope !== undefined) settle({ scope, id, amount });
        return standing({ window, scope });
      }),
    standings: windows => windows.map(window => standing({ window, scope: find({ memory, window }) })),
  };
}

function hold({
  memory,
  request: { id, claims, leaseMs },
}: {
  readonly memory: Memory;
  readonly request: HoldRequest;
}): HoldAnswer {
  const isHeld = claims.every(claim => {
    const scope = find({ memory, window: claim });
    return (
      scope?.holds.has(id) || claim.limit === undefined || (scope?.used ?? 0n) + claim.amount <= claim.limit
    );
  });
  const nowMs = memory.clock.now();
  if (!isHeld)
    return {
      outcome: 'denied',
      standings: claims.map(claim => denied({ claim, scope: find({ memory, window: claim }), nowMs })),
    };
  const standings = claims.map(claim => {
    const scope = touch({ memory, claim });
    place({ scope, id, claim, leaseMs, nowMs });
    return standing({ window: claim, scope });
  });
  tidy(memory);
  return { outcome: 'held', standings };
}

function renew({
  memory: { clock, scopes },
  renewal: { id, scopes: names, leaseMs },
}: {
  readonly memory: Memory;
  readonly renewal: Renewal;
}): void {
  const nowMs = clock.now();
  for (const name of names) {
    const held = scopes.get(name)?.holds.get(id);
    if (held !== undefined && !held.isExpired && held.leaseUntilMs > nowMs)
      held.leaseUntilMs = nowMs + leaseMs;
  }
}

/** Finds a scope as it stands now; undefined where it is not kept any more. */
function find({
  memory: { clock, scopes },
  window: { scope: name, slidingMs },
}: {
  readonly memory: Memory;
  readonly window: ScopeWindow;
}): Scope | undefined {
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
}

/** Finds or makes a scope, which is then the one touched last. */
function touch({ memory, claim }: { readonly memory: Memory; readonly claim: Claim }): Scope {
  const { clock, scopes } = memory;
  const scope = find({ memory, window: claim }) ?? createScope();
  scopes.delete(claim.scope);
  scopes.set(claim.scope, scope);
  scope.keepUntilMs = Math.max(scope.keepUntilMs, clock.now() + claim.keepMs);
  return scope;
}

/** Forgets what is not kept any more, a few at a time, and what was touched longest ago beyond the bound. */
function tidy({ clock, scopes, maxScopes }: Memory): void {
  const nowMs = clock.now();
  let looked = 0;
  for (const [name, { keepUntilMs }] of scopes) {
    if (keepUntilMs <= nowMs || scopes.size > maxScopes) scopes.delete(name);
    else if (++looked > 2) return;
  }
}
