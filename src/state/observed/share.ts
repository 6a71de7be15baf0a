/** The average of what was seen, recent observations counting most: of zeros and ones a share. */
export type Share = { sum: number; weight: number; seen: number; atMs: number };

/** One observation, to be replaced by a better one. */
export type ShareSample = { readonly number: number; readonly atMs: number; value: number };

/** What is assumed before anything was seen, and how many observations that counts for. */
export type Prior = { readonly value: number; readonly strength: number };

/** What each further observation leaves of the say of those before: the last fifty or so count. */
const kept = 0.98;
/** What was seen loses half of its say in this time, so that who was bad is as good as unknown after a while. */
const halfLifeMs = 15 * 60_000;

/** Makes an average of nothing. */
export function createShare(): Share {
  return { sum: 0, weight: 0, seen: 0, atMs: 0 };
}

/** Takes an observation. */
export function addSample({
  share,
  value,
  nowMs,
}: {
  readonly share: Share;
  readonly value: number;
  readonly nowMs: number;
}): ShareSample {
  const fade = kept * fadeOf(nowMs - share.atMs);
  share.sum = share.sum * fade + value;
  share.weight = share.weight * fade + 1;
  share.seen += 1;
  share.atMs = nowMs;
  return { number: share.seen, atMs: nowMs, value };
}

/** Puts another value in the place of one that was observed, with what it still counts for. */
export function replaceSample({
  share,
  sample,
  value,
}: {
  readonly share: Share;
  readonly sample: ShareSample;
  readonly value: number;
}): void {
  const weight = kept ** (share.seen - sample.number) * fadeOf(share.atMs - sample.atMs);
  share.sum += weight * (value - sample.value);
  sample.value = value;
}

/** The average as it stands now; the prior alone where nothing was seen. */
export function averageOf({
  share,
  prior: { value, strength },
  nowMs,
}: {
  /** Undefined where nothing was seen. */
  readonly share: Share | undefined;
  readonly prior: Prior;
  readonly nowMs: number;
}): number {
  if (share === undefined) return value;
  const { sum, weight, atMs } = share;
  // Without a prior nothing takes the place of what fades; after days there would be nothing over nothing.
  const fade = strength === 0 ? 1 : fadeOf(nowMs - atMs);
  return (sum * fade + value * strength) / (weight * fade + strength);
}

/** A clock that was set back says nothing of the time that passed. */
function fadeOf(passedMs: number): number {
  return 2 ** (-Math.max(0, passedMs) / halfLifeMs);
}
