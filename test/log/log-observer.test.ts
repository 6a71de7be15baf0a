import { Writable } from 'node:stream';
import { type CompositeSettings, classifyWithModel, createComposite } from 'ai-composite';
import { type LogLine, type LogObserverSettings, logObserver } from 'ai-composite/log';
import pino from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { createManualClock } from '../fallback/manual-clock.ts';
import { down, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call, collect, rejection } from '../testing/call.ts';

const price = { inputTokens: 1, outputTokens: 2 };
const failing: Turn = { error: down };
const answer: Turn = { text: ['Hello', '.'], modelId: 'm2-001' };

function compose({
  turns = [[failing], [answer]],
  log,
  ...settings
}: { readonly turns?: ReadonlyArray<readonly Turn[]>; readonly log: LogObserverSettings } & Partial<
  CompositeSettings<'chat'>
>) {
  const names = ['primary', 'backup'];
  return createComposite({
    tasks: {
      chat: turns.map((own, index) => ({
        model: scriptedModel({ id: `m${index + 1}`, turns: own }),
        name: names[index] ?? 'more',
        price,
      })),
    },
    attempts: 1,
    pricing: { catalog: false },
    clock: createManualClock(),
    generateId: () => 'call-1',
    ...settings,
    observers: logObserver(log),
  });
}

/** A logger that keeps what it is given. */
function keeping() {
  const lines: unknown[][] = [];
  const at =
    (level: string) =>
    (...given: unknown[]) =>
      void lines.push([level, ...given]);
  const methods = {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
  return { lines, methods };
}

const head = { callId: 'call-1', task: 'chat' };

describe.each(['generate', 'stream'] as const)('one line for each attempt and each call (%s)', mode => {
  const run = async (ai: ReturnType<typeof compose>) => {
    if (mode === 'generate') await ai.doGenerate(call());
    else await collect({ model: ai });
  };

  test('goes to pino as fields and a message', async () => {
    const { lines, methods } = keeping();
    await run(compose({ log: { logger: methods } }));
    expect(lines).toEqual([
      [
        'warn',
        {
          event: 'attempt',
          ...head,
          attemptNumber: 1,
          candidate: 'primary',
          provider: 'scripted',
          modelId: 'm1',
          outcome: 'failure',
          failureKind: 'server',
          statusCode: 500,
          durationMs: 0,
          costUsd: 0,
          costStatus: 'priced',
        },
        'ai-composite: attempt 1 primary failed: server 500, 0 ms, $0',
      ],
      [
        'info',
        {
          event: 'attempt',
          ...head,
          attemptNumber: 2,
          candidate: 'backup',
          provider: 'scripted',
          modelId: 'm2',
          responseModelId: 'm2-001',
          outcome: 'success',
          durationMs: 0,
          firstChunkMs: 0,
          inputTokens: 10,
          outputTokens: 2,
          costUsd: 0.000014,
          costStatus: 'priced',
        },
        'ai-composite: attempt 2 backup succeeded, 0 ms, $0.000014',
      ],
      [
        'info',
        {
          event: 'call',
          ...head,
          candidate: 'backup',
          outcome: 'success',
          attempts: 2,
          durationMs: 0,
          costUsd: 0.000014,
          costStatus: 'priced',
        },
        'ai-composite: call chat succeeded by backup, 2 attempts, 0 ms, $0.000014',
      ],
    ]);
  });

  test('goes to the console as text', async () => {
    const { lines, methods } = keeping();
    await run(compose({ log: { logger: { ...methods, log: () => {} } } }));
    expect(lines).toEqual([
      ['warn', 'ai-composite: attempt 1 primary failed: server 500, 0 ms, $0'],
      ['info', 'ai-composite: attempt 2 backup succeeded, 0 ms, $0.000014'],
      ['info', 'ai-composite: call chat succeeded by backup, 2 attempts, 0 ms, $0.000014'],
    ]);
  });

  test('is a line of JSON where lines are written to a stream', async () => {
    let written = '';
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        written += String(chunk);
        done();
      },
    });
    await run(compose({ log: { logger: stream } }));
    const lines = written.trimEnd().split('\n');
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { level: 'warn', time: '2026-11-01T00:00:00.000Z', event: 'attempt', attemptNumber: 1 },
      { level: 'info', event: 'attempt', attemptNumber: 2 },
      { level: 'info', event: 'call', msg: expect.stringContaining('call chat succeeded') },
    ]);
  });
});

test('without a logger, lines of JSON go to console.log', async () => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await compose({ log: {} }).doGenerate(call());
    expect(print.mock.calls.map(([line]) => JSON.parse(line).event)).toEqual(['attempt', 'attempt', 'call']);
  } finally {
    print.mockRestore();
  }
});

test('a function takes each line as an object', async () => {
  const lines: LogLine[] = [];
  await compose({ log: { logger: line => void lines.push(line) } }).doGenerate(call());
  expect(lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
    'warn attempt',
    'info attempt',
    'info call',
  ]);
});

test('a real pino writes them, with its own level, time and bindings', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'warn', base: { app: 'shop' } }, { write: line => void lines.push(line) });
  await rejection(compose({ turns: [[failing]], log: { logger } }).doGenerate(call()));
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { level: 40, app: 'shop', event: 'attempt', msg: expect.stringContaining('failed: server 500') },
    { level: 50, app: 'shop', event: 'call', outcome: 'failure', attempts: 1 },
  ]);
});

describe('the level', () => {
  const levels = async ({
    level,
    turns,
  }: {
    readonly level: LogLine['level'];
    readonly turns: readonly Turn[][];
  }) => {
    const { lines, methods } = keeping();
    await compose({ turns, log: { logger: methods, level } })
      .doGenerate(call())
      .then(undefined, () => undefined);
    return lines.map(([own]) => own);
  };

  test.each([
    ['trace', ['warn', 'trace', 'trace']],
    ['debug', ['warn', 'debug', 'debug']],
    ['info', ['warn', 'info', 'info']],
    ['warn', ['warn', 'warn', 'warn']],
    ['error', ['error', 'error', 'error']],
  ] as const)('%s is of what went well; what failed is at least a warning', async (level, expected) => {
    expect(await levels({ level, turns: [[failing], [answer]] })).toEqual(expected);
  });

  test('a call that nobody answered is an error', async () => {
    expect(await levels({ level: 'debug', turns: [[failing], [failing]] })).toEqual([
      'warn',
      'warn',
      'error',
    ]);
  });

  test('an abort is no failure', async () => {
    const { lines, methods } = keeping();
    const controller = new AbortController();
    const ai = compose({ turns: [[{ silent: true }]], log: { logger: methods } });
    const done = rejection(ai.doGenerate(call({ abortSignal: controller.signal })));
    await new Promise(resolve => setImmediate(resolve));
    controller.abort(new Error('secret reason'));
    await done;
    expect(lines.map(([level, , message]) => [level, message])).toEqual([
      ['info', expect.stringMatching(/^ai-composite: attempt 1 primary was aborted, 0 ms, /)],
      ['info', expect.stringMatching(/^ai-composite: call chat was aborted, 1 attempt, 0 ms, /)],
    ]);
  });
});

describe('a line', () => {
  test('has the session, the tags, who was skipped and the warnings of the call', async () => {
    const { lines, methods } = keeping();
    const ai = createComposite({
      tasks: {
        chat: [
          {
            model: scriptedModel({ id: 'm1', turns: [answer] }),
            name: 'blind',
            capabilities: { tools: false },
          },
          { model: scriptedModel({ id: 'm2', turns: [answer] }), name: 'able', price },
        ],
      },
      pricing: { catalog: false },
      observers: logObserver({ logger: methods }),
    });
    const composite = { sessionId: 'seven', tags: { customer: 'acme' }, task: 'none' };
    await ai.doGenerate(call({ providerOptions: { composite } }));
    expect(lines.at(-1)?.[1]).toMatchObject({
      sessionId: 'seven',
      tags: { customer: 'acme' },
      skipped: ['blind'],
      warnings: [expect.stringContaining('"none"')],
    });
  });

  test('has no amount where the cost is not known', async () => {
    const { lines, methods } = keeping();
    const ai = createComposite([{ model: scriptedModel({ id: 'm', turns: [answer] }), name: 'm' }], {
      pricing: { catalog: false, onWarning: () => {} },
      observers: logObserver({ logger: methods }),
    });
    await ai.doGenerate(call());
    expect(lines[0]?.[1]).toMatchObject({ costStatus: 'unknown' });
    expect(lines[0]?.[1]).not.toHaveProperty('costUsd');
    expect(lines[0]?.[2]).toMatch(/, unknown$/);
  });

  test('stays one line whatever a provider calls its model, and however a candidate is named', async () => {
    const { lines, methods } = keeping();
    const ai = createComposite(
      [{ model: scriptedModel({ id: 'm', turns: [answer] }), name: 'a\nERROR fake\r\u2028line', price }],
      { pricing: { catalog: false }, observers: logObserver({ logger: { ...methods, log: () => {} } }) },
    );
    await ai.doGenerate(call());
    expect(lines.map(([, text]) => String(text).split(/[\n\r\u2028]/).length)).toEqual([1, 1]);
  });

  test('never has a prompt, an answer, a key, a header or the text of an error', async () => {
    const secret = 'sk-very-secret';
    const error = Object.assign(new Error(secret), { data: { error: { message: secret } } });
    const lines: LogLine[] = [];
    const classifier = scriptedModel({ id: 'small', turns: [{ error }] });
    const ai = createComposite({
      tasks: {
        chat: [
          scriptedModel({ id: 'a', turns: [{ error }] }),
          scriptedModel({
            id: 'b',
            turns: [{ text: [secret] }, { text: [secret, 'x'], breakAfter: 3, error }],
          }),
        ],
        code: [scriptedModel({ id: 'c', turns: [answer] })],
      },
      classify: classifyWithModel(classifier, { tasks: { chat: 'talk', code: 'programs' } }),
      pricing: { catalog: false, onWarning: () => {} },
      observers: logObserver({ logger: line => void lines.push(line) }),
    });
    const options = call({
      prompt: [{ role: 'user', content: [{ type: 'text', text: secret }] }],
      headers: { authorization: secret },
    });
    await ai.doGenerate(options);
    await collect({ model: ai, options });
    expect(lines.map(({ event, outcome }) => `${event} ${outcome}`)).toContain('call success');
    expect(lines.map(({ event, outcome }) => `${event} ${outcome}`)).toContain('attempt failure');
    expect(JSON.stringify(lines)).not.toContain(secret);
  });
});

test('a logger that throws, rejects or is gone changes no call', async () => {
  for (const logger of [
    () => {
      throw new Error('disk full');
    },
    () => Promise.reject(new Error('disk full')),
    { write: () => Promise.reject(new Error('disk full')) },
  ])
    expect((await compose({ turns: [[answer]], log: { logger } }).doGenerate(call())).content).toHaveLength(
      1,
    );
});

describe('what is no logger is refused', () => {
  const partly = { info: () => {}, warn: () => {}, error: () => {} };
  test.each([
    [{ logger: 5 }, /^Invalid logger: must be a logger such as pino\(\) or console, .* \(got 5\)\.$/],
    [{ logger: null }, /\(got null\)/],
    [{ logger: {} }, /this one has no info, warn, error \(got an object with no keys\)/],
    [{ logger: partly, level: 'debug' }, /this one has no debug \(got an object with info, warn, error\)/],
    [
      { level: 'verbose' },
      /^Invalid level: must be one of trace, debug, info, warn, error \(got "verbose"\)\.$/,
    ],
  ])('%j', (settings, message) => {
    expect(() => logObserver(settings as LogObserverSettings)).toThrow(message);
  });
});
