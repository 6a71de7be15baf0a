import type { StateStore } from '../../state/store.ts';
import type { Bench, Check } from './bench.ts';
import { healthChecks } from './health-checks.ts';
import { holdChecks } from './hold-checks.ts';
import { interleavingChecks } from './interleaving-checks.ts';
import { noteChecks } from './note-checks.ts';
import { slidingChecks } from './sliding-checks.ts';

/** What `stateStoreCases` takes. */
export type StateStoreCasesSettings = {
  /** The store to test. Other things may be in it: every test has keys of its own. */
  readonly open: () => StateStore | PromiseLike<StateStore>;
  /** Lets time pass for the store; default: waits. A store with a clock of its own has it moved. */
  readonly pass?: (ms: number) => void | PromiseLike<void>;
};

/** One test of a store, for any runner. */
export type StateStoreCase = {
  /** A sentence of the contract. */
  readonly name: string;
  /** Rejects, with what was expected, where the store does not keep it. */
  readonly run: () => Promise<void>;
};

/**
 * Lists everything that a store for `createComposite({ state })` has to do, as tests for any runner. Without a clock of its own a
 * store takes some ten seconds; they may run at the same time.
 *
 * @example
 * for (const { name, run } of stateStoreCases({ open: () => myStore })) test(name, run);
 */
export function stateStoreCases({
  open,
  pass = ms => new Promise<void>(resolve => setTimeout(resolve, ms)),
}: StateStoreCasesSettings): ReadonlyArray<StateStoreCase> {
  const checks: Readonly<Record<string, Check>> = {
    ...holdChecks,
    ...slidingChecks,
    ...healthChecks,
    ...noteChecks,
    ...interleavingChecks,
  };
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: async () => {
      const own = crypto.randomUUID();
      const bench: Bench = {
        store: await open(),
        pass: async ms => pass(ms),
        name: text => `${own}/${text}`,
        id: () => crypto.randomUUID(),
      };
      await check(bench);
    },
  }));
}
