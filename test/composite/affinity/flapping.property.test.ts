import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { call } from '../../testing/call.ts';
import { composeRoute, minuteMs } from './conversation.ts';

/** Up and down times of the first candidate, in seconds, one after the other. */
type Outages = ReadonlyArray<readonly [upS: number, downS: number]>;

const horizonMs = 6 * 60 * minuteMs;

/** Lets conversations talk while their candidate comes and goes; answers who served each of them, turn by turn. */
async function simulate({
  outages,
  everyS,
  conversations,
  others = 0,
  prices = {},
}: {
  readonly outages: Outages;
  /** How long a conversation waits before its next turn. */
  readonly everyS: number;
  readonly conversations: number;
  /** New conversations between two turns, of one turn each. */
  readonly others?: number;
  readonly prices?: NonNullable<NonNullable<Parameters<typeof composeRoute>[0]>['prices']>;
}) {
  const { ai, clock, out } = composeRoute({ prices });
  const startMs = clock.now();
  let next = 0;
  const isDownAt = (atMs: number): boolean => {
    const wholeS = outages.reduce((sum, [upS, downS]) => sum + upS + downS, 0);
    let s = (atMs / 1_000) % wholeS;
    for (const [upS, downS] of outages) {
      if (s < upS) return false;
      s -= upS;
      if (s < downS) return true;
      s -= downS;
    }
    return false;
  };
  const setTo = (isDown: boolean) => (isDown ? out.add('first') : out.delete('first'));
  const served: string[][] = Array.from({ length: conversations }, () => []);
  const turn = async (index: number) => {
    const providerOptions = { composite: { sessionId: `visitor ${index}` } };
    const { providerMetadata } = await ai.doGenerate(call({ providerOptions }));
    served[index]?.push(`${providerMetadata?.composite?.candidate}`);
  };
  while (clock.now() - startMs < horizonMs) {
    next = (next + 1) % conversations;
    await turn(next);
    for (let other = 0; other <= others; other++) {
      await clock.advance((everyS * 1_000) / conversations / (others + 1));
      setTo(isDownAt(clock.now() - startMs));
      if (other < others) await ai.doGenerate(call());
    }
  }
  out.clear();
  // New conversations find out that it is well.
  for (let minute = 0; minute < 18; minute++) {
    await ai.doGenerate(call());
    await clock.advance(minuteMs);
  }
  for (let index = 0; index < conversations; index++)
    for (let again = 0; again < 2; again++) await turn(index);
  return served;
}

const switchesOf = (own: readonly string[]) =>
  own.filter((name, index) => index > 0 && name !== own[index - 1]).length;

test('a candidate that comes and goes all the time does not drag conversations back and forth, and has them at last', async () => {
  // Shorter than a quarter of an hour, so that it is never trusted for long.
  const outages = fc.array(fc.tuple(fc.integer({ min: 5, max: 880 }), fc.integer({ min: 5, max: 600 })), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(
      outages,
      fc.integer({ min: 60, max: 300 }),
      fc.integer({ min: 1, max: 3 }),
      async (all, everyS, conversations) => {
        const served = await simulate({ outages: all, everyS, conversations });
        for (const own of served) {
          // Five times until it waits for a quarter of an hour, then once in that time; each time there and back.
          const most = 2 * (5 + horizonMs / (16 * minuteMs)) + 2;
          expect(switchesOf(own)).toBeLessThanOrEqual(most);
          expect(own.at(-1)).toBe('first');
        }
      },
    ),
    { numRuns: 8, seed: 15 },
  );
});

const cheap = {
  first: { inputTokens: 1, outputTokens: 1 },
  second: { inputTokens: 3, outputTokens: 3 },
};

test.each([
  // A price alone does not bring it back any sooner, but for the first time.
  { others: 0, most: 32, prices: cheap },
  { others: 4, most: 8, prices: cheap },
  // It tries once in a quarter of an hour, for nobody else finds out how it is.
  { others: 0, most: 30 },
  // Others do: it is never in order for as long as it has to be.
  { others: 4, most: 6 },
])(
  'a candidate that is away for two minutes in every five moves a conversation at most $most times in six hours, not 144 times, with $others others and prices $prices',
  async ({ others, most, prices = {} }) => {
    const [own = []] = await simulate({
      outages: [[180, 120]],
      everyS: 45,
      conversations: 1,
      others,
      prices,
    });
    expect(switchesOf(own)).toBeLessThanOrEqual(most);
    expect(own.at(-1)).toBe('first');
  },
);
