import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import {
  all,
  any,
  compositeMetadata,
  createComposite,
  type FallbackCondition,
  InvalidAnswerError,
  isAnswer,
  isCutByLength,
  isEmptyAnswer,
  isInvalidOutput,
  isInvalidToolCall,
  isRefusal,
  type JudgedAnswer,
  not,
  RouteExhaustedError,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../../src/testing/index.ts';
import { call, collect, rejection, textOf } from '../../testing/call.ts';
import type { EngineOptions } from '../engine-options.ts';
import { createEventLog } from '../event-log.ts';
import { createManualClock, settle } from '../manual-clock.ts';
import { down, scriptedModel, type Turn, usageOf } from '../scripted-model.ts';

type Part = LanguageModelV4StreamPart;

const price = { inputTokens: 1, outputTokens: 2 };

function compose({ turns, ...settings }: { readonly turns: ReadonlyArray<readonly Turn[]> } & EngineOptions) {
  const clock = createManualClock();
  const log = createEventLog();
  const models = turns.map((own, index) => scriptedModel({ id: `m${index + 1}`, turns: own }));
  const model = createComposite(
    models.map((own, index) => ({ model: own, name: `m${index + 1}`, price })),
    { clock, random: () => 0, pricing: { catalog: false }, ...log.observers, ...settings },
  );
  return { model, models, clock, log, asked: () => models.map(({ calls }) => calls.length) };
}

type Model = ReturnType<typeof compose>['model'];

/** What came of a call, generated or streamed. */
const modes = {
  generate: async ({ model, options = call() }: { model: Model; options?: LanguageModelV4CallOptions }) => {
    const { content, warnings, finishReason, providerMetadata } = await model.doGenerate(options);
    return {
      text: content.map(part => (part.type === 'text' ? part.text : '')).join(''),
      finish: finishReason.unified,
      warnings: warnings.map(warning => (warning.type === 'other' ? warning.message : warning.type)),
      report: compositeMetadata({ providerMetadata }),
    };
  },
  stream: async ({ model, options = call() }: { model: Model; options?: LanguageModelV4CallOptions }) => {
    const { parts, thrown } = await collect({ model, options });
    if (thrown !== undefined) throw thrown;
    const finish = parts.find(part => part.type === 'finish');
    return {
      text: textOf(parts),
      finish: finish?.finishReason.unified,
      warnings: parts.flatMap(part =>
        part.type === 'stream-start'
          ? part.warnings.map(warning => (warning.type === 'other' ? warning.message : warning.type))
          : [],
      ),
      report: compositeMetadata({ providerMetadata: finish?.providerMetadata }),
    };
  },
} as const;
const eachMode = Object.keys(modes) as ReadonlyArray<keyof typeof modes>;

const good: Turn = { text: ['good'] };
const short = isAnswer(({ text }) => text.length < 4, { name: 'too-short' });
const onlyReasoned: Turn = {
  content: [{ type: 'reasoning', text: 'Hm.' }],
  parts: [
    { type: 'stream-start', warnings: [] },
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
    { type: 'reasoning-end', id: 'r' },
    { type: 'finish', usage: usageOf(10, 1), finishReason: { unified: 'stop', raw: 'stop' } },
  ],
};
const toolCalls = (...inputs: readonly string[]): Turn => {
  const parts = inputs.map((input, index) => ({
    type: 'tool-call' as const,
    toolCallId: `c${index}`,
    toolName: 'weather',
    input,
  }));
  return {
    content: parts,
    finish: 'tool-calls',
    parts: [
      { type: 'stream-start', warnings: [] },
      ...parts,
      { type: 'finish', usage: usageOf(10, 1), finishReason: { unified: 'tool-calls', raw: 'tool_calls' } },
    ],
  };
};

for (const mode of eachMode) {
  const run = modes[mode];

  describe(`isAnswer, ${mode}`, () => {
    test('true has the next candidate asked, and the failed answer is a failed attempt with its cost', async () => {
      const { model, log, asked } = compose({
        turns: [[{ text: ['no'], usage: usageOf(10, 5), modelId: 'm1-001' }], [good]],
        fallbackWhen: short,
      });
      const { text, report, warnings } = await run({ model });
      expect(text).toBe('good');
      expect(warnings).toEqual([]);
      expect(asked()).toEqual([1, 1]);
      expect(log.events).toEqual([
        'start 1 m1',
        'end 1 m1 failure malformed-response',
        'start 2 m2',
        'end 2 m2 success',
        'call success m2 [1 m1 failure malformed-response, 2 m2 success]',
      ]);
      expect(report?.attempts[0]).toMatchObject({
        outcome: 'failure',
        failureKind: 'malformed-response',
        judgement: 'too-short',
        modelId: 'm1-001',
        usage: { inputTokens: { total: 10 }, outputTokens: { total: 5 } },
        cost: { status: 'priced', usd: 0.00002 },
      });
      expect(report?.cost.usd).toBeCloseTo(0.00002 + 0.000012, 12);
      const [end] = log.ends;
      expect(end?.judgement).toBe('too-short');
      expect(log.ends[1]).not.toHaveProperty('judgement');
      if (!InvalidAnswerError.isInstance(end?.error)) throw end?.error;
      expect(end.error.code).toBe('too-short');
      expect(end.error.message).toBe('The answer failed the judgement too-short.');
    });

    test('the same candidate is not asked again for it, no breaker opens and no retry budget is taken', async () => {
      const { model, asked } = compose({
        turns: [[{ text: ['no'] }], [good]],
        fallbackWhen: short,
        attempts: 5,
        circuitBreaker: { failureThreshold: 1 },
        retryBudget: { maxTokens: 2 },
      });
      for (let time = 0; time < 4; time++) expect((await run({ model })).text).toBe('good');
      expect(asked()).toEqual([4, 4]);
      expect(model.health()[0]).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
    });

    test('an answer that fails it ends a row of failures all the same: the candidate answers', async () => {
      const { model } = compose({
        turns: [[{ error: down }, { error: down }, { text: ['no'] }], [good]],
        fallbackWhen: short,
        attempts: 1,
        circuitBreaker: { failureThreshold: 5 },
      });
      for (let time = 0; time < 2; time++) await run({ model });
      expect(model.health()[0]).toMatchObject({ consecutiveFailures: 2 });
      await run({ model });
      expect(model.health()[0]).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
    });

    test('an answer that fails it closes a breaker that is probed', async () => {
      const { model, clock } = compose({
        turns: [[{ error: down }, { text: ['no'] }], [good]],
        fallbackWhen: short,
        attempts: 1,
        circuitBreaker: { failureThreshold: 1 },
      });
      await run({ model });
      expect(model.health()[0]).toMatchObject({ state: 'open' });
      await clock.advance(12_000);
      expect((await run({ model })).text).toBe('good');
      expect(model.health()[0]).toMatchObject({ state: 'closed' });
    });

    test('what budgets hold for it settles to its cost', async () => {
      const { model } = compose({
        turns: [[{ text: ['no'], usage: usageOf(10, 5) }], [{ text: ['good'], usage: usageOf(10, 10) }]],
        fallbackWhen: short,
        budgets: [{ usd: 1 }],
      });
      await run({ model, options: call({ maxOutputTokens: 100 }) });
      expect(await model.budgets()).toMatchObject([
        { spent: { usdExact: '0.00005' }, held: { usdExact: '0' } },
      ]);
    });

    test('false delivers it, whatever later conditions say', async () => {
      const { model, asked } = compose({
        turns: [[{ text: ['no'] }], [good]],
        fallbackWhen: [isAnswer(({ candidate }) => (candidate === 'm1' ? false : undefined)), short],
      });
      expect((await run({ model })).text).toBe('no');
      expect(asked()).toEqual([1, 0]);
    });

    test('undefined says nothing', async () => {
      const { model, asked } = compose({
        turns: [[{ text: ['no'] }], [good]],
        fallbackWhen: [isAnswer(() => undefined), () => true],
      });
      expect((await run({ model })).text).toBe('no');
      expect(asked()).toEqual([1, 0]);
    });

    test('says nothing of failures', async () => {
      const { model, asked } = compose({
        turns: [[{ error: down }], [good]],
        fallbackWhen: isAnswer(() => false),
      });
      const result = run({ model });
      await settle();
      expect(asked()).toEqual([1, 0]);
      void result.catch(() => {});
    });

    test('sees all of the answer', async () => {
      const seen: JudgedAnswer[] = [];
      const content: Turn['content'] = [
        { type: 'reasoning', text: 'Let me think.' },
        { type: 'text', text: 'It is ' },
        { type: 'text', text: 'sunny.' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } },
        { type: 'tool-call', toolCallId: 'a', toolName: 'weather', input: '{"city":"Bern"}' },
        { type: 'tool-call', toolCallId: 'b', toolName: 'weather', input: '' },
        { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":' },
        { type: 'tool-call', toolCallId: 'd', toolName: 'search', input: '{}', providerExecuted: true },
      ];
      const parts: Part[] = content.flatMap((part, index): Part[] => {
        const id = `${index}`;
        if (part.type === 'text' || part.type === 'reasoning')
          return [
            { type: `${part.type}-start`, id },
            { type: `${part.type}-delta`, id, delta: part.text.slice(0, 2) },
            { type: `${part.type}-delta`, id, delta: part.text.slice(2) },
            { type: `${part.type}-end`, id },
          ];
        return part.type === 'file' || part.type === 'tool-call' ? [part] : [];
      });
      const usage = usageOf(7, 3);
      const { model } = compose({
        turns: [
          [
            {
              content,
              finish: 'tool-calls',
              usage,
              parts: [
                { type: 'stream-start', warnings: [] },
                ...parts,
                { type: 'finish', usage, finishReason: { unified: 'tool-calls', raw: 'tool-calls' } },
              ],
            },
          ],
        ],
        fallbackWhen: isAnswer(answer => {
          seen.push(answer);
          return undefined;
        }),
      });
      await run({ model });
      expect(seen).toEqual([
        {
          text: 'It is sunny.',
          reasoning: 'Let me think.',
          toolCalls: [
            { toolCallId: 'a', toolName: 'weather', input: { city: 'Bern' } },
            { toolCallId: 'b', toolName: 'weather', input: {} },
            { toolCallId: 'c', toolName: 'weather', input: '{"city":', unparsable: true },
            { toolCallId: 'd', toolName: 'search', input: {}, providerExecuted: true },
          ],
          files: [{ mediaType: 'image/png', data: { type: 'data', data: 'AA==' } }],
          finishReason: { unified: 'tool-calls', raw: 'tool-calls' },
          usage,
          task: 'default',
          candidate: 'm1',
          attemptNumber: 1,
        },
      ]);
    });

    test('waits for one that answers later', async () => {
      const gate = createGate();
      const { model, clock } = compose({
        turns: [[{ text: ['no'] }], [good]],
        fallbackWhen: isAnswer(async ({ text }) => {
          await gate.opened;
          return text === 'no' ? true : undefined;
        }),
      });
      const result = run({ model });
      await clock.advance(9_999);
      gate.open();
      expect((await result).text).toBe('good');
      await clock.advance(2_000);
      expect(clock.pending()).toBe(0);
    });

    test('one that takes too long decides nothing, with a warning, and is told to stop', async () => {
      const reasons: unknown[] = [];
      const { model, clock, asked } = compose({
        turns: [[{ text: ['no'] }], [good]],
        fallbackWhen: isAnswer(
          (_answer, { abortSignal }) => {
            abortSignal.addEventListener('abort', () => reasons.push(abortSignal.reason));
            return new Promise(() => {});
          },
          { name: 'slow', timeoutMs: 2_000 },
        ),
      });
      const result = run({ model });
      await clock.advance(2_000);
      const { text, warnings, report } = await result;
      expect(text).toBe('no');
      expect(warnings).toEqual([
        'ai-composite: A condition of fallbackWhen (slow) took longer than 2000 ms; it decided nothing.',
      ]);
      expect(report?.warnings).toEqual([
        'A condition of fallbackWhen (slow) took longer than 2000 ms; it decided nothing.',
      ]);
      expect(reasons).toMatchObject([{ name: 'TimeoutError' }]);
      expect(asked()).toEqual([1, 0]);
      await clock.advance(2_000);
      expect(clock.pending()).toBe(0);
    });

    test('gets no more time than the call has, and the answer that is there is delivered', async () => {
      const { model, clock } = compose({
        turns: [[{ text: ['no'] }], [good]],
        timeout: { totalMs: 500 },
        fallbackWhen: isAnswer(() => new Promise(() => {}), { timeoutMs: Number.POSITIVE_INFINITY }),
      });
      const result = run({ model });
      await clock.advance(500);
      expect(await result).toMatchObject({
        text: 'no',
        warnings: [expect.stringContaining('took longer than 500 ms')],
      });
    });

    test.each([
      [
        'throws',
        () => {
          throw new TypeError('secret');
        },
        'failed (TypeError)',
      ],
      ['rejects', () => Promise.reject(new RangeError('secret')), 'failed (RangeError)'],
      ['rejects with nothing', () => Promise.reject(), 'failed (nothing)'],
      ['rejects with an object', () => Promise.reject({ secret: 1 }), 'failed (an object)'],
      ['answers a text', () => 'yes', 'answered a string, not true, false or undefined'],
      ['answers a text later', async () => 'yes', 'answered a string, not true, false or undefined'],
      ['answers null', () => null, 'answered null, not true, false or undefined'],
    ])('one that %s decides nothing, with a warning', async (_name, predicate, problem) => {
      const { model, asked } = compose({
        turns: [[{ text: ['no'] }], [good]],
        fallbackWhen: [Reflect.apply(isAnswer, undefined, [predicate, { name: 'odd' }]), short],
      });
      const { text, warnings } = await run({ model });
      expect(text).toBe('good');
      expect(warnings).toEqual([
        `ai-composite: A condition of fallbackWhen (odd) ${problem}; it decided nothing.`,
      ]);
      expect(asked()).toEqual([1, 1]);
    });

    test('an abort of the caller while one runs ends the call at once', async () => {
      const controller = new AbortController();
      const signals: AbortSignal[] = [];
      const { model, clock, log, asked } = compose({
        turns: [[{ text: ['no'] }], [good]],
        fallbackWhen: [
          isAnswer((_answer, { abortSignal }) => {
            signals.push(abortSignal);
            return new Promise(() => {});
          }),
          isAnswer(() => {
            throw new Error('not to be asked');
          }),
        ],
      });
      const error = rejection(run({ model, options: call({ abortSignal: controller.signal }) }));
      await settle();
      const reason = new Error('stop');
      controller.abort(reason);
      expect(await error).toBe(reason);
      expect(signals.map(signal => signal.reason)).toEqual([reason]);
      // A stream's provider has a moment to close it.
      await clock.advance(1_000);
      expect(clock.pending()).toBe(0);
      await clock.advance(60_000);
      expect(asked()).toEqual([1, 0]);
      expect(log.events).toEqual(['start 1 m1', 'end 1 m1 abort', 'call abort - [1 m1 abort]']);
      expect(clock.pending()).toBe(0);
    });

    test('may abort the call itself', async () => {
      const controller = new AbortController();
      const reason = new Error('stop');
      const { model, clock, asked } = compose({
        turns: [[{ text: ['no'] }], [good]],
        fallbackWhen: isAnswer(async () => {
          controller.abort(reason);
          return true;
        }),
      });
      expect(await rejection(run({ model, options: call({ abortSignal: controller.signal }) }))).toBe(reason);
      await clock.advance(1_000);
      expect(asked()).toEqual([1, 0]);
      expect(clock.pending()).toBe(0);
    });

    test('where every candidate fails it, the error names the judgement', async () => {
      const { model, log } = compose({
        turns: [[{ text: ['no'] }], [{ text: ['na'] }]],
        fallbackWhen: short,
      });
      const error = await rejection(run({ model }));
      if (!RouteExhaustedError.isInstance(error)) throw error;
      expect(error.message.split('\n')).toEqual([
        'No answer for task "default": no candidate is left.',
        '- m1: malformed-response (too-short)',
        '- m2: malformed-response (too-short)',
      ]);
      expect(error.attempts.map(({ code }) => code)).toEqual(['too-short', 'too-short']);
      expect(error.cost.usd).toBeGreaterThan(0);
      expect(log.events.at(-1)).toMatch(/^call failure - /);
    });

    test('is called by the name of its function, and of what is combined', async () => {
      const isPoor = () => true;
      const codeOf = async (fallbackWhen: FallbackCondition) => {
        const { model } = compose({ turns: [[{ text: ['no'] }]], fallbackWhen });
        const error = await rejection(run({ model }));
        return RouteExhaustedError.isInstance(error) ? error.attempts[0]?.code : error;
      };
      expect(await codeOf(isAnswer(isPoor))).toBe('isPoor');
      expect(await codeOf(isAnswer(() => true))).toBe('unwanted-answer');
      expect(await codeOf(all(isAnswer(isPoor), short))).toBe('isPoor+too-short');
      expect(await codeOf(any(isEmptyAnswer(), short, isAnswer(isPoor)))).toBe('too-short');
      expect(await codeOf(not(isAnswer(() => false, { name: 'fine' })))).toBe('not-fine');
    });

    test('judges an answer without output, and a refusal without output, too', async () => {
      const finishes: Array<[string, unknown]> = [];
      const { model, asked } = compose({
        turns: [[{}], [{ finish: 'content-filter' }], [good]],
        fallbackWhen: isAnswer(({ text, finishReason: { unified }, refusal }) => {
          finishes.push([unified, refusal]);
          return text === '';
        }),
      });
      expect((await run({ model })).text).toBe('good');
      expect(finishes).toEqual([
        ['stop', undefined],
        ['content-filter', { reason: 'content-filter' }],
        ['stop', undefined],
      ]);
      expect(asked()).toEqual([1, 1, 1]);
    });

    test('false on a refusal without output delivers it', async () => {
      const { model, asked } = compose({
        turns: [[{ finish: 'content-filter' }], [good]],
        fallbackWhen: [isAnswer(({ refusal }) => (refusal ? false : undefined)), isRefusal()],
      });
      expect(await run({ model })).toMatchObject({ text: '', finish: 'content-filter' });
      expect(asked()).toEqual([1, 0]);
    });
  });

  describe(`ready-made judgements, ${mode}`, () => {
    const cases: ReadonlyArray<
      readonly [name: string, condition: FallbackCondition, turn: Turn, falls: string | false]
    > = [
      ['isEmptyAnswer: a stop without output', isEmptyAnswer(), {}, 'empty empty-answer'],
      ['isEmptyAnswer: only reasoning', isEmptyAnswer(), onlyReasoned, 'empty empty-answer'],
      ['isEmptyAnswer: blanks', isEmptyAnswer(), { text: ['\n', '\n'] }, 'empty empty-answer'],
      ['isEmptyAnswer: text behind blanks', isEmptyAnswer(), { text: ['\n', 'a'] }, false],
      ['isEmptyAnswer: a tool call', isEmptyAnswer(), toolCalls('{}'), false],
      ['isEmptyAnswer: cut off before its first word', isEmptyAnswer(), { finish: 'length' }, false],
      ['isEmptyAnswer: a refusal', isEmptyAnswer(), { finish: 'content-filter' }, false],
      [
        'isCutByLength: text',
        isCutByLength(),
        { text: ['long'], finish: 'length' },
        'malformed-response cut-by-length',
      ],
      ['isCutByLength: no output', isCutByLength(), { finish: 'length' }, 'empty cut-by-length'],
      ['isCutByLength: a stop', isCutByLength(), { text: ['a'] }, false],
      ['isRefusal: without output', isRefusal(), { finish: 'content-filter' }, 'content-filter refusal'],
      [
        'isRefusal: behind text',
        isRefusal(),
        { text: ['Half'], finish: 'content-filter' },
        'content-filter refusal',
      ],
      ['isRefusal: a stop', isRefusal(), { text: ['I cannot.'] }, false],
      [
        'isInvalidToolCall: the second of two',
        isInvalidToolCall(),
        toolCalls('{}', '{"days":"two"}'),
        'malformed-response invalid-tool-call',
      ],
      ['isInvalidToolCall: both valid', isInvalidToolCall(), toolCalls('{}', '{"days":2}'), false],
    ];
    test.each(cases)('%s', async (_name, fallbackWhen, turn, falls) => {
      const { model, asked, log } = compose({ turns: [[turn], [good]], fallbackWhen });
      await run({ model });
      const [end] = log.ends;
      const code = InvalidAnswerError.isInstance(end?.error) ? end.error.code : undefined;
      expect(asked()).toEqual([1, falls === false ? 0 : 1]);
      if (falls !== false) expect(`${end?.failureKind} ${code}`).toBe(falls);
    });

    test('isInvalidToolCall judges a call behind reasoning', async () => {
      const bad = toolCalls('{"days":"two"}');
      const { model, asked } = compose({
        turns: [
          [
            {
              content: [...(onlyReasoned.content ?? []), ...(bad.content ?? [])],
              finish: 'tool-calls',
              parts: [...(onlyReasoned.parts ?? []).slice(0, -1), ...(bad.parts ?? []).slice(1)],
            },
          ],
          [good],
        ],
        fallbackWhen: isInvalidToolCall(),
      });
      expect((await run({ model })).text).toBe('good');
      expect(asked()).toEqual([1, 1]);
    });

    test('isInvalidOutput judges the answer behind drafts', async () => {
      const options = call({ responseFormat: { type: 'json' } });
      const drafted = (text: string, phase: string) => ({
        type: 'text' as const,
        text,
        providerMetadata: { openai: { itemId: text, phase } },
      });
      const content = [drafted('Let me see.', 'commentary'), drafted('{"a":1}', 'final_answer')];
      const parts = content.flatMap(({ text, providerMetadata }, index): Part[] => [
        { type: 'text-start', id: `${index}`, providerMetadata },
        { type: 'text-delta', id: `${index}`, delta: text },
        { type: 'text-end', id: `${index}`, providerMetadata },
      ]);
      const finish: Part = {
        type: 'finish',
        usage: usageOf(1, 1),
        finishReason: { unified: 'stop', raw: 'stop' },
      };
      const { model, asked } = compose({
        turns: [[{ content, parts: [...parts, finish] }], [{ text: ['{}'] }]],
        fallbackWhen: isInvalidOutput(),
      });
      await run({ model, options });
      expect(asked()).toEqual([1, 0]);
    });

    test('isInvalidOutput judges an answer without output', async () => {
      const options = call({ responseFormat: { type: 'json' } });
      const { model, asked } = compose({
        turns: [[{}], [{ text: ['{}'] }]],
        fallbackWhen: isInvalidOutput(),
      });
      expect((await run({ model, options })).text).toBe('{}');
      expect(asked()).toEqual([1, 1]);
    });
  });

  describe(`combined conditions, ${mode}`, () => {
    test('judge failures and answers', async () => {
      const { model, asked } = compose({
        turns: [[{ error: down }], [{ text: ['no'] }], [good]],
        fallbackWhen: any(({ kind }) => (kind === 'server' ? true : undefined), short),
      });
      expect((await run({ model })).text).toBe('good');
      expect(asked()).toEqual([1, 1, 1]);
    });

    test('one part that throws leaves the others their say', async () => {
      const { model, asked } = compose({
        turns: [[{ error: down }], [{ text: ['no'] }], [good]],
        fallbackWhen: any(
          () => {
            throw new TypeError('x');
          },
          isAnswer(() => {
            throw new RangeError('x');
          }),
          ({ kind }) => kind === 'server',
          short,
        ),
      });
      const { text, warnings } = await run({ model });
      expect(text).toBe('good');
      expect(asked()).toEqual([1, 1, 1]);
      expect(warnings).toEqual([
        'ai-composite: A condition of fallbackWhen failed (TypeError); it decided nothing.',
        'ai-composite: A condition of fallbackWhen (unwanted-answer) failed (RangeError); it decided nothing.',
      ]);
    });

    test('a refusal without output is a failure and an answer at once', async () => {
      const { model, asked } = compose({
        turns: [[{ finish: 'content-filter' }], [good]],
        fallbackWhen: all(
          ({ kind }) => (kind === 'content-filter' ? true : undefined),
          isAnswer(({ candidate }) => candidate === 'm1'),
        ),
      });
      expect((await run({ model })).text).toBe('good');
      expect(asked()).toEqual([1, 1]);
    });
  });
}
