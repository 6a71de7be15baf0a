import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import {
  compositeMetadata,
  createComposite,
  type FallbackCondition,
  isAnswer,
  type Price,
} from 'ai-composite';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Candidate } from '../../../src/candidate/candidate.ts';
import { rankCandidates } from '../../../src/route/order/rank-candidates.ts';
import { type Merits, unseen } from '../../../src/state/observed/merits.ts';
import { createManualClock } from '../../fallback/manual-clock.ts';
import { down, httpError, scriptedModel, type Turn, usageOf } from '../../fallback/scripted-model.ts';
import { call, collect } from '../../testing/call.ts';
import { candidateOf } from '../candidate-of.ts';

type Known = Partial<Merits> & { readonly maxUsd?: number };

const proven: Known = { attempts: 5, maxUsd: 0.01 };

/** Who goes first, second and so on, of candidates a, b, c of which this is known. */
function rank({
  known,
  badAnswerUsd = 1,
  random = () => 0.5,
}: {
  readonly known: ReadonlyArray<Known>;
  readonly badAnswerUsd?: number;
  readonly random?: () => number;
}) {
  const candidates = known.map((_own, index) => candidateOf({ name: 'abc'[index] ?? '' }));
  const of = (candidate: Candidate) => known[candidates.indexOf(candidate)] ?? {};
  const { ranked, warnings } = rankCandidates({
    order: { deadlineMs: 1_000, badAnswerUsd },
    candidates,
    routeNames: () => [],
    facts: {
      options: call(),
      costOf: candidate => {
        const { maxUsd } = of(candidate);
        return maxUsd === undefined ? {} : { minUsd: 0, maxUsd, maxOutputTokens: 1_000 };
      },
      inFlightOf: () => 0,
      latencyOf: () => ({ isTried: false }),
      meritsOf: candidate => ({ ...unseen, ...of(candidate) }),
      random,
      served: undefined,
    },
  });
  expect(warnings).toEqual([]);
  return ranked;
}

const names = (ranked: ReturnType<typeof rank>) => ranked.map(({ candidate }) => candidate.name).join('');
const reasons = (ranked: ReturnType<typeof rank>) =>
  ranked.map(({ candidate, reason }) => `${candidate.name} ${reason}`);

const share = fc.double({ min: 0, max: 1, noNaN: true });
const merits: fc.Arbitrary<Known> = fc.record({
  attempts: fc.nat(8),
  failureShare: share,
  lateShare: share,
  feedbackScore: share,
  maxUsd: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('a score', () => {
  test('is the sum of its terms, which are told with what they were worked out from', () => {
    const [first, second] = rank({
      known: [
        { ...proven, failureShare: 0.1, lateShare: 0.2, feedbackScore: 0.7, feedbacks: 3, outputTokens: 500 },
        { ...proven, attempts: 9, maxUsd: 0.02 },
      ],
    });
    expect(second).toEqual({
      candidate: expect.objectContaining({ name: 'a' }),
      reason: 'score',
      score: expect.closeTo(0.005 + 0.101 + 0.2 + 0.3, 9),
      terms: {
        costUsd: 0.005,
        outputTokens: 500,
        failureUsd: expect.closeTo(0.1 * (0.01 + 1), 9),
        fallbackUsd: 0.01,
        lateUsd: 0.2,
        feedbackUsd: expect.closeTo(0.3, 9),
        failureShare: 0.1,
        lateShare: 0.2,
        feedbackScore: 0.7,
        attempts: 5,
        feedbacks: 3,
      },
    });
    // It has given no answer: it is taken to be as long as the other's.
    expect(first?.terms).toMatchObject({ costUsd: 0.01, outputTokens: 500, fallbackUsd: 0.005 });
  });

  test('leaves the order as listed until enough was seen, and draws nothing', () => {
    const random = () => {
      throw new Error('No random number was needed.');
    };
    fc.assert(
      fc.property(fc.array(merits, { minLength: 1, maxLength: 3 }), known => {
        const young = known.map(own => ({ ...own, attempts: Math.min(own.attempts ?? 0, 4) }));
        const ranked = rank({ known: young, random });
        expect(names(ranked)).toBe('abc'.slice(0, known.length));
        expect(new Set(ranked.map(({ reason }) => reason))).toEqual(new Set(['listed']));
      }),
    );
  });

  test('moves nobody up of whom not enough was seen', () => {
    const ranked = rank({
      known: [
        { ...proven, failureShare: 0.9 },
        { ...proven, attempts: 4, failureShare: 0 },
        { ...proven, failureShare: 0.1 },
      ],
    });
    expect(reasons(ranked)).toEqual(['c score', 'b listed', 'a score']);
  });

  test('never prefers a less reliable candidate for more weight, with all else equal', () => {
    fc.assert(
      fc.property(
        merits,
        share,
        share,
        fc.double({ min: 0, max: 100, noNaN: true }),
        (own, one, two, usd) => {
          const [better, worse] = [Math.min(one, two), Math.max(one, two)];
          for (const name of ['failureShare', 'lateShare'] as const) {
            const known = [worse, better].map(value => ({ ...own, ...proven, [name]: value }));
            if (worse > better && usd > 1e-9 && worse - better > 1e-9)
              expect(names(rank({ known, badAnswerUsd: usd }))).toBe('ba');
          }
        },
      ),
    );
  });

  test('prefers the more reliable candidate the sooner, the more a bad answer costs', () => {
    fc.assert(
      fc.property(
        share,
        share,
        share,
        share,
        fc.array(share, { minLength: 2 }),
        (one, two, cheap, dear, usd) => {
          fc.pre(Math.abs(one - two) > 1e-6 && Math.abs(cheap - dear) > 1e-6);
          // The reliable one is listed first, and costs more.
          const known = [
            { ...proven, failureShare: Math.min(one, two), maxUsd: Math.max(cheap, dear) },
            { ...proven, failureShare: Math.max(one, two), maxUsd: Math.min(cheap, dear) },
          ];
          const orders = usd
            .map(own => own * 10)
            .sort((a, b) => a - b)
            .map(badAnswerUsd => names(rank({ known, badAnswerUsd })));
          expect(orders).toEqual(orders.toSorted().toReversed());
        },
      ),
    );
  });

  test('puts who has no price behind those who have one, by what else is known', () => {
    const ranked = rank({
      known: [
        { attempts: 5, failureShare: 0.5 },
        { ...proven, failureShare: 0.9 },
        { attempts: 5, failureShare: 0.1 },
      ],
    });
    expect(reasons(ranked)).toEqual(['b score', 'c price-unknown', 'a price-unknown']);
    expect(ranked.map(({ score }) => score)).toEqual([expect.any(Number), undefined, undefined]);
    expect(ranked[1]?.terms).not.toHaveProperty('costUsd');
  });
});

describe('exploration', () => {
  const known = [
    { ...proven, askedAtMs: 900 },
    { ...proven, failureShare: 0.5, askedAtMs: 300 },
    { ...proven, failureShare: 0.5, askedAtMs: 200 },
  ];

  test('asks in one call of fifty whom nobody asked for longest, and keeps the order of the others', () => {
    expect(reasons(rank({ known, random: () => 0.0199 }))).toEqual(['c exploration', 'a score', 'b score']);
    expect(reasons(rank({ known, random: () => 0.02 }))).toEqual(['a score', 'b score', 'c score']);
  });

  test('asks nobody whose price alone keeps it from going first', () => {
    const dear = known.map((own, index) => (index === 2 ? { ...own, maxUsd: 50 } : own));
    expect(reasons(rank({ known: dear, random: () => 0 }))).toEqual(['b exploration', 'a score', 'c score']);
  });

  test('loses nobody and doubles nobody', () => {
    fc.assert(
      fc.property(fc.array(merits, { minLength: 1, maxLength: 3 }), share, (all, random) => {
        const ranked = rank({ known: all, random: () => random });
        expect([...names(ranked)].sort().join('')).toBe('abc'.slice(0, all.length));
      }),
    );
  });
});

const price: Price = { inputTokens: 1, outputTokens: 1 };
const ok: Turn = { text: ['ok'], usage: usageOf(10, 100) };

/** A composite that goes by a score, of candidates that play their turns, one a call. */
function compose({
  turns,
  badAnswerUsd = 1,
  deadlineMs = 1_000,
  ...settings
}: {
  readonly turns: ReadonlyArray<(call: number) => Turn>;
  readonly badAnswerUsd?: number;
  readonly deadlineMs?: number;
  readonly attempts?: number;
  readonly generateId?: () => string;
  readonly fallbackWhen?: FallbackCondition;
}) {
  const clock = createManualClock();
  const ai = createComposite({
    tasks: {
      chat: {
        candidates: turns.map((own, index) => ({
          model: scriptedModel({ id: 'abc'[index] ?? '', turns: own }),
          name: 'abc'[index] ?? '',
          price,
        })),
        order: { deadlineMs, badAnswerUsd },
      },
    },
    affinity: false,
    circuitBreaker: false,
    attempts: 1,
    clock,
    random: () => 0.5,
    pricing: { catalog: false },
    ...settings,
  });
  const ask = async (options: Partial<LanguageModelV4CallOptions> = {}) =>
    compositeMetadata(await ai.doGenerate(call(options)));
  const asked = async () => (await ask())?.candidate;
  const planned = async () =>
    (await ai.plan(call())).steps.map(({ candidate, reason }) => `${candidate} ${reason}`);
  return { ai, ask, asked, planned, clock };
}

describe('a composite ordered by score', () => {
  test('moves who fails behind, once enough was seen of both', async () => {
    const { asked, planned } = compose({ turns: [() => ({ error: down }), () => ok] });
    expect(await planned()).toEqual(['a listed', 'b listed']);
    for (let calls = 0; calls < 5; calls++) expect(await asked()).toBe('b');
    expect(await planned()).toEqual(['b score', 'a score']);
  });

  test('is told whole in a plan and in the table of routes', async () => {
    const { ai, asked } = compose({ turns: [() => ok, () => ok] });
    await asked();
    expect(await ai.plan({ prompt: 'Hi', maxOutputTokens: 1_000 })).toEqual({
      task: 'chat',
      taskSource: 'default',
      steps: [
        {
          candidate: 'a',
          provider: 'scripted',
          modelId: 'a',
          maxAttempts: 1,
          reason: 'listed',
          score: expect.closeTo(0.000_101 + 0.04 * 1.000_101 + 0.128, 9),
          terms: {
            costUsd: expect.closeTo(0.000_101, 9),
            outputTokens: 100,
            failureUsd: expect.closeTo(0.04 * 1.000_101, 9),
            fallbackUsd: expect.closeTo(0.000_101, 9),
            // (0.16 × 4 + 0) / (4 + 1): it was in time once.
            lateUsd: expect.closeTo(0.128, 9),
            feedbackUsd: 0,
            // (0.05 × 4 + 0) / (4 + 1): nothing failed in one attempt.
            failureShare: 0.04,
            lateShare: expect.closeTo(0.128, 9),
            feedbackScore: 1,
            attempts: 1,
            feedbacks: 0,
          },
          cost: expect.objectContaining({ inputTokens: 1, maxOutputTokens: 1_000 }),
        },
        expect.objectContaining({
          candidate: 'b',
          reason: 'listed',
          terms: expect.objectContaining({ failureShare: 0.05, attempts: 0, outputTokens: 100 }),
        }),
      ],
      skipped: [],
      maxAttempts: 2,
      warnings: [],
    });
    expect(ai.describe().split('\n')).toEqual([
      'task    order                        comes back   candidate  provider  model  attempts  first output  without',
      '------  ---------------------------  -----------  ---------  --------  -----  --------  ------------  -------',
      'chat *  deadline 1 s, bad answer $1  no affinity  a          scripted  a      1         10 s',
      '                                                  b          scripted  b      1         10 s',
      '',
      'score chat, a: 4 % failed and 12.8 % late of 1, feedback 1 of 0, 100 output tokens',
      'score chat, b: 5 % failed and 16 % late of 0, feedback 1 of 0',
    ]);
  });

  test('counts no mistake of the caller and no abort', async () => {
    const { ai, ask, planned } = compose({
      turns: [() => ({ error: httpError({ statusCode: 400 }) }), () => ok],
    });
    for (let calls = 0; calls < 9; calls++) await ask();
    const controller = new AbortController();
    controller.abort(new Error('stop'));
    await expect(ai.doGenerate(call({ abortSignal: controller.signal }))).rejects.toThrow('stop');
    const { steps } = await ai.plan(call());
    expect(steps.map(({ terms }) => [terms?.attempts, terms?.failureShare])).toEqual([
      [0, 0.05],
      [9, expect.closeTo(0.0165, 3)],
    ]);
    expect(await planned()).toEqual(['a listed', 'b score']);
  });

  test('counts an answer that did not pass a check of the route', async () => {
    const { ai, asked } = compose({
      turns: [() => ({ text: ['bad'] }), () => ok],
      fallbackWhen: isAnswer(({ text }) => text === 'bad'),
    });
    for (let calls = 0; calls < 5; calls++) expect(await asked()).toBe('b');
    const { steps } = await ai.plan(call());
    expect(steps.map(({ candidate, terms }) => [candidate, terms?.attempts, terms?.failureShare])).toEqual([
      ['b', 5, expect.closeTo(0.0227, 3)],
      ['a', 5, expect.closeTo((0.2 + 4.804) / 8.804, 3)],
    ]);
  });

  test('moves who answers too late behind', async () => {
    const { ai, clock } = compose({
      deadlineMs: 500,
      turns: [
        () => ({
          ...ok,
          before: new Promise<void>(resolve => void clock.schedule({ delayMs: 600, callback: resolve })),
        }),
        () => ok,
      ],
    });
    for (let calls = 0; calls < 5; calls++) {
      const running = collect({ model: ai });
      await clock.advance(1_000);
      await running;
    }
    for (let calls = 0; calls < 5; calls++)
      await ai.doGenerate(call({ providerOptions: { composite: { candidate: 'b' } } }));
    const { steps } = await ai.plan(call());
    expect(steps.map(({ candidate, terms }) => [candidate, terms?.lateShare])).toEqual([
      // Its streams are not known: what it generated stands for them.
      ['b', expect.closeTo(0.64 / 8.8, 2)],
      ['a', expect.closeTo((0.64 + 4.8) / 8.8, 2)],
    ]);
  });
});

test('a score without a deadline counts nothing as late', async () => {
  const { ai, ask } = compose({ turns: [() => ok, () => ok], deadlineMs: Number.POSITIVE_INFINITY });
  const late = async () =>
    (await ai.plan(call())).steps.map(({ terms }) => [terms?.lateShare, terms?.lateUsd]);
  const nothing = [
    [0, 0],
    [0, 0],
  ];
  expect(await late()).toEqual(nothing);
  await ask();
  expect(await late()).toEqual(nothing);
  expect(ai.describe()).toContain('deadline any time, bad answer $1');
  expect(ai.describe()).toContain('and 0 % late of 1');
});

describe('ai.feedback', () => {
  const both = [() => ok, () => ok];
  const pinned = (candidate: string) => ({ providerOptions: { composite: { candidate } } });

  test('moves who gives bad answers behind, and shows in a plan', async () => {
    const { ai, ask, planned } = compose({ turns: both });
    for (let calls = 0; calls < 5; calls++) {
      await ask(pinned('b'));
      const report = await ask();
      expect([report?.candidate, ai.feedback({ callId: report?.callId ?? '', score: 0.5 })]).toEqual([
        'a',
        true,
      ]);
    }
    expect(await planned()).toEqual(['b score', 'a score']);
    const { steps } = await ai.plan(call());
    expect(steps.map(({ terms }) => [terms?.feedbackScore, terms?.feedbacks, terms?.feedbackUsd])).toEqual([
      [1, 0, 0],
      [expect.closeTo((4 + 2.402) / 8.804, 2), 5, expect.closeTo(0.273, 2)],
    ]);
  });

  test('counts the last word of one call', async () => {
    const { ai, ask } = compose({ turns: both });
    const { callId = '' } = (await ask()) ?? {};
    expect([0, 0.2, 1].map(score => ai.feedback({ callId, score }))).toEqual([true, true, true]);
    const { steps } = await ai.plan(call());
    expect(steps[0]?.terms).toMatchObject({ feedbackScore: 1, feedbacks: 1 });
  });

  test('counts for the candidate that served, also by a stream and after a fallback', async () => {
    const { ai } = compose({ turns: [() => ({ error: down }), () => ok] });
    const { parts } = await collect({ model: ai });
    const finish = parts.at(-1);
    const callId = finish?.type === 'finish' ? finish.providerMetadata?.composite?.callId : undefined;
    expect(ai.feedback({ callId: String(callId), score: 0 })).toBe(true);
    const { steps } = await ai.plan(call());
    expect(steps.map(({ terms }) => terms?.feedbackScore)).toEqual([1, 0.8]);
  });

  test('is kept apart by task', async () => {
    const model = scriptedModel({ id: 'a', turns: [ok] });
    const other = scriptedModel({ id: 'b', turns: [ok] });
    const candidates = [
      { model, name: 'a', price },
      { model: other, name: 'b', price },
    ];
    const ai = createComposite({
      tasks: { code: candidates, poems: candidates },
      order: { deadlineMs: 1_000, badAnswerUsd: 1 },
      clock: createManualClock(),
      pricing: { catalog: false },
    });
    const report = compositeMetadata(await ai('code').doGenerate(call()));
    ai.feedback({ callId: report?.callId ?? '', score: 0 });
    const scoreOn = async (task: string) =>
      (await ai.plan(call({ providerOptions: { composite: { task } } }))).steps[0]?.terms?.feedbackScore;
    expect([await scoreOn('code'), await scoreOn('poems')]).toEqual([0.8, 1]);
  });

  test('is not taken for a call that nobody knows, that nobody answered, or whose route goes by no score', async () => {
    const { ai, ask } = compose({ turns: [() => ({ error: down })], generateId: () => 'failed' });
    await expect(ask()).rejects.toThrow('No answer');
    const listed = createComposite([scriptedModel({ id: 'a', turns: [ok] })], { generateId: () => 'listed' });
    await listed.doGenerate(call());
    expect([
      ai.feedback({ callId: 'never', score: 1 }),
      ai.feedback({ callId: 'failed', score: 1 }),
      listed.feedback({ callId: 'listed', score: 1 }),
    ]).toEqual([false, false, false]);
  });

  test.each([
    [{ callId: 'a', score: 1.1 }, 'feedback.score', 'must be a number from 0, useless, to 1'],
    [{ callId: 'a', score: Number.NaN }, 'feedback.score', 'must be a number from 0'],
    [{ callId: 'a' }, 'feedback.score', 'must be a number from 0'],
    [{ score: 1 }, 'feedback.callId', 'must be the callId of a report or an event (got undefined)'],
    [{ callId: 'a', score: 1, rating: 5 }, 'feedback', 'has no option "rating"'],
    ['a', 'feedback', 'must be an object of options: callId, score'],
  ])('is refused where it is %j', (feedback, argument, says) => {
    const { ai } = compose({ turns: both });
    // Of a JavaScript user.
    const give = () => Reflect.apply(ai.feedback, undefined, [feedback]);
    expect(give).toThrow(expect.objectContaining({ argument, message: expect.stringContaining(says) }));
  });
});
