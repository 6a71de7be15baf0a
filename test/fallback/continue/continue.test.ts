import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { stepCountIs, streamText, tool } from 'ai';
import {
  type CandidateSettings,
  compositeMetadata,
  createComposite,
  isContentFilter,
  StreamInterruptedError,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { call, collect, textOf } from '../../testing/call.ts';
import type { EngineOptions } from '../engine-options.ts';
import { createEventLog } from '../event-log.ts';
import { createManualClock } from '../manual-clock.ts';
import {
  down,
  httpError,
  type ScriptedModel,
  scriptedModel,
  type Turn,
  textParts,
  usageOf,
} from '../scripted-model.ts';

const price = { inputTokens: 1, outputTokens: 10 };
const text = ['The quick ', 'brown fox ', 'jumps over'];
const broken: Turn = { text, error: httpError({}), breakAfter: 4 };
const delivered = 'The quick brown fox ';
const refused = httpError({ statusCode: 400 });

type Others = ReadonlyArray<
  { readonly turns: readonly Turn[]; readonly prefill?: boolean } & Partial<CandidateSettings>
>;

function compose({
  first = [broken],
  others,
  ...settings
}: { readonly first?: readonly Turn[]; readonly others: Others } & EngineOptions) {
  const clock = createManualClock();
  const log = createEventLog();
  const names = ['two', 'three', 'four'];
  const models: ScriptedModel[] = [scriptedModel({ id: 'one', turns: first })];
  const candidates = others.map(({ turns, prefill = false, ...own }, index) => {
    const model = scriptedModel({ id: names[index] ?? 'more', turns });
    models.push(model);
    return { model, name: model.modelId, price, capabilities: { prefill }, ...own };
  });
  const model = createComposite({
    tasks: { chat: [{ model: models[0] ?? 'one', name: 'one', price }, ...candidates] },
    recover: 'continue',
    attempts: 1,
    clock,
    pricing: { catalog: false },
    ...log.observers,
    ...settings,
  });
  const [one, two, three] = models;
  if (one === undefined || two === undefined) throw new Error('two candidates at least');
  return { model, clock, log, one, two, three };
}

async function play(options: Parameters<typeof compose>[0], own?: Partial<LanguageModelV4CallOptions>) {
  const composed = compose(options);
  const { parts, thrown } = await collect({ model: composed.model, options: call(own) });
  const last = parts.at(-1);
  return {
    ...composed,
    parts,
    thrown,
    text: textOf(parts),
    errors: parts.flatMap(part => (part.type === 'error' ? [part.error] : [])),
    finish: last?.type === 'finish' ? last : undefined,
    report: last?.type === 'finish' ? compositeMetadata(last) : undefined,
  };
}

const types = (parts: readonly LanguageModelV4StreamPart[]) => parts.map(({ type }) => type);
const reasoning = (delta: string): LanguageModelV4StreamPart[] => [
  { type: 'reasoning-start', id: 'r' },
  { type: 'reasoning-delta', id: 'r', delta },
  { type: 'reasoning-end', id: 'r' },
];
/** The parts of an answer, with others between its text and its end. */
const partsOf = (own: readonly string[], ...more: readonly LanguageModelV4StreamPart[]) =>
  textParts({ text: own }).toSpliced(-1, 0, ...more);

describe('a prefill', () => {
  test('is sent what was delivered, without the whitespace at its end, and its answer is appended in the same block', async () => {
    const { parts, two, log, report, finish } = await play({
      others: [{ turns: [{ text: ['jumps ', 'over'], modelId: 'two-1' }], prefill: true }],
    });
    expect(two.calls[0]?.prompt.at(-1)).toEqual({
      role: 'assistant',
      content: [{ type: 'text', text: 'The quick brown fox' }],
    });
    expect(parts.slice(0, -1)).toEqual([
      { type: 'stream-start', warnings: [] },
      { type: 'response-metadata', modelId: 'one' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'The quick ' },
      { type: 'text-delta', id: 't', delta: 'brown fox ' },
      { type: 'response-metadata', modelId: 'two-1' },
      { type: 'text-delta', id: 't', delta: 'jumps ' },
      { type: 'text-delta', id: 't', delta: 'over' },
      {
        type: 'text-end',
        id: 't',
        providerMetadata: { composite: { candidate: expect.any(String), continued: true } },
      },
    ]);
    expect(finish).toMatchObject({ finishReason: { unified: 'stop' }, usage: usageOf(10, 2) });
    expect(log.events).toEqual([
      'start 1 one',
      'end 1 one failure network',
      'start 2 two',
      'end 2 two success',
      'call success two [1 one failure network, 2 two success]',
    ]);
    expect(log.starts.map(({ recovery }) => recovery)).toEqual([undefined, 'prefill']);
    expect(log.ends.map(({ recovery }) => recovery)).toEqual([undefined, 'prefill']);
    expect(report).toMatchObject({
      candidate: 'two',
      attempts: [{ candidate: 'one' }, { candidate: 'two', recovery: 'prefill' }],
      recovered: {
        offset: delivered.length,
        parts: [
          { candidate: 'one', attemptNumber: 1, offset: 0 },
          { candidate: 'two', attemptNumber: 2, offset: delivered.length, recovery: 'prefill' },
        ],
      },
    });
    expect(report?.cost).toMatchObject({ count: 2, incomplete: 0 });
    expect(log.calls[0]?.recovered).toEqual(report?.recovered);
  });

  test('that is refused is asked for a fresh answer once', async () => {
    const whole = { text: ['The quick brown ', 'fox and', ' so on'] };
    const {
      text: told,
      errors,
      log,
      two,
    } = await play({
      others: [{ turns: [{ error: refused }, whole], prefill: true }],
    });
    expect([told, errors]).toEqual(['The quick brown fox and so on', []]);
    expect(two.calls.map(({ prompt }) => prompt.at(-1)?.role)).toEqual(['assistant', 'user']);
    expect(log.events).toEqual([
      'start 1 one',
      'end 1 one failure network',
      'start 2 two',
      'end 2 two failure invalid-request 400',
      'start 3 two',
      'end 3 two success',
      'call success two [1 one failure network, 2 two failure invalid-request, 3 two success]',
    ]);
    expect(log.starts.map(({ recovery }) => recovery)).toEqual([undefined, 'prefill', 'restart']);
  });

  test.each([
    ['goes on', [' jumps'], 'The quick brown fox jumps'],
    ['loses the blank before its first word', ['jumps'], 'The quick brown fox jumps'],
    ['ends at once', [], delivered],
    ['starts over with the whole text', ['The quick brown fox jumps'], 'The quick brown fox jumps'],
    ['starts over piece by piece', [...'The quick brown fox jumps'], 'The quick brown fox jumps'],
    ['repeats the end of the text', ['brown fox jumps'], 'The quick brown fox jumps'],
    ['repeats so little of it that it may be meant', ['xylophone'], 'The quick brown fox xylophone'],
  ])('that %s makes one answer', async (_name, own, whole) => {
    const { text: told, errors, two } = await play({ others: [{ turns: [{ text: own }], prefill: true }] });
    expect([told, errors, two.calls.length]).toEqual([whole, [], 1]);
  });

  test.each([
    ['starts over in other words', ['The quick red fox jumps']],
    ['has other whitespace than was delivered', ['\n\nNext.']],
    ['repeats an end that is short', ['fox jumps']],
    ['repeats the end, with other whitespace behind it', ['brown fox\njumps']],
    ['ends in the middle of starting over', ['The quick']],
  ])('that %s is no continuation, and then the fresh answer has to be', async (_name, own) => {
    const {
      text: told,
      errors,
      log,
      two,
    } = await play({
      others: [{ turns: [{ text: own }, { text: ['Another answer.'] }], prefill: true }],
    });
    expect(told).toBe(delivered);
    expect(errors).toMatchObject([
      { name: 'StreamInterruptedError', candidate: 'one', failureKind: 'network' },
    ]);
    expect(two.calls.length).toBe(2);
    expect(log.ends.map(({ outcome, recovery }) => [outcome, recovery])).toEqual([
      ['failure', undefined],
      ['abort', 'prefill'],
      ['abort', 'restart'],
    ]);
    expect(log.calls.map(({ outcome }) => outcome)).toEqual(['failure']);
  });

  test.each([
    ['All work and no play.\nAll work and no play.\n', 'All work and no play.\n'],
    ['Buffalo buffalo Buffalo buffalo', 'Buffalo buffalo and so on'],
    // Once or twice: both would fit.
    ['12345678, 12345678', '12345678, 12345678, 9'],
  ])('is no way to go where a text repeats itself, as in %j', async (line, own) => {
    const { text: told, errors } = await play({
      first: [{ text: ['So:\n', line, 'more'], error: down, breakAfter: 4 }],
      others: [{ turns: [{ text: [own] }, { text: ['Another answer.'] }], prefill: true }],
    });
    expect([told, errors.length]).toEqual([`So:\n${line}`, 1]);
  });

  test('has half a character given back first', async () => {
    const { text: told, two } = await play({
      first: [{ text: ['Smile: \ud83d', '\ude00'], error: down, breakAfter: 3 }],
      others: [{ turns: [{ text: [' 😀 there'] }], prefill: true }],
    });
    expect(two.calls[0]?.prompt.at(-1)?.content).toEqual([{ type: 'text', text: 'Smile:' }]);
    expect(told).toBe('Smile: 😀 there');
  });

  test('is never assumed, and never used for JSON', async () => {
    const json = { type: 'json' as const };
    const first: Turn = { text: ['{"a": ', '1, "b": ', '2}'], error: down, breakAfter: 4 };
    const {
      text: told,
      two,
      errors,
    } = await play(
      { first: [first], others: [{ turns: [{ text: ['{"a": 1, "b": 3}'] }], prefill: true }] },
      { responseFormat: json },
    );
    expect([told, errors]).toEqual(['{"a": 1, "b": 3}', []]);
    expect(two.calls.map(({ prompt }) => prompt.at(-1)?.role)).toEqual(['user']);
    const undeclared = await play({ others: [{ turns: [{ text: ['jumps'] }], capabilities: {} }] });
    expect(undeclared.two.calls.map(({ prompt }) => prompt.at(-1)?.role)).toEqual(['user']);
  });
});

describe('a fresh answer', () => {
  test('is held back until it is known to begin the same, and only what is new goes out', async () => {
    const { parts, report, two } = await play({
      others: [{ turns: [{ text: ['The ', 'quick brown f', 'ox jumps', ' high'], finish: 'length' }] }],
    });
    expect(two.calls[0]?.prompt.at(-1)?.role).toBe('user');
    expect(parts.flatMap(part => (part.type === 'text-delta' ? [part.delta] : []))).toEqual([
      'The quick ',
      'brown fox ',
      'jumps',
      ' high',
    ]);
    expect(types(parts).filter(type => type.startsWith('text-') && type !== 'text-delta')).toEqual([
      'text-start',
      'text-end',
    ]);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'length' } });
    expect(report?.recovered?.parts.map(({ candidate, recovery }) => [candidate, recovery])).toEqual([
      ['one', undefined],
      ['two', 'restart'],
    ]);
  });

  test.each([
    ['says something else', ['The quick red fox']],
    ['ends before', ['The quick brown']],
    ['says nothing', []],
    ['differs in whitespace', ['The quick brown fox\njumps']],
  ])(
    'that %s is ended at once, and the break is the visible error, with the cost of both',
    async (_name, own) => {
      const {
        text: told,
        errors,
        finish,
        report,
        log,
        model,
        clock,
      } = await play({ others: [{ turns: [{ text: own }] }] });
      expect(told).toBe(delivered);
      const [error] = errors;
      if (!StreamInterruptedError.isInstance(error)) throw error;
      expect(error).toMatchObject({ candidate: 'one', failureKind: 'network', cost: { count: 2 } });
      expect(finish?.finishReason.unified).toBe('error');
      expect(report?.recovered).toBeUndefined();
      expect(report?.attempts.map(({ outcome, recovery }) => [outcome, recovery])).toEqual([
        ['failure', undefined],
        ['abort', 'restart'],
      ]);
      expect(log.calls).toHaveLength(1);
      expect(log.calls[0]).toMatchObject({ outcome: 'failure', cost: { count: 2 } });
      // What it answered was no fault of its own.
      expect(model.health()).toMatchObject([{ consecutiveFailures: 1 }, { consecutiveFailures: 0 }]);
      expect(clock.pending()).toBe(0);
    },
  );

  test('in two blocks is compared as one text, and goes on in the block that is open', async () => {
    const two = partsOf(['The quick']).toSpliced(
      -1,
      0,
      ...textParts({ text: [' brown fox jumps'] }).slice(1, -1),
    );
    const { text: told, parts } = await play({ others: [{ turns: [{ parts: two }] }] });
    expect(told).toBe('The quick brown fox jumps');
    expect(types(parts).filter(type => type === 'text-start')).toHaveLength(1);
  });

  test('goes on behind reasoning that was shown, and its own stays behind', async () => {
    const { parts, text: told } = await play({
      first: [{ parts: [...reasoning('Hm, a fox.').slice(0, 2)], error: down, breakAfter: 2 }],
      others: [
        { turns: [{ parts: [...reasoning('A fox!'), ...textParts({ text: ['The fox.'] }).slice(1)] }] },
      ],
    });
    expect(told).toBe('The fox.');
    expect(types(parts)).toEqual([
      'response-metadata',
      'reasoning-start',
      'reasoning-delta',
      'response-metadata',
      'reasoning-end',
      'text-start',
      'text-delta',
      'text-end',
      'finish',
    ]);
  });
});

describe('an answer is not continued', () => {
  const toolCall: LanguageModelV4StreamPart = {
    type: 'tool-call',
    toolCallId: 'c',
    toolName: 'weather',
    input: '{"city":"Bern"}',
  };
  const source: LanguageModelV4StreamPart = {
    type: 'source',
    sourceType: 'url',
    id: 's',
    url: 'https://example.org/',
  };
  const file: LanguageModelV4StreamPart = {
    type: 'file',
    mediaType: 'image/png',
    data: { type: 'data', data: 'AA==' },
  };

  test.each<[string, LanguageModelV4StreamPart[]]>([
    ['a tool call', [toolCall]],
    [
      'the beginning of a tool call',
      [
        { type: 'tool-input-start', id: 'c', toolName: 'weather' },
        { type: 'tool-input-delta', id: 'c', delta: '{"ci' },
      ],
    ],
    ['a source', [source]],
    ['a file', [file]],
  ])('behind %s', async (_name, more) => {
    const parts = partsOf(text, ...more);
    const { errors, two, log } = await play({
      first: [{ parts, breakAfter: parts.length - 1, error: down }],
      others: [{ turns: [{ text }], prefill: true }],
    });
    expect(errors).toMatchObject([{ name: 'StreamInterruptedError', candidate: 'one' }]);
    expect([two.calls.length, log.calls.length]).toEqual([0, 1]);
  });

  test('by somebody who failed before, or broke off before, in this call', async () => {
    const {
      one,
      two,
      three,
      errors,
      log,
      text: told,
    } = await play({
      first: [{ error: down }],
      others: [
        { turns: [broken] },
        {
          turns: [{ ...broken, text: ['The quick ', 'brown fox ', 'jum', 'ps'], breakAfter: 5 }],
          prefill: false,
        },
      ],
    });
    expect([one.calls.length, two.calls.length, three?.calls.length]).toEqual([1, 1, 1]);
    expect(told).toBe('The quick brown fox jum');
    expect(errors).toMatchObject([{ candidate: 'three' }]);
    expect(log.calls[0]?.recovered?.parts.map(({ candidate }) => candidate)).toEqual(['two', 'three']);
  });

  test('where the break is a refusal, unless the route falls back on that', async () => {
    const filtered: Turn = {
      parts: [
        ...textParts({ text }).slice(0, 4),
        { type: 'error', error: httpError({ statusCode: 400, data: { error: { code: 'content_filter' } } }) },
      ],
    };
    const others = [{ turns: [{ text: ['The quick brown fox jumps.'] }] }];
    const kept = await play({ first: [filtered], others });
    expect(kept.errors).toMatchObject([{ failureKind: 'content-filter' }]);
    expect(kept.two.calls.length).toBe(0);
    const routed = await play({ first: [filtered], others, fallbackWhen: isContentFilter() });
    expect([routed.text, routed.errors]).toEqual(['The quick brown fox jumps.', []]);
  });

  test('by the text of a refusal', async () => {
    const {
      errors,
      two,
      text: told,
    } = await play({ others: [{ turns: [{ finish: 'content-filter' }], prefill: true }] });
    expect([errors.length, told, two.calls.length]).toEqual([1, delivered, 1]);
  });

  test('on a route that says nothing', async () => {
    const { errors, two } = await play({ others: [{ turns: [{ text }] }], recover: false });
    expect([errors.length, two.calls.length]).toEqual([1, 0]);
  });
});

describe('what follows', () => {
  test('a second break goes on to the next candidate, from all that was delivered', async () => {
    const {
      text: told,
      errors,
      three,
      log,
      report,
    } = await play({
      others: [
        { turns: [{ text: ['jumps ', 'over ', 'it'], error: down, breakAfter: 4 }], prefill: true },
        { turns: [{ text: ['the lazy', ' dog'] }], prefill: true },
      ],
    });
    expect([told, errors]).toEqual(['The quick brown fox jumps over the lazy dog', []]);
    expect(three?.calls[0]?.prompt.at(-1)?.content).toEqual([
      { type: 'text', text: 'The quick brown fox jumps over' },
    ]);
    expect(report?.recovered).toEqual({
      offset: 31,
      parts: [
        { candidate: 'one', attemptNumber: 1, offset: 0 },
        { candidate: 'two', attemptNumber: 2, offset: 20, recovery: 'prefill' },
        { candidate: 'three', attemptNumber: 3, offset: 31, recovery: 'prefill' },
      ],
    });
    expect(log.events).toEqual([
      'start 1 one',
      'end 1 one failure network',
      'start 2 two',
      'end 2 two failure server 500',
      'start 3 three',
      'end 3 three success',
      'call success three [1 one failure network, 2 two failure server, 3 three success]',
    ]);
  });

  test('a candidate that is down is passed over, as everywhere, and told to its breaker', async () => {
    const {
      text: told,
      errors,
      model,
    } = await play({
      others: [
        { turns: [{ error: httpError({ statusCode: 503 }) }] },
        { turns: [{ text: ['The quick brown fox sleeps.'] }] },
      ],
    });
    expect([told, errors]).toEqual(['The quick brown fox sleeps.', []]);
    expect(model.health().map(({ consecutiveFailures }) => consecutiveFailures)).toEqual([1, 1, 0]);
  });

  test('the usage of both is added up where both tell it', async () => {
    const { finish, report } = await play({
      first: [
        {
          parts: [
            ...textParts({ text }).slice(0, -1),
            { type: 'finish', finishReason: { unified: 'interrupted', raw: 'cut' }, usage: usageOf(7, 5) },
          ],
        },
      ],
      others: [{ turns: [{ text: [' the lazy dog'], usage: usageOf(11, 3) }], prefill: true }],
    });
    expect(finish?.usage).toEqual(usageOf(18, 8));
    expect(report?.attempts.map(({ usage }) => usage?.outputTokens.total)).toEqual([5, 3]);
  });

  test('a tool call of the one who goes on is delivered, and run', async () => {
    const { model, two } = compose({
      others: [
        {
          turns: [
            {
              parts: partsOf(['jumps'], {
                type: 'tool-call',
                toolCallId: 'c',
                toolName: 'weather',
                input: '{"city":"Bern"}',
              }).with(-1, {
                type: 'finish',
                finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
                usage: usageOf(1, 1),
              }),
            },
            { text: ['Sunny.'] },
          ],
          prefill: true,
        },
      ],
    });
    const cities: string[] = [];
    const weather = tool({
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => {
        cities.push(city);
        return 'sun';
      },
    });
    const result = streamText({
      model,
      prompt: 'Hi',
      tools: { weather },
      stopWhen: stepCountIs(2),
      onError: () => {},
    });
    expect(await result.text).toBe('Sunny.');
    expect(cities).toEqual(['Bern']);
    // The first step is of two candidates, so it is nobody's own: the one who goes on gets it without stamps or ids.
    expect(two.calls[1]?.prompt.slice(1)).toMatchObject([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'The quick brown fox jumps', providerOptions: {} },
          { type: 'tool-call', toolName: 'weather', providerOptions: {} },
        ],
      },
      { role: 'tool' },
    ]);
  });
});

describe('time limits and the caller', () => {
  const hang = new Promise<void>(() => {});

  test('a silent candidate is cut by firstChunkMs also where it is the last: the error is behind it', async () => {
    const { model, clock, log } = compose({
      others: [{ turns: [{ silent: true }] }],
      timeout: { firstChunkMs: 5_000 },
    });
    const collected = collect({ model });
    await clock.advance(5_000);
    const { parts } = await collected;
    expect(textOf(parts)).toBe(delivered);
    expect(types(parts).slice(-2)).toEqual(['error', 'finish']);
    expect(log.events.slice(2)).toEqual([
      'start 2 two',
      'end 2 two failure timeout',
      'call failure - [1 one failure network, 2 two failure timeout]',
    ]);
    expect(clock.pending()).toBe(0);
  });

  test('one that stalls while it is compared is cut by chunkMs, and the next one asked', async () => {
    const { model, clock } = compose({
      others: [
        { turns: [{ text: ['The ', 'quick'], pause: { after: 3, until: hang } }] },
        { turns: [{ text: ['The quick brown fox jumps'] }] },
      ],
      timeout: { chunkMs: 2_000 },
    });
    const collected = collect({ model });
    await clock.advance(3_000);
    const { parts } = await collected;
    expect(textOf(parts)).toBe('The quick brown fox jumps');
    expect(clock.pending()).toBe(0);
  });

  test('nobody is asked once totalMs is over', async () => {
    const { model, clock, two, log } = compose({
      first: [{ text, pause: { after: 4, until: hang } }],
      others: [{ turns: [{ text }] }],
      timeout: { totalMs: 1_000 },
    });
    const collected = collect({ model });
    await clock.advance(1_000);
    const { parts } = await collected;
    expect(types(parts).slice(-2)).toEqual(['error', 'finish']);
    expect([two.calls.length, clock.pending(), log.calls.length]).toEqual([0, 0, 1]);
  });

  test('an answer that nobody reads ends, also once it has changed hands', async () => {
    const { model, clock, log } = compose({
      others: [{ turns: [{ text: ['The quick brown fox ', 'a', 'b', 'c'] }] }],
    });
    const reader = (await model.doStream(call())).stream.getReader();
    let told = '';
    while (!told.endsWith('a')) {
      const { value } = await reader.read();
      if (value?.type === 'text-delta') told += value.delta;
    }
    await clock.advance(400_000);
    expect(log.events.slice(2)).toEqual([
      'start 2 two',
      'end 2 two abort',
      'call abort - [1 one failure network, 2 two abort]',
    ]);
    expect(clock.pending()).toBe(0);
    expect((await reader.read()).value).toMatchObject({ type: 'error' });
  });

  /** The phases of a recovery, and how to get there. */
  const phases: ReadonlyArray<[string, Turn, number]> = [
    ['the next one is asked', { silent: true }, 1],
    ['it has sent nothing yet', { text: ['The'], pause: { after: 1, until: hang } }, 1],
    ['its answer is compared', { text: ['The ', 'quick'], pause: { after: 3, until: hang } }, 1],
    ['its answer goes on', { text: ['The quick brown fox ', 'a', 'b'], pause: { after: 4, until: hang } }, 1],
  ];

  test.each(phases)('an abort while %s ends everything', async (_phase, turn, calls) => {
    const controller = new AbortController();
    const { model, clock, log, two } = compose({ others: [{ turns: [turn] }, { turns: [{ text }] }] });
    const collected = collect({ model, options: call({ abortSignal: controller.signal }) });
    await clock.advance(0);
    await expect.poll(() => two.calls.length).toBe(calls);
    await clock.advance(0);
    controller.abort(new Error('enough'));
    const { thrown, parts } = await collected;
    expect(String(thrown)).toBe('Error: enough');
    await clock.advance(0);
    expect(types(parts)).not.toContain('error');
    expect(log.events.slice(2)).toEqual([
      'start 2 two',
      'end 2 two abort',
      'call abort - [1 one failure network, 2 two abort]',
    ]);
    expect([two.aborted.length, clock.pending()]).toEqual([1, 0]);
  });

  test.each(phases)(
    'a consumer that leaves while %s takes the one with it who is under way',
    async (_phase, turn, calls) => {
      const { model, clock, log, two } = compose({ others: [{ turns: [turn] }, { turns: [{ text }] }] });
      const reader = (await model.doStream(call())).stream.getReader();
      let isReading = true;
      const reading = (async () => {
        while (!(await reader.read()).done);
        isReading = false;
      })();
      await clock.advance(0);
      await expect.poll(() => two.calls.length).toBe(calls);
      await clock.advance(0);
      expect(isReading).toBe(true);
      await reader.cancel(new Error('gone'));
      await reading;
      await clock.advance(0);
      expect(log.events.slice(2)).toEqual([
        'start 2 two',
        'end 2 two abort',
        'call abort - [1 one failure network, 2 two abort]',
      ]);
      expect([two.aborted.length, clock.pending()]).toEqual([1, 0]);
    },
  );
});

test('a chat shows one text, and the SDK has one step with the usage, the model and the metadata of the whole', async () => {
  const { model, two } = compose({
    others: [
      { turns: [{ text: [' jumps', ' over'], modelId: 'two-1', usage: usageOf(11, 2) }], prefill: true },
    ],
  });
  const result = streamText({ model, prompt: 'Hi', onError: () => {} });
  const texts = new Map<string, string>();
  let metadata: unknown;
  for await (const chunk of result.toUIMessageStream()) {
    if (chunk.type === 'text-start') texts.set(chunk.id, '');
    if (chunk.type === 'text-delta') texts.set(chunk.id, `${texts.get(chunk.id)}${chunk.delta}`);
    if (chunk.type === 'text-end') metadata = chunk.providerMetadata;
    expect(chunk.type).not.toBe('error');
  }
  expect([...texts.values()]).toEqual(['The quick brown fox jumps over']);
  // What goes to the browser tells a stamp and no name, and that the one before was down.
  expect(metadata).toEqual({
    composite: { candidate: expect.stringMatching(/^[0-9a-z]{7}d$/), continued: true },
  });
  expect(await result.totalUsage).toMatchObject({ inputTokens: 11, outputTokens: 2 });
  expect((await result.response).modelId).toBe('two-1');
  expect((await compositeMetadata(result))?.recovered?.offset).toBe(delivered.length);
  expect(two.calls.length).toBe(1);
});

test('a candidate that lost a hedge may go on with the answer', async () => {
  const { model, clock, log } = compose({
    first: [{ text, before: new Promise(() => {}) }, { text: ['The quick brown fox jumps'] }],
    others: [{ turns: [broken] }],
    hedge: { afterMs: 1_000 },
  });
  const collected = collect({ model });
  await clock.advance(1_000);
  const { parts } = await collected;
  expect(textOf(parts)).toBe('The quick brown fox jumps');
  expect(log.events).toEqual([
    'start 1 one',
    'start 2 two',
    'end 1 one abort',
    'end 2 two failure network',
    'start 3 one',
    'end 3 one success',
    'call success one [1 one abort, 2 two failure network, 3 one success]',
  ]);
});

test('plan() and describe() say who would go on how', async () => {
  const { model } = compose({ others: [{ turns: [{ text }], prefill: true }, { turns: [{ text }] }] });
  const plan = await model.plan({ prompt: 'Hi' });
  expect([plan.recover, ...plan.steps.map(({ recovery }) => recovery)]).toEqual([
    'continue',
    'restart',
    'prefill',
    'restart',
  ]);
  // The second one may be asked for a prefill, and then for a fresh answer.
  expect(plan.maxAttempts).toBe(4);
  expect(model.describe()).toMatch(/continue, restart +one[\s\S]*continue, prefill +two/);
});
