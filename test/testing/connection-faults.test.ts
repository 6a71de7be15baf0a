import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Account,
  createFaultServer,
  createGate,
  type FaultServer,
  fault,
  type Reply,
  respond,
} from '../../src/testing/index.ts';
import { plainRequests, type RawClient, rawPost, streamRequests } from './raw-client.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

let accounts = 0;
function start({ reply, request }: { reply: Reply; request: { path: string; body: object } }): {
  account: Account;
  client: RawClient;
} {
  accounts += 1;
  const account = server.account(`account-${accounts}`);
  account.script([reply]);
  return { account, client: rawPost({ baseUrl: account.baseUrl, ...request }) };
}

// The end of a chunked body: without it the client knows that the response is not whole.
const chunkedEnd = '\r\n0\r\n\r\n';
const pieces = ['P-one', 'P-two', 'P-three', 'P-four'];

describe.each([...streamRequests, ...plainRequests])('$protocol $path', request => {
  test('a whole answer ends properly and keeps the connection', async () => {
    const { account, client } = start({ reply: respond.answer({ text: pieces }), request });
    await client.waitFor(chunkedEnd);
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(await account.requests[0]?.closed).toBe('completed');
    client.close();
  });

  test('reset before headers: not one byte, then a TCP reset', async () => {
    const { account, client } = start({ reply: respond.reset(), request });
    expect(await client.ended).toBe('ECONNRESET');
    expect(client.received()).toBe('');
    expect(await account.requests[0]?.closed).toBe('closed-by-server');
  });

  test('cut before headers: not one byte, then the end of the connection', async () => {
    const { client } = start({ reply: respond.cut(), request });
    expect(await client.ended).toBe('end');
    expect(client.received()).toBe('');
  });

  test('silence: not one byte until the client closes', async () => {
    const { account, client } = start({ reply: respond.silence(), request });
    const [arrived] = await account.waitForRequests(1);
    expect(client.received()).toBe('');
    client.close();
    expect(await arrived?.closed).toBe('closed-by-client');
  });

  test('late headers: nothing before the gate opens, everything after', async () => {
    const gate = createGate();
    const { account, client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.delayHead({ until: gate.opened })] }),
      request,
    });
    await account.waitForRequests(1);
    expect(client.received()).toBe('');
    gate.open();
    await client.waitFor(chunkedEnd);
    expect(client.received()).toContain('P-four');
    client.close();
  });

  test('late headers of an error', async () => {
    const { client } = start({
      reply: respond.error({ kind: 'server', faults: [fault.delayHead({ until: 1 })] }),
      request,
    });
    await client.waitFor(chunkedEnd);
    expect(client.received()).toMatch(/^HTTP\/1\.1 500 /);
    client.close();
  });

  test('headers at once, then silence', async () => {
    const { account, client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.stall({ after: 'head' })] }),
      request,
    });
    await client.waitFor('\r\n\r\n');
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)+\r\n$/);
    client.close();
    expect(await account.requests[0]?.closed).toBe('closed-by-client');
    expect(account.requests[0]?.bytesWritten).toBe(0);
  });

  test('reset after headers: the headers, then a TCP reset', async () => {
    const gate = createGate();
    const { client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.reset({ after: 'head', until: gate.opened })] }),
      request,
    });
    await client.waitFor('\r\n\r\n');
    gate.open();
    expect(await client.ended).toBe('ECONNRESET');
    expect(client.received()).toMatch(/\r\n\r\n$/);
  });

  test('a body that declares more than it sends', async () => {
    const { client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.contentLength({ by: 7 })] }),
      request,
    });
    expect(await client.ended).toBe('end');
    const { declared, sent } = lengths(client);
    expect(declared - sent).toBe(7);
  });

  test('a body that declares less than it sends', async () => {
    const { client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.contentLength({ by: -7 })] }),
      request,
    });
    expect(await client.ended).toBe('end');
    const { declared, sent } = lengths(client);
    expect(declared - sent).toBe(-7);
  });

  test('a drip sends each byte by itself, also inside of a character', async () => {
    const { account, client } = start({
      reply: respond.answer({ text: ['Zü🏔'], faults: [fault.drip()] }),
      request,
    });
    await client.waitFor(chunkedEnd);
    const written = account.requests[0]?.bytesWritten ?? 0;
    expect(written).toBeGreaterThan(50);
    expect(client.chunkSizes()).toEqual(Array.from({ length: written }, () => 1));
    client.close();
  });

  test('a body in packets of a chosen size', async () => {
    const { account, client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.drip({ bytes: 10 })] }),
      request,
    });
    await client.waitFor(chunkedEnd);
    const sizes = client.chunkSizes();
    expect(Math.max(...sizes)).toBe(10);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(account.requests[0]?.bytesWritten);
    client.close();
  });
});

describe.each(streamRequests)('$protocol, streamed', request => {
  test.each([
    ['cut', 'end'],
    ['reset', 'ECONNRESET'],
  ] as const)('%s after two pieces: exactly two pieces, no end of the body', async (how, ending) => {
    const gate = createGate();
    const { account, client } = start({
      reply: respond.answer({ text: pieces, faults: [fault[how]({ after: 2, until: gate.opened })] }),
      request,
    });
    await client.waitFor('P-two');
    gate.open();
    expect(await client.ended).toBe(ending);
    expect(client.received()).not.toContain('P-three');
    expect(client.received()).not.toContain(chunkedEnd);
    expect(await account.requests[0]?.closed).toBe('closed-by-server');
  });

  test('clean end after two pieces: exactly two pieces and a proper end of the body', async () => {
    const { account, client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.end({ after: 2 })] }),
      request,
    });
    await client.waitFor(chunkedEnd);
    expect(client.received()).toContain('P-two');
    expect(client.received()).not.toContain('P-three');
    expect(await account.requests[0]?.closed).toBe('completed');
    client.close();
  });

  test('stall after two pieces: exactly two pieces, the connection stays open', async () => {
    const { account, client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.stall({ after: 2 })] }),
      request,
    });
    await client.waitFor('P-two');
    expect(client.received()).not.toContain('P-three');
    expect(account.requests[0]?.outcome).toBe('open');
    client.close();
    expect(await account.requests[0]?.closed).toBe('closed-by-client');
  });

  test('a late first piece: what opens the stream comes first, the text behind the gate', async () => {
    const gate = createGate();
    const { account, client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.pause({ after: 0, until: gate.opened })] }),
      request,
    });
    await client.waitFor(request.protocol === 'google' ? '\r\n\r\n' : 'data: ');
    expect(client.received()).not.toContain('P-one');
    expect(account.requests[0]?.outcome).toBe('open');
    gate.open();
    await client.waitFor(chunkedEnd);
    expect(client.received()).toContain('P-four');
    client.close();
  });

  test('a cut inside of the arguments of a tool call', async () => {
    const gate = createGate();
    const { client } = start({
      reply: respond.answer({
        toolCalls: [{ toolName: 'weather', input: { city: 'Zürich', days: 3 } }],
        faults: [fault.cut({ after: 0, of: 'tool-input', inside: true, until: gate.opened })],
      }),
      request,
    });
    await client.waitFor('data: ');
    gate.open();
    expect(await client.ended).toBe('end');
    const data = client.received().split('data: ').at(-1) ?? '';
    expect(() => JSON.parse(data.split('\r\n')[0] ?? '')).toThrow(SyntaxError);
  });
});

describe.each(plainRequests)('$protocol, not streamed', request => {
  test.each([
    ['cut', 'end'],
    ['reset', 'ECONNRESET'],
  ] as const)('%s in the middle of the body', async (how, ending) => {
    const gate = createGate();
    const { client } = start({
      reply: respond.answer({ text: pieces, faults: [fault[how]({ after: 1, until: gate.opened })] }),
      request,
    });
    await client.waitFor('\r\n\r\n');
    await client.waitFor('{');
    gate.open();
    expect(await client.ended).toBe(ending);
    expect(client.received()).not.toContain(chunkedEnd);
  });

  test('a clean end in the middle of the body leaves half a JSON text', async () => {
    const { client } = start({
      reply: respond.answer({ text: pieces, faults: [fault.end({ after: 1 })] }),
      request,
    });
    await client.waitFor(chunkedEnd);
    const json = client.received().split('\r\n\r\n')[1]?.split('\r\n')[1] ?? '';
    expect(json.startsWith('{')).toBe(true);
    expect(() => JSON.parse(json)).toThrow(SyntaxError);
    client.close();
  });
});

test('bytes that are not HTTP', async () => {
  const { client } = start({ reply: respond.garbage(), request: plainRequests[1] });
  expect(await client.ended).toBe('end');
  expect(client.received()).toBe('SSH-2.0-nothing to see here\r\n');
});

test('an empty 200, a web page, and other JSON', async () => {
  const account = server.account('bodies');
  account.script([
    respond.empty(),
    respond.html(),
    respond.body({ text: '{"hello":1}', headers: { 'x-own': 'yes' } }),
  ]);
  const post = () =>
    fetch(`${account.baseUrl}/chat/completions`, { method: 'POST', body: '{"stream":true}' });

  const [empty, page, other] = [await post(), await post(), await post()];

  expect([empty.status, empty.headers.get('content-type'), await empty.text()]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
    '',
  ]);
  expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
    200,
    'text/html; charset=utf-8',
    expect.stringContaining('<!doctype html>'),
  ]);
  expect([other.headers.get('x-own'), await other.json()]).toEqual(['yes', { hello: 1 }]);
});

function lengths(client: RawClient): { declared: number; sent: number } {
  const [head = '', ...rest] = client.received().split('\r\n\r\n');
  return {
    declared: Number(/content-length: (\d+)/.exec(head)?.[1]),
    sent: Buffer.byteLength(rest.join('\r\n\r\n')),
  };
}
