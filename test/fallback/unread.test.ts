import { createServer } from 'node:http';
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { streamText } from 'ai';
import {
  AttemptTimeoutError,
  createComposite,
  isContentFilter,
  isCutByLength,
  StreamInterruptedError,
  type TimeoutSettings,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createFaultServer, createGate, pieces, respond } from '../../src/testing/index.ts';
import { call } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';
import type { EngineOptions } from './engine-options.ts';
import { createEventLog } from './event-log.ts';
import { createManualClock } from './manual-clock.ts';
import { scriptedModel, type Turn } from './scripted-model.ts';

const price = { inputTokens: 1, outputTokens: 10 };
/** The default, and the quarter later at which it is noticed at most. */
const unreadMs = 300_000;
const noticedMs = unreadMs * 1.25;

function compose({
  one = [{ text: ['a', 'b', 'c'] }],
  first: timeout,
  ...settings
}: { readonly one?: readonly Turn[]; readonly first?: TimeoutSettings } & EngineOptions = {}) {
  const clock = createManualClock();
  const log = createEventLog();
  const first = scriptedModel({ id: 'one', turns: one });
  const second = scriptedModel({ id: 'two', turns: [{ text: ['ok'] }] });
  const model = createComposite({
    tasks: {
      chat: [
        { model: first, name: 'one', price, ...(timeout && { timeout }) },
        { model: second, name: 'two', price },
      ],
    },
    clock,
    pricing: { catalog: false },
    ...log.observers,
    ...settings,
  });
  return { model, first, second, clock, log };
}

type Reader = ReadableStreamDefaultReader<LanguageModelV4StreamPart>;

async function readRest(reader: Reader): Promise<readonly LanguageModelV4StreamPart[]> {
  const parts = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value);
  return parts;
}

describe('unreadMs', () => {
  test('ends a stream that nobody reads on as an abort with its cost so far, and lets everything go', async () => {
    const { model, clock, log, first, second } = compose();
    const { stream } = await model.doStream(call());
    const reader = stream.getReader();
    for (let part = 0; part < 4; part++) await reader.read();
    await clock.advance(noticedMs);
    expect(log.events).toEqual(['start 1 one', 'end 1 one abort', 'call abort - [1 one abort]']);
    expect(log.ends[0]?.cost).toMatchObject({ status: 'lower-bound', flags: expect.any(Array) });
    expect(log.ends[0]?.cost.usd).toBeGreaterThan(0);
    expect(log.calls[0]?.cost.status).toBe('lower-bound');
    expect([first.cancelled.length, first.aborted.length, second.calls.length]).toEqual([1, 1, 0]);
    expect(clock.pending()).toBe(0);
    expect(model.health()[0]).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
  });

  test('shows a reader who comes back an error that says so, never a clean end', async () => {
    const { model, clock } = compose();
    const { stream } = await model.doStream(call());
    const reader = stream.getReader();
    await reader.read();
    await clock.advance(noticedMs);
    const [error, finish, ...more] = await readRest(reader);
    expect(error).toMatchObject({ type: 'error', error: { failureKind: 'timeout', candidate: 'one' } });
    if (error?.type !== 'error' || !StreamInterruptedError.isInstance(error.error)) throw error;
    expect(error.error.message).toContain('nobody read its answer for 300000 ms (unreadMs)');
    expect(AttemptTimeoutError.isInstance(error.error.cause) && error.error.cause.limit).toBe('unreadMs');
    expect(error.error.cost).toMatchObject({ status: 'lower-bound' });
    expect(finish).toMatchObject({ type: 'finish', finishReason: { unified: 'error' } });
    expect(finish).toMatchObject({ providerMetadata: { composite: { attempts: [{ outcome: 'abort' }] } } });
    expect(more).toEqual([]);
  });

  test('counts for a stream that was never read at all', async () => {
    const { model, clock, log, first } = compose();
    await model.doStream(call());
    await clock.advance(unreadMs);
    expect(log.events).toEqual(['start 1 one', 'end 1 one abort', 'call abort - [1 one abort]']);
    expect([first.cancelled.length, clock.pending()]).toEqual([1, 0]);
  });

  test('starts again with every read, however slow its reader', async () => {
    const { model, clock } = compose();
    const { stream } = await model.doStream(call());
    const reader = stream.getReader();
    const parts = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value.type);
      await clock.advance(unreadMs - 1);
    }
    expect(parts.slice(-2)).toEqual(['text-end', 'finish']);
  });

  test('does not run while somebody waits', async () => {
    const gate = createGate();
    const { model, clock } = compose({
      one: [{ text: ['a', 'b'], pause: { after: 3, until: gate.opened } }],
      timeout: { chunkMs: Number.POSITIVE_INFINITY },
    });
    const { stream } = await model.doStream(call());
    const rest = readRest(stream.getReader());
    await clock.advance(10 * unreadMs);
    gate.open();
    expect((await rest).at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
  });

  test('can be set, and Infinity switches it off', async () => {
    const short = compose({ first: { unreadMs: 1_000 } });
    await short.model.doStream(call());
    await short.clock.advance(1_000);
    expect(short.log.events.at(-1)).toBe('call abort - [1 one abort]');

    const off = compose({ timeout: { unreadMs: Number.POSITIVE_INFINITY } });
    const { stream } = await off.model.doStream(call());
    await off.clock.advance(365 * 24 * 3_600_000);
    expect((await readRest(stream.getReader())).at(-1)).toMatchObject({
      finishReason: { unified: 'stop' },
    });
  });

  test('never fires once a stream was read to its end or cancelled', async () => {
    const { model, clock, log } = compose();
    const read = await model.doStream(call());
    await readRest(read.stream.getReader());
    const left = await model.doStream(call());
    await left.stream.cancel();
    const before = [...log.events];
    await clock.advance(noticedMs);
    expect(log.events).toEqual(before);
    expect(before.filter(event => event.startsWith('call'))).toEqual([
      'call success one [1 one success]',
      'call abort - [1 one abort]',
    ]);
    expect(clock.pending()).toBe(0);
  });

  test('holds for an answer that was held until it was whole', async () => {
    const { model, clock, log } = compose({ fallbackWhen: isCutByLength() });
    await model.doStream(call());
    await clock.advance(noticedMs);
    expect(log.events.at(-1)).toBe('call abort - [1 one abort]');
    expect(log.ends[0]?.cost.status).toBe('priced');
    expect(clock.pending()).toBe(0);
  });

  test('leaves no timer for a refusal that was routed around', async () => {
    const { model, clock, log } = compose({
      one: [{ finish: 'content-filter' }],
      fallbackWhen: isContentFilter(),
    });
    const { stream } = await model.doStream(call());
    await readRest(stream.getReader());
    await clock.advance(1_000);
    expect(clock.pending()).toBe(0);
    expect(log.events.at(-1)).toBe('call success two [1 one failure content-filter, 2 two success]');
  });

  test('holds for the winner of a hedge, and nothing is left of the loser', async () => {
    const { model, clock, log, first } = compose({ one: [{ silent: true }], hedge: { afterMs: 1_000 } });
    const stream = model.doStream(call());
    await clock.advance(1_000);
    await stream;
    await clock.advance(noticedMs);
    expect(log.events.at(-1)).toBe('call abort - [1 one abort, 2 two abort]');
    expect([first.aborted.length, clock.pending()]).toEqual([1, 0]);
  });
});

test('a nested composite that ended an unread stream counts nothing against its health', async () => {
  const inner = compose();
  const { clock, log } = inner;
  const outer = createComposite([{ model: inner.model, timeout: { unreadMs: Number.POSITIVE_INFINITY } }], {
    clock,
    pricing: { catalog: false },
    onAttemptEnd: log.observers.onAttemptEnd,
  });
  const reader = (await outer.doStream(call())).stream.getReader();
  await reader.read();
  await clock.advance(noticedMs);
  const rest = await readRest(reader);
  expect(rest.map(part => part.type).slice(-2)).toEqual(['error', 'finish']);
  expect(log.events.at(-1)).toBe('end 1 composite/chat abort');
  expect(outer.health()).toEqual([{ candidate: 'composite/chat', state: 'closed', consecutiveFailures: 0 }]);
});

test('a route handler that passes no signal and whose browser leaves: the call ends, with its cost', async () => {
  const provider = await createFaultServer();
  const account = provider.account('one');
  account.script([respond.answer({ text: pieces({ count: 4_000 }) })]);
  const clock = createManualClock();
  const log = createEventLog();
  const [, client] = clients;
  if (client === undefined) throw new Error('no client');
  const model = createComposite({
    tasks: { chat: [{ model: client.model(account.baseUrl), name: 'one', price }] },
    clock,
    pricing: { catalog: false },
    ...log.observers,
  });
  const left = createGate();
  const app = createServer(async (_request, response) => {
    const { body } = streamText({ model, prompt: 'Count.' }).toUIMessageStreamResponse();
    const reader = body?.getReader();
    const first = await reader?.read();
    response.write(first?.value);
    response.once('close', async () => {
      await reader?.cancel();
      left.open();
    });
  });
  await new Promise<void>(resolve => app.listen(0, '127.0.0.1', resolve));
  const address = app.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');

  const browser = new AbortController();
  const page = await fetch(`http://127.0.0.1:${address.port}/`, { signal: browser.signal });
  await page.body?.getReader().read();
  browser.abort();
  await left.opened;
  expect(log.calls).toEqual([]);
  await clock.advance(noticedMs);
  expect(log.events).toEqual(['start 1 one', 'end 1 one abort', 'call abort - [1 one abort]']);
  expect(log.calls[0]?.cost).toMatchObject({ status: 'lower-bound', usd: expect.any(Number) });
  expect(clock.pending()).toBe(0);
  app.closeAllConnections();
  app.close();
  await provider.close();
});
