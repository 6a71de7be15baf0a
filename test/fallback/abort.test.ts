import { generateText, streamText } from 'ai';
import { createComposite } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaultServer, type FaultServer, fault, respond } from '../../src/testing/index.ts';
import { call, rejection } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';
import { createEventLog } from './event-log.ts';
import { settle } from './manual-clock.ts';
import { down, scriptedModel } from './scripted-model.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

/** A signal that counts who listens. */
function countingSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...parameters: Parameters<typeof add>) => {
    listeners += 1;
    add(...parameters);
  };
  signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...parameters);
  };
  return { controller, signal, listeners: () => listeners };
}

let accounts = 0;
const compose = (client: (typeof clients)[number]) => {
  accounts += 1;
  const first = server.account(`abort${accounts}`);
  const second = server.account(`unasked${accounts}`);
  const log = createEventLog();
  const model = createComposite({
    tasks: {
      chat: [
        { model: client.model(first.baseUrl), name: 'one' },
        { model: client.model(second.baseUrl), name: 'two' },
      ],
    },
    ...log.observers,
    pricing: { catalog: false },
  });
  return { first, second, model, log };
};

for (const client of clients) {
  describe(client.name, () => {
    test('an abort before headers closes the socket and asks nobody else', async () => {
      const { first, second, model, log } = compose(client);
      first.script([respond.silence()]);
      for (const mode of ['doGenerate', 'doStream'] as const) {
        const controller = new AbortController();
        const reason = new Error('the user left');
        const error = rejection(model[mode](call({ abortSignal: controller.signal })));
        const arrived = await first.waitForRequests(mode === 'doGenerate' ? 1 : 2);
        controller.abort(reason);
        expect(await error).toBe(reason);
        expect(await arrived.at(-1)?.closed).toBe('closed-by-client');
      }
      expect(second.requests.length).toBe(0);
      expect(log.calls.map(({ outcome }) => outcome)).toEqual(['abort', 'abort']);
      expect(model.health()[0]).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
    });

    test('an abort while text arrives closes the socket and ends streamText with its abort part', async () => {
      const { first, second, model, log } = compose(client);
      first.script([respond.answer({ text: ['A', 'B'], faults: [fault.stall({ after: 1 })] })]);
      const controller = new AbortController();
      const types: string[] = [];
      const { fullStream } = streamText({
        model,
        prompt: 'x',
        abortSignal: controller.signal,
        onError: () => {},
      });
      for await (const part of fullStream) {
        types.push(part.type);
        if (part.type === 'text-delta') controller.abort(new Error('stop'));
      }
      expect(types.at(-1)).toBe('abort');
      expect(types).not.toContain('error');
      expect(await first.requests[0]?.closed).toBe('closed-by-client');
      expect(second.requests.length).toBe(0);
      await settle();
      expect(log.events).toEqual(['start 1 one', 'end 1 one abort', 'call abort - [1 one abort]']);
    });

    test('a consumer that cancels closes the socket', async () => {
      const { first, second, model } = compose(client);
      first.script([respond.answer({ text: ['A', 'B'], faults: [fault.stall({ after: 1 })] })]);
      const { stream } = await model.doStream(call());
      const reader = stream.getReader();
      for (
        let next = await reader.read();
        next.value?.type !== 'text-delta' || next.value.delta === '';
        next = await reader.read()
      );
      await reader.cancel();
      expect(await first.requests[0]?.closed).toBe('closed-by-client');
      expect(second.requests.length).toBe(0);
    });

    test('an abort between two attempts closes the call', async () => {
      const { first, second, model } = compose(client);
      first.script([respond.error({ kind: 'rate-limit', retryAfter: 2 })]);
      const controller = new AbortController();
      const error = rejection(generateText({ model, prompt: 'x', abortSignal: controller.signal }));
      const [request] = await first.waitForRequests(1);
      await request?.closed;
      controller.abort(new Error('stop'));
      expect(await error).toMatchObject({ message: 'stop' });
      expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
    });
  });
}

describe("the caller's signal", () => {
  const answer = { text: ['a', 'b'] };
  const long = scriptedModel({ id: 'one', turns: [answer] });

  test('has no listener left after an answer, generated or streamed', async () => {
    const { signal, listeners } = countingSignal();
    const model = createComposite({ tasks: { chat: [long] }, pricing: { catalog: false } });
    await model.doGenerate(call({ abortSignal: signal }));
    expect(listeners()).toBe(0);
    const { stream } = await model.doStream(call({ abortSignal: signal }));
    expect(listeners()).toBeGreaterThan(0);
    for await (const _part of stream);
    expect(listeners()).toBe(0);
  });

  test('has no listener left after failures, a cancel and an exhausted route', async () => {
    const { signal, listeners } = countingSignal();
    const bad = scriptedModel({ id: 'bad', turns: [{ error: new Error('no') }] });
    const model = createComposite({ tasks: { chat: [bad, long], bad: [bad] }, pricing: { catalog: false } });
    await model.doGenerate(call({ abortSignal: signal }));
    await rejection(model('bad').doStream(call({ abortSignal: signal })));
    expect(listeners()).toBe(0);
    const { stream } = await model.doStream(call({ abortSignal: signal }));
    await stream.cancel();
    expect(listeners()).toBe(0);
  });

  test('has no listener left after a retry was waited for', async () => {
    const { signal, listeners } = countingSignal();
    const flaky = scriptedModel({ id: 'flaky', turns: [{ error: down }, answer] });
    const model = createComposite({
      tasks: { chat: [flaky] },
      retry: { initialDelayMs: 1 },
      pricing: { catalog: false },
    });
    await model.doGenerate(call({ abortSignal: signal }));
    expect(flaky.calls.length).toBe(2);
    expect(listeners()).toBe(0);
  });

  test('is not handed on: an attempt has a signal of its own', async () => {
    const { controller, signal } = countingSignal();
    const model = createComposite({ tasks: { chat: [long] }, pricing: { catalog: false } });
    await model.doGenerate(call({ abortSignal: signal }));
    const own = long.calls.at(-1)?.abortSignal;
    expect(own).not.toBe(signal);
    controller.abort();
    expect(own?.aborted).toBe(false);
  });
});
