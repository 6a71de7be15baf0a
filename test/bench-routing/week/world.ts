import { createPriceCatalog, type PriceCatalog } from 'ai-composite';
import { type Character, type SimulatedProvider, simulateProvider } from './simulated-provider.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { createWeather, dayMs } from './weather.ts';

/** Three providers in a week, with the time and the prices. */
export type World = {
  readonly clock: VirtualClock;
  readonly providers: readonly [SimulatedProvider, SimulatedProvider, SimulatedProvider];
  /** What they ask for, day by day. */
  readonly catalog: PriceCatalog;
};

const startsAtMs = Date.UTC(2026, 10, 2);

/** A good and fast one, one in between, and a cheap one that takes its time. */
const first = {
  name: 'first',
  firstChunkMs: 700,
  tokensPerSecond: 90,
  price: { inputTokens: 2, outputTokens: 10 },
};
const second = {
  name: 'second',
  firstChunkMs: 900,
  tokensPerSecond: 70,
  price: { inputTokens: 1.2, outputTokens: 6 },
};
const third = {
  name: 'third',
  firstChunkMs: 1_400,
  tokensPerSecond: 50,
  price: { inputTokens: 1, outputTokens: 5 },
};

/** Makes the world of a seed: the same one every time. */
export async function createWorld({ seed }: { readonly seed: number }): Promise<World> {
  const clock = createVirtualClock(startsAtMs);
  const catalog = createPriceCatalog({ now: clock.now });
  await catalog.load();
  const settle = ({ character, index }: { readonly character: Character; readonly index: number }) => {
    const weather = createWeather({ seed: seed * 10 + index, startsAtMs });
    const priceNow = () => {
      const factor = weather.priceFactorOn(Math.floor((clock.now() - startsAtMs) / dayMs));
      const { inputTokens, outputTokens } = character.price;
      return { inputTokens: inputTokens * factor, outputTokens: outputTokens * factor };
    };
    for (let day = 0; day < 7; day++)
      clock.schedule({
        delayMs: day * dayMs,
        callback: () => catalog.override({ [`simulated/${character.name}`]: priceNow() }),
      });
    return simulateProvider({ character, weather, seed: seed * 1_000_003 + index * 101, clock, priceNow });
  };
  return {
    clock,
    catalog,
    providers: [
      settle({ character: first, index: 0 }),
      settle({ character: second, index: 1 }),
      settle({ character: third, index: 2 }),
    ],
  };
}
