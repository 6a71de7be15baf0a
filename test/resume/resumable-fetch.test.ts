import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import { compositeMetadata, createComposite } from 'ai-composite';
import { type ResumableFetchSettings, resumableFetch } from 'ai-composite/resume';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isReopening } from '../../src/provider/reopening.ts';
import {
  createFaultServer,
  createGate,
  type Fault,
  type FaultServer,
  fault,
  pieces,
  respond,
} from '../../src/testing/index.ts';
import type { WireStep } from '../../src/testing/wire.ts';
import { createSkippingClock } from '../fallback/manual-clock.ts';

const answer = { reasoning: ['Hm ', 'grüezi.'], text: pieces({ count: 30 }) };
const text = answer.text.join('');

let server: FaultServer;
let accounts = 0;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

/** An account of its own, a fetch that resumes, and the request that `@ai-sdk/openai` would make. */
function setUp(settings: ResumableFetchSettings = {}) {
  accounts += 1;
  const account = server.account(`resume${accounts}`);
  const resuming = resumableFetch({
    clock: createSkippingClock({ skips: delayMs => delayMs < 10_000 }),
    ...settings,
  });
  const openai = createOpenAI({ baseURL: account.baseUrl, apiKey: 'test', fetch: resuming });
  const ask = (init: RequestInit = {}) =>
    resuming(`${account.baseUrl}/responses`, {
      method: 'POST',
      headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-6-sol', input: [], stream: true }),
      ...init,
    });
  /** The answer to the first request as it would have come over one connection. */
  const whole = async () => {
    account.script([respond.resume()]);
    const id = `resp_${account.name}_1`;
    return (await fetch(`${account.baseUrl}/responses/${id}?stream=true`)).text();
  };
  return { account, openai, ask, whole, methods: () => account.requests.map(({ method }) => method) };
}

/** Breaks the connection behind so many bytes of the body. */
function cutAtByte({ at, how }: { readonly at: number; readonly how: 'cut' | 'reset' | 'end' }): Fault {
  return ({ wire }) => {
    let left = at;
    const steps = wire.steps.flatMap((step): readonly WireStep[] => {
      if (step.type !== 'write') return step.type === 'end' ? [] : [step];
      if (left <= 0) return [];
      const bytes = new TextEncoder().encode(step.text).subarray(0, left);
      left -= bytes.length;
      return [{ ...step, text: new TextDecoder().decode(bytes) }];
    });
    // A turn between the last bytes and the break, or they would be lost with it.
    return { ...wire, steps: [...steps, { type: 'pause', until: 1 }, { type: how }] };
  };
}

const lengthOf = (body: string) => new TextEncoder().encode(body).length;

describe('a stream of the Responses API', () => {
  test.each(['cut', 'reset', 'end'] as const)(
    'goes on byte for byte wherever its connection breaks: %s',
    async how => {
      const probe = setUp();
      probe.account.script([respond.answer(answer)]);
      const length = lengthOf(await (await probe.ask()).text());
      for (let at = 1; at < length; at += 97) {
        const { account, ask, whole, methods } = setUp();
        // Before its first event nobody knows which answer it is: that break is shown.
        account.script([respond.answer({ ...answer, faults: [cutAtByte({ at, how })] }), respond.resume()]);
        const body = await (await ask()).text().catch(() => 'broken');
        if (methods().length === 1) expect(at).toBeLessThan(lengthOf(firstEvent(await whole())));
        else expect(body).toBe(await whole());
      }
    },
  );

  test('goes on over as many connections as it takes', async () => {
    const { account, ask, whole, methods } = setUp();
    account.script([
      respond.answer({ ...answer, faults: [fault.cut({ after: 3, until: 1 })] }),
      ...[1, 4, 2, 9, 1, 2, 3, 1].map(after => respond.resume({ faults: [fault.cut({ after, until: 1 })] })),
      respond.resume(),
    ]);
    const body = await (await ask()).text();
    expect(methods()).toEqual(['POST', ...Array(9).fill('GET')]);
    expect(body).toBe(await whole());
  });

  test('asks for what is behind the last whole event, with the same key, and in the background', async () => {
    const { account, ask } = setUp();
    account.script([
      respond.answer({ ...answer, faults: [fault.cut({ after: 'preamble', inside: true, until: 1 })] }),
      respond.resume(),
    ]);
    await (await ask()).text();
    const [first, second] = account.requests;
    expect(first?.body).toMatchObject({ stream: true, background: true });
    expect(second?.path).toBe(`/responses/resp_${account.name}_1?stream=true&starting_after=1`);
    expect(second?.headers).toMatchObject({ authorization: '[removed]' });
    expect(second?.headers).not.toHaveProperty('content-type');
  });

  test('asks again after a passing failure, and waits in between', async () => {
    const delays: number[] = [];
    const clock = createSkippingClock({
      skips: delayMs => {
        delays.push(delayMs);
        return true;
      },
    });
    const { account, ask, whole, methods } = setUp({ clock });
    account.script([
      respond.answer({ ...answer, faults: [fault.cut({ after: 3, until: 1 })] }),
      respond.status(503),
      respond.reset(),
      respond.status(429),
      respond.resume(),
    ]);
    const body = await (await ask()).text();
    expect(methods()).toEqual(['POST', 'GET', 'GET', 'GET', 'GET']);
    expect(delays).toEqual([500, 1_000, 2_000]);
    expect(body).toBe(await whole());
  });

  test.each([400, 404])('ends as it would have where the provider answers %i', async status => {
    const { account, ask } = setUp();
    account.script([
      respond.answer({ ...answer, faults: [fault.cut({ after: 3, until: 1 })] }),
      respond.status(status),
    ]);
    await expect((await ask()).text()).rejects.toThrow('terminated');
    account.script([
      respond.answer({ ...answer, faults: [fault.end({ after: 3 })] }),
      respond.status(status),
    ]);
    const body = await (await ask()).text();
    expect(body).toContain('w1 ');
    expect(body).not.toContain('response.completed');
  });

  test('is given up after maxReopens connections that got no further', async () => {
    const { account, ask, methods } = setUp({ maxReopens: 2 });
    account.script([
      respond.answer({ ...answer, faults: [fault.cut({ after: 3, until: 1 })] }),
      respond.status(503),
    ]);
    await expect((await ask()).text()).rejects.toThrow('terminated');
    expect(methods()).toEqual(['POST', 'GET', 'GET']);
  });

  test('is marked while it reopens, so that nobody takes that for a stall', async () => {
    const { signal } = new AbortController();
    const marks: boolean[] = [];
    const { account, ask } = setUp({
      fetch: (input, init) => {
        marks.push(isReopening(signal));
        return fetch(input, init);
      },
    });
    account.script([
      respond.answer({ ...answer, faults: [fault.cut({ after: 3, until: 1 })] }),
      respond.resume(),
    ]);
    await (await ask({ signal })).text();
    expect(marks).toEqual([false, true]);
    expect(isReopening(signal)).toBe(false);
  });
});

describe('whoever leaves', () => {
  test('by an abort in the middle cancels the answer at the provider', async () => {
    const { account, ask } = setUp();
    const gate = createGate();
    account.script([respond.answer({ ...answer, faults: [fault.pause({ after: 5, until: gate.opened })] })]);
    const controller = new AbortController();
    const reader = (await ask({ signal: controller.signal })).body?.getReader();
    await reader?.read();
    controller.abort(new Error('enough'));
    await expect(reader?.read()).rejects.toThrow('enough');
    const [first, cancel] = await account.waitForRequests(2);
    expect(cancel?.path).toBe(`/responses/resp_${account.name}_1/cancel`);
    expect(await first?.closed).toBe('closed-by-client');
  });

  test('before the first event cancels it once it is known which one it is', async () => {
    const { account, ask } = setUp();
    const gate = createGate();
    account.script([respond.answer({ ...answer, faults: [fault.delayHead({ until: gate.opened })] })]);
    const controller = new AbortController();
    const asked = ask({ signal: controller.signal });
    await account.waitForRequests(1);
    controller.abort(new Error('never mind'));
    await expect(asked).rejects.toThrow('never mind');
    gate.open();
    const [, cancel] = await account.waitForRequests(2);
    expect(cancel?.path).toBe(`/responses/resp_${account.name}_1/cancel`);
  });

  test('while the first event is waited for cancels it too', async () => {
    const { account, ask } = setUp();
    const gate = createGate();
    // The event that tells which answer it is goes to the read that is under way.
    const late: Fault = ({ wire }) => ({
      ...wire,
      steps: wire.steps.flatMap((step, index): readonly WireStep[] => {
        if (index === 1) return [{ type: 'pause', until: gate.opened }, step];
        return index === 2 ? [{ type: 'pause', until: 5 }, withoutId(step)] : [withoutId(step)]; // a packet of its own
      }),
    });
    account.script([respond.answer({ ...answer, faults: [late] })]);
    const controller = new AbortController();
    const read = (await ask({ signal: controller.signal })).body?.getReader().read();
    controller.abort(new Error('enough'));
    await expect(read).rejects.toThrow('enough');
    gate.open();
    const [, cancel] = await account.waitForRequests(2);
    expect(cancel?.path).toMatch(/_1\/cancel$/);
  });

  test('while it reopens cancels it, and nobody asks again', async () => {
    const controller = new AbortController();
    const { account, ask } = setUp();
    account.script(({ method }) => {
      if (method === 'POST')
        return respond.answer({ ...answer, faults: [fault.cut({ after: 3, until: 1 })] });
      controller.abort(new Error('enough'));
      return respond.status(503);
    });
    await expect((await ask({ signal: controller.signal })).text()).rejects.toThrow('enough');
    const requests = await account.waitForRequests(3);
    expect(requests.map(({ path }) => path.replace(/.*_1/, ''))).toEqual([
      '/responses',
      '?stream=true&starting_after=11',
      '/cancel',
    ]);
  });

  test('has it cancelled though the first request to do so does not get through', async () => {
    let cancels = 0;
    const { account, ask } = setUp({
      fetch: (input, init) => {
        if (!String(input).endsWith('/cancel') || ++cancels > 1) return fetch(input, init);
        return Promise.reject(new TypeError('fetch failed'));
      },
    });
    const gate = createGate();
    account.script([respond.answer({ ...answer, faults: [fault.pause({ after: 5, until: gate.opened })] })]);
    const reader = (await ask()).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const [, cancel] = await account.waitForRequests(2);
    expect(cancel?.path).toMatch(/\/cancel$/);
  });

  test('by cancelling the stream cancels the answer', async () => {
    const { account, ask } = setUp();
    const gate = createGate();
    account.script([respond.answer({ ...answer, faults: [fault.pause({ after: 5, until: gate.opened })] })]);
    const reader = (await ask()).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const [, cancel] = await account.waitForRequests(2);
    expect(cancel?.path).toMatch(/\/cancel$/);
  });

  test('after the end cancels nothing', async () => {
    const { account, ask, methods } = setUp();
    account.script([respond.answer(answer)]);
    const controller = new AbortController();
    await (await ask({ signal: controller.signal })).text();
    controller.abort();
    expect(methods()).toEqual(['POST']);
  });
});

describe('in a model', () => {
  test('a composite gets one unbroken answer, and falls back no more', async () => {
    const { account, openai } = setUp();
    const backup = server.account('never asked');
    account.script([
      respond.answer({ ...answer, faults: [fault.reset({ after: 12, inside: true, until: 1 })] }),
      respond.resume({ faults: [fault.cut({ after: 7, until: 1 })] }),
      respond.resume(),
    ]);
    const ai = createComposite([
      openai('gpt-6-sol'),
      createOpenAI({ baseURL: backup.baseUrl, apiKey: 'test' })('gpt-6-luna'),
    ]);
    const result = streamText({ model: ai, prompt: 'hi' });
    expect(await result.text).toBe(text);
    expect(await result.finishReason).toBe('stop');
    expect((await compositeMetadata(result))?.attempts.map(({ outcome }) => outcome)).toEqual(['success']);
    expect(backup.requests).toEqual([]);
  });

  test('store: false is refused, and nothing is sent', async () => {
    const { account, openai } = setUp();
    const asked = streamText({
      model: openai('gpt-6-sol'),
      prompt: 'hi',
      maxRetries: 0,
      providerOptions: { openai: { store: false } },
      onError: () => {},
    });
    await expect(asked.text).rejects.toThrow();
    const errors: unknown[] = [];
    for await (const part of asked.fullStream) if (part.type === 'error') errors.push(part.error);
    expect(errors).toHaveLength(1);
    expect(String(errors[0])).toContain('Invalid providerOptions.openai.store: must not be false');
    expect(account.requests).toEqual([]);
  });

  test('requests without a stream go through as they are', async () => {
    const { account, openai } = setUp();
    expect((await generateText({ model: openai('gpt-6-sol'), prompt: 'hi' })).text).toContain('Hello');
    expect(account.requests[0]?.body).not.toHaveProperty('background');
  });

  test('so do streams of chat completions', async () => {
    const { account, openai } = setUp();
    expect(await streamText({ model: openai.chat('gpt-6-sol'), prompt: 'hi' }).text).toContain('Hello');
    expect(account.requests[0]?.body).not.toHaveProperty('background');
  });

  test('an error status is the answer', async () => {
    const { account, openai } = setUp();
    account.script([respond.error({ kind: 'invalid-request' })]);
    const errors: unknown[] = [];
    const { fullStream } = streamText({
      model: openai('gpt-6-sol'),
      prompt: 'hi',
      onError: () => {},
    });
    for await (const part of fullStream) if (part.type === 'error') errors.push(part.error);
    expect(errors).toMatchObject([{ statusCode: 400 }]);
  });
});

test.each([
  [{ maxReopens: 0 }, 'resumableFetch.maxReopens: must be at least 1'],
  [{ fetch: 'x' }, 'resumableFetch.fetch: must be a function'],
  [{ retries: 3 }, 'has no option "retries"; it takes fetch, maxReopens, clock'],
])('refuses %o', (settings, message) => {
  expect(() => resumableFetch(settings as ResumableFetchSettings)).toThrow(message);
});

function firstEvent(body: string): string {
  return body.slice(0, body.indexOf('\n\n') + 2);
}

/** Says no more which answer it is part of. */
function withoutId(step: WireStep): WireStep {
  return step.type === 'write' ? { ...step, text: step.text.replaceAll('"response":', '"other":') } : step;
}
