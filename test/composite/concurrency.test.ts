import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/testing/index.ts';
import { createEventLog } from '../fallback/event-log.ts';
import { createManualClock } from '../fallback/manual-clock.ts';
import { httpError, scriptedModel } from '../fallback/scripted-model.ts';
import { call, collect, textOf } from '../testing/call.ts';

/** Echoes the prompt, so that an answer tells whose it is. */
function echo({ id, fails }: { readonly id: string; readonly fails: (request: number) => boolean }) {
  const base = scriptedModel({ id, turns: [] });
  let requests = 0;
  const answerFor = async (options: Parameters<typeof base.doStream>[0]) => {
    requests += 1;
    const own = requests;
    // Answers come back out of order.
    for (let turn = 0; turn < own % 7; turn++) await Promise.resolve();
    if (fails(own)) throw httpError({ statusCode: own % 2 === 0 ? 404 : 400 });
    const [message] = options.prompt;
    const [part] = message?.role === 'user' ? message.content : [];
    return part?.type === 'text' ? part.text : '';
  };
  return scriptedWith({ base, answerFor });
}

function scriptedWith({
  base,
  answerFor,
}: {
  readonly base: ReturnType<typeof scriptedModel>;
  readonly answerFor: (options: Parameters<typeof base.doStream>[0]) => Promise<string>;
}) {
  return {
    ...base,
    doGenerate: async (options: Parameters<typeof base.doStream>[0]) => {
      const text = await answerFor(options);
      return scriptedModel({ id: base.modelId, turns: [{ text: [`${base.modelId}:${text}`] }] }).doGenerate(
        options,
      );
    },
    doStream: async (options: Parameters<typeof base.doStream>[0]) => {
      const text = await answerFor(options);
      return scriptedModel({ id: base.modelId, turns: [{ text: [`${base.modelId}:`, text] }] }).doStream(
        options,
      );
    },
  };
}

describe('a thousand calls at once while a candidate flaps', () => {
  test('everyone gets an answer, their own, and a report that says who made it', async () => {
    const log = createEventLog();
    const flapping = echo({ id: 'flapping', fails: request => Math.floor(request / 50) % 2 === 1 });
    const steady = echo({ id: 'steady', fails: () => false });
    const model = createComposite({
      tasks: {
        chat: [
          { model: flapping, name: 'flapping' },
          { model: steady, name: 'steady' },
        ],
      },
      clock: createManualClock(),
      pricing: { catalog: false },
      ...log.observers,
    });
    const served = { flapping: 0, steady: 0 };
    await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        const options = call({
          prompt: [{ role: 'user', content: [{ type: 'text', text: `question ${index}` }] }],
        });
        let text: string;
        let candidate: unknown;
        if (index % 2 === 0) {
          const result = await model.doGenerate(options);
          text = result.content.map(part => (part.type === 'text' ? part.text : '')).join('');
          candidate = result.providerMetadata?.composite?.candidate;
        } else {
          const { parts } = await collect({ model, options });
          text = textOf(parts);
          const finish = parts.at(-1);
          candidate = finish?.type === 'finish' ? finish.providerMetadata?.composite?.candidate : undefined;
        }
        expect(text).toBe(`${candidate}:question ${index}`);
        if (candidate === 'flapping' || candidate === 'steady') served[candidate] += 1;
      }),
    );
    expect(served.flapping + served.steady).toBe(1_000);
    expect(served.flapping).toBeGreaterThan(0);
    expect(served.steady).toBeGreaterThan(0);
    expect(new Set(log.calls.map(({ callId }) => callId)).size).toBe(1_000);
    expect(log.starts.length).toBe(log.ends.length);
    for (const { attempts, candidate } of log.calls) {
      expect(attempts.length).toBeLessThanOrEqual(2);
      expect(attempts.at(-1)).toMatchObject({
        candidate,
        outcome: 'success',
        attemptNumber: attempts.length,
      });
    }
  });

  test('one that is aborted disturbs no other', async () => {
    const gate = createGate();
    const slow = scriptedModel({ id: 'slow', turns: [{ text: ['ok'], before: gate.opened }] });
    const model = createComposite({ tasks: { chat: [slow] }, pricing: { catalog: false } });
    const controller = new AbortController();
    const calls = Array.from({ length: 100 }, (_, index) =>
      model.doGenerate(call(index % 2 === 0 ? { abortSignal: controller.signal } : {})),
    );
    const settled = Promise.allSettled(calls);
    controller.abort(new Error('stop'));
    gate.open();
    expect((await settled).map(({ status }) => status)).toEqual(
      Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 'rejected' : 'fulfilled')),
    );
  });
});
