import { generateText, streamText } from 'ai';
import { createComposite, isInvalidToolCall, RouteExhaustedError } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaultServer, type FaultServer, type Reply, respond } from '../../../src/testing/index.ts';
import { clients } from '../../testing/clients.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const refuse = ({ status, error }: { readonly status: number; readonly error: unknown }): Reply =>
  respond.body({
    status,
    text: JSON.stringify({ type: 'error', error }),
    headers: { 'content-type': 'application/json' },
  });
const client = (name: string) => {
  const found = clients.find(it => it.name === name);
  if (found === undefined) throw new Error(`no client ${name}`);
  return found;
};

let accounts = 0;

/** Twenty answers of the first candidate, the replies, then what the next visitor's call does. */
async function afterwards({ name, replies }: { readonly name: string; readonly replies: readonly Reply[] }) {
  accounts += 1;
  const first = server.account(`trip-first${accounts}`);
  const second = server.account(`trip-second${accounts}`);
  const whole = respond.answer({ text: 'ok' });
  first.script([...Array.from({ length: 20 }, () => whole), ...replies, whole]);
  second.script([whole]);
  const model = createComposite({
    tasks: {
      chat: [
        { model: client(name).model(first.baseUrl), name: 'first' },
        { model: client('@ai-sdk/openai chat').model(second.baseUrl), name: 'second' },
      ],
    },
    attempts: 1,
    affinity: false,
  });
  const ask = () => generateText({ model, prompt: 'Say something.', maxRetries: 0 });
  for (let call = 0; call < 20 + replies.length; call++) await ask();
  const health = model.health().find(({ candidate }) => candidate === 'first');
  const before = first.requests.length;
  await ask();
  return { health, asksFirst: first.requests.length > before };
}

const responses = '@ai-sdk/openai responses';
const item = {
  message: "Item with id 'rs_1' not found.",
  type: 'invalid_request_error',
  param: 'input',
  code: null,
};

describe('one conversation', () => {
  test.each<readonly [string, string, number, unknown]>([
    ['an item of its own', responses, 404, item],
    ['an item, though no parameter is named', responses, 404, { ...item, param: null }],
    [
      'an earlier response',
      responses,
      404,
      { message: 'words', code: 'previous_response_not_found', param: 'previous_response_id' },
    ],
    [
      'a file that it may not read',
      responses,
      403,
      { message: 'words', type: 'invalid_request_error', param: 'input[0].file_id', code: null },
    ],
    [
      'a file of Gemini',
      '@ai-sdk/google',
      403,
      {
        code: 403,
        message: 'You do not have permission to access the File abc or it may not exist.',
        status: 'PERMISSION_DENIED',
      },
    ],
    ['a thread', '@ai-sdk/anthropic', 404, { type: 'thread_not_found', message: 'words' }],
    [
      'what a model made of its tools',
      '@ai-sdk/openai-compatible',
      400,
      { message: 'Failed to call a function.', type: 'invalid_request_error', code: 'tool_use_failed' },
    ],
    [
      'more tokens than the rest of the money',
      '@ai-sdk/openai-compatible',
      402,
      { code: 402, message: 'This request requires more credits, or fewer max_tokens.' },
    ],
  ])('moves nobody else by %s, however often', async (_name, name, status, error) => {
    const replies = Array.from({ length: 12 }, () => refuse({ status, error }));
    expect(await afterwards({ name, replies })).toEqual({
      health: { candidate: 'first', state: 'closed', consecutiveFailures: 0 },
      asksFirst: true,
    });
  });

  test.each([401, 402, 403, 404, 410])('counts one by a bare %i', async status => {
    const { health, asksFirst } = await afterwards({ name: responses, replies: [respond.html({ status })] });
    expect(health).toMatchObject({ state: 'closed', consecutiveFailures: 1 });
    expect(asksFirst).toBe(true);
  });

  test.each<readonly [string, unknown]>([
    ['not_found_error', { type: 'not_found_error', message: 'words' }],
    ['permission_error', { type: 'permission_error', message: 'words' }],
  ])('counts one by a %s that does not say of what', async (type, error) => {
    const status = type === 'permission_error' ? 403 : 404;
    const { health, asksFirst } = await afterwards({
      name: '@ai-sdk/anthropic',
      replies: [refuse({ status, error })],
    });
    expect(health).toMatchObject({ state: 'closed', consecutiveFailures: 1 });
    expect(asksFirst).toBe(true);
  });
});

describe('a candidate goes out of the way after one call', () => {
  test.each<readonly [string, string, number, unknown]>([
    ['a bad key', responses, 401, { message: 'words', code: 'invalid_api_key' }],
    ['an unknown model', responses, 404, { message: 'words', code: 'model_not_found', param: null }],
    ['an empty account of Z.ai', '@ai-sdk/openai-compatible', 429, { message: 'words', code: '1113' }],
    [
      'an overdue account of DashScope',
      '@ai-sdk/openai-compatible',
      400,
      { message: 'words', code: 'Arrearage' },
    ],
    [
      'a suspended account of Fireworks',
      '@ai-sdk/openai-compatible',
      412,
      { message: 'words', type: 'invalid_request_error', code: 'PRECONDITION_FAILED' },
    ],
    [
      'a spend limit of Anthropic',
      '@ai-sdk/anthropic',
      400,
      { type: 'invalid_request_error', message: 'You have reached your specified API usage limits.' },
    ],
    [
      'a disabled organization of Anthropic',
      '@ai-sdk/anthropic',
      400,
      { type: 'invalid_request_error', message: 'This organization has been disabled.' },
    ],
  ])('by %s', async (_name, name, status, error) => {
    const { health, asksFirst } = await afterwards({ name, replies: [refuse({ status, error })] });
    expect(health).toMatchObject({ state: 'open', consecutiveFailures: 1 });
    expect(asksFirst).toBe(false);
  });
});

describe('a candidate that is itself a composite', () => {
  const wrongTool = respond.answer({ toolCalls: [{ toolName: 'unknown', input: {} }] });
  const bare = respond.body({ status: 401, text: '' });
  const badKey = refuse({ status: 401, error: { message: 'words', code: 'invalid_api_key' } });

  test.each<readonly [string, readonly Reply[], string, number]>([
    ['what its own check found in a request', Array.from({ length: 6 }, () => wrongTool), 'closed', 0],
    ['a bare status', [bare], 'closed', 1],
    ['a code that names its key', [badKey], 'open', 1],
  ])('is judged by %s', async (_name, replies, state, consecutiveFailures) => {
    accounts += 1;
    const [first, second] = [server.account(`nest${accounts}`), server.account(`nest-backup${accounts}`)];
    first.script(replies);
    second.script([respond.answer({ text: 'ok' })]);
    const { model: connect } = client('@ai-sdk/openai chat');
    const inner = createComposite([connect(first.baseUrl)], {
      attempts: 1,
      circuitBreaker: false,
      fallbackWhen: isInvalidToolCall(),
    });
    const model = createComposite([inner, connect(second.baseUrl)], { attempts: 1, affinity: false });
    for (const _reply of replies) await generateText({ model, prompt: 'Say something.' });
    expect(model.health()[0]).toMatchObject({ state, consecutiveFailures });
  });
});

describe('a moderation of OpenRouter', () => {
  const flagged = {
    code: 403,
    message: 'Your input was flagged',
    metadata: { reasons: ['violence'], flagged_input: 'words', provider_name: 'x', model_slug: 'x' },
  };

  test.each(['generateText', 'streamText'] as const)(
    'is surfaced by %s, asked nowhere else, and no matter of health',
    async mode => {
      accounts += 1;
      const [first, second] = [server.account(`flag${accounts}`), server.account(`flag-backup${accounts}`)];
      first.script([refuse({ status: 403, error: flagged })]);
      second.script([respond.answer({ text: 'never' })]);
      const { model: connect } = client('@ai-sdk/openai-compatible');
      const model = createComposite([connect(first.baseUrl), connect(second.baseUrl)]);
      let thrown: unknown;
      if (mode === 'generateText')
        await generateText({ model, prompt: 'Say something.' }).catch((error: unknown) => {
          thrown = error;
        });
      else
        for await (const part of streamText({ model, prompt: 'Say something.', onError: () => {} })
          .fullStream)
          if (part.type === 'error') thrown = part.error;
      expect(RouteExhaustedError.isInstance(thrown) && thrown.attempts).toMatchObject([
        { failureKind: 'content-filter', statusCode: 403 },
      ]);
      expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
      expect(model.health()[0]).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
    },
  );
});

test("what never fits Groq's limit is not asked of the same candidate again", async () => {
  const [first, second] = [server.account('tpm'), server.account('tpm-backup')];
  const tooLarge = { message: 'Request too large', type: 'tokens', code: 'rate_limit_exceeded' };
  first.script([
    respond.body({
      status: 413,
      text: JSON.stringify({ error: tooLarge }),
      headers: { 'content-type': 'application/json', 'retry-after': '1' },
    }),
  ]);
  second.script([respond.answer({ text: 'from the second' })]);
  const { model: connect } = client('@ai-sdk/openai-compatible');
  const model = createComposite([connect(first.baseUrl), connect(second.baseUrl)]);
  expect((await generateText({ model, prompt: 'Say something.' })).text).toBe('from the second');
  expect(first.requests.length).toBe(1);
  expect(model.health()[0]).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
});
