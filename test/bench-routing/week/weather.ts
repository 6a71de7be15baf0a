import { seededRandom } from '../figures.ts';

/** What is wrong with a provider for a while. */
export type Trouble = {
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * `down`: every request is refused at once. `errors`: a share of them is. `silent`: a share of them is accepted and never
   * answered. `slow`: everything takes a multiple of its time.
   */
  readonly kind: 'down' | 'errors' | 'silent' | 'slow';
  /** The share of requests that it hits, or the multiple for `slow`. */
  readonly extent: number;
};

/** How a provider is over a week. */
export type Weather = {
  readonly troubles: ReadonlyArray<Trouble>;
  /** By how much everything takes longer than usual at a moment, by drift and by the time of day. */
  readonly slownessAt: (atMs: number) => number;
  /** By how much a day's prices differ from the list. */
  readonly priceFactorOn: (day: number) => number;
};

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const weekMs = 7 * dayMs;

/** Short and long outages, partial ones, silent ones and slow hours, for each provider, at random times of the week. */
const plan = [
  { kind: 'down', minutes: 4, extent: 1 },
  { kind: 'down', minutes: 12, extent: 1 },
  { kind: 'down', minutes: 150, extent: 1 },
  { kind: 'errors', minutes: 90, extent: 0.3 },
  { kind: 'errors', minutes: 240, extent: 0.1 },
  { kind: 'silent', minutes: 15, extent: 1 },
  { kind: 'silent', minutes: 120, extent: 0.2 },
  { kind: 'slow', minutes: 180, extent: 5 },
] as const;

/** Makes a provider's week, counted from `startsAtMs`. */
export function createWeather({
  seed,
  startsAtMs,
}: {
  readonly seed: number;
  readonly startsAtMs: number;
}): Weather {
  const random = seededRandom(seed);
  const troubles = plan.map(({ kind, minutes, extent }): Trouble => {
    // From half to one and a half times as long as planned.
    const lasts = minutes * minuteMs * (0.5 + random());
    const fromMs = startsAtMs + random() * (weekMs - lasts);
    return { kind, extent, fromMs, toMs: fromMs + lasts };
  });
  const drift = walk({ steps: weekMs / hourMs + 1, step: 0.12, pull: 0.1, random });
  const prices = walk({ steps: 7, step: 0.15, pull: 0.2, random });
  return {
    troubles,
    slownessAt: atMs => {
      const hours = Math.min(drift.length - 2, Math.max(0, (atMs - startsAtMs) / hourMs));
      const [before, after] = [drift[Math.floor(hours)] ?? 0, drift[Math.floor(hours) + 1] ?? 0];
      const between = before + (after - before) * (hours % 1);
      return Math.exp(between) * (1 + 0.4 * dayShape((atMs - startsAtMs) / hourMs));
    },
    priceFactorOn: day => Math.exp(prices[day] ?? 0),
  };
}

/** From 0 in the small hours to 1 in the afternoon. */
export function dayShape(hours: number): number {
  return (1 - Math.cos(((hours - 3) / 24) * 2 * Math.PI)) / 2;
}

/** A random walk that is pulled back to 0, on a logarithmic scale. */
function walk({
  steps,
  step,
  pull,
  random,
}: {
  readonly steps: number;
  readonly step: number;
  readonly pull: number;
  readonly random: () => number;
}): ReadonlyArray<number> {
  const values = [normal(random) * step];
  while (values.length < steps) values.push((values.at(-1) ?? 0) * (1 - pull) + normal(random) * step);
  return values;
}

/** A standard normal number (Box and Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
