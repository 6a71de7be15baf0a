import { notify } from '../../boundary/callback.ts';
import type { OutageObservers } from './store-link.ts';

/** The state cannot be reached. Calls go by what this process knows; budgets do what `whenStateIsAway` says. */
export type StateAwayEvent = {
  /** What the client said, or that it said nothing in time. */
  readonly error: unknown;
};

/** The state can be reached again. */
export type StateBackEvent = { readonly awayMs: number };

/** Who is told of outages. */
export type OutageSettings = {
  /** Told once each time the state goes away; calls go on. Default: `console.warn`. */
  readonly onStateAway?: (event: StateAwayEvent) => unknown;
  /** Told once each time the state is back. */
  readonly onStateBack?: (event: StateBackEvent) => unknown;
};

/** Tells the user of outages: by the console where nobody observes them. */
export function outageObservers({
  onStateAway = warnOnConsole,
  onStateBack,
}: OutageSettings): OutageObservers {
  return {
    onAway: error => notify({ observer: onStateAway, event: { error } }),
    onBack: awayMs => notify({ observer: onStateBack, event: { awayMs } }),
  };
}

/** Without what the client said, which may hold an address with a password. */
function warnOnConsole({ error }: StateAwayEvent): void {
  const name = error instanceof Error ? error.name : typeof error;
  console.warn(
    `ai-composite: the shared state cannot be reached (${name}); this process goes by what it knows until it is back.`,
  );
}
