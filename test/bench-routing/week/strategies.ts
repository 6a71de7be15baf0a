import type { LanguageModelV4 } from '@ai-sdk/provider';
import { type Clock, createComposite, type PriceCatalog, type RouteOptions } from 'ai-composite';

/** The three providers' models, in the order that a route lists them. */
export type Models = readonly [LanguageModelV4, LanguageModelV4, LanguageModelV4];

/** A way to serve the week's calls: makes the model that the application asks. */
export type Strategy = {
  readonly name: string;
  readonly make: (parts: {
    readonly models: Models;
    readonly clock: Clock;
    readonly random: () => number;
    readonly catalog: PriceCatalog;
  }) => LanguageModelV4;
};

/** One provider and the SDK's own two retries. */
const alone = (index: 0 | 1 | 2, name: string): Strategy => ({
  name,
  make: ({ models }) => models[index],
});

const hedge = { afterMs: 3_000 };
/** Two to five times what a call costs; the first word should be there in 3 s. */
const score = { deadlineMs: 3_000, badAnswerUsd: 0.01 };

/** All three by an order, with every other default. */
const composite = (name: string, options: RouteOptions): Strategy => ({
  name,
  make: ({ models, clock, random, catalog }) =>
    createComposite([...models], {
      ...options,
      affinity: false, // every call of the week is a conversation of its own
      clock,
      random,
      pricing: { catalog },
    }),
});

/** Limits that go by what was observed of each provider. */
const adaptive = { firstChunkMs: 'adaptive' } as const;
const adaptiveHedge = { afterMs: 'adaptive' } as const;
/** Whoever is asked to think gets 60 s for the first word in place of 10. */
const thinking = { settings: { reasoning: 'low' } } as const;

/** Every strategy of the table. */
export const strategies: ReadonlyArray<Strategy> = [
  alone(0, 'the first provider alone'),
  alone(1, 'the second alone'),
  alone(2, 'the third alone'),
  composite('`listed`', {}),
  composite('`listed`, hedged', { hedge }),
  composite("`'cheapest'`", { order: 'cheapest' }),
  composite("`'cheapest'`, hedged", { order: 'cheapest', hedge }),
  composite("`'fastest'`", { order: 'fastest' }),
  composite("`'fastest'`, hedged", { order: 'fastest', hedge }),
  composite('score', { order: score }),
  composite('score, hedged', { order: score, hedge }),
  composite('score, adaptive limits', { order: score, timeout: adaptive }),
  composite('score, adaptive limits and hedge', { order: score, timeout: adaptive, hedge: adaptiveHedge }),
  composite('`listed`, asked to think', thinking),
  composite('`listed`, asked to think, adaptive limits', { ...thinking, timeout: adaptive }),
];
