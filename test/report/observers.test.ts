import { generateText, streamText } from 'ai';
import {
  type AttemptEndEvent,
  type CallObservers,
  type CallStartEvent,
  type CreateEvent,
  createComposite,
  createCostTracker,
  type Observers,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../fallback/manual-clock.ts';
import { down, httpError, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call, collect } from '../testing/call.ts';

const answer: Turn = { text: ['ok'], modelId: 'answered' };
const price = { inputTokens: 1, outputTokens: 2 };

function compose({
  turns = [[answer]],
  ...settings
}: { readonly turns?: ReadonlyArray<readonly Turn[]>; readonly observers?: unknown } & Observers) {
  const models = turns.map((own, index) => scriptedModel({ id: `m${index + 1}`, turns: own }));
  const ai = createComposite({
    tasks: { chat: models.map((model, index) => ({ model, name: `m${index + 1}`, price })) },
    attempts: 1,
    clock: createManualClock(),
    pricing: { catalog: false },
    // As plain JavaScript may hand it over.
    ...(settings as Observers),
  });
  return { ai, models };
}

/** Observers that write what they are told, with their name. */
function writing({ name, lines }: { readonly name: string; readonly lines: string[] }): Observers {
  return {
    onCreate: () => void lines.push(`${name} create`),
    onCallStart: () => void lines.push(`${name} call start`),
    onAttemptStart: ({ attemptNumber }) => void lines.push(`${name} start ${attemptNumber}`),
    onAttemptEnd: ({ attemptNumber }) => void lines.push(`${name} end ${attemptNumber}`),
    onCallEnd: () => void lines.push(`${name} call end`),
  };
}

describe('several observers', () => {
  test('are each told of everything, those of the settings first, the others in their order', async () => {
    const lines: string[] = [];
    const { ai } = compose({
      ...writing({ name: 'own', lines }),
      observers: [writing({ name: 'one', lines }), writing({ name: 'two', lines })],
    });
    await ai.doGenerate(call());
    const events = ['create', 'call start', 'start 1', 'end 1', 'call end'];
    expect(lines).toEqual(events.flatMap(event => ['own', 'one', 'two'].map(name => `${name} ${event}`)));
  });

  test('may be one, and may have methods', async () => {
    const tracker = createCostTracker();
    class Counter {
      calls = 0;
      onCallEnd() {
        this.calls += 1;
      }
    }
    const counter = new Counter();
    const { ai } = compose({ observers: [tracker, counter] });
    await ai.doGenerate(call());
    const other = compose({ observers: counter });
    await other.ai.doGenerate(call());
    expect(counter.calls).toBe(2);
    expect(tracker.snapshot().total.usdExact).toBe('0.000012');
  });

  test('are told although another one throws', async () => {
    const lines: string[] = [];
    const throwing = () => {
      throw new Error('mine');
    };
    const { ai } = compose({
      observers: [
        { onCreate: throwing, onCallStart: throwing, onAttemptStart: throwing, onCallEnd: throwing },
        writing({ name: 'one', lines }),
      ],
    });
    await ai.doGenerate(call());
    expect(lines).toEqual(['one create', 'one call start', 'one start 1', 'one end 1', 'one call end']);
  });

  test('of which one makes observers for a call are told in one order all the same', async () => {
    const lines: string[] = [];
    const perCall = (name: string): Observers => ({ onCallStart: () => writing({ name, lines }) });
    const { ai } = compose({
      observers: [perCall('one'), perCall('two')],
      onCallEnd: () => void lines.push('own'),
    });
    await ai.doGenerate(call());
    expect(lines).toEqual(
      ['start 1', 'end 1', 'call end'].flatMap(event => [
        ...(event === 'call end' ? ['own'] : []),
        `one ${event}`,
        `two ${event}`,
      ]),
    );
  });

  test.each([
    [{ observers: 5 }, /^Invalid observers: must be observers, or a list of them.*\(got 5\)\.$/],
    [{ observers: [{}, null] }, /^Invalid observers\.1: must be observers/],
    [
      { observers: [{ onCallEnd: 'x' }] },
      /^Invalid observers\.0\.onCallEnd: must be a function \(got "x"\)\.$/,
    ],
    [{ observers: { onCallStart: 5 } }, /^Invalid observers\.onCallStart: must be a function \(got 5\)\.$/],
    [{ onCreate: 5 }, /^Invalid onCreate: must be a function \(got 5\)\.$/],
  ])('%j are refused by name', (settings, message) => {
    expect(() => compose(settings as Observers)).toThrow(message);
  });
});

describe('onCreate', () => {
  test('tells the tasks, and the health of the candidates at the moment of asking', async () => {
    const created: CreateEvent[] = [];
    const { ai } = compose({
      turns: [
        [{ error: httpError({ statusCode: 401, data: { error: { code: 'invalid_api_key' } } }) }],
        [answer],
      ],
      onCreate: event => void created.push(event),
    });
    expect(created.map(({ tasks }) => tasks)).toEqual([['chat']]);
    const [{ health } = {}] = created;
    expect(health?.().map(({ state }) => state)).toEqual(['closed', 'closed']);
    await ai.doGenerate(call());
    expect(health?.()).toEqual(ai.health());
    expect(health?.().map(({ candidate, consecutiveFailures }) => [candidate, consecutiveFailures])).toEqual([
      ['m1', 1],
      ['m2', 0],
    ]);
  });
});

describe('onCallStart', () => {
  test('tells what is known of the call before anybody is asked, with the id of all its events', async () => {
    const starts: CallStartEvent[] = [];
    const ids: string[] = [];
    const { ai, models } = compose({
      onCallStart: event => {
        expect(models[0]?.calls).toEqual([]);
        starts.push(event);
      },
      onAttemptStart: ({ callId }) => void ids.push(callId),
      onAttemptEnd: ({ callId }) => void ids.push(callId),
      onCallEnd: ({ callId }) => void ids.push(callId),
    });
    await ai.doGenerate(
      call({ providerOptions: { composite: { tags: { customer: 'acme' }, sessionId: 'seven' } } }),
    );
    const [start] = starts;
    expect(starts).toEqual([
      {
        callId: expect.any(String),
        task: 'chat',
        tags: { customer: 'acme' },
        sessionId: 'seven',
        startedAtMs: Date.UTC(2026, 10, 1),
      },
    ]);
    expect(ids).toEqual(Array.from({ length: 3 }, () => start?.callId));
  });

  test.each(['generate', 'stream'] as const)(
    'may return observers of this call, which know nothing of another (%s)',
    async mode => {
      const told: string[] = [];
      let calls = 0;
      const observers: Observers = {
        onCallStart: () => {
          calls += 1;
          const own = calls;
          const log = (event: string) => void told.push(`${own} ${event}`);
          return {
            onAttemptStart: ({ attemptNumber }) => log(`start ${attemptNumber}`),
            onAttemptEnd: ({ attemptNumber, outcome }) => log(`end ${attemptNumber} ${outcome}`),
            onCallEnd: ({ outcome }) => log(`call ${outcome}`),
          };
        },
      };
      const { ai } = compose({ turns: [[{ error: down }, answer], [answer]], observers });
      const run = async () => {
        if (mode === 'generate') await generateText({ model: ai, prompt: 'hi' });
        else await streamText({ model: ai, prompt: 'hi' }).text;
      };
      await Promise.all([run(), run()]);
      expect(told.filter(line => line.startsWith('1'))).toEqual([
        '1 start 1',
        '1 end 1 failure',
        '1 start 2',
        '1 end 2 success',
        '1 call success',
      ]);
      expect(told.filter(line => line.startsWith('2'))).toEqual([
        '2 start 1',
        '2 end 1 success',
        '2 call success',
      ]);
    },
  );
});

/** Observers for each call that are written as plain JavaScript may have them. */
function forCalls(own: () => unknown): Observers {
  return { onCallStart: own as () => CallObservers };
}

describe('executeAttempt and executeObserver', () => {
  test.each(['generate', 'stream'] as const)(
    'run the requests and the observers inside their function, each once, the first observers outermost (%s)',
    async mode => {
      const lines: string[] = [];
      const inside = (name: string): Observers =>
        forCalls(() => ({
          executeAttempt: ({ attemptNumber, execute }: { attemptNumber: number; execute: () => void }) => {
            lines.push(`${name} request ${attemptNumber} (`);
            execute();
            execute();
            lines.push(')');
          },
          executeObserver: ({ execute }: { execute: () => void }) => {
            lines.push(`${name} (`);
            execute();
            lines.push(')');
          },
        }));
      const { ai, models } = compose({
        turns: [[{ error: down }], [answer]],
        observers: [inside('one'), inside('two')],
        onAttemptEnd: ({ attemptNumber }) => void lines.push(`end ${attemptNumber}`),
        onCallEnd: () => void lines.push('call end'),
      });
      if (mode === 'generate') await ai.doGenerate(call());
      else await collect({ model: ai });
      const around = (line: string) => ['one (', 'two (', line, ')', ')'];
      expect(lines).toEqual([
        ...['one request 1 (', 'two request 1 (', ')', ')', ...around('end 1')],
        ...['one request 2 (', 'two request 2 (', ')', ')', ...around('end 2')],
        ...around('call end'),
      ]);
      expect(models.map(({ calls }) => calls.length)).toEqual([1, 1]);
    },
  );

  const misbehaviours: ReadonlyArray<
    readonly [does: string, run: (own: { execute: () => void }) => unknown]
  > = [
    ['does not call what it is handed', () => 'nothing'],
    ['throws before it', () => Promise.reject(new Error('mine'))],
    [
      'throws after it',
      ({ execute }) => {
        execute();
        throw new Error('mine');
      },
    ],
    ['calls it later', ({ execute }) => void setTimeout(execute)],
  ];
  test.each(misbehaviours)('cost no request, no answer and no event where one %s', async (_does, run) => {
    const ends: AttemptEndEvent[] = [];
    const { ai, models } = compose({
      observers: forCalls(() => ({ executeAttempt: run, executeObserver: run })),
      onAttemptEnd: event => void ends.push(event),
    });
    expect((await generateText({ model: ai, prompt: 'hi' })).text).toBe('ok');
    expect(await streamText({ model: ai, prompt: 'hi' }).text).toBe('ok');
    expect(ends.map(({ outcome }) => outcome)).toEqual(['success', 'success']);
    expect(models[0]?.calls.length).toBe(2);
  });

  test.each([
    ['a promise', () => Promise.resolve({ onCallEnd: () => {} })],
    ['a promise that rejects', () => Promise.reject(new Error('mine'))],
    ['a number', () => 5],
    ['an object of other things', () => ({ onAttemptEnd: 5, executeAttempt: 'x', executeObserver: {} })],
  ])('are nothing where onCallStart answers %s', async (_name, own) => {
    const { ai } = compose({ observers: forCalls(own) });
    expect((await generateText({ model: ai, prompt: 'hi' })).text).toBe('ok');
    expect(await streamText({ model: ai, prompt: 'hi' }).text).toBe('ok');
  });

  test('a request that fails at once fails as it did', async () => {
    const { ai } = compose({
      turns: [[answer], [answer]],
      observers: forCalls(() => ({ executeAttempt: ({ execute }: { execute: () => void }) => execute() })),
    });
    const throwing = scriptedModel({ id: 'm1', turns: [] });
    Object.assign(throwing, {
      doGenerate: () => {
        throw down;
      },
    });
    const own = createComposite([throwing, ai], {
      attempts: 1,
      ...forCalls(() => ({
        executeAttempt: ({ execute }: { execute: () => void }) => execute(),
      })),
    });
    expect((await generateText({ model: own, prompt: 'hi' })).text).toBe('ok');
  });
});

describe('the end of an attempt', () => {
  test('tells the model that answered, and what a composite inside it reported', async () => {
    const ends: AttemptEndEvent[] = [];
    const inner = compose({ turns: [[{ error: down }], [answer]] }).ai;
    const ai = createComposite([{ model: inner, name: 'inner' }], {
      onAttemptEnd: event => void ends.push(event),
    });
    await ai.doGenerate(call());
    expect(ends).toMatchObject([
      { candidate: 'inner', modelId: 'chat', responseModelId: 'answered', nested: { candidate: 'm2' } },
    ]);
  });
});
