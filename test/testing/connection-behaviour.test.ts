import { APICallError } from '@ai-sdk/provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaultServer, createGate, type FaultServer, fault, respond } from '../../src/testing/index.ts';
import { call, collect, rejection, textOf } from './call.ts';
import { clients } from './clients.ts';

// How the official packages report broken connections and bodies; see stream-behaviour for what happens inside a stream.

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const abcd = ['A', 'B', 'C', 'D'];

describe.each(clients)('$name', ({ name, protocol, model }) => {
  test.each([
    ['cut', 'UND_ERR_SOCKET'],
    ['reset', 'ECONNRESET'],
  ] as const)('reports a %s before the headers without a status', async (how, code) => {
    const account = server.account(`${how} ${name}`);
    account.script([respond[how]()]);
    for (const error of [
      await rejection(model(account.baseUrl).doGenerate(call())),
      await rejection(model(account.baseUrl).doStream(call())),
    ]) {
      expect(APICallError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ isRetryable: true, cause: { code } });
      expect(error).toHaveProperty('statusCode', undefined);
    }
    expect(account.requests).toHaveLength(2);
  });

  test.each([
    ['cut', 'UND_ERR_SOCKET'],
    ['reset', 'ECONNRESET'],
  ] as const)('delivers what came before a %s, then rejects the read with status 200', async (how, code) => {
    const gate = createGate();
    const account = server.account(`${how} late ${name}`);
    account.script([respond.answer({ text: abcd, faults: [fault[how]({ after: 2, until: gate.opened })] })]);

    const { parts, thrown } = await collect({
      model: model(account.baseUrl),
      onPart: part => {
        if (part.type === 'text-delta' && part.delta === 'B') gate.open();
      },
    });

    expect(textOf(parts)).toBe('AB');
    expect(parts.some(part => part.type === 'finish' || part.type === 'error')).toBe(false);
    expect(APICallError.isInstance(thrown)).toBe(true);
    expect(thrown).toMatchObject({ statusCode: 200, isRetryable: true, cause: { cause: { code } } });
  });

  test('rejects a truncated body with status 200 and the parse error as cause', async () => {
    const account = server.account(`truncated ${name}`);
    account.script([respond.answer({ text: abcd, faults: [fault.end({ after: 1 })] })]);
    const error = await rejection(model(account.baseUrl).doGenerate(call()));
    expect(error).toMatchObject({
      statusCode: 200,
      isRetryable: false,
      cause: { name: 'AI_JSONParseError' },
    });
  });

  test('rejects JSON of some other service, or takes it for an answer', async () => {
    const account = server.account(`foreign ${name}`);
    account.script([respond.body({ text: '{"hello":"world"}' })]);
    if (protocol === 'google') {
      const result = await model(account.baseUrl).doGenerate(call());
      expect(result).toMatchObject({ content: [], finishReason: { unified: 'other' } });
      return;
    }
    const error = await rejection(model(account.baseUrl).doGenerate(call()));
    expect(error).toMatchObject({
      isRetryable: false,
      statusCode: protocol === 'openai-responses' ? 500 : 200,
    });
  });

  test('parses a stream that drips byte by byte', async () => {
    const account = server.account(`drip ${name}`);
    account.script([respond.answer({ text: ['Zü', 'rich 🏔'], faults: [fault.drip()] })]);
    const { parts } = await collect({ model: model(account.baseUrl) });
    expect(textOf(parts)).toBe('Zürich 🏔');
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
  });

  test('rejects with the reason of an abort while the server is silent', async () => {
    const account = server.account(`silent ${name}`);
    account.script([respond.silence()]);
    const abort = new AbortController();
    const rejected = rejection(model(account.baseUrl).doStream(call({ abortSignal: abort.signal })));
    const [request] = await account.waitForRequests(1);
    abort.abort(new DOMException('enough', 'AbortError'));
    expect(String(await rejected)).toBe('AbortError: enough');
    expect(await request?.closed).toBe('closed-by-client');
  });
});

test('reports a response that failed although its status is 200', async () => {
  const account = server.account('failed');
  const faults = [fault.error({ after: 'preamble', kind: 'rate-limit' }), fault.omit({ roles: ['error'] })];
  account.script([respond.answer({ text: abcd, faults })]);
  const { thrown } = await collect({ model: clients[0]?.model(account.baseUrl) ?? missing() });
  expect(thrown).toMatchObject({
    statusCode: 429,
    data: { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded' } } },
  });
});

function missing(): never {
  throw new Error('No such client.');
}
