import {
  EmptyResponseBodyError,
  InvalidPromptError,
  JSONParseError,
  LoadAPIKeyError,
  NoSuchModelError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { APICallError } from 'ai';
import {
  AttemptTimeoutError,
  classifyFailure,
  createComposite,
  type FailureKind,
  type FallbackCondition,
  isContentFilter,
  isContextLength,
  isKind,
  isRateLimit,
  isServerError,
  isTimeout,
  RouteExhaustedError,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { httpError, scriptedModel } from '../fallback/scripted-model.ts';
import { call, rejection } from '../testing/call.ts';

type Row = {
  readonly name: string;
  readonly status: number;
  readonly body: unknown;
  readonly kind: FailureKind;
  readonly code?: string;
};
const openai = (code: string | null, type: string) => ({
  error: { message: 'words', type, param: null, code },
});
const anthropic = (type: string, message = 'words') => ({ type: 'error', error: { type, message } });
const google = (code: number, status: string, details: readonly unknown[] = [], message = 'words') => ({
  error: { code, message, status, details },
});
const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
});

/** Error bodies as providers send them, by what they mean. */
const rows: readonly Row[] = [
  {
    name: 'OpenAI rate limit',
    status: 429,
    body: openai('rate_limit_exceeded', 'requests'),
    kind: 'rate-limit',
    code: 'rate_limit_exceeded',
  },
  {
    name: 'OpenAI empty account',
    status: 429,
    body: openai('insufficient_quota', 'insufficient_quota'),
    kind: 'quota',
    code: 'insufficient_quota',
  },
  {
    name: 'OpenAI bad key',
    status: 401,
    body: openai('invalid_api_key', 'invalid_request_error'),
    kind: 'auth',
  },
  {
    name: 'OpenAI country',
    status: 403,
    body: openai('unsupported_country_region_territory', 'request_forbidden'),
    kind: 'auth',
  },
  {
    name: 'OpenAI unknown model',
    status: 404,
    body: openai('model_not_found', 'invalid_request_error'),
    kind: 'not-found',
  },
  {
    name: 'OpenAI context',
    status: 400,
    body: openai('context_length_exceeded', 'invalid_request_error'),
    kind: 'context-length',
  },
  {
    name: 'OpenAI policy',
    status: 400,
    body: openai('content_policy_violation', 'invalid_request_error'),
    kind: 'content-filter',
  },
  {
    name: 'OpenAI parameter',
    status: 400,
    body: openai('unsupported_parameter', 'invalid_request_error'),
    kind: 'unsupported',
  },
  {
    name: 'OpenAI bad request',
    status: 400,
    body: openai(null, 'invalid_request_error'),
    kind: 'invalid-request',
  },
  { name: 'OpenAI server', status: 500, body: openai(null, 'server_error'), kind: 'server' },
  {
    name: 'OpenAI overloaded',
    status: 503,
    body: openai('server_is_overloaded', 'service_unavailable_error'),
    kind: 'overloaded',
  },
  {
    name: 'OpenAI slow down',
    status: 503,
    body: openai('slow_down', 'service_unavailable_error'),
    kind: 'overloaded',
  },
  {
    name: 'Azure content filter',
    status: 400,
    body: {
      error: {
        code: 'content_filter',
        message: 'words',
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      },
    },
    kind: 'content-filter',
  },
  {
    name: 'Azure deployment',
    status: 404,
    body: { error: { code: 'DeploymentNotFound', message: 'words' } },
    kind: 'not-found',
  },
  { name: 'Anthropic overloaded', status: 529, body: anthropic('overloaded_error'), kind: 'overloaded' },
  { name: 'Anthropic rate limit', status: 429, body: anthropic('rate_limit_error'), kind: 'rate-limit' },
  { name: 'Anthropic server', status: 500, body: anthropic('api_error'), kind: 'server' },
  { name: 'Anthropic time limit', status: 504, body: anthropic('timeout_error'), kind: 'timeout' },
  { name: 'Anthropic bad key', status: 401, body: anthropic('authentication_error'), kind: 'auth' },
  { name: 'Anthropic permission', status: 403, body: anthropic('permission_error'), kind: 'auth' },
  { name: 'Anthropic billing', status: 402, body: anthropic('billing_error'), kind: 'quota' },
  {
    name: 'Anthropic empty balance',
    status: 400,
    body: anthropic(
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.',
    ),
    kind: 'quota',
  },
  { name: 'Anthropic unknown model', status: 404, body: anthropic('not_found_error'), kind: 'not-found' },
  { name: 'Anthropic too large', status: 413, body: anthropic('request_too_large'), kind: 'context-length' },
  {
    name: 'Anthropic context',
    status: 400,
    body: anthropic('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    kind: 'context-length',
  },
  {
    name: 'Anthropic bad request',
    status: 400,
    body: anthropic('invalid_request_error', 'messages: at least one message is required'),
    kind: 'invalid-request',
  },
  {
    name: 'Anthropic bad request that quotes a prompt',
    status: 400,
    body: anthropic(
      'invalid_request_error',
      'messages.0: "Your credit balance is too low to access" is not allowed',
    ),
    kind: 'invalid-request',
  },
  {
    name: 'Gemini bad key',
    status: 400,
    body: google(400, 'INVALID_ARGUMENT', [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' },
    ]),
    kind: 'auth',
  },
  { name: 'Gemini bad request', status: 400, body: google(400, 'INVALID_ARGUMENT'), kind: 'invalid-request' },
  {
    name: 'Gemini context',
    status: 400,
    body: google(
      400,
      'INVALID_ARGUMENT',
      [],
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    ),
    kind: 'context-length',
  },
  {
    name: 'Gemini per minute',
    status: 429,
    body: google(429, 'RESOURCE_EXHAUSTED', [quota('GenerateRequestsPerMinutePerProjectPerModel')]),
    kind: 'rate-limit',
  },
  {
    name: 'Gemini per day',
    status: 429,
    body: google(429, 'RESOURCE_EXHAUSTED', [quota('GenerateRequestsPerDayPerProjectPerModel')]),
    kind: 'quota',
  },
  { name: 'Gemini overloaded', status: 503, body: google(503, 'UNAVAILABLE'), kind: 'overloaded' },
  { name: 'Gemini internal', status: 500, body: google(500, 'INTERNAL'), kind: 'server' },
  { name: 'Gemini deadline', status: 504, body: google(504, 'DEADLINE_EXCEEDED'), kind: 'timeout' },
  { name: 'Gemini permission', status: 403, body: google(403, 'PERMISSION_DENIED'), kind: 'auth' },
  { name: 'Gemini unknown model', status: 404, body: google(404, 'NOT_FOUND'), kind: 'not-found' },
  {
    name: 'OpenRouter without credits',
    status: 402,
    body: { error: { code: 402, message: 'Insufficient credits' } },
    kind: 'quota',
  },
  { name: 'DeepSeek without balance', status: 402, body: openai(null, 'unknown_error'), kind: 'quota' },
  { name: 'an empty 502', status: 502, body: undefined, kind: 'server' },
  { name: 'an empty 429', status: 429, body: undefined, kind: 'rate-limit' },
  { name: 'a 422', status: 422, body: { detail: 'words' }, kind: 'invalid-request' },
];

describe('an HTTP error is told by its code, then its status', () => {
  for (const { name, status, body, kind, code } of rows) {
    test(`${name} is ${kind}`, () => {
      const failure = classifyFailure({ error: httpError({ statusCode: status, data: body }), nowMs: 0 });
      expect(failure.kind).toBe(kind);
      expect(failure.statusCode).toBe(status);
      if (code !== undefined) expect(failure.code).toBe(code);
    });
  }

  test('a body that only the text of the response holds is read too', () => {
    const error = new APICallError({
      message: 'words',
      url: 'http://127.0.0.1',
      requestBodyValues: {},
      statusCode: 400,
      responseBody: JSON.stringify(openai('context_length_exceeded', 'invalid_request_error')),
    });
    expect(classifyFailure({ error, nowMs: 0 }).kind).toBe('context-length');
  });

  test('words in a message decide nothing', () => {
    const error = httpError({
      statusCode: 400,
      data: {
        error: {
          message: 'rate limit overloaded 500 timeout context_length_exceeded',
          type: 'invalid_request_error',
        },
      },
    });
    expect(classifyFailure({ error, nowMs: 0 }).kind).toBe('invalid-request');
  });
});

describe('other failures', () => {
  const table: ReadonlyArray<readonly [string, unknown, FailureKind]> = [
    ['a lost connection', httpError({}), 'network'],
    [
      'a socket error deep inside',
      new Error('failed', {
        cause: Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET' } }),
      }),
      'network',
    ],
    ['a name that does not resolve', Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'network'],
    [
      'a headers timeout of fetch',
      Object.assign(new Error('x'), { code: 'UND_ERR_HEADERS_TIMEOUT' }),
      'timeout',
    ],
    ['a TimeoutError of a fetch of your own', new DOMException('x', 'TimeoutError'), 'timeout'],
    ['an AbortError that nobody of us sent', new DOMException('x', 'AbortError'), 'network'],
    [
      'our own time limit',
      new AttemptTimeoutError({ candidate: 'a', limit: 'firstChunkMs', limitMs: 1 }),
      'timeout',
    ],
    ['a body that is no JSON', new JSONParseError({ text: '<', cause: undefined }), 'malformed-response'],
    [
      'a body of another shape',
      new TypeValidationError({ value: {}, cause: undefined }),
      'malformed-response',
    ],
    ['no body', new EmptyResponseBodyError({}), 'empty'],
    ['a missing key', new LoadAPIKeyError({ message: 'x' }), 'auth'],
    [
      'a model the package does not know',
      new NoSuchModelError({ modelId: 'x', modelType: 'languageModel' }),
      'not-found',
    ],
    [
      'something the package cannot do',
      new UnsupportedFunctionalityError({ functionality: 'x' }),
      'unsupported',
    ],
    ['a prompt the package refuses', new InvalidPromptError({ prompt: {}, message: 'x' }), 'invalid-request'],
    ['an error object inside a stream', { type: 'overloaded_error', message: 'x' }, 'overloaded'],
    [
      'an error object with a code',
      { message: 'x', type: 'requests', code: 'rate_limit_exceeded' },
      'rate-limit',
    ],
    ['an error object of Gemini', { type: 'UNAVAILABLE', code: 503, statusCode: 503 }, 'overloaded'],
    ['a plain error', new Error('500 rate limit'), 'unknown'],
    ['a string', 'boom', 'unknown'],
    ['nothing', undefined, 'unknown'],
    ['null', null, 'unknown'],
  ];
  for (const [name, error, kind] of table) {
    test(`${name} is ${kind}`, () => expect(classifyFailure({ error, nowMs: 0 }).kind).toBe(kind));
  }

  test('an error that holds itself as its cause ends', () => {
    const error: Error & { cause?: unknown } = new Error('x');
    error.cause = error;
    expect(classifyFailure({ error, nowMs: 0 }).kind).toBe('unknown');
  });

  test('getters that throw do not make classifying throw', () => {
    const error = {
      get code(): string {
        throw new Error('trap');
      },
    };
    expect(classifyFailure({ error, nowMs: 0 }).kind).toBe('unknown');
  });
});

describe('fallbackWhen', () => {
  const errors = {
    filter: httpError({ statusCode: 400, data: { error: { code: 'content_policy_violation' } } }),
    context: httpError({ statusCode: 400, data: { error: { code: 'context_length_exceeded' } } }),
    server: httpError({ statusCode: 500 }),
    limited: httpError({ statusCode: 429, headers: { 'retry-after': '0' } }),
  };
  /** Requests of the first and the second candidate. */
  const asked = async ({
    error,
    fallbackWhen,
  }: {
    readonly error: unknown;
    readonly fallbackWhen: FallbackCondition | readonly FallbackCondition[];
  }) => {
    const first = scriptedModel({ id: 'first', turns: [{ error }] });
    const second = scriptedModel({ id: 'second', turns: [{ text: ['ok'] }] });
    const model = createComposite({
      tasks: { chat: [first, second] },
      fallbackWhen,
      retry: { initialDelayMs: 1 },
      pricing: { catalog: false },
    });
    try {
      await model.doGenerate(call());
    } catch (thrown) {
      if (!RouteExhaustedError.isInstance(thrown)) throw thrown;
    }
    return [first.calls.length, second.calls.length];
  };

  test('true falls back without a retry', async () => {
    expect(await asked({ error: errors.server, fallbackWhen: isServerError() })).toEqual([1, 1]);
    expect(await asked({ error: errors.limited, fallbackWhen: isRateLimit() })).toEqual([1, 1]);
    expect(await asked({ error: errors.filter, fallbackWhen: isContentFilter() })).toEqual([1, 1]);
  });
  test('false ends the call', async () => {
    expect(
      await asked({
        error: errors.context,
        fallbackWhen: ({ kind }) => (kind === 'context-length' ? false : undefined),
      }),
    ).toEqual([1, 0]);
  });
  test('undefined leaves it to the default', async () => {
    expect(
      await asked({ error: errors.server, fallbackWhen: [isContextLength(), isTimeout(), () => undefined] }),
    ).toEqual([2, 1]);
  });
  test('the first condition with a verdict decides', async () => {
    expect(
      await asked({ error: errors.server, fallbackWhen: [isKind('server', 'network'), () => false] }),
    ).toEqual([1, 1]);
    expect(await asked({ error: errors.server, fallbackWhen: [() => false, isServerError()] })).toEqual([
      1, 0,
    ]);
  });
  test('sees failure, task, candidate and attempt number', async () => {
    const seen: unknown[] = [];
    await asked({
      error: errors.server,
      fallbackWhen: (failure, context) => {
        seen.push([failure.kind, failure.statusCode, context.task, context.candidate, context.attemptNumber]);
        return undefined;
      },
    });
    expect(seen).toEqual([
      ['server', 500, 'chat', 'scripted/first', 1],
      ['server', 500, 'chat', 'scripted/first', 2],
    ]);
  });
  test('isContentFilter routes around a refusal in a whole answer too', async () => {
    const first = scriptedModel({ id: 'first', turns: [{ finish: 'content-filter' }] });
    const second = scriptedModel({ id: 'second', turns: [{ text: ['ok'] }] });
    const model = createComposite({
      tasks: { chat: [first, second] },
      fallbackWhen: isContentFilter(),
      pricing: { catalog: false },
    });
    expect((await model.doGenerate(call())).content).toMatchObject([{ text: 'ok' }]);
  });
  test('a condition that throws does not hide what happened', async () => {
    const thrown = new Error('in the condition');
    const model = createComposite({
      tasks: { chat: [scriptedModel({ id: 'first', turns: [{ error: errors.server }] })] },
      fallbackWhen: () => {
        throw thrown;
      },
      pricing: { catalog: false },
    });
    expect(await rejection(model.doGenerate(call()))).toBeInstanceOf(Error);
  });
});
