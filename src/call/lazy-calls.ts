import { createChunk } from '../boundary/chunk.ts';
import { tellAll } from '../report/observe.ts';
import type { ParsedSettings } from '../settings/settings.ts';
import { type CandidateHealth, healthOf } from '../state/health.ts';
import type { Composite } from './open-composite.ts';

/** What sends requests. It begins to load when a composite is made, and is there long before most first calls. */
export const calls = createChunk(() => import('./calls.ts'));

type Code = typeof import('./calls.ts');

/** The code for calls, and the composite that they share. */
export type Calls = { readonly code: Code; readonly composite: Composite };

/** The calls of a composite, once their code is loaded. */
export type LazyCalls = {
  /** Undefined while it is not loaded. */
  readonly now: () => Calls | undefined;
  /** Loads it. Rejects where a file of ai-composite is missing from a bundle. */
  readonly later: () => Promise<Calls>;
  readonly health: () => ReadonlyArray<CandidateHealth>;
};

/** Begins to load what calls need, and tells those who observe that there is a composite. */
export function createLazyCalls(settings: ParsedSettings): LazyCalls {
  let own: Calls | undefined;
  const open = (code: Code): Calls => {
    own ??= { code, composite: code.openComposite(settings) };
    return own;
  };
  const now = () => {
    if (own !== undefined) return own;
    const code = calls.now();
    return code && open(code);
  };
  const later = () => calls.load().then(open);
  const { candidates, clock, observers, routes } = settings;
  const health = () => healthOf({ candidates, state: now()?.composite.state, nowMs: clock.now() });
  if (now() === undefined) void later().catch(ignore);
  tellAll({ observers, tell: observer => observer.onCreate?.({ tasks: [...routes.keys()], health }) });
  return { now, later, health };
}

function ignore(): void {}
