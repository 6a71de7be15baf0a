import { generateText, streamText } from 'ai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEventLog } from './event-log.ts';
import { settle } from './manual-clock.ts';
import { down, scriptedModel, type Turn } from './scripted-model.ts';

const answer: Turn = { text: ['Yes', '.'] };
const code = '../../src/fallback/answers.ts';

/** The package as a process has it that has not made a call yet. */
async function fresh() {
  vi.resetModules();
  return import('ai-composite');
}

/** Holds the code back that takes answers. */
function heldCode() {
  const { promise, resolve } = Promise.withResolvers<void>();
  vi.doMock(code, async importOriginal => {
    await promise;
    return importOriginal();
  });
  return resolve;
}

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => {
  vi.doUnmock(code);
  vi.restoreAllMocks();
});

describe('what comes back before the code is there that takes it', () => {
  test.each(['generate', 'stream'] as const)('is waited with, and is the answer (%s)', async mode => {
    const arrive = heldCode();
    const { createComposite } = await fresh();
    const model = scriptedModel({ id: 'm', turns: [answer] });
    const ai = createComposite([model]);
    let text: string | undefined;
    const result =
      mode === 'generate'
        ? generateText({ model: ai, prompt: 'hi' })
        : streamText({ model: ai, prompt: 'hi' });
    const done = Promise.resolve(result)
      .then(own => own.text)
      .then(own => {
        text = own;
      });
    await vi.waitFor(() => expect(model.calls).toHaveLength(1));
    await settle();
    expect(text).toBeUndefined();
    arrive();
    await done;
    expect(text).toBe('Yes.');
  });

  test.each(['generate', 'stream'] as const)(
    'may be a failure: it falls back all the same (%s)',
    async mode => {
      const arrive = heldCode();
      const { createComposite } = await fresh();
      const log = createEventLog();
      const models = [
        scriptedModel({ id: 'first', turns: [{ error: down }] }),
        scriptedModel({ id: 'second', turns: [answer] }),
      ];
      const ai = createComposite(models, { attempts: 1, ...log.observers });
      const result =
        mode === 'generate'
          ? generateText({ model: ai, prompt: 'hi' })
          : streamText({ model: ai, prompt: 'hi' });
      const text = Promise.resolve(result).then(own => own.text);
      await vi.waitFor(() => expect(models[0]?.calls).toHaveLength(1));
      await settle();
      expect(log.events).toEqual(['start 1 scripted/first']);
      arrive();
      expect(await text).toBe('Yes.');
      expect(log.events.slice(0, 4)).toEqual([
        'start 1 scripted/first',
        'end 1 scripted/first failure server 500',
        'start 2 scripted/second',
        'end 2 scripted/second success',
      ]);
    },
  );

  test.each(['generate', 'stream'] as const)(
    'is let go of when the caller leaves meanwhile (%s)',
    async mode => {
      const arrive = heldCode();
      const { createComposite } = await fresh();
      const log = createEventLog();
      const model = scriptedModel({ id: 'm', turns: [answer] });
      const ai = createComposite([model], log.observers);
      const leaving = new AbortController();
      const options = { prompt: [], abortSignal: leaving.signal };
      const call = mode === 'generate' ? ai.doGenerate(options) : ai.doStream(options);
      const end = call.then(
        () => 'answered',
        (error: unknown) => error,
      );
      await vi.waitFor(() => expect(model.calls).toHaveLength(1));
      await settle();
      leaving.abort('enough');
      expect(await end).toBe('enough');
      expect(log.events.slice(0, 2)).toEqual(['start 1 scripted/m', 'end 1 scripted/m abort']);
      if (mode === 'stream') expect(model.cancelled).toEqual(['enough']);
      arrive();
      await settle();
      expect(model.calls).toHaveLength(1);
    },
  );

  test.each([
    ['an answer', 'doGenerate', answer],
    ['a stream', 'doStream', answer],
    ['a failure', 'doGenerate', { error: down }],
    ['a failure', 'doStream', { error: down }],
  ] as const)(
    'rejects where a file is missing, with its attempt ended (%s, %s)',
    async (_name, mode, turn) => {
      vi.doMock(code, () => {
        throw new Error('no such file');
      });
      const { createComposite } = await fresh();
      const log = createEventLog();
      const ai = createComposite([scriptedModel({ id: 'm', turns: [turn] })], log.observers);
      await expect(ai[mode]({ prompt: [] })).rejects.toThrow(
        'ai-composite: a file of the package is missing from the bundle.',
      );
      // Told once the cost is known, whose code is loading too.
      await vi.waitFor(() =>
        expect(log.events).toEqual([
          'start 1 scripted/m',
          'end 1 scripted/m failure unknown',
          expect.stringContaining('call failure - '),
        ]),
      );
    },
  );
});
