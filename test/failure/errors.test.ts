import { spawnSync } from 'node:child_process';
import { inspect } from 'node:util';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, LoadAPIKeyError, LoadSettingError } from '@ai-sdk/provider';
import { generateText, streamText } from 'ai';
import {
  type AttemptEndEvent,
  createComposite,
  InvalidAnswerError,
  RouteExhaustedError,
  StreamInterruptedError,
} from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaultServer, type FaultServer, fault, respond } from '../../src/testing/index.ts';
import { scriptedModel } from '../fallback/scripted-model.ts';
import { call, rejection } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';

const secret = 'the patient is called Jane';
const key = 'sk-very-secret';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

/** One provider refuses the key, the other cannot read the request. */
function bothRefuse(name: string) {
  const [one, two] = [server.account(`${name} one`), server.account(`${name} two`)];
  one.script([respond.error({ kind: 'auth' })]);
  two.script([respond.error({ kind: 'invalid-request' })]);
  const modelOf = (baseURL: string) => createOpenAI({ baseURL, apiKey: key })('gpt-6-sol');
  return [
    { model: modelOf(one.baseUrl), name: 'one' },
    { model: modelOf(two.baseUrl), name: 'two' },
  ];
}

/** As pino's standard serializer reads an error: message, stack and cause chain, and every enumerable property. */
function serialize(error: Error): string {
  const chain: string[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause)
    chain.push(current.message, current.stack ?? '');
  const properties: Record<string, unknown> = {};
  for (const name in error) if (name !== 'cause') properties[name] = Reflect.get(error, name);
  return JSON.stringify({ chain, ...properties });
}

/** Whatever a logger prints by default. */
function printed(value: unknown): ReadonlyArray<readonly [how: string, text: string]> {
  return [
    ['console.error', inspect(value)],
    ['in an object', inspect({ error: value })],
    ['in all depth', inspect(value, { depth: null })],
    ['as a cause', inspect(new Error('outer', { cause: value }))],
    ['JSON.stringify', JSON.stringify({ error: value })],
    ['pino', value instanceof Error ? serialize(value) : ''],
    ['a copy', JSON.stringify({ ...Object(value) })],
    ['String', String(value)],
  ];
}

function expectNothingPrivate(value: unknown): void {
  for (const [how, text] of printed(value)) {
    expect(text, how).not.toContain(secret);
    expect(text, how).not.toContain(key);
    expect(text, how).not.toContain('requestBodyValues');
    expect(text, how).not.toContain('responseHeaders');
  }
}

describe('RouteExhaustedError', () => {
  test('prints a line for each candidate and no request, and keeps the raw errors', async () => {
    const ai = createComposite(bothRefuse('printed'));
    const error = await rejection(generateText({ model: ai, prompt: secret }));
    if (!RouteExhaustedError.isInstance(error)) throw error;
    expectNothingPrivate(error);
    const lines = inspect(error).split('\n');
    expect(lines.filter(line => !line.startsWith('    at '))).toEqual([
      'RouteExhaustedError: No answer for task "default": no candidate is left.',
      '- one: auth (401 invalid_api_key)',
      '- two: unsupported (400 unsupported_value)',
    ]);

    const json = JSON.parse(JSON.stringify(error));
    expect(json).toMatchObject({
      name: 'RouteExhaustedError',
      message: error.message,
      callId: error.callId,
      task: 'default',
      statusCode: 401,
      isRetryable: false,
      attempts: [
        { candidate: 'one', failureKind: 'auth', statusCode: 401 },
        { candidate: 'two', failureKind: 'unsupported', statusCode: 400 },
      ],
    });

    const raw = error.attempts.map(attempt => attempt.error);
    expect(raw.map(own => APICallError.isInstance(own) && JSON.stringify(own.requestBodyValues))).toEqual([
      expect.stringContaining(secret),
      expect.stringContaining(secret),
    ]);
    expect(error.cause).toBe(raw[1]);
    expectNothingPrivate(error.attempts);
  });

  test('is what streamText prints by itself', async () => {
    const lines: string[] = [];
    const before = console.error;
    console.error = (...values: unknown[]) => lines.push(values.map(value => inspect(value)).join(' '));
    try {
      await streamText({ model: createComposite(bothRefuse('streamed')), prompt: secret }).consumeStream();
    } finally {
      console.error = before;
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('- one: auth (401 invalid_api_key)');
    expect(lines[0]).not.toContain(secret);
  });

  test('says of a composite in a composite what it says of itself', async () => {
    const inner = createComposite(bothRefuse('nested'));
    const error = await rejection(generateText({ model: createComposite([inner]), prompt: secret }));
    expectNothingPrivate(error);
  });
});

describe('a missing key or setting', () => {
  const missing = (error: Error) => scriptedModel({ id: error.message.slice(0, 4), turns: [{ error }] });

  test("is told in the candidate's line, in the SDK's own sentence", async () => {
    const wrapped = new Error('failed to sign', {
      cause: new LoadSettingError({
        message: "AWS region\nsetting is missing. Pass it using the 'region' parameter.",
      }),
    });
    const ai = createComposite([
      missing(
        new LoadAPIKeyError({
          message:
            "OpenAI API key is missing. Pass it using the 'apiKey' parameter or the OPENAI_API_KEY environment variable.",
        }),
      ),
      missing(wrapped),
    ]);
    const error = await rejection(ai.doGenerate(call()));
    if (!RouteExhaustedError.isInstance(error)) throw error;
    expect(error.message.split('\n')).toEqual([
      'No answer for task "default": no candidate is left.',
      "- scripted/Open: auth: OpenAI API key is missing. Pass it using the 'apiKey' parameter or the OPENAI_API_KEY environment variable.",
      "- scripted/fail: auth: AWS region setting is missing. Pass it using the 'region' parameter.",
    ]);
  });

  test('of the real provider packages is told by the name of its variable', () => {
    const code = `
      import { anthropic } from '@ai-sdk/anthropic';
      import { google } from '@ai-sdk/google';
      import { openai } from '@ai-sdk/openai';
      import { createComposite } from 'ai-composite';
      const models = [anthropic('claude-sonnet-5'), google('gemini-3.8-flash'), openai('gpt-6-sol')];
      const ai = createComposite(models, { pricing: { catalog: false } });
      await ai.doGenerate({ prompt: [] }).catch(error => console.log(error.message));
    `;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=ai-composite-source', '--input-type=module', '--eval', code],
      { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } },
    );
    expect(stderr).toBe('');
    const lines = stdout.trim().split('\n').slice(1);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/auth: Anthropic API key is missing.*ANTHROPIC_API_KEY/);
    expect(lines[1]).toMatch(/auth: Google.* API key is missing.*GOOGLE_GENERATIVE_AI_API_KEY/);
    expect(lines[2]).toMatch(/auth: OpenAI API key is missing.*OPENAI_API_KEY/);
  });

  test('is the only thing a provider says that gets into the message', async () => {
    const ai = createComposite([missing(new Error(`rejected: ${secret}`))]);
    const error = await rejection(ai.doGenerate(call()));
    expect(String(error)).not.toContain(secret);
  });
});

describe('StreamInterruptedError', () => {
  test.each(clients)('prints no request of $name either', async ({ name, model }) => {
    const account = server.account(`cut ${name}`);
    account.script([respond.answer({ text: ['A', 'B', 'C'], faults: [fault.cut({ after: 2 })] })]);
    const ai = createComposite([{ model: model(account.baseUrl), name: 'first' }]);
    const errors: unknown[] = [];
    const { stream } = await ai.doStream(
      call({ prompt: [{ role: 'user', content: [{ type: 'text', text: secret }] }] }),
    );
    for await (const part of stream) if (part.type === 'error') errors.push(part.error);
    const [error] = errors;
    if (!StreamInterruptedError.isInstance(error)) throw error;
    expectNothingPrivate(error);
    expect(inspect(error).split('\n')[0]).toBe(
      'StreamInterruptedError: The answer of first broke off after its first output (network); it is not complete.',
    );
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      name: 'StreamInterruptedError',
      candidate: 'first',
      failureKind: 'network',
    });
    expect(error.cause).toBeDefined();
  });
});

test('an answer that was refused prints without what it was', () => {
  const error = new InvalidAnswerError({
    kind: 'malformed-response',
    message: 'No.',
    cause: new Error(secret),
  });
  expect(inspect(error, { depth: null })).not.toContain(secret);
  expect(error.cause).toMatchObject({ message: secret });
});

test('the end of an attempt prints without the error, which is there by its name', async () => {
  const ends: AttemptEndEvent[] = [];
  const ai = createComposite(bothRefuse('events'), { onAttemptEnd: end => void ends.push(end) });
  await rejection(generateText({ model: ai, prompt: secret }));
  expect(ends).toHaveLength(2);
  for (const end of ends) {
    expectNothingPrivate(end);
    expect(APICallError.isInstance(end.error)).toBe(true);
  }
});
