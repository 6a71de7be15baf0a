import type { StateStore } from '../store.ts';

const made = new WeakMap<object, Map<string, StateStore>>();

/**
 * The store of a client, made once: a program that makes one for each request would else look at the same things as often as it
 * has made one.
 */
export function storeOf({
  owner,
  name,
  make,
}: {
  readonly owner: object;
  /** Tells apart what the client is used for. */
  readonly name: string;
  readonly make: () => StateStore;
}): StateStore {
  const own = made.get(owner) ?? new Map<string, StateStore>();
  made.set(owner, own);
  const store = own.get(name) ?? make();
  own.set(name, store);
  return store;
}
