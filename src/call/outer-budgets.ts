import type { Pay } from './money.ts';

/**
 * The budgets of calls whose candidate under way is itself a composite, by a token that goes with its request: what its own
 * requests cost is held there too, one by one. A token is plain text, since whatever wraps the candidate may copy options.
 */
const byToken = new Map<string, Pay>();

/** Lends budgets to the composite that is asked next. */
export function lend(pay: Pay): { readonly token: string; readonly takeBack: () => void } {
  const token = crypto.randomUUID();
  byToken.set(token, pay);
  return { token, takeBack: () => void byToken.delete(token) };
}

/** The budgets that a token lends; undefined for one that was taken back. */
export function lentBy(token: string | undefined): Pay | undefined {
  return token === undefined ? undefined : byToken.get(token);
}
