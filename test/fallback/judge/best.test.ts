import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { generateText, streamText } from 'ai';
import {
  BudgetExceededError,
  compositeMetadata,
  createComposite,
  isAnswer,
  isContentFilter,
  isCutByLength,
  isEmptyAnswer,
  isInvalidToolCall,
  isRefusal,
  RouteExhaustedError,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../../src/testing/index.ts';
import { call, collect, rejection, textOf } from '../../testing/call.ts';
import type { EngineOptions } from '../engine-options.ts';
import { createEventLog } from '../event-log.ts';
import { createManualClock, settle } from '../manual-clock.ts';
import { down, httpError, scriptedModel, type Turn, usageOf } from '../scripted-model.ts';

const price = { inputTokens: 1, outputTokens: 2 };
const never = isAnswer(() => true, { name: 'never-good' });

function compose({ turns, ...settings }: { readonly turns: ReadonlyArray<readonly Turn[]> } & EngineOptions) {
  const clock = createManualClock();
  const log = createEventLog();
  const models = turns.map((own, index) => scriptedModel({ id: `m${index + 1}`, turns: own }));
  const model = createComposite(
    models.map((own, index) => ({ model: own, name: `m${index + 1}`, price })),
    {
      clock,
      attempts: 1,
      random: () => 0,
      pricing: { catalog: false },
      onExhausted: 'best',
      fallbackWhen: never,
      ...log.observers,
      ...settings,
    },
  );
  return { model, models, clock, log, asked: () => models.map(({ calls }) => calls.length) };
}

type Asking = {
  readonly model: LanguageModelV4;
  readonly options?: LanguageModelV4CallOptions;
};
const modes = {
  generate: async ({ model, options = call() }: Asking) => {
    const { content, warnings, providerMetadata, response } = await model.doGenerate(options);
    return {
      text: content.map(part => (part.type === 'text' ? part.text : part.type)).join(''),
      warnings: warnings.map(warning => (warning.type === 'other' ? warning.message : warning.type)),
      report: compositeMetadata({ providerMetadata }),
      modelId: response?.modelId,
    };
  },
  stream: async ({ model, options = call() }: Asking) => {
    const { parts, thrown } = await collect({ model, options });
    if (thrown !== undefined) throw thrown;
    const finish = parts.find(part => part.type === 'finish');
    return {
      text: parts
        .flatMap(part =>
          part.type === 'tool-call' ? part.type : part.type === 'text-delta' ? part.delta : [],
        )
        .join(''),
      warnings: parts.flatMap(part =>
        part.type === 'stream-start'
          ? part.warnings.map(warning => (warning.type === 'other' ? warning.message : warning.type))
          : [],
      ),
      report: compositeMetadata({ providerMetadata: finish?.providerMetadata }),
      modelId: parts.find(part => part.type === 'response-metadata')?.modelId,
    };
  },
} as const;

const invalidCall: Turn = {
  content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'wether', input: '{}' }],
  finish: 'tool-calls',
  parts: [
    { type: 'tool-call', toolCallId: 'c', toolName: 'wether', input: '{}' },
    { type: 'finish', usage: usageOf(1, 1), finishReason: { unified: 'tool-calls', raw: 'tool_calls' } },
  ],
};
const whole: Turn = { text: ['who', 'le'] };
const cut: Turn = { text: ['cu', 't'], finish: 'length' };
const empty: Turn = {};
const refused: Turn = { text: ['Half'], finish: 'content-filter' };
const refusedAtOnce: Turn = { finish: 'content-filter' };
const broken: Turn = { error: httpError({ statusCode: 404 }) };

for (const mode of ['generate', 'stream', 'buffer'] as const) {
  const run = mode === 'buffer' ? modes.generate : modes[mode];
  const settings = mode === 'buffer' ? ({ recover: 'buffer' } as const) : {};

  describe(`onExhausted: 'best', ${mode}`, () => {
    test('delivers the least bad answer with a warning, tells its candidate, and counts every cost once', async () => {
      const { model, log, asked, clock } = compose({
        ...settings,
        turns: [[cut], [whole], [empty]],
      });
      const { text, warnings, report, modelId } = await run({ model });
      expect(text).toBe('whole');
      expect(modelId).toBe('m2');
      const warning = 'No answer was better than this one of m2, which failed the judgement never-good.';
      expect(warnings).toEqual([`ai-composite: ${warning}`]);
      expect(report).toMatchObject({
        candidate: 'm2',
        warnings: [warning],
        attempts: [
          { candidate: 'm1', outcome: 'failure', failureKind: 'malformed-response' },
          { candidate: 'm2', outcome: 'failure', failureKind: 'malformed-response' },
          { candidate: 'm3', outcome: 'failure', failureKind: 'empty' },
        ],
      });
      const costs = report?.attempts.map(({ cost }) => cost.usd ?? Number.NaN) ?? [];
      expect(costs).toHaveLength(3);
      expect(report?.cost.usd).toBeCloseTo(
        costs.reduce((sum, cost) => sum + cost, 0),
        12,
      );
      expect(asked()).toEqual([1, 1, 1]);
      expect(log.events.filter(event => /^(start|end)/.test(event))).toEqual([
        'start 1 m1',
        'end 1 m1 failure malformed-response',
        'start 2 m2',
        'end 2 m2 failure malformed-response',
        'start 3 m3',
        'end 3 m3 failure empty',
      ]);
      expect(log.events.at(-1)).toMatch(/^call success m2 /);
      expect(log.calls[0]?.warnings).toEqual([warning]);
      await clock.advance(2_000);
      expect(clock.pending()).toBe(0);
    });

    test.each<readonly [name: string, turns: readonly Turn[], best: number]>([
      ['whole before cut', [cut, whole], 1],
      ['cut before empty', [empty, cut], 1],
      ['empty before refused', [refused, empty], 1],
      ['refused before a call that cannot be run', [invalidCall, refused], 1],
      ['a call that cannot be run where nothing else is there', [invalidCall, broken], 0],
      ['the earlier of two that are as bad', [broken, whole, { text: ['other'] }], 1],
      ['a refusal in front of an output, and one without, are as bad', [refusedAtOnce, refused], 0],
      ['never what brought no answer', [broken, empty, broken], 1],
      ['an answer cut before its first word is empty', [{ finish: 'length' }, cut], 1],
    ])('%s', async (_name, turns, best) => {
      const { model } = compose({ ...settings, turns: turns.map(turn => [turn]) });
      expect((await run({ model })).report?.candidate).toBe(`m${best + 1}`);
    });

    test('throws where no candidate brought an answer', async () => {
      const { model } = compose({ ...settings, turns: [[broken], [broken]] });
      expect(RouteExhaustedError.isInstance(await rejection(run({ model })))).toBe(true);
    });

    test("'throw' on a route wins over the composite's", async () => {
      const model = createComposite({
        tasks: {
          strict: {
            candidates: [scriptedModel({ id: 'm1', turns: [whole] })],
            onExhausted: 'throw',
          },
        },
        pricing: { catalog: false, onWarning: () => {} },
        fallbackWhen: never,
        onExhausted: 'best',
        ...settings,
      });
      expect(RouteExhaustedError.isInstance(await rejection(run({ model })))).toBe(true);
    });

    test('an answer that passes is delivered without a word of the others', async () => {
      const { model } = compose({
        ...settings,
        turns: [[empty], [cut], [whole]],
        fallbackWhen: [isEmptyAnswer(), isCutByLength()],
      });
      const { text, warnings, report } = await run({ model });
      expect([text, warnings, report?.warnings]).toEqual(['whole', [], undefined]);
    });

    test('a refusal that is fallen back from is delivered where all refuse', async () => {
      for (const fallbackWhen of [isContentFilter(), isRefusal()]) {
        const { model } = compose({ ...settings, turns: [[refusedAtOnce], [refusedAtOnce]], fallbackWhen });
        const { text, report, warnings } = await run({ model });
        expect([text, report?.candidate]).toEqual(['', 'm1']);
        expect(warnings).toHaveLength(1);
      }
    });

    test('is delivered where the time of the call runs out', async () => {
      const { model, clock } = compose({
        ...settings,
        turns: [[whole], [{ silent: true }]],
        timeout: { totalMs: 1_000 },
      });
      const result = run({ model });
      await clock.advance(1_000);
      expect((await result).text).toBe('whole');
    });

    test('is delivered where a condition ends the call on a failure', async () => {
      const { model, asked } = compose({
        ...settings,
        turns: [[whole], [{ error: down }], [whole]],
        fallbackWhen: [never, () => false],
      });
      expect((await run({ model })).text).toBe('whole');
      expect(asked()).toEqual([1, 1, 0]);
    });

    test('is delivered where the last candidate takes longer than it may', async () => {
      const timeout = mode === 'generate' ? { attemptMs: 1_000 } : { firstChunkMs: 1_000 };
      const { model, clock, log } = compose({ ...settings, turns: [[whole], [{ silent: true }]], timeout });
      const result = run({ model });
      await clock.advance(1_000);
      expect((await result).text).toBe('whole');
      expect(log.events).toContain('end 2 m2 failure timeout');
    });

    test('is delivered where the last candidate is silent beside one whose answer fails later', async () => {
      const gate = createGate();
      const { model, clock } = compose({
        ...settings,
        turns: [[{ text: ['whole'], before: gate.opened }], [{ silent: true }]],
        timeout: { firstChunkMs: 5_000, attemptMs: 5_000 },
        hedge: { afterMs: 1_000 },
      });
      const result = run({ model });
      await clock.advance(4_000);
      gate.open();
      await clock.advance(2_000);
      expect((await result).text).toBe('whole');
    });

    test('counts as served: for feedback on the call, and for the conversation', async () => {
      const { model } = compose({
        ...settings,
        turns: [[empty], [whole]],
        order: { deadlineMs: 1_000, badAnswerUsd: 1 },
      });
      const providerOptions = { composite: { sessionId: 'visitor 7' } };
      const { report } = await run({ model, options: call({ providerOptions }) });
      expect(report?.candidate).toBe('m2');
      expect((await model.plan({ prompt: 'And now?', providerOptions })).affinity).toMatchObject({
        candidate: 'm2',
        source: 'session',
      });
      expect(model.feedback({ callId: report?.callId ?? '', score: 0 })).toBe(true);
      const { steps } = await model.plan({ prompt: 'And now?' });
      expect(steps.map(({ candidate, terms }) => [candidate, terms?.feedbacks])).toEqual([
        ['m1', 0],
        ['m2', 1],
      ]);
    });

    test('after an abort nothing is delivered', async () => {
      const controller = new AbortController();
      const { model, clock } = compose({ ...settings, turns: [[whole], [{ silent: true }]] });
      const error = rejection(run({ model, options: call({ abortSignal: controller.signal }) }));
      await clock.advance(100);
      const reason = new Error('stop');
      controller.abort(reason);
      expect(await error).toBe(reason);
    });

    test('nor where a condition or an observer aborts the call on its last failure', async () => {
      const reason = new Error('stop');
      for (const by of ['condition', 'observer']) {
        const controller = new AbortController();
        const abort = () => controller.abort(reason);
        const { model, log } = compose({
          ...settings,
          turns: [[whole], [{ error: down }]],
          fallbackWhen: [
            never,
            () => {
              if (by === 'condition') abort();
              return undefined;
            },
          ],
          onAttemptEnd: ({ attemptNumber }) => {
            if (by === 'observer' && attemptNumber === 2) abort();
          },
        });
        const error = await rejection(run({ model, options: call({ abortSignal: controller.signal }) }));
        expect(error).toBe(reason);
        expect(log.events.at(-1)).toMatch(/^call abort - /);
      }
    });

    test('behind a hedge the earlier in the order wins a tie, whoever answers first', async () => {
      const gate = createGate();
      const { model, clock, log } = compose({
        ...settings,
        turns: [[{ text: ['first'], before: gate.opened }], [{ text: ['second'] }]],
        hedge: { afterMs: 1_000 },
      });
      const result = run({ model });
      await clock.advance(1_000);
      await settle();
      gate.open();
      expect((await result).text).toBe('first');
      expect(log.events.at(-1)).toMatch(/^call success m1 /);
    });

    test('with isInvalidToolCall, a call that cannot be run is left to the SDK where nothing else is there', async () => {
      const { model } = compose({
        ...settings,
        turns: [[invalidCall], [invalidCall]],
        fallbackWhen: isInvalidToolCall(),
      });
      const { text, report } = await run({ model });
      expect([text, report?.candidate]).toEqual(['tool-call', 'm1']);
    });
  });
}

describe('the best stream', () => {
  test('is handed out whole, as the provider sent it, with the warning in its start', async () => {
    const { model, clock } = compose({ turns: [[whole], [empty]] });
    const { parts } = await collect({ model });
    expect(parts.map(part => (part.type === 'text-delta' ? part.delta : part.type))).toEqual([
      'stream-start',
      'response-metadata',
      'text-start',
      'who',
      'le',
      'text-end',
      'finish',
    ]);
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'stop' }, usage: usageOf(10, 2) });
    await clock.advance(2_000);
    expect(clock.pending()).toBe(0);
  });

  test('may be left by its reader', async () => {
    const { model, clock, log } = compose({ turns: [[whole], [empty]] });
    const { stream } = await model.doStream(call());
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    await clock.advance(400_000);
    expect(clock.pending()).toBe(0);
    expect(log.events.filter(event => event.startsWith('call'))).toHaveLength(1);
  });

  test('may be read late', async () => {
    const { model, clock } = compose({ turns: [[whole], [empty]], timeout: { totalMs: 5_000 } });
    const { stream } = await model.doStream(call());
    await clock.advance(200_000);
    const parts: LanguageModelV4StreamPart[] = [];
    const reader = stream.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value);
    expect(textOf(parts)).toBe('whole');
    expect(clock.pending()).toBe(0);
  });

  test('of a route that continues broken answers is handed out too', async () => {
    const { model } = compose({ turns: [[whole], [empty]], recover: 'continue' });
    const { parts } = await collect({ model });
    expect(textOf(parts)).toBe('whole');
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
  });
});

test('of the answers that failed only the best so far is kept', async () => {
  const made: Array<WeakRef<object>> = [];
  const kept: number[] = [];
  const collectGarbage = async () => {
    for (let turn = 0; turn < 2; turn++) {
      globalThis.gc?.();
      await new Promise(resolve => setImmediate(resolve));
    }
  };
  const candidate = (id: string): LanguageModelV4 => ({
    ...scriptedModel({ id, turns: [] }),
    doStream: async () => {
      await collectGarbage();
      kept.push(made.filter(part => part.deref() !== undefined).length);
      const delta: LanguageModelV4StreamPart = { type: 'text-delta', id: 't', delta: id };
      made.push(new WeakRef(delta));
      const stream = new ReadableStream<LanguageModelV4StreamPart>({
        start: controller => {
          controller.enqueue({ type: 'text-start', id: 't' });
          controller.enqueue(delta);
          controller.enqueue({
            type: 'finish',
            usage: usageOf(1, 1),
            finishReason: { unified: 'stop', raw: 'stop' },
          });
          controller.close();
        },
      });
      return { stream };
    },
  });
  const model = createComposite(['a', 'b', 'c', 'd'].map(candidate), {
    fallbackWhen: never,
    onExhausted: 'best',
    pricing: { catalog: false, onWarning: () => {} },
  });
  expect(textOf((await collect({ model })).parts)).toBe('a');
  expect(kept).toEqual([0, 1, 1, 1]);
});

test("the SDK's own functions show it: text, warnings, report", async () => {
  const { model } = compose({ turns: [[cut], [empty]] });
  const generated = await generateText({ model, prompt: 'Hi' });
  expect([generated.text, generated.finishReason]).toEqual(['cut', 'length']);
  expect(generated.warnings).toEqual([
    {
      type: 'other',
      message:
        'ai-composite: No answer was better than this one of m1, which failed the judgement never-good.',
    },
  ]);
  expect(compositeMetadata(generated)?.candidate).toBe('m1');
  const streamed = streamText({ model, prompt: 'Hi' });
  expect([await streamed.text, await streamed.finishReason]).toEqual(['cut', 'length']);
  expect(await streamed.warnings).toEqual(generated.warnings);
  expect((await compositeMetadata(streamed))?.candidate).toBe('m1');
});

test('a budget that has no room for the next candidate leaves the answer that is there', async () => {
  const { model, asked } = compose({
    turns: [[{ text: ['whole'], usage: usageOf(10, 1_000) }], [whole]],
    budgets: [{ usd: 0.001, onExceed: 'stop' }],
  });
  const options = call({
    maxOutputTokens: 10,
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }],
  });
  const result = await modes.generate({ model, options }).catch((error: unknown) => error);
  expect(BudgetExceededError.isInstance(result) ? result.message : result).toMatchObject({ text: 'whole' });
  expect(asked()).toEqual([1, 0]);
});
