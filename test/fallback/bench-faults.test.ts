import { streamText } from 'ai';
import { compositeMetadata, createComposite, type RouteOptions, StreamInterruptedError } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createFaultServer,
  createGate,
  type FaultServer,
  fault,
  pieces,
  type Reply,
  respond,
} from '../../src/testing/index.ts';
import { type Client, clients } from '../testing/clients.ts';
import { createSkippingClock } from './manual-clock.ts';

/**
 * The sixteen faults of Failover Bench (failoverbench/failoverbench, September 2026) with its baseline: two retries, one
 * fallback, a limit for the first token. Each test spells out the bench's condition; time is the injected clock's.
 */

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const tokens = pieces({ count: 60 });
const whole = respond.answer({ text: tokens, usage: { inputTokens: 11, outputTokens: 60 } });
const fallbackText = 'the fallback answers';
const firstChunkMs = 10_000;

let accounts = 0;

function compose({
  client,
  replies,
  random = () => 0.5,
  recover = false,
  prefill = false,
}: {
  readonly client: Client;
  readonly recover?: RouteOptions['recover'];
  /** Of the fallback. */
  readonly prefill?: boolean;
  readonly replies: readonly Reply[] | (() => Reply);
  readonly random?: () => number;
}) {
  accounts += 1;
  const first = server.account(`bench${accounts}`);
  const second = server.account(`fallback${accounts}`);
  first.script(replies);
  second.script([
    respond.answer({
      text: fallbackText,
      model: 'fallback-model',
      usage: { inputTokens: 12, outputTokens: 5 },
    }),
  ]);
  // Backoffs are below a second with this baseline, and the bench's Retry-After is two.
  const clock = createSkippingClock({
    skips: delayMs => delayMs < 1_000 || (delayMs >= 1_800 && delayMs <= 2_400),
  });
  const model = createComposite({
    tasks: {
      chat: [
        { model: client.model(first.baseUrl), name: 'first' },
        { model: client.model(second.baseUrl), name: 'fallback', capabilities: { prefill } },
      ],
    },
    attempts: 3,
    ...(recover !== false && { recover }),
    timeout: { firstChunkMs },
    clock,
    random,
    pricing: { catalog: false },
  });
  const startedAtMs = clock.now();
  return { model, first, second, clock, elapsedMs: () => clock.now() - startedAtMs };
}

/** Reads an answer settled, with the SDK's own retries; `onDelta` sees the number of deltas so far. */
async function askSettled({
  model,
  onDelta,
}: {
  readonly model: ReturnType<typeof compose>['model'];
  readonly onDelta?: (count: number) => void;
}) {
  let deltas = 0;
  const result = streamText({
    model,
    prompt: 'Count.',
    streamRetries: 1,
    onError: () => {},
    onChunk: ({ chunk }) => {
      if (chunk.type === 'text-delta' && chunk.text !== '') onDelta?.(++deltas);
    },
  });
  return { text: await result.text, finishReason: await result.finishReason };
}

/** Streams once; `onDelta` sees the number of deltas so far. */
async function ask({
  model,
  onDelta,
}: {
  readonly model: ReturnType<typeof compose>['model'];
  readonly onDelta?: (count: number) => void;
}) {
  let text = '';
  let deltas = 0;
  const errors: unknown[] = [];
  const result = streamText({ model, prompt: 'Count.', onError: () => {} });
  for await (const part of result.fullStream) {
    if (part.type === 'error') errors.push(part.error);
    if (part.type !== 'text-delta') continue;
    text += part.text;
    if (part.text !== '') onDelta?.(++deltas);
  }
  const [step] = await result.steps;
  return {
    text,
    errors,
    finishReason: await result.finishReason,
    modelId: step?.response.modelId,
    usage: step?.usage,
    attempts: compositeMetadata(step ?? {})?.attempts.map(
      ({ candidate, outcome }) => `${candidate} ${outcome}`,
    ),
  };
}

for (const client of clients) {
  describe(client.name, () => {
    const answeredByFallback = { text: fallbackText, errors: [], finishReason: 'stop' };
    const answeredByFirst = { text: tokens.join(''), errors: [], finishReason: 'stop' };

    test('S01 one 429 with Retry-After: 2 is waited out, then the same model answers', async () => {
      const { model, first, second, elapsedMs } = compose({
        client,
        replies: [respond.error({ kind: 'rate-limit', retryAfter: 2 }), whole],
      });
      expect(await ask({ model })).toMatchObject(answeredByFirst);
      expect(elapsedMs()).toBeGreaterThanOrEqual(1_800);
      expect([first.requests.length, second.requests.length]).toEqual([2, 0]);
    });

    test('S02 429 always, without a header: at most 4 attempts in 3 s and 6 in all, then the fallback', async () => {
      const { model, first } = compose({ client, replies: [respond.error({ kind: 'rate-limit' })] });
      expect(await ask({ model })).toMatchObject(answeredByFallback);
      expect(first.requests.length).toBeLessThanOrEqual(4);
    });

    test('S03 one 500: at least two attempts on the first model', async () => {
      const { model, first, second } = compose({ client, replies: [respond.status(500), whole] });
      expect(await ask({ model })).toMatchObject(answeredByFirst);
      expect([first.requests.length, second.requests.length]).toEqual([2, 0]);
    });

    test('S04 503 always: at most 6 attempts, then the fallback', async () => {
      const { model, first, elapsedMs } = compose({ client, replies: [respond.status(503)] });
      expect(await ask({ model })).toMatchObject(answeredByFallback);
      expect(first.requests.length).toBe(3);
      expect(elapsedMs()).toBeLessThan(3_000);
    });

    test('S05 a reset before headers, once: an answer', async () => {
      const { model, first } = compose({ client, replies: [respond.reset(), whole] });
      expect(await ask({ model })).toMatchObject(answeredByFirst);
      expect(first.requests.length).toBe(2);
    });

    test('S06 silence for ever: answered far below 100 s, the silent model asked once', async () => {
      const { model, first, clock, elapsedMs } = compose({ client, replies: [respond.silence()] });
      const answer = ask({ model });
      await first.waitForRequests(1);
      await clock.advance(firstChunkMs);
      expect(await answer).toMatchObject(answeredByFallback);
      expect(elapsedMs()).toBeLessThanOrEqual(15_000);
      expect(first.requests.length).toBe(1);
      expect(await first.requests[0]?.closed).toBe('closed-by-client');
    });

    test('S07 headers at once, the first token late: answered within 15 s', async () => {
      const { model, first, clock, elapsedMs } = compose({
        client,
        replies: [respond.answer({ text: tokens, faults: [fault.stall({ after: 'preamble' })] })],
      });
      const answer = ask({ model });
      await first.waitForRequests(1);
      await clock.advance(firstChunkMs);
      expect(await answer).toMatchObject(answeredByFallback);
      expect(elapsedMs()).toBeLessThanOrEqual(15_000);
      expect(first.requests.length).toBe(1);
    });

    test('S08 a connection cut after 40 of 60 tokens: a clear error, nothing truncated in silence, nothing spliced', async () => {
      const gate = createGate();
      const { model, first, second } = compose({
        client,
        replies: [respond.answer({ text: tokens, faults: [fault.cut({ after: 40, until: gate.opened })] })],
      });
      const answer = await ask({ model, onDelta: count => count === 40 && gate.open() });
      expect(answer.text).toBe(tokens.slice(0, 40).join(''));
      expect(answer.errors.map(error => StreamInterruptedError.isInstance(error))).toEqual([true]);
      expect(answer.finishReason).toBe('error');
      expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
    });

    test('S09 a stall after 20 tokens: noticed within 45 s, never the same model again', async () => {
      const { model, first, clock, elapsedMs } = compose({
        client,
        replies: [respond.answer({ text: tokens, faults: [fault.stall({ after: 20 })] })],
      });
      const stalled = createGate();
      const answer = ask({ model, onDelta: count => count === 20 && stalled.open() });
      await stalled.opened;
      await clock.advance(40_000);
      const { text, errors, finishReason } = await answer;
      expect(text).toBe(tokens.slice(0, 20).join(''));
      expect(errors.map(error => StreamInterruptedError.isInstance(error) && error.failureKind)).toEqual([
        'timeout',
      ]);
      expect(finishReason).toBe('error');
      expect(elapsedMs()).toBeLessThanOrEqual(45_000);
      expect(first.requests.length).toBe(1);
    });

    describe('with streamRetries: 1, read settled', () => {
      const whole = { text: fallbackText, finishReason: 'stop' };

      test('S08 a connection cut after 40 of 60 tokens: the whole answer, and no error', async () => {
        const gate = createGate();
        const { model, first, second } = compose({
          client,
          replies: [respond.answer({ text: tokens, faults: [fault.cut({ after: 40, until: gate.opened })] })],
        });
        expect(await askSettled({ model, onDelta: count => count === 40 && gate.open() })).toEqual(whole);
        expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
      });

      test('S09 a stall after 20 tokens: the whole answer within 45 s, never the same model again', async () => {
        const { model, first, clock, elapsedMs } = compose({
          client,
          replies: [respond.answer({ text: tokens, faults: [fault.stall({ after: 20 })] })],
        });
        const stalled = createGate();
        const answer = askSettled({ model, onDelta: count => count === 20 && stalled.open() });
        await stalled.opened;
        await clock.advance(40_000);
        expect(await answer).toEqual(whole);
        expect(elapsedMs()).toBeLessThanOrEqual(45_000);
        expect(first.requests.length).toBe(1);
      });

      test('S14 as S08 before a fallback that rejects a prefill: the whole answer, for nobody asks for one', async () => {
        const gate = createGate();
        const { model, second } = compose({
          client,
          replies: [respond.answer({ text: tokens, faults: [fault.cut({ after: 40, until: gate.opened })] })],
        });
        second.script(() => respond.answer({ text: fallbackText }));
        expect(await askSettled({ model, onDelta: count => count === 40 && gate.open() })).toEqual(whole);
        // A prefill would be a last message of the assistant's.
        expect(JSON.stringify(second.requests[0]?.body)).not.toContain('w40');
      });

      test('every other fault that has an answer has the same one', async () => {
        const replies: ReadonlyArray<readonly Reply[]> = [
          [respond.error({ kind: 'rate-limit', retryAfter: 2 }), respond.answer({ text: fallbackText })],
          [respond.error({ kind: 'rate-limit' })],
          [respond.status(500), respond.answer({ text: fallbackText })],
          [respond.status(503)],
          [respond.reset(), respond.answer({ text: fallbackText })],
          [respond.answer({ text: fallbackText, faults: [fault.malformed({ after: 1 })] })],
          [respond.error({ kind: 'context-length' })],
        ];
        for (const own of replies) expect(await askSettled(compose({ client, replies: own }))).toEqual(whole);
      });
    });

    test('S10 one broken event in an otherwise whole stream: reads on to the whole answer', async () => {
      const { model, first } = compose({
        client,
        replies: [respond.answer({ text: tokens, faults: [fault.malformed({ after: 30 })] })],
      });
      expect(await ask({ model })).toMatchObject(answeredByFirst);
      expect(first.requests.length).toBe(1);
    });

    // Anthropic has no [DONE]; its message_stop is part of the answer.
    if (client.protocol !== 'anthropic')
      test('S11 a whole stream without [DONE]: ends at once, with usage', async () => {
        const { model, elapsedMs } = compose({
          client,
          replies: [
            respond.answer({
              text: tokens,
              usage: { inputTokens: 11, outputTokens: 60 },
              faults: [fault.omit({ roles: ['terminator'] })],
            }),
          ],
        });
        expect(await ask({ model })).toMatchObject({
          ...answeredByFirst,
          usage: { inputTokens: 11, outputTokens: 60 },
        });
        expect(elapsedMs()).toBe(0);
      });

    test('S12 400 context_length_exceeded: one attempt, then the fallback', async () => {
      const { model, first } = compose({ client, replies: [respond.error({ kind: 'context-length' })] });
      expect(await ask({ model })).toMatchObject(answeredByFallback);
      expect(first.requests.length).toBe(1);
    });

    test('S13 400 content_policy_violation: one attempt, the refusal surfaced', async () => {
      const { model, first, second } = compose({
        client,
        replies: [respond.error({ kind: 'content-filter' })],
      });
      const errors: unknown[] = [];
      const { fullStream } = streamText({ model, prompt: 'x', onError: () => {} });
      for await (const part of fullStream) if (part.type === 'error') errors.push(part.error);
      expect(errors).toMatchObject([
        { name: 'RouteExhaustedError', statusCode: 400, attempts: [{ failureKind: 'content-filter' }] },
      ]);
      expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
    });

    test('S14 as S08 before a fallback that rejects a prefill: that 400 is never the final error', async () => {
      const gate = createGate();
      const { model, second } = compose({
        client,
        replies: [respond.answer({ text: tokens, faults: [fault.cut({ after: 40, until: gate.opened })] })],
      });
      second.script([respond.error({ kind: 'invalid-request' })]);
      const { text, errors } = await ask({ model, onDelta: count => count === 40 && gate.open() });
      expect(text).toBe(tokens.slice(0, 40).join(''));
      expect(errors.map(error => StreamInterruptedError.isInstance(error))).toEqual([true]);
      expect(second.requests.length).toBe(0);
    });

    describe("with recover: 'continue', live", () => {
      const answeredByBoth = {
        text: tokens.join(''),
        errors: [],
        finishReason: 'stop',
        attempts: ['first failure', 'fallback success'],
      };

      test('S08 goes on with an answer that begins the same', async () => {
        const gate = createGate();
        const { model, first, second } = compose({
          client,
          recover: 'continue',
          replies: [respond.answer({ text: tokens, faults: [fault.cut({ after: 40, until: gate.opened })] })],
        });
        second.script([whole]);
        const answer = await ask({ model, onDelta: count => count === 40 && gate.open() });
        expect(answer).toMatchObject(answeredByBoth);
        expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
      });

      test('S08 before other words stays a clear error', async () => {
        const gate = createGate();
        const { model, second } = compose({
          client,
          recover: 'continue',
          replies: [respond.answer({ text: tokens, faults: [fault.cut({ after: 40, until: gate.opened })] })],
        });
        const answer = await ask({ model, onDelta: count => count === 40 && gate.open() });
        expect(answer).toMatchObject({ text: tokens.slice(0, 40).join(''), finishReason: 'error' });
        expect(answer.errors).toMatchObject([{ name: 'StreamInterruptedError', candidate: 'first' }]);
        expect(answer.attempts).toEqual(['first failure', 'fallback abort']);
        expect(await second.requests[0]?.closed).toMatch(/closed-by-client|completed/);
      });

      test('S09 goes on within 45 s, never with the same model', async () => {
        const { model, first, second, clock, elapsedMs } = compose({
          client,
          recover: 'continue',
          replies: [respond.answer({ text: tokens, faults: [fault.stall({ after: 20 })] })],
        });
        second.script([whole]);
        const stalled = createGate();
        const answer = ask({ model, onDelta: count => count === 20 && stalled.open() });
        await stalled.opened;
        await clock.advance(40_000);
        expect(await answer).toMatchObject(answeredByBoth);
        expect(elapsedMs()).toBeLessThanOrEqual(45_000);
        expect(first.requests.length).toBe(1);
      });

      test('S14 a prefill that is refused costs a request and no error', async () => {
        const gate = createGate();
        const { model, second } = compose({
          client,
          recover: 'continue',
          prefill: true,
          replies: [respond.answer({ text: tokens, faults: [fault.cut({ after: 40, until: gate.opened })] })],
        });
        second.script([respond.error({ kind: 'invalid-request' }), whole]);
        const answer = await ask({ model, onDelta: count => count === 40 && gate.open() });
        expect(answer).toMatchObject({
          ...answeredByBoth,
          attempts: ['first failure', 'fallback failure', 'fallback success'],
        });
      });
    });

    test('S16 503 always: model id and usage of the fallback', async () => {
      const { model } = compose({ client, replies: [respond.status(503)] });
      expect(await ask({ model })).toMatchObject({
        ...answeredByFallback,
        // Gemini names no model; the one asked for stands in.
        modelId: client.protocol === 'google' ? 'gemini-3.8-flash' : 'fallback-model',
        usage: { inputTokens: 12, outputTokens: 5 },
        attempts: ['first failure', 'first failure', 'first failure', 'fallback success'],
      });
    });
  });
}

describe('S15 the first model is down for 60 s, 20 requests 4 s apart', () => {
  const [client] = clients.slice(1);
  for (const random of [0, 0.25, 0.5, 0.75, 0.999]) {
    test(`every request is answered, with few probes, and the first is back within 16 s of its recovery (random ${random})`, async () => {
      if (client === undefined) throw new Error('no client');
      let down = true;
      const { model, first, clock } = compose({
        client,
        replies: () => (down ? respond.status(503) : whole),
        random: () => random,
      });
      const startedAtMs = clock.now();
      let backAtMs = Number.POSITIVE_INFINITY;
      let failed = 0;
      for (let request = 0; request < 20; request++) {
        const atMs = request * 4_000;
        await clock.advance(Math.max(0, startedAtMs + atMs - clock.now()));
        down = atMs < 60_000;
        const before = first.requests.length;
        const { text, errors, attempts } = await ask({ model });
        expect(errors).toEqual([]);
        const byFirst = attempts?.at(-1) === 'first success';
        expect(text).toBe(byFirst ? tokens.join('') : fallbackText);
        if (byFirst) backAtMs = Math.min(backAtMs, atMs);
        else failed += first.requests.length - before;
      }
      expect(backAtMs - 60_000).toBeLessThanOrEqual(16_000);
      expect(backAtMs).toBeGreaterThanOrEqual(60_000);
      // Three attempts of the first call, then one probe per cooldown.
      expect(failed).toBeLessThanOrEqual(7);
    });
  }
});
