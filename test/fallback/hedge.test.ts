import type { SharedV4ProviderOptions } from '@ai-sdk/provider';
import { compositeMetadata, createComposite, HedgeLostError, RouteExhaustedError } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/testing/index.ts';
import { call, collect, rejection, textOf } from '../testing/call.ts';
import type { EngineOptions } from './engine-options.ts';
import { createEventLog } from './event-log.ts';
import { createManualClock, settle } from './manual-clock.ts';
import { down, httpError, scriptedModel, type Turn } from './scripted-model.ts';

function compose({ turns, ...settings }: { readonly turns: ReadonlyArray<readonly Turn[]> } & EngineOptions) {
  const clock = createManualClock();
  const log = createEventLog();
  const models = turns.map((own, index) => scriptedModel({ id: `m${index + 1}`, turns: own }));
  const candidates = models.map((model, index) => ({ model, name: `m${index + 1}` }));
  const model = createComposite({
    tasks: { chat: { candidates, hedge: { afterMs: 1_000 } } },
    clock,
    attempts: 1,
    random: () => 0,
    pricing: { catalog: false },
    ...log.observers,
    ...settings,
  });
  return { model, models, clock, log, asked: () => models.map(({ calls }) => calls.length) };
}

const fast: Turn = { text: ['fast'] };
const silent: Turn = { silent: true };

for (const mode of ['generate', 'stream'] as const) {
  describe(`a hedge, ${mode}`, () => {
    const run = async ({
      model,
      ...own
    }: {
      readonly model: ReturnType<typeof compose>['model'];
      readonly abortSignal?: AbortSignal;
      readonly providerOptions?: SharedV4ProviderOptions;
    }) => {
      const options = call(own);
      if (mode === 'stream') {
        const { parts, thrown } = await collect({ model, options });
        if (thrown !== undefined) throw thrown;
        return textOf(parts);
      }
      const { content } = await model.doGenerate(options);
      return content.map(part => (part.type === 'text' ? part.text : '')).join('');
    };

    test('asks nobody else when the first answers in time', async () => {
      const { model, clock, asked } = compose({ turns: [[fast], [fast]] });
      expect(await run({ model })).toBe('fast');
      await settle();
      expect(clock.pending()).toBe(0);
      await clock.advance(10_000);
      expect(asked()).toEqual([1, 0]);
    });

    test('asks nobody beside a first that has begun an answer which is held until it is whole', async () => {
      const gate = createGate();
      const slow: Turn = { text: ['slow ', 'and whole'], pause: { after: 3, until: gate.opened } };
      const { model, clock, asked } = compose({ turns: [[slow], [fast]], recover: 'buffer' });
      const result = run({ model });
      await clock.advance(5_000);
      gate.open();
      expect(await result).toBe('slow and whole');
      expect(asked()).toEqual([1, 0]);
    });

    test('falls back from a first that has begun and then stalls', async () => {
      const stalled: Turn = {
        text: ['slow ', 'and whole'],
        pause: { after: 3, until: new Promise(() => {}) },
      };
      const { model, clock, asked } = compose({ turns: [[stalled], [fast]], recover: 'buffer' });
      const result = run({ model });
      await clock.advance(40_000);
      expect(await result).toBe('fast');
      expect(asked()).toEqual([1, 1]);
    });

    test('has failed, not been aborted, where its two silent candidates are cut by the limit of the call', async () => {
      const { model, clock, log } = compose({ turns: [[silent], [silent]], timeout: { totalMs: 3_000 } });
      const result = rejection(run({ model }));
      await clock.advance(3_000);
      expect(RouteExhaustedError.isInstance(await result)).toBe(true);
      expect(log.events.at(-1)).toMatch(/^call failure/);
    });

    test('starts the second beside a silent first; the second wins and the first is aborted with a reason', async () => {
      const { model, models, clock, log } = compose({ turns: [[silent], [{ text: ['second'] }]] });
      const result = run({ model });
      await clock.advance(999);
      expect(log.events).toEqual(['start 1 m1']);
      await clock.advance(1);
      expect(await result).toBe('second');
      await settle();
      expect(HedgeLostError.isInstance(models[0]?.aborted[0])).toBe(true);
      expect([...log.events].sort()).toEqual(
        [
          'start 1 m1',
          'start 2 m2',
          'end 1 m1 abort',
          'end 2 m2 success',
          'call success m2 [1 m1 abort, 2 m2 success]',
        ].sort(),
      );
      expect(log.events.at(-1)).toBe('call success m2 [1 m1 abort, 2 m2 success]');
      expect(model.health()[0]).toMatchObject({ consecutiveFailures: 0 });
    });

    test('takes the first when it answers before the second', async () => {
      const gate = createGate();
      const { model, models, clock } = compose({
        turns: [[{ text: ['first'], before: gate.opened }], [silent]],
      });
      const result = run({ model });
      await clock.advance(1_000);
      gate.open();
      expect(await result).toBe('first');
      expect(HedgeLostError.isInstance(models[1]?.aborted[0])).toBe(true);
    });

    test('reports the one that was delivered, where both answer at once, and the session stays there', async () => {
      const gate = createGate();
      // A few promises later: before anybody can be told that the hedge is over.
      const later = gate.opened.then(() => {}).then(() => {});
      const { model, clock, log } = compose({
        turns: [[{ text: ['first'], before: later }], [{ text: ['second'], before: gate.opened }]],
      });
      const providerOptions = { composite: { sessionId: 'one' } };
      const result = run({ model, providerOptions });
      await clock.advance(1_000);
      gate.open();
      expect(await result).toBe('second');
      await settle();
      expect(log.calls.map(({ candidate }) => candidate)).toEqual(['m2']);
      expect((await model.plan(call({ providerOptions }))).affinity?.candidate).toBe('m2');
    });

    test('is not held up by a loser that ignores its signal', async () => {
      const { model, clock, log } = compose({ turns: [[{ deaf: true }], [fast]] });
      const result = run({ model });
      await clock.advance(1_000);
      expect(await result).toBe('fast');
      await settle();
      expect(log.events.filter(event => event.startsWith('end 1'))).toEqual(['end 1 m1 abort']);
    });

    test('goes on alone when one fails, and falls back when both do', async () => {
      const gate = createGate();
      const bad = httpError({ statusCode: 404 });
      const { model, clock, asked } = compose({
        turns: [[{ error: bad, before: gate.opened }], [{ error: bad }], [{ text: ['third'] }]],
      });
      const result = run({ model });
      await clock.advance(1_000);
      expect(asked()).toEqual([1, 1, 0]);
      gate.open();
      expect(await result).toBe('third');
      expect(asked()).toEqual([1, 1, 1]);
    });

    test('a refusal of the first that ends the call is what the call came to, whoever was asked beside it', async () => {
      const gate = createGate();
      const refusal: Turn = { finish: 'content-filter', before: gate.opened };
      const { model, clock, log } = compose({ turns: [[refusal], [silent]] });
      const result = mode === 'stream' ? collect({ model }) : model.doGenerate(call());
      await clock.advance(1_000);
      gate.open();
      const answer = await result;
      const { providerMetadata } =
        'parts' in answer ? (answer.parts.find(part => part.type === 'finish') ?? {}) : answer;
      expect(compositeMetadata({ providerMetadata })?.candidate).toBe('m1');
      expect(log.events.at(-1)).toBe('call failure - [1 m1 failure content-filter, 2 m2 abort]');
    });

    test('starts no hedge when the first fails early; it falls back', async () => {
      const { model, asked, log } = compose({ turns: [[{ error: httpError({ statusCode: 404 }) }], [fast]] });
      expect(await run({ model })).toBe('fast');
      expect(asked()).toEqual([1, 1]);
      expect(log.events.slice(0, 3)).toEqual(['start 1 m1', 'end 1 m1 failure not-found 404', 'start 2 m2']);
    });

    test('makes no more attempts than the route has', async () => {
      const { model, clock, asked } = compose({
        turns: [[{ error: down }], [{ error: down }], [{ error: down }]],
        attempts: 2,
      });
      const error = rejection(run({ model }));
      await clock.advance(60_000);
      const thrown = await error;
      if (!RouteExhaustedError.isInstance(thrown)) throw thrown;
      expect(asked()).toEqual([2, 2, 2]);
      expect(thrown.attempts.length).toBe(6);
    });

    test('an abort of the caller ends both lanes and starts nothing', async () => {
      const controller = new AbortController();
      const { model, clock, log, asked } = compose({ turns: [[silent], [silent], [fast]] });
      const error = rejection(run({ model, abortSignal: controller.signal }));
      await clock.advance(1_000);
      const reason = new Error('stop');
      controller.abort(reason);
      expect(await error).toBe(reason);
      await clock.advance(60_000);
      expect(asked()).toEqual([1, 1, 0]);
      expect([...log.events].sort()).toEqual([
        'call abort - [1 m1 abort, 2 m2 abort]',
        'end 1 m1 abort',
        'end 2 m2 abort',
        'start 1 m1',
        'start 2 m2',
      ]);
      expect(clock.pending()).toBe(0);
    });

    test('books the cost of both', async () => {
      const { model, clock, log } = compose({ turns: [[silent], [fast]] });
      const result = run({ model });
      await clock.advance(1_000);
      await result;
      await settle();
      expect(log.calls[0]?.attempts.map(({ cost }) => cost.status)).toHaveLength(2);
      expect(log.calls[0]?.cost).toMatchObject({ count: 2 });
    });
  });
}
