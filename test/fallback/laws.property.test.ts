import { type AttemptEndEvent, createComposite, RouteExhaustedError } from 'ai-composite';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { call } from '../testing/call.ts';
import { createEventLog } from './event-log.ts';
import { createManualClock, type ManualClock, settle } from './manual-clock.ts';
import { httpError, scriptedModel, type Turn } from './scripted-model.ts';

/** What one request does, as plain data, so that a failing case can be read and shrunk. */
type Fate =
  | { readonly type: 'answer'; readonly afterMs: number }
  | {
      readonly type: 'fail';
      readonly afterMs: number;
      readonly statusCode: number;
      readonly retryAfter?: number;
    }
  | { readonly type: 'silent' }
  | { readonly type: 'deaf' }
  | { readonly type: 'empty' }
  | { readonly type: 'break'; readonly after: number }
  | { readonly type: 'stall'; readonly after: number };

type Scenario = {
  readonly fates: ReadonlyArray<readonly Fate[]>;
  readonly mode: 'generate' | 'stream';
  readonly attempts: number;
  readonly hedgeAfterMs: number | undefined;
  readonly totalMs: number | undefined;
  readonly abortAtMs: number | undefined;
  readonly cancelAfterParts: number | undefined;
};

const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({ type: fc.constant('answer' as const), afterMs: fc.integer({ min: 0, max: 3_000 }) }),
  fc.record(
    {
      type: fc.constant('fail' as const),
      afterMs: fc.integer({ min: 0, max: 3_000 }),
      statusCode: fc.constantFrom(400, 401, 404, 429, 500, 503, 504),
      retryAfter: fc.constantFrom(0, 1, 2, 60),
    },
    { requiredKeys: ['type', 'afterMs', 'statusCode'] },
  ),
  fc.constant({ type: 'silent' as const }),
  fc.constant({ type: 'deaf' as const }),
  fc.constant({ type: 'empty' as const }),
  fc.record({ type: fc.constant('break' as const), after: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ type: fc.constant('stall' as const), after: fc.integer({ min: 0, max: 6 }) }),
);

const scenario: fc.Arbitrary<Scenario> = fc.record({
  fates: fc.array(fc.array(fate, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
  mode: fc.constantFrom('generate' as const, 'stream' as const),
  attempts: fc.integer({ min: 1, max: 3 }),
  hedgeAfterMs: fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: undefined }),
  totalMs: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
  abortAtMs: fc.option(fc.integer({ min: 0, max: 8_000 }), { nil: undefined }),
  cancelAfterParts: fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined }),
});

const wait = ({ clock, delayMs }: { readonly clock: ManualClock; readonly delayMs: number }) =>
  new Promise<void>(resolve => {
    clock.schedule({ delayMs, callback: resolve });
  });

function turnOf({
  fate: own,
  clock,
  text,
}: {
  readonly fate: Fate;
  readonly clock: ManualClock;
  readonly text: readonly string[];
}): Turn {
  const never = new Promise<void>(() => {});
  switch (own.type) {
    case 'answer':
      return { text, ...(own.afterMs > 0 && { before: wait({ clock, delayMs: own.afterMs }) }) };
    case 'fail': {
      const headers = own.retryAfter === undefined ? {} : { 'retry-after': String(own.retryAfter) };
      return {
        error: httpError({ statusCode: own.statusCode, headers }),
        ...(own.afterMs > 0 && { before: wait({ clock, delayMs: own.afterMs }) }),
      };
    }
    case 'silent':
      return { silent: true };
    case 'deaf':
      return { deaf: true };
    case 'empty':
      return { text: [], finish: 'other' };
    case 'break':
      return { text, error: httpError({}), breakAfter: own.after };
    case 'stall':
      return { text, pause: { after: own.after, until: never } };
    default: {
      const unknownFate: never = own;
      return unknownFate;
    }
  }
}

type Outcome = {
  readonly text: string;
  readonly cleanEnd: boolean;
  readonly visibleError: boolean;
  readonly thrown: unknown;
};

async function play(own: Scenario) {
  const clock = createManualClock();
  const log = createEventLog();
  let abortedAtStarts: number | undefined;
  const models = own.fates.map((fates, candidate) => {
    return scriptedModel({
      id: `m${candidate}`,
      turns: request => {
        const next = fates[Math.min(request, fates.length - 1)] ?? { type: 'silent' as const };
        return turnOf({ fate: next, clock, text: [`<m${candidate}`, ` r${request}`, '>'] });
      },
    });
  });
  const model = createComposite({
    tasks: { chat: models.map((candidate, index) => ({ model: candidate, name: `m${index}` })) },
    clock,
    random: () => 0.5,
    attempts: own.attempts,
    ...(own.hedgeAfterMs !== undefined && models.length > 1 && { hedge: { afterMs: own.hedgeAfterMs } }),
    timeout: {
      attemptMs: 4_000,
      firstChunkMs: 4_000,
      chunkMs: 2_000,
      ...(own.totalMs !== undefined && { totalMs: own.totalMs }),
    },
    pricing: { catalog: false },
    ...log.observers,
  });
  const controller = new AbortController();
  const reason = new Error('the caller aborts');
  if (own.abortAtMs !== undefined) {
    clock.schedule({
      delayMs: own.abortAtMs,
      callback: () => {
        abortedAtStarts = log.starts.length;
        controller.abort(reason);
      },
    });
  }
  const options = call({ abortSignal: controller.signal });
  let cancelled = false;
  const run = async (): Promise<Outcome> => {
    let text = '';
    let cleanEnd = false;
    let visibleError = false;
    try {
      if (own.mode === 'generate') {
        const { content, finishReason } = await model.doGenerate(options);
        return {
          text: content.map(part => (part.type === 'text' ? part.text : '')).join(''),
          cleanEnd: finishReason.unified === 'stop',
          visibleError: false,
          thrown: undefined,
        };
      }
      const { stream } = await model.doStream(options);
      const reader = stream.getReader();
      for (let parts = 0; ; parts++) {
        if (parts === own.cancelAfterParts) {
          cancelled = true;
          await reader.cancel();
          return { text, cleanEnd, visibleError, thrown: undefined };
        }
        const { done, value } = await reader.read();
        if (done) return { text, cleanEnd, visibleError, thrown: undefined };
        if (value.type === 'text-delta') text += value.delta;
        if (value.type === 'error') visibleError = true;
        if (value.type === 'finish') cleanEnd = value.finishReason.unified === 'stop';
      }
    } catch (thrown) {
      return { text, cleanEnd, visibleError, thrown };
    }
  };
  let outcome: Outcome | undefined;
  void run().then(own => {
    outcome = own;
  });
  // A lone silent candidate is never cut, by design; an hour later the caller gives up.
  await clock.advance(60_000);
  const hangs = outcome === undefined;
  if (hangs) {
    abortedAtStarts ??= log.starts.length;
    controller.abort(reason);
    await settle();
  }
  await clock.advance(10_000);
  return { outcome, hangs, log, models, clock, reason, abortedAtStarts, cancelled };
}

const winnersText = ({ candidate, request }: { readonly candidate: string; readonly request: number }) =>
  `<${candidate} r${request}>`;

describe('whatever fails, aborts, stalls and answers, in whatever order', () => {
  test('the laws hold', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async own => {
        const { outcome, hangs, log, models, clock, reason, abortedAtStarts, cancelled } = await play(own);
        if (outcome === undefined) throw new Error('the call never ended');

        // Bounded attempts: per candidate and in all.
        for (const { calls } of models) expect(calls.length).toBeLessThanOrEqual(own.attempts);
        expect(log.starts.length).toBe(models.reduce((sum, { calls }) => sum + calls.length, 0));

        // Each start has exactly one end, and the call has one.
        expect(log.ends.map(({ attemptNumber }) => attemptNumber).sort()).toEqual(
          log.starts.map(({ attemptNumber }) => attemptNumber).sort(),
        );
        expect(log.calls.length).toBe(1);
        expect(log.events.at(-1)?.startsWith('call ')).toBe(true);

        // At most one winner.
        const winners = log.ends.filter(end => end.outcome === 'success');
        expect(winners.length).toBeLessThanOrEqual(1);

        // Nothing starts behind an abort.
        if (abortedAtStarts !== undefined && outcome.thrown === reason)
          expect(log.starts.length).toBe(abortedAtStarts);

        // Only a lone candidate that is silent may go on for ever, and only without a limit of the call.
        if (hangs) expect(own.totalMs).toBeUndefined();

        // The output is exactly the winner's, or a visible end of what one attempt began.
        const requestOf = ({ candidate, attemptNumber }: AttemptEndEvent) =>
          log.starts.filter(start => start.candidate === candidate && start.attemptNumber < attemptNumber)
            .length;
        if (outcome.cleanEnd) {
          const [winner] = winners;
          if (winner === undefined) throw new Error('a clean end without a winner');
          expect(outcome.text).toBe(winnersText({ candidate: winner.candidate, request: requestOf(winner) }));
          expect(outcome.visibleError).toBe(false);
        } else if (outcome.text !== '') {
          const begun = log.ends.map(end =>
            winnersText({ candidate: end.candidate, request: requestOf(end) }),
          );
          expect(begun.some(text => text.startsWith(outcome.text))).toBe(true);
          expect(outcome.visibleError || outcome.thrown === reason || cancelled).toBe(true);
        }

        // A failure of all has every attempt, with its error.
        if (RouteExhaustedError.isInstance(outcome.thrown)) {
          const failed = log.ends
            .filter(end => end.outcome === 'failure')
            .map(({ attemptNumber }) => attemptNumber);
          expect(outcome.thrown.attempts.map(({ attemptNumber }) => attemptNumber).sort()).toEqual(
            failed.sort(),
          );
        } else if (outcome.thrown !== undefined) {
          expect(outcome.thrown).toBe(reason);
        }

        // Nothing is left behind.
        expect(clock.pending()).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the plan', () => {
  test('loses and doubles no candidate, whatever their health', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(200, 400, 401, 404, 429, 500), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 30_000 }),
        async (statuses, laterMs) => {
          const clock = createManualClock();
          const names = statuses.map((_, index) => `m${index}`);
          const model = createComposite({
            tasks: {
              chat: statuses.map((statusCode, index) => ({
                name: `m${index}`,
                model: scriptedModel({
                  id: `m${index}`,
                  turns: [
                    statusCode === 200
                      ? { text: ['ok'] }
                      : { error: httpError({ statusCode, headers: { 'retry-after': '20' } }) },
                  ],
                }),
              })),
            },
            clock,
            attempts: 1,
            circuitBreaker: { failureThreshold: 2 },
            pricing: { catalog: false },
          });
          for (let index = 0; index < 3; index++)
            await model.doGenerate(call()).then(undefined, () => undefined);
          await clock.advance(laterMs);
          const plan = await model.plan(call());
          const again = await model.plan(call());
          expect(
            [
              ...plan.steps.map(({ candidate }) => candidate),
              ...plan.skipped.map(({ candidate }) => candidate),
            ].sort(),
          ).toEqual(names);
          expect(again).toEqual(plan);

          // Healthy ones keep their order and stand before those that are left out for now.
          const reasons = plan.steps.map(({ reason }) => reason);
          expect(reasons.lastIndexOf('listed')).toBeLessThan(
            reasons.indexOf('circuit-open') === -1 ? reasons.length : reasons.indexOf('circuit-open'),
          );
          const listed = plan.steps
            .filter(({ reason }) => reason === 'listed')
            .map(({ candidate }) => candidate);
          expect(listed).toEqual(names.filter(name => listed.includes(name)));
          expect(plan.maxAttempts).toBe(plan.steps.reduce((sum, { maxAttempts }) => sum + maxAttempts, 0));
        },
      ),
      { numRuns: 60 },
    );
  });
});
