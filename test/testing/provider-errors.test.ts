import { APICallError } from '@ai-sdk/provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createFaultServer,
  type FaultServer,
  type ProtocolName,
  type ProviderErrorKind,
  respond,
} from '../../src/testing/index.ts';
import { call, rejection } from './call.ts';
import { clients } from './clients.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

// Status and the fields of the body that tell one kind from another, as the providers send them.
const openai: Readonly<Record<ProviderErrorKind, readonly [number, object]>> = {
  'rate-limit': [429, { error: { type: 'requests', code: 'rate_limit_exceeded' } }],
  overloaded: [503, { error: { type: 'service_unavailable_error', code: 'server_is_overloaded' } }],
  server: [500, { error: { type: 'server_error', code: null } }],
  timeout: [504, { error: { type: 'server_error' } }],
  auth: [401, { error: { type: 'invalid_request_error', code: 'invalid_api_key' } }],
  permission: [403, { error: { code: 'unsupported_country_region_territory' } }],
  quota: [429, { error: { type: 'insufficient_quota', code: 'insufficient_quota' } }],
  'not-found': [404, { error: { code: 'model_not_found' } }],
  'context-length': [400, { error: { code: 'context_length_exceeded', param: 'messages' } }],
  'content-filter': [400, { error: { code: 'content_policy_violation' } }],
  'invalid-request': [400, { error: { code: 'unsupported_value', param: 'temperature' } }],
};

const expected: Readonly<Record<ProtocolName, typeof openai>> = {
  'openai-responses': openai,
  'openai-chat': openai,
  google: {
    'rate-limit': [429, { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } }],
    overloaded: [503, { error: { code: 503, status: 'UNAVAILABLE' } }],
    server: [500, { error: { code: 500, status: 'INTERNAL' } }],
    timeout: [504, { error: { code: 504, status: 'DEADLINE_EXCEEDED' } }],
    auth: [400, { error: { status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }, {}] } }],
    permission: [403, { error: { status: 'PERMISSION_DENIED' } }],
    quota: [
      429,
      {
        error: {
          status: 'RESOURCE_EXHAUSTED',
          details: [{ violations: [{ quotaId: expect.stringContaining('PerDay') }] }],
        },
      },
    ],
    'not-found': [404, { error: { status: 'NOT_FOUND' } }],
    'context-length': [
      400,
      { error: { status: 'INVALID_ARGUMENT', message: expect.stringContaining('token') } },
    ],
    'content-filter': [400, { error: { status: 'INVALID_ARGUMENT' } }],
    'invalid-request': [400, { error: { status: 'INVALID_ARGUMENT' } }],
  },
  anthropic: {
    'rate-limit': [429, { type: 'error', error: { type: 'rate_limit_error' } }],
    overloaded: [529, { type: 'error', error: { type: 'overloaded_error' } }],
    server: [500, { type: 'error', error: { type: 'api_error' } }],
    timeout: [504, { type: 'error', error: { type: 'timeout_error' } }],
    auth: [401, { type: 'error', error: { type: 'authentication_error' } }],
    permission: [403, { type: 'error', error: { type: 'permission_error' } }],
    quota: [
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: expect.stringContaining('credit balance') },
      },
    ],
    'not-found': [404, { type: 'error', error: { type: 'not_found_error' } }],
    'context-length': [
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: expect.stringContaining('too long') },
      },
    ],
    'content-filter': [400, { type: 'error', error: { type: 'invalid_request_error' } }],
    'invalid-request': [400, { type: 'error', error: { type: 'invalid_request_error' } }],
  },
};

const kinds = Object.keys(openai).filter((kind): kind is ProviderErrorKind => kind in openai);

describe.each(clients)('$name', ({ name, protocol, model }) => {
  test.each(kinds)('gets the status and body of its provider for %s, streamed or not', async kind => {
    const account = server.account(`${kind} ${name}`);
    account.script([respond.error({ kind })]);
    const [statusCode, data] = expected[protocol][kind];

    for (const error of [
      await rejection(model(account.baseUrl).doGenerate(call())),
      await rejection(model(account.baseUrl).doStream(call())),
    ]) {
      expect(APICallError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ statusCode, data });
    }
  });

  test('gets the error of its provider for a bare status', async () => {
    const account = server.account(`status ${name}`);
    const statuses = [400, 401, 402, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504, 529];
    account.script(statuses.map(status => respond.status(status)));

    for (const statusCode of statuses) {
      const error = await rejection(model(account.baseUrl).doGenerate(call()));
      expect(error).toMatchObject({ statusCode, data: { error: { message: expect.any(String) } } });
    }
  });

  test('gets a message and a status of your own', async () => {
    const account = server.account(`own ${name}`);
    account.script([respond.error({ kind: 'server', status: 520, message: 'Boom.' })]);
    const error = await rejection(model(account.baseUrl).doGenerate(call()));
    expect(error).toMatchObject({ statusCode: 520, message: 'Boom.' });
  });

  test('gets retry-after as seconds, as given text, as a date, and in milliseconds', async () => {
    const account = server.account(`retry ${name}`);
    account.script([
      respond.error({ kind: 'rate-limit', retryAfter: 2 }),
      respond.error({ kind: 'rate-limit', retryAfter: 'soon' }),
      respond.error({ kind: 'rate-limit', retryAfter: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)) }),
      respond.error({ kind: 'rate-limit', retryAfterMs: 1500 }),
      respond.error({ kind: 'rate-limit', headers: { 'x-ratelimit-remaining-requests': '0' } }),
    ]);
    const headers = async (): Promise<unknown> => {
      const error = await rejection(model(account.baseUrl).doGenerate(call()));
      return APICallError.isInstance(error) ? error.responseHeaders : undefined;
    };
    expect(await headers()).toMatchObject({ 'retry-after': '2' });
    expect(await headers()).toMatchObject({ 'retry-after': 'soon' });
    expect(await headers()).toMatchObject({ 'retry-after': 'Fri, 02 Jan 2026 03:04:05 GMT' });
    expect(await headers()).toMatchObject({ 'retry-after-ms': '1500' });
    const last = await headers();
    expect(last).toMatchObject({ 'x-ratelimit-remaining-requests': '0' });
    expect(last).not.toHaveProperty('retry-after');
  });
});

test('puts the retry delay of Gemini into the body, without a header', async () => {
  const account = server.account('delay');
  account.script([respond.error({ kind: 'rate-limit', retryDelaySeconds: 34.4 })]);
  const response = await fetch(`${account.baseUrl}/models/gemini-3.8-flash:generateContent`, {
    method: 'POST',
    body: '{}',
  });

  expect(response.headers.get('retry-after')).toBeNull();
  expect(await response.json()).toMatchObject({
    error: { details: [{}, { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }] },
  });
});

test('names the request in the header its provider uses', async () => {
  const account = server.account('id');
  const headerOf = async ({ path, name }: { path: string; name: string }): Promise<string | null> =>
    (await fetch(`${account.baseUrl}${path}`, { method: 'POST', body: '{}' })).headers.get(name);

  expect(await headerOf({ path: '/responses', name: 'x-request-id' })).toBe('req_id_1');
  expect(await headerOf({ path: '/messages', name: 'request-id' })).toBe('req_id_2');
});
