/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How long the answer to one request takes to begin, in milliseconds; `Infinity` is no answer. */
export type World = (request: { readonly random: () => number; readonly index: number }) => number;

/** Lognormal: half of the answers take less than `medianMs`, and the larger `spread`, the heavier the tail. */
export function lognormal({
  medianMs,
  spread,
}: {
  readonly medianMs: number;
  readonly spread: number;
}): World {
  return ({ random }) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return medianMs * Math.exp(spread * normal);
  };
}

/** Pareto: nothing under `leastMs`, and a tail that is heavier the smaller `alpha` is. */
function pareto({ leastMs, alpha }: { readonly leastMs: number; readonly alpha: number }): World {
  return ({ random }) => leastMs * (1 - random()) ** (-1 / alpha);
}

/** Most requests are of one kind, and a share of them of another. */
export function mixed({
  usual,
  rare,
  share,
}: {
  readonly usual: World;
  readonly rare: World;
  readonly share: number;
}): World {
  return request => (request.random() < share ? rare(request) : usual(request));
}

/** Changes every so many requests. */
export function changing({
  worlds,
  every,
}: {
  readonly worlds: ReadonlyArray<World>;
  readonly every: number;
}): World {
  return request => worlds[Math.floor(request.index / every) % worlds.length]?.(request) ?? 0;
}

/** No answer at all. */
export const silence: World = () => Number.POSITIVE_INFINITY;

const chat = lognormal({ medianMs: 600, spread: 0.4 });
const thinking = lognormal({ medianMs: 4_000, spread: 0.4 });
const late = lognormal({ medianMs: 15_000, spread: 0.3 });

/** Providers as they are, and worse; thinking ones have a fixed limit of 60 s, the others of 10 s. */
export const worlds: Readonly<Record<string, { readonly world: World; readonly fixedMs: number }>> = {
  'a chat model, 0.6 s': { world: chat, fixedMs: 10_000 },
  'a chat model of a wider spread': { world: lognormal({ medianMs: 600, spread: 0.8 }), fixedMs: 10_000 },
  'a model that thinks, 2 s': { world: lognormal({ medianMs: 2_000, spread: 0.4 }), fixedMs: 60_000 },
  'a model that thinks, 4 s': { world: thinking, fixedMs: 60_000 },
  'one that thinks, of a wider spread': {
    world: lognormal({ medianMs: 4_000, spread: 0.7 }),
    fixedMs: 60_000,
  },
  'a Pareto tail, alpha 3': { world: pareto({ leastMs: 1_000, alpha: 3 }), fixedMs: 60_000 },
  'a Pareto tail, alpha 2': { world: pareto({ leastMs: 1_000, alpha: 2 }), fixedMs: 60_000 },
  'thinks for 15 s, 1 in 30': { world: mixed({ usual: chat, rare: late, share: 0.03 }), fixedMs: 60_000 },
  'thinks for 15 s, 1 in 500': { world: mixed({ usual: chat, rare: late, share: 0.002 }), fixedMs: 60_000 },
  'three times as slow for a while': {
    world: changing({ worlds: [chat, lognormal({ medianMs: 1_800, spread: 0.4 })], every: 4_000 }),
    fixedMs: 60_000,
  },
  'ten times as slow for a while': {
    world: changing({ worlds: [chat, lognormal({ medianMs: 6_000, spread: 0.4 })], every: 4_000 }),
    fixedMs: 60_000,
  },
};
