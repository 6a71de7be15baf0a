import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { collect, textOf } from '../testing/call.ts';
import { createManualClock, settle } from './manual-clock.ts';
import { httpError, scriptedModel, type Turn } from './scripted-model.ts';

/** What an outage looks like from here. */
const outages: ReadonlyArray<readonly [name: string, turn: Turn]> = [
  ['a 503', { error: httpError({ statusCode: 503 }) }],
  ['a refused connection', { error: httpError({}) }],
  ['a 429 without a header', { error: httpError({ statusCode: 429 }) }],
  ['a 504', { error: httpError({ statusCode: 504 }) }],
  ['silence', { silent: true }],
];

const spacingMs = 4_000;

/** Calls 4 s apart with every default, the first candidate down for a while; the outage begins `phaseMs` before a call. */
async function simulate({
  turn,
  outageMs,
  phaseMs,
  random,
  callsBefore,
}: {
  readonly turn: Turn;
  readonly outageMs: number;
  readonly phaseMs: number;
  readonly random: number;
  readonly callsBefore: number;
}) {
  const clock = createManualClock();
  let isDown = false;
  const first = scriptedModel({ id: 'one', turns: () => (isDown ? turn : { text: ['one'] }) });
  const second = scriptedModel({ id: 'two', turns: [{ text: ['two'] }] });
  const model = createComposite({
    tasks: {
      chat: [
        { model: first, name: 'one' },
        { model: second, name: 'two' },
      ],
    },
    clock,
    random: () => random,
    pricing: { catalog: false, onWarning: () => {} },
  });
  const beganAtMs = clock.now() + callsBefore * spacingMs;
  let startsAtDead = 0;
  let backAfterMs = Number.POSITIVE_INFINITY;
  const answers: Promise<void>[] = [];
  for (let index = -callsBefore; index * spacingMs < outageMs + 40_000; index++) {
    const sinceMs = index * spacingMs + phaseMs;
    await clock.advance(beganAtMs + sinceMs - clock.now());
    isDown = sinceMs >= 0 && sinceMs < outageMs;
    const isInOutage = isDown;
    const before = first.calls.length;
    answers.push(
      collect({ model }).then(({ parts }) => {
        expect(textOf(parts)).toMatch(isInOutage ? 'two' : /one|two/);
        if (sinceMs >= outageMs && textOf(parts) === 'one')
          backAfterMs = Math.min(backAfterMs, sinceMs - outageMs);
      }),
    );
    await settle();
    if (isInOutage && first.calls.length > before) startsAtDead += 1;
  }
  await clock.advance(60_000);
  await Promise.all(answers);
  return { startsAtDead, backAfterMs };
}

describe('an outage of 60 s with calls 4 s apart and every default', () => {
  for (const [name, turn] of outages)
    for (const callsBefore of [0, 3])
      test(`of ${name}, ${callsBefore === 0 ? 'from the first call on' : 'after calls that were answered'}: at most 5 of 15 calls start at the dead candidate, and traffic is back within 16 s`, async () => {
        for (const random of [0, 0.5, 0.999])
          for (const phaseMs of [0, 1_000, 3_900]) {
            const { startsAtDead, backAfterMs } = await simulate({
              turn,
              outageMs: 60_000,
              phaseMs,
              random,
              callsBefore,
            });
            expect(startsAtDead).toBeLessThanOrEqual(5);
            expect(backAfterMs).toBeLessThan(16_000);
          }
      });
});

test('traffic is back within 16 s of a recovery, however long an outage that is told at once has been', async () => {
  for (const seconds of [8, 13, 21, 34, 47, 58, 71, 100])
    for (const random of [0, 0.999]) {
      const { backAfterMs } = await simulate({
        turn: { error: httpError({ statusCode: 503 }) },
        outageMs: seconds * 1_000,
        phaseMs: 500,
        random,
        callsBefore: 1,
      });
      expect(backAfterMs).toBeLessThan(16_000);
    }
});

describe('one failed call in little traffic', () => {
  const compose = () => {
    const clock = createManualClock();
    const fate: { one: Turn } = { one: { text: ['ok'] } };
    const first = scriptedModel({ id: 'one', turns: () => fate.one });
    const model = createComposite({
      tasks: {
        chat: [
          { model: first, name: 'one' },
          { model: scriptedModel({ id: 'two', turns: [{ text: ['ok'] }] }), name: 'two' },
        ],
      },
      clock,
      attempts: 1,
      random: () => 1,
      pricing: { catalog: false, onWarning: () => {} },
    });
    const stateOfOne = () => model.health()[0];
    return { clock, fate, first, model, stateOfOne };
  };

  test('leaves the candidate out once nobody was answered by it for 3 s', async () => {
    const { clock, fate, model, stateOfOne } = compose();
    await collect({ model });
    fate.one = { error: httpError({ statusCode: 503 }) };
    await collect({ model });
    await clock.advance(2_999);
    expect(stateOfOne()).toMatchObject({ state: 'closed', consecutiveFailures: 1 });
    await clock.advance(1);
    expect(stateOfOne()).toMatchObject({ state: 'open', openUntilMs: clock.now() + 8_000 });
    await clock.advance(8_000);
    expect(stateOfOne()?.state).toBe('half-open');
  });

  test('moves nobody where others are answered', async () => {
    const { clock, fate, model, stateOfOne } = compose();
    fate.one = { error: httpError({ statusCode: 503 }) };
    await collect({ model });
    await clock.advance(2_000);
    fate.one = { text: ['ok'] };
    await collect({ model });
    await clock.advance(5_000);
    expect(stateOfOne()).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
  });

  for (const [name, turn] of [
    ['a bare 404', { error: httpError({ statusCode: 404 }) }],
    ['an empty answer', { finish: 'other' }],
    ['a bad request', { error: httpError({ statusCode: 400 }) }],
  ] as const satisfies ReadonlyArray<readonly [string, Turn]>)
    test(`leaves nobody out for ${name}, which is no sign of an outage`, async () => {
      const { clock, fate, model, stateOfOne } = compose();
      fate.one = turn;
      await collect({ model });
      await clock.advance(5_000);
      expect(stateOfOne()?.state).toBe('closed');
    });
});
