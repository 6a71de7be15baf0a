/** How many requests candidates have under way. */
export type InFlight = {
  readonly begin: (identity: object) => void;
  readonly end: (identity: object) => void;
  readonly count: (identity: object) => number;
};

/** Makes counts that are all at nothing. */
export function createInFlight(): InFlight {
  const counts = new WeakMap<object, number>();
  const add = (identity: object, by: number) => {
    counts.set(identity, (counts.get(identity) ?? 0) + by);
  };
  return {
    begin: identity => add(identity, 1),
    end: identity => add(identity, -1),
    count: identity => counts.get(identity) ?? 0,
  };
}
