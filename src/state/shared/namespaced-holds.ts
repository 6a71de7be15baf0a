import type { Answer, ScopeWindow, Standing } from '../store.ts';
import type { Holds } from './holds.ts';
import { whenAnswered } from './store-link.ts';

/** Holds whose scopes have a prefix in the store, so that composites that have nothing to do with each other can share one. */
export function namespacedHolds({
  holds,
  prefix,
  keepUp,
}: {
  readonly holds: Holds;
  readonly prefix: string;
  /** Called where something has yet to be booked. */
  readonly keepUp: () => void;
}): Holds {
  const into = <WINDOW extends ScopeWindow>(windows: ReadonlyArray<WINDOW>): ReadonlyArray<WINDOW> =>
    windows.map(window => ({ ...window, scope: prefix + window.scope }));
  const outOf = (standings: ReadonlyArray<Standing>): ReadonlyArray<Standing> =>
    standings.map(standing => ({ ...standing, scope: standing.scope.slice(prefix.length) }));
  const known = (answer: Answer<ReadonlyArray<Standing> | undefined>) =>
    whenAnswered({
      answer,
      next: standings => {
        if (standings !== undefined) return outOf(standings);
        keepUp();
        return undefined;
      },
    });
  return {
    hold: request =>
      whenAnswered({
        answer: holds.hold({ ...request, claims: into(request.claims) }),
        next: answer =>
          answer.outcome === 'away' ? answer : { ...answer, standings: outOf(answer.standings) },
      }),
    renew: renewal => holds.renew({ ...renewal, scopes: renewal.scopes.map(scope => prefix + scope) }),
    settle: settlement => known(holds.settle({ ...settlement, amounts: into(settlement.amounts) })),
    standings: scopes => known(holds.standings(into(scopes))),
  };
}
