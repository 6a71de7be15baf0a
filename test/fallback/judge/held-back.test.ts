import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import {
  all,
  any,
  createComposite,
  type FallbackCondition,
  HedgeLostError,
  isAnswer,
  isCutByLength,
  isEmptyAnswer,
  isInvalidOutput,
  isInvalidToolCall,
  isRefusal,
  isTimeout,
  not,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../../src/testing/index.ts';
import { call, collect, textOf } from '../../testing/call.ts';
import type { EngineOptions } from '../engine-options.ts';
import { createEventLog } from '../event-log.ts';
import { createManualClock, settle } from '../manual-clock.ts';
import { down, scriptedModel, type Turn, usageOf } from '../scripted-model.ts';

type Part = LanguageModelV4StreamPart;

const noCatalog = { pricing: { catalog: false, onWarning: () => {} } } as const;
const reasoning: readonly Part[] = [
  { type: 'reasoning-start', id: 'r' },
  { type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
  { type: 'reasoning-end', id: 'r' },
];
const delta = (text: string): Part => ({ type: 'text-delta', id: 't', delta: text });
const text: readonly Part[] = [{ type: 'text-start', id: 't' }, delta('So'), delta(' it is.')];
const toolCall: Part = { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":"Bern"}' };
const search: Part = { ...toolCall, toolCallId: 's', toolName: 'search', providerExecuted: true };
const found: Part = { type: 'tool-result', toolCallId: 's', toolName: 'search', result: {} };
const finish: Part = {
  type: 'finish',
  usage: usageOf(1, 1),
  finishReason: { unified: 'stop', raw: 'stop' },
};

/** How many of the parts the model had to give before the stream was handed over, and all that the reader got. */
async function handedOutAfter({
  parts,
  ...settings
}: {
  readonly parts: readonly Part[];
  readonly fallbackWhen?: FallbackCondition | readonly FallbackCondition[];
  readonly options?: LanguageModelV4CallOptions;
}) {
  const { options = call(), ...own } = settings;
  const model = scriptedModel({ id: 'm', turns: [{ parts }] });
  const { stream } = await createComposite([model], { ...noCatalog, ...own }).doStream(options);
  const pulled = model.pulled();
  const got: Part[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) got.push(next.value);
  return { at: parts[pulled - 1]?.type, got };
}

describe('a stream is held back until it can be judged, and no longer', () => {
  const thinking = [...reasoning, ...text, finish];
  const acting = [...reasoning, toolCall, { ...toolCall, toolCallId: 'd' }, finish];
  const searching = [...reasoning, search, found, ...text, finish];
  const json = call({ responseFormat: { type: 'json' } });
  const jsonParts = [...reasoning, { type: 'text-start', id: 't' } as const, delta('{'), delta('}'), finish];
  const noTools: LanguageModelV4CallOptions = { prompt: call().prompt };
  const whole = isAnswer(() => undefined);

  type Case = readonly [
    name: string,
    condition: FallbackCondition | readonly FallbackCondition[],
    parts: readonly Part[],
    at: Part['type'],
    options?: LanguageModelV4CallOptions,
  ];
  const cases: readonly Case[] = [
    ['no condition', [], thinking, 'reasoning-delta'],
    ['a condition on failures', isTimeout(), thinking, 'reasoning-delta'],
    ['conditions on failures, combined', not(any(isTimeout())), thinking, 'reasoning-delta'],
    ['isEmptyAnswer, text', isEmptyAnswer(), thinking, 'text-delta'],
    ['isEmptyAnswer, a call', isEmptyAnswer(), acting, 'tool-call'],
    ['isEmptyAnswer, a call of the provider', isEmptyAnswer(), searching, 'tool-call'],
    ['isAnswer', whole, thinking, 'finish'],
    ['isRefusal', isRefusal(), thinking, 'finish'],
    ['isCutByLength', isCutByLength(), thinking, 'finish'],
    ['isInvalidToolCall, text', isInvalidToolCall(), thinking, 'text-delta'],
    ['isInvalidToolCall, calls', isInvalidToolCall(), acting, 'finish'],
    ['isInvalidToolCall, a call of the provider', isInvalidToolCall(), searching, 'text-delta'],
    ['isInvalidToolCall, no tools', isInvalidToolCall(), thinking, 'reasoning-delta', noTools],
    ['isInvalidOutput, JSON', isInvalidOutput(), jsonParts, 'finish', json],
    ['isInvalidOutput, no JSON', isInvalidOutput(), thinking, 'reasoning-delta'],
    ['a list of them', [isEmptyAnswer(), isInvalidToolCall()], acting, 'finish'],
    ['what is combined', all(isEmptyAnswer(), isTimeout()), thinking, 'text-delta'],
    ['what is combined, as far as the furthest', any(isEmptyAnswer(), not(whole)), thinking, 'finish'],
  ];
  test.each(cases.map(([name, ...own]) => ({ name, own })))(
    '$name',
    async ({ own: [fallbackWhen, parts, at, options] }) => {
      const held = await handedOutAfter({ parts, fallbackWhen, ...(options && { options }) });
      expect(held.at).toBe(at);
      // Nothing is lost, changed or reordered by it.
      const plain = await handedOutAfter({ parts, ...(options && { options }) });
      expect(JSON.stringify(held.got.slice(0, -1))).toBe(JSON.stringify(plain.got.slice(0, -1)));
      expect(held.got.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
    },
  );

  test('blanks are no text yet', async () => {
    const parts = [
      { type: 'text-start', id: 't' } as const,
      delta('\n'),
      delta(' '),
      delta('So'),
      delta('.'),
      finish,
    ];
    const { at, got } = await handedOutAfter({ parts, fallbackWhen: isEmptyAnswer() });
    expect(at).toBe('text-delta');
    expect(textOf(got)).toBe('\n So.');
  });

  test('the reasoning of an answer that turns out empty is never shown', async () => {
    const one = scriptedModel({ id: 'one', turns: [{ parts: [...reasoning, finish] }] });
    const two = scriptedModel({ id: 'two', turns: [{ text: ['ok'] }] });
    const model = createComposite([one, two], { ...noCatalog, fallbackWhen: isEmptyAnswer() });
    const { parts } = await collect({ model });
    expect(parts.map(({ type }) => type)).toEqual([
      'stream-start',
      'response-metadata',
      'text-start',
      'text-delta',
      'text-end',
      'finish',
    ]);
    expect(textOf(parts)).toBe('ok');
  });
});

describe('plan() and describe() say what is held and why', () => {
  const model = scriptedModel({ id: 'm', turns: [{ text: ['ok'] }] });
  const tooShort = isAnswer(() => undefined, { name: 'too-short' });

  test('for the request, and in general', async () => {
    const ai = createComposite({
      tasks: {
        plain: [model],
        careful: {
          candidates: [model],
          fallbackWhen: [isEmptyAnswer(), isInvalidToolCall(), isInvalidOutput()],
        },
        strict: {
          candidates: [model],
          fallbackWhen: [any(tooShort, isEmptyAnswer(), tooShort), isTimeout()],
          onExhausted: 'best',
        },
      },
      ...noCatalog,
    });
    const heldFor = async (task: string, options: Partial<LanguageModelV4CallOptions> = {}) => {
      const { held, onExhausted } = await ai.plan({
        prompt: call().prompt,
        ...options,
        providerOptions: { composite: { task } },
      });
      return [held, onExhausted];
    };
    expect(await heldFor('plain')).toEqual([undefined, undefined]);
    expect(await heldFor('careful')).toEqual([{ until: 'output', by: ['empty-answer'] }, undefined]);
    expect(await heldFor('careful', call())).toEqual([
      { until: 'calls', by: ['empty-answer', 'invalid-tool-call'] },
      undefined,
    ]);
    expect(await heldFor('careful', { responseFormat: { type: 'json' } })).toEqual([
      { until: 'finish', by: ['empty-answer', 'invalid-output'] },
      undefined,
    ]);
    expect(await heldFor('strict')).toEqual([{ until: 'finish', by: ['too-short', 'empty-answer'] }, 'best']);
    const lines = ai.describe().split('\n');
    expect(lines[0]).toMatch(/^task +order +held until +candidate/);
    expect(lines[2]).toMatch(/^plain \* +listed +scripted\/m/);
    expect(lines[3]).toContain(
      'output (empty-answer), calls (invalid-tool-call with tools), finish (invalid-output with JSON)',
    );
    expect(lines[4]).toContain('output (empty-answer), finish (too-short)');
  });

  test('and describe() has no such column where nothing is held', () => {
    expect(createComposite([model], { ...noCatalog, fallbackWhen: isTimeout() }).describe()).not.toContain(
      'held',
    );
  });
});

describe('with what else a route does', () => {
  const short = isAnswer(answer => answer.text.length < 4, { name: 'too-short' });

  function compose({
    turns,
    ...settings
  }: { readonly turns: ReadonlyArray<readonly Turn[]> } & EngineOptions) {
    const clock = createManualClock();
    const log = createEventLog();
    const models = turns.map((own, index) => scriptedModel({ id: `m${index + 1}`, turns: own }));
    const model = createComposite(
      models.map((own, index) => ({ model: own, name: `m${index + 1}` })),
      { clock, attempts: 1, random: () => 0, ...noCatalog, ...log.observers, ...settings },
    );
    return { model, models, clock, log, asked: () => models.map(({ calls }) => calls.length) };
  }
  const answerOf = async ({
    model,
    mode,
  }: {
    readonly model: LanguageModelV4;
    readonly mode: 'generate' | 'stream';
  }) => {
    if (mode === 'stream') return textOf((await collect({ model })).parts);
    const { content } = await model.doGenerate(call());
    return content.map(part => (part.type === 'text' ? part.text : '')).join('');
  };

  for (const mode of ['generate', 'stream'] as const) {
    test(`recover 'buffer': the whole answer is judged, also calls behind text, ${mode}`, async () => {
      const bad: Part = { ...toolCall, input: '{"days":"two"}' };
      const { model, asked } = compose({
        turns: [
          [
            {
              parts: [
                ...text,
                bad,
                { ...finish, finishReason: { unified: 'tool-calls', raw: 'tool_calls' } },
              ],
            },
          ],
          [{ text: ['no'] }],
          [{ text: ['good'] }],
        ],
        recover: 'buffer',
        fallbackWhen: [isInvalidToolCall(), short],
      });
      expect(await answerOf({ model, mode })).toBe('good');
      expect(asked()).toEqual([1, 1, 1]);
    });

    test(`hedge: a candidate wins only with an answer that passes, ${mode}`, async () => {
      const gate = createGate();
      const { model, clock, log } = compose({
        turns: [[{ text: ['good'], before: gate.opened }], [{ text: ['no'] }], [{ text: ['third'] }]],
        hedge: { afterMs: 1_000 },
        fallbackWhen: short,
      });
      const result = answerOf({ model, mode });
      await clock.advance(1_000);
      await settle();
      expect(log.events).toEqual(['start 1 m1', 'start 2 m2', 'end 2 m2 failure malformed-response']);
      gate.open();
      expect(await result).toBe('good');
      await clock.advance(2_000);
      expect(log.events.slice(3)).toEqual([
        'end 1 m1 success',
        'call success m1 [1 m1 success, 2 m2 failure malformed-response]',
      ]);
      expect(clock.pending()).toBe(0);
    });

    test(`hedge: the loser's judgement is aborted, ${mode}`, async () => {
      const reasons: unknown[] = [];
      const gate = createGate();
      const clock = createManualClock();
      const log = createEventLog();
      // The first is silent until the second was started, and is judged while that one answers.
      const slow = scriptedModel({ id: 'm1', turns: [{ text: ['first'], before: gate.opened }] });
      const hedged = createComposite(
        [
          { model: slow, name: 'm1' },
          {
            model: scriptedModel({
              id: 'm2',
              turns: [{ text: ['second'], before: gate.opened.then(settle) }],
            }),
            name: 'm2',
          },
        ],
        {
          clock,
          ...noCatalog,
          ...log.observers,
          hedge: { afterMs: 1_000 },
          fallbackWhen: isAnswer(({ candidate }, { abortSignal }) => {
            if (candidate === 'm2') return undefined;
            abortSignal.addEventListener('abort', () => reasons.push(abortSignal.reason));
            return new Promise(() => {});
          }),
        },
      );
      const result = answerOf({ model: hedged, mode });
      await clock.advance(1_000);
      gate.open();
      expect(await result).toBe('second');
      expect(reasons.map(reason => HedgeLostError.isInstance(reason))).toEqual([true]);
      await clock.advance(2_000);
      expect(clock.pending()).toBe(0);
      expect(log.events.at(-1)).toBe('call success m2 [1 m1 abort, 2 m2 success]');
    });
  }

  test("recover 'continue': what went out in part is not judged any more", async () => {
    const { model, asked, log } = compose({
      turns: [
        [{ text: ['It is', ' sunny'], breakAfter: 3, error: down }],
        [
          {
            parts: [{ type: 'text-start', id: 'u' }, { type: 'text-delta', id: 'u', delta: 'It is' }, finish],
          },
        ],
      ],
      recover: 'continue',
      fallbackWhen: isEmptyAnswer(),
    });
    const { parts } = await collect({ model });
    expect(textOf(parts)).toBe('It is');
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'stop' } });
    expect(asked()).toEqual([1, 1]);
    expect(log.events.at(-1)).toMatch(/^call success m2/);
  });

  test("recover 'continue': a prefill that has nothing to add is no empty answer", async () => {
    const clock = createManualClock();
    const one = scriptedModel({ id: 'm1', turns: [{ text: ['It is sunny.'], breakAfter: 3, error: down }] });
    const two = scriptedModel({ id: 'm2', turns: [{ parts: [finish] }] });
    const model = createComposite([one, { model: two, capabilities: { prefill: true } }], {
      clock,
      ...noCatalog,
      recover: 'continue',
      fallbackWhen: isEmptyAnswer(),
    });
    const { parts } = await collect({ model });
    expect(textOf(parts)).toBe('It is sunny.');
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'stop' } });
  });

  test('an answer that is held back whole falls back wherever it breaks, and a stalled one too', async () => {
    const never = new Promise<never>(() => {});
    const { model, clock, asked } = compose({
      turns: [
        [{ text: ['half', ' of it'], breakAfter: 4, error: down }],
        [{ text: ['half', ' of it'], pause: { after: 3, until: never } }],
        [{ text: ['good'] }],
      ],
      fallbackWhen: short,
    });
    const result = collect({ model });
    await clock.advance(40_000);
    expect(textOf((await result).parts)).toBe('good');
    expect(asked()).toEqual([1, 1, 1]);
    await clock.advance(2_000);
    expect(clock.pending()).toBe(0);
  });

  test('a judgement that takes its time is not taken for a stall, a reader who stays away, or a slow attempt', async () => {
    for (const mode of ['generate', 'stream'] as const) {
      const gate = createGate();
      const { model, clock, asked } = compose({
        turns: [[{ text: ['good'] }], [{ text: ['other'] }]],
        timeout: { attemptMs: 1_000, chunkMs: 1_000, unreadMs: 1_000, firstChunkMs: 1_000 },
        fallbackWhen: isAnswer(() => gate.opened.then(() => undefined), {
          timeoutMs: Number.POSITIVE_INFINITY,
        }),
      });
      const result = answerOf({ model, mode });
      await clock.advance(60_000);
      gate.open();
      expect(await result).toBe('good');
      expect(asked()).toEqual([1, 0]);
    }
  });
});
