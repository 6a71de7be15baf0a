import { generateText, streamText } from 'ai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEventLog } from '../fallback/event-log.ts';
import { createManualClock, settle } from '../fallback/manual-clock.ts';
import { down, scriptedModel, type Turn } from '../fallback/scripted-model.ts';

const answer: Turn = { text: ['Yes', '.'] };
const code = '../../src/call/calls.ts';
const missing = 'ai-composite: a file of the package is missing from the bundle.';

/** The package as a process has it that has not made a composite yet, its code for calls held back. */
async function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  vi.doMock(code, async importOriginal => {
    await promise;
    return importOriginal();
  });
  vi.resetModules();
  return { ...(await import('ai-composite')), arrive: resolve };
}

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => {
  vi.doUnmock(code);
  vi.restoreAllMocks();
});

describe('before what sends requests is there', () => {
  test('a composite tells its face: tasks, routes, health, and takes a reset', async () => {
    const { createComposite, arrive } = await held();
    const seen: unknown[] = [];
    const ai = createComposite(
      [scriptedModel({ id: 'a', turns: [] }), scriptedModel({ id: 'b', turns: [] })],
      { onCreate: ({ tasks, health }) => void seen.push(tasks, health()) },
    );
    const closed = ['scripted/a', 'scripted/b'].map(candidate => ({
      candidate,
      state: 'closed',
      consecutiveFailures: 0,
    }));
    expect(seen).toEqual([['default'], closed]);
    expect(ai.health()).toEqual(closed);
    expect(ai.tasks).toEqual(['default']);
    expect(ai.describe()).toContain('scripted/b');
    expect(() => ai.reset('c')).toThrow('candidates are scripted/a, scripted/b');
    ai.reset();
    ai.reset('scripted/a');
    arrive();
    await settle();
    expect(ai.health()).toEqual(closed);
  });

  test.each(['generate', 'stream'] as const)(
    'a call waits for it, and counts its time from when the caller came (%s)',
    async mode => {
      const { createComposite, arrive } = await held();
      const clock = createManualClock();
      const log = createEventLog();
      const started: number[] = [];
      const models = [
        scriptedModel({ id: 'first', turns: [{ error: down }] }),
        scriptedModel({ id: 'second', turns: [answer] }),
      ];
      const ai = createComposite(models, {
        clock,
        attempts: 1,
        ...log.observers,
        onCallStart: ({ startedAtMs }) => void started.push(startedAtMs),
      });
      const cameAtMs = clock.now();
      const result =
        mode === 'generate'
          ? generateText({ model: ai, prompt: 'hi' })
          : streamText({ model: ai, prompt: 'hi' });
      const text = Promise.resolve(result).then(own => own.text);
      await settle();
      expect(models[0]?.calls).toHaveLength(0);
      arrive();
      expect(await text).toBe('Yes.');
      expect(started).toEqual([cameAtMs]);
      expect(log.events.filter(event => event.startsWith('start'))).toEqual([
        'start 1 scripted/first',
        'start 2 scripted/second',
      ]);
      expect(ai.health()[0]).toMatchObject({ candidate: 'scripted/first', consecutiveFailures: 1 });
    },
  );

  test.each(['doGenerate', 'doStream'] as const)(
    'a call that is left meanwhile asks nobody (%s)',
    async mode => {
      const { createComposite, arrive } = await held();
      const model = scriptedModel({ id: 'm', turns: [answer] });
      const ai = createComposite([model]);
      const leaving = new AbortController();
      const end = expect(ai[mode]({ prompt: [], abortSignal: leaving.signal })).rejects.toBe('enough');
      await settle();
      leaving.abort('enough');
      arrive();
      await end;
      expect(model.calls).toHaveLength(0);
    },
  );

  test('the budgets, the plan and the URLs of a composite wait for it', async () => {
    const { createComposite, arrive } = await held();
    const model = { ...scriptedModel({ id: 'm', turns: [] }), supportedUrls: { 'image/*': [/^https:/] } };
    const ai = createComposite([{ model, price: { inputTokens: 1, outputTokens: 1 } }], {
      budgets: [{ usd: 5 }],
    });
    const all = Promise.all([ai.budgets(), ai.plan({ prompt: 'hi' }), ai.supportedUrls]);
    await settle();
    arrive();
    const [budgets, plan, urls] = await all;
    expect(budgets).toMatchObject([{ budget: 'total' }]);
    expect(plan.steps.map(({ candidate }) => candidate)).toEqual(['scripted/m']);
    expect(urls).toEqual({ 'image/*': [/^https:/] });
  });
});

describe('where the file with it is missing from a bundle', () => {
  test('a composite is made, and its calls say what is wrong', async () => {
    vi.doMock(code, () => {
      throw new Error('no such file');
    });
    vi.resetModules();
    const { createComposite } = await import('ai-composite');
    const ai = createComposite([scriptedModel({ id: 'm', turns: [answer] })]);
    await expect(ai.doGenerate({ prompt: [] })).rejects.toThrow(missing);
    await expect(ai.doStream({ prompt: [] })).rejects.toThrow(missing);
    await expect(generateText({ model: ai, prompt: 'hi' })).rejects.toThrow(missing);
    await expect(ai.plan({ prompt: 'hi' })).rejects.toThrow(missing);
    expect(ai.health()).toHaveLength(1);
  });
});
