import { expect, test } from 'vitest';
import { createFaultServer, fault, respond } from '../../src/testing/index.ts';
import { call, rejection, textOf } from './call.ts';
import { clients } from './clients.ts';

async function post({ url, body = { model: 'm' } }: { url: string; body?: object }): Promise<string> {
  const response = await fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
  return `${response.status} ${await response.text()}`;
}

test('answers a text that names the account while nothing is scripted', async () => {
  await using server = await createFaultServer();
  expect(await post({ url: server.account('a').baseUrl })).toContain('Hello from a.');
  expect(await post({ url: server.account('b').baseUrl })).toContain('Hello from b.');
});

test('gives each account its own script, count and requests, and sees all in order', async () => {
  await using server = await createFaultServer();
  const [a, b] = [server.account('a'), server.account('b c/d')];
  a.script([respond.status(503), respond.answer({ text: 'one' })]);
  b.script([respond.answer({ text: 'two' })]);

  const answers = [
    await post({ url: a.baseUrl }),
    await post({ url: b.baseUrl }),
    await post({ url: a.baseUrl }),
    await post({ url: a.baseUrl }),
  ];

  expect(answers.map(text => text.slice(0, 3))).toEqual(['503', '200', '200', '200']);
  expect(answers.map(text => /one|two/.exec(text)?.[0])).toEqual([undefined, 'two', 'one', 'one']);
  expect(server.requests.map(request => `${request.account} ${request.requestNumber}`)).toEqual([
    'a 1',
    'b c/d 1',
    'a 2',
    'a 3',
  ]);
  expect(a.requests).toHaveLength(3);
  expect(server.account('a')).toBe(a);
});

test('starts over when an account gets a new script', async () => {
  await using server = await createFaultServer();
  const account = server.account('a');
  account.script([respond.status(500), respond.status(502)]);
  expect(await post({ url: account.baseUrl })).toMatch(/^500/);
  account.script([respond.status(503), respond.status(504)]);
  expect(await post({ url: account.baseUrl })).toMatch(/^503/);
});

test('lets a function decide from the request', async () => {
  await using server = await createFaultServer();
  const account = server.account('a');
  account.script(request => (request.stream ? respond.status(503) : respond.answer({ text: request.model })));

  expect(await post({ url: account.baseUrl, body: { model: 'big' } })).toContain('"content":"big"');
  expect(await post({ url: account.baseUrl, body: { model: 'big', stream: true } })).toMatch(/^503/);
});

test('refuses an empty script, and says in the answer when a script throws', async () => {
  await using server = await createFaultServer();
  const account = server.account('a');
  expect(() => account.script([])).toThrow('script: [] answers nothing; give at least one reply.');

  account.script(() => {
    throw new Error('mistake in the test');
  });
  expect(await post({ url: account.baseUrl })).toMatch(
    /^501 .*account \\"a\\" threw: Error: mistake in the test/,
  );
});

test('records what arrived, without the secrets', async () => {
  await using server = await createFaultServer();
  const account = server.account('a');
  for (const { model } of clients)
    await model(account.baseUrl).doGenerate(call({ headers: { cookie: 'me', 'x-mine': 'kept' } }));

  expect(
    account.requests.map(({ protocol, model, stream, method, path }) => ({
      protocol,
      model,
      stream,
      method,
      path,
    })),
  ).toEqual([
    { protocol: 'openai-responses', model: 'gpt-6-sol', stream: false, method: 'POST', path: '/responses' },
    { protocol: 'openai-chat', model: 'gpt-6-sol', stream: false, method: 'POST', path: '/chat/completions' },
    {
      protocol: 'openai-chat',
      model: 'claude-sonnet-5',
      stream: false,
      method: 'POST',
      path: '/chat/completions',
    },
    {
      protocol: 'google',
      model: 'gemini-3.8-flash',
      stream: false,
      method: 'POST',
      path: '/models/gemini-3.8-flash:generateContent',
    },
    { protocol: 'anthropic', model: 'claude-sonnet-5', stream: false, method: 'POST', path: '/messages' },
  ]);
  const keys = account.requests.map(
    ({ headers }) => headers.authorization ?? headers['x-goog-api-key'] ?? headers['x-api-key'],
  );
  expect(keys).toEqual(Array.from({ length: 5 }, () => '[removed]'));
  for (const { headers, body, atMs } of account.requests) {
    expect(headers).toMatchObject({
      cookie: '[removed]',
      'x-mine': 'kept',
      'content-type': 'application/json',
    });
    expect(JSON.stringify(body)).toContain('How is the weather?');
    expect(atMs).toBeGreaterThanOrEqual(0);
  }
});

test('removes a key from the query of the path', async () => {
  await using server = await createFaultServer();
  const account = server.account('a');
  await fetch(`${account.baseUrl}/models/m%2F1:streamGenerateContent?key=hidden&alt=sse`, {
    method: 'POST',
    body: '{}',
  });
  expect(account.requests).toMatchObject([
    { model: 'm/1', stream: true, path: '/models/m%2F1:streamGenerateContent?key=[removed]&alt=sse' },
  ]);
});

test('answers 404 where no protocol lives, and records nothing', async () => {
  await using server = await createFaultServer();
  const response = await fetch(`${server.account('a').baseUrl}/embeddings`, { method: 'POST', body: '{}' });
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    error: { message: 'The fault server knows no protocol at /embeddings.' },
  });
  expect(server.requests).toEqual([]);
});

test('waits for requests, per account and in all, and gives up when it is closed', async () => {
  const server = await createFaultServer();
  const [a, b] = [server.account('a'), server.account('b')];
  const [two, three] = [a.waitForRequests(2), server.waitForRequests(3)];
  const never = rejection(b.waitForRequests(9));

  await Promise.all([post({ url: a.baseUrl }), post({ url: b.baseUrl }), post({ url: a.baseUrl })]);

  expect((await two).map(request => request.account)).toEqual(['a', 'a']);
  expect(await three).toHaveLength(3);
  expect(await a.waitForRequests(1)).toBe(a.requests);
  await server.close();
  expect(String(await never)).toBe('Error: The fault server was closed after 1 of 9 requests.');
});

test('forgets its requests when told to, and goes on counting', async () => {
  await using server = await createFaultServer();
  const account = server.account('a');
  await post({ url: account.baseUrl });
  server.forgetRequests();
  expect(server.requests).toEqual([]);
  expect(account.requests).toEqual([]);

  await post({ url: account.baseUrl });
  expect(account.requests.map(request => request.requestNumber)).toEqual([2]);
});

test('goes on when the promise it waits for rejects', async () => {
  await using server = await createFaultServer();
  const account = server.account('a');
  const until = account.waitForRequests(1).then(() => Promise.reject(new Error('mistake in the test')));
  account.script([respond.answer({ text: 'late', faults: [fault.delayHead({ until })] })]);
  const [answer, error] = await Promise.all([post({ url: account.baseUrl }), rejection(until)]);
  expect(answer).toContain('late');
  expect(String(error)).toBe('Error: mistake in the test');
});

test('tells a request the client abandoned from one that was completed or closed by the server', async () => {
  const server = await createFaultServer();
  const account = server.account('a');
  account.script([
    respond.answer({ text: 'done' }),
    respond.silence(),
    respond.reset(),
    respond.cut(),
    respond.silence(),
  ]);
  const abort = new AbortController();
  const abandoned = (async () => {
    await account.waitForRequests(2);
    expect(account.requests[1]?.outcome).toBe('open');
    abort.abort();
  })();

  await post({ url: account.baseUrl });
  await rejection(
    fetch(`${account.baseUrl}/responses`, { method: 'POST', body: '{}', signal: abort.signal }),
  );
  await abandoned;
  await rejection(post({ url: account.baseUrl }));
  await rejection(post({ url: account.baseUrl }));
  const last = rejection(post({ url: account.baseUrl }));
  await account.waitForRequests(5);
  await server.close();
  await last;

  expect(await Promise.all(account.requests.map(request => request.closed))).toEqual([
    'completed',
    'closed-by-client',
    'closed-by-server',
    'closed-by-server',
    'closed-by-server',
  ]);
  expect(account.requests.map(request => request.outcome)).toEqual(
    await Promise.all(account.requests.map(request => request.closed)),
  );
});

test('sees that an aborted stream of every client closes its connection', async () => {
  await using server = await createFaultServer();
  for (const { name, model } of clients) {
    const account = server.account(name);
    account.script([respond.answer({ text: ['a', 'b'], faults: [stallAfterOne] })]);
    const abort = new AbortController();
    const { stream } = await model(account.baseUrl).doStream(call({ abortSignal: abort.signal }));
    const reader = stream.getReader();
    let seen = '';
    while (seen === '') {
      const { value } = await reader.read();
      if (value !== undefined) seen += textOf([value]);
    }
    abort.abort();
    expect(await account.requests[0]?.closed).toBe('closed-by-client');
    await rejection(reader.read());
  }
});

const stallAfterOne = fault.stall({ after: 1 });

test('serves many requests at once without mixing them up', async () => {
  await using server = await createFaultServer();
  server.account('even').script(request => respond.answer({ text: `even ${request.model}` }));
  server.account('odd').script(request => respond.answer({ text: `odd ${request.model}` }));

  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      post({ url: server.account(index % 2 === 0 ? 'even' : 'odd').baseUrl, body: { model: `m${index}` } }),
    ),
  );

  for (const [index, text] of answers.entries()) {
    expect(text).toContain(`"content":"${index % 2 === 0 ? 'even' : 'odd'} m${index}"`);
  }
  expect(server.requests).toHaveLength(200);
});
