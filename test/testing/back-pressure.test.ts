import { expect, test } from 'vitest';
import { createFaultServer, pieces, respond } from '../../src/testing/index.ts';
import { collect, textOf } from './call.ts';
import { clients } from './clients.ts';

const megabyte = 1024 * 1024;

test.each(clients)('$name reads an answer of 10 MB whole', async ({ model }) => {
  await using server = await createFaultServer();
  const account = server.account('a');
  const text = pieces({ count: 160, bytes: 64 * 1024 });
  account.script([respond.answer({ text })]);

  const { parts, thrown } = await collect({ model: model(account.baseUrl) });

  expect(thrown).toBeUndefined();
  expect(textOf(parts)).toBe(text.join(''));
  expect(account.requests[0]?.bytesWritten).toBeGreaterThan(10 * megabyte);
});

test('does not send more than a client reads', async () => {
  await using server = await createFaultServer();
  const account = server.account('a');
  account.script([respond.answer({ text: pieces({ count: 1000, bytes: 64 * 1024 }) })]);
  const abort = new AbortController();
  const response = await fetch(`${account.baseUrl}/chat/completions`, {
    method: 'POST',
    body: '{"model":"m","stream":true}',
    signal: abort.signal,
  });
  const [request] = account.requests;

  // Nobody reads: what is written stops growing once the buffers in between are full.
  const held = await settled(() => request?.bytesWritten ?? 0);

  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(32 * megabyte);
  expect(request?.outcome).toBe('open');

  abort.abort();
  expect(await request?.closed).toBe('closed-by-client');
  await response.body?.cancel().catch(() => {});
  expect(request?.bytesWritten).toBeLessThan(40 * megabyte);
});

test('goes on sending when the client reads again', async () => {
  await using server = await createFaultServer();
  const account = server.account('a');
  const text = pieces({ count: 500, bytes: 64 * 1024 });
  account.script([respond.answer({ text })]);
  const response = await fetch(`${account.baseUrl}/messages`, {
    method: 'POST',
    body: '{"model":"m","stream":true}',
  });

  const held = await settled(() => account.requests[0]?.bytesWritten ?? 0);
  expect(held).toBeLessThan(32 * megabyte);

  expect((await response.text()).length).toBeGreaterThan(500 * 64 * 1024);
  expect(await account.requests[0]?.closed).toBe('completed');
});

// Two equal readings with many turns of the event loop between them; buffers fill within a few turns.
async function settled(read: () => number): Promise<number> {
  let last = -1;
  for (let now = read(); now !== last || now === 0; now = read()) {
    last = now;
    for (let turn = 0; turn < 200; turn += 1) {
      await new Promise<void>(resolve => {
        setImmediate(resolve);
      });
    }
  }
  return last;
}
