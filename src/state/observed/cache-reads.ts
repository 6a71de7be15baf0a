/** How much of a follow-up's input candidates read from their prompt cache; an entry lives as long as its model. */
export type CacheReads = {
  /** Takes the share of input, from 0 to 1, that one follow-up read from the cache. */
  readonly record: (sample: { readonly identity: object; readonly share: number }) => void;
  /** The average share, recent follow-ups counting most; undefined while none was seen. */
  readonly share: (identity: object) => number | undefined;
};

/** A new sample counts this much, so that a change shows after a few calls. */
const sampleWeight = 0.2;

/** Makes an empty memory. It holds one number per model, whatever the traffic. */
export function createCacheReads(): CacheReads {
  const shares = new WeakMap<object, number>();
  return {
    record: ({ identity, share }) => {
      const known = shares.get(identity) ?? share;
      shares.set(identity, known + sampleWeight * (share - known));
    },
    share: identity => shares.get(identity),
  };
}
