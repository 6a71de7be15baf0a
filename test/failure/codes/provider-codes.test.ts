import { classifyFailure, type Failure, type FailureKind } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { httpError } from '../../fallback/scripted-model.ts';

type About = NonNullable<Failure['about']> | 'neither';
/** What a provider sends, and what it means: provider, status, body, kind, about. */
type Row = readonly [provider: string, status: number, body: unknown, kind: FailureKind, about?: About];

const code = (code: string | number, more: object = {}) => ({ error: { message: 'words', code, ...more } });
const type = (type: string, message = 'words') => ({ error: { type, message } });
const google = (status: string, message = 'words', reason?: string) => ({
  error: { status, message, ...(reason !== undefined && { details: [{ reason }] }) },
});
const numbered = (status_code: number) => ({ base_resp: { status_code, status_msg: 'words' } });
const cloudflare = (code: number) => ({ success: false, errors: [{ code, message: 'words' }] });
const openrouter = (code: number, error_type: string) => ({
  error: { code, message: 'words', metadata: { error_type } },
});

const rows: readonly Row[] = [
  // Fixed sentences under a code that covers much else
  [
    'anthropic.messages',
    403,
    type('permission_error', 'OAuth authentication is currently not supported.'),
    'auth',
    'candidate',
  ],
  [
    'anthropic.messages',
    400,
    type('invalid_request_error', 'input length and `max_tokens` exceed context limit: 9 + 9 > 10'),
    'context-length',
  ],
  [
    'anthropic.messages',
    400,
    type('invalid_request_error', 'Output blocked by content filtering policy'),
    'content-filter',
  ],
  [
    'google.generative-ai',
    400,
    google('INVALID_ARGUMENT', 'The prompt could not be submitted. It contains words.'),
    'content-filter',
  ],
  [
    'lmstudio.chat',
    400,
    { error: 'Trying to keep the first 9 tokens when context the overflows.' },
    'context-length',
  ],
  [
    'amazon-bedrock',
    400,
    {
      __type: 'ValidationException',
      message: "Invocation of model ID x with on-demand throughput isn't supported.",
    },
    'not-found',
    'candidate',
  ],
  [
    'amazon-bedrock',
    400,
    { __type: 'ValidationException', message: 'Operation not allowed' },
    'auth',
    'candidate',
  ],
  [
    'xai.chat',
    400,
    { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: x***.' },
    'auth',
    'candidate',
  ],
  [
    'xai.chat',
    403,
    { code: 'The caller does not have permission', error: 'Content violates usage guidelines.' },
    'content-filter',
  ],
  [
    'cohere.chat',
    429,
    { message: 'You are using a Trial key, which is limited to 1000 API calls / month.' },
    'quota',
    'candidate',
  ],
  [
    'moonshotai.chat',
    404,
    {
      error: { type: 'resource_not_found_error', message: 'Not found the model kimi-x or Permission denied' },
    },
    'not-found',
    'candidate',
  ],
  [
    'alibaba.chat',
    400,
    {
      error: {
        code: 'invalid_parameter_error',
        message: '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 9]',
      },
    },
    'context-length',
  ],
  // Dead accounts
  ['mine.chat', 429, code('1113'), 'quota', 'candidate'],
  ['anthropic.messages', 429, code('1113', { type: 'rate_limit_error' }), 'quota', 'candidate'],
  ['zai.chat', 429, code('1308'), 'quota', 'candidate'],
  ['zai.chat', 429, code('1309'), 'auth', 'candidate'],
  ['mine.chat', 400, code('Arrearage', { type: 'Arrearage' }), 'quota', 'candidate'],
  ['alibaba.chat', 403, code('AllocationQuota.FreeTierOnly'), 'quota', 'candidate'],
  ['mine.chat', 412, code('PRECONDITION_FAILED', { type: 'invalid_request_error' }), 'quota', 'candidate'],
  ['fireworks.chat', 412, undefined, 'quota', 'candidate'],
  ['deepseek.chat', 402, code('invalid_request_error', { type: 'unknown_error' }), 'quota', 'candidate'],
  ['openai.responses', 429, code('credit_balance_exhausted'), 'quota', 'candidate'],
  ['openai.responses', 429, code('project_spend_limit_exceeded'), 'quota', 'candidate'],
  [
    'anthropic.messages',
    429,
    { error: { type: 'rate_limit_error', details: { error_code: 'enforced_spend_limit_reached' } } },
    'quota',
    'candidate',
  ],
  [
    'anthropic.messages',
    400,
    type('invalid_request_error', 'You have reached your specified API usage limits. You will regain access'),
    'quota',
    'candidate',
  ],
  [
    'anthropic.messages',
    400,
    type('invalid_request_error', 'You have reached your specified workspace API usage limits.'),
    'quota',
    'candidate',
  ],
  [
    'anthropic.messages',
    400,
    type('invalid_request_error', 'This organization has been disabled.'),
    'auth',
    'candidate',
  ],
  [
    'anthropic.messages',
    403,
    type('permission_error', 'This organization has been disabled.'),
    'auth',
    'candidate',
  ],
  ['google.generative-ai', 402, google('RESOURCE_EXHAUSTED'), 'quota', 'candidate'],
  [
    'google.generative-ai',
    400,
    google('FAILED_PRECONDITION', 'User location is not supported for the API use.'),
    'auth',
    'candidate',
  ],
  ['google.vertex.chat', 403, google('PERMISSION_DENIED', 'words', 'SERVICE_DISABLED'), 'auth', 'candidate'],
  [
    'xai.chat',
    429,
    { code: 'Some resource', error: 'Your team 16f2 has either used all available credits or' },
    'quota',
    'candidate',
  ],
  ['xai.chat', 403, { code: 'personal-team-blocked:spending-limit', error: 'words' }, 'quota', 'candidate'],
  ['minimax.chat', 200, numbered(1008), 'quota', 'candidate'],
  ['mine.chat', 200, numbered(2049), 'auth', 'candidate'],
  ['mine.chat', 429, cloudflare(3036), 'quota', 'candidate'],
  ['amazon-bedrock', 400, { __type: 'ServiceQuotaExceededException' }, 'quota', 'candidate'],
  ['amazon-bedrock', 403, { __type: 'ExpiredTokenException' }, 'auth', 'candidate'],
  ['groq.chat', 400, code('organization_restricted'), 'auth', 'candidate'],
  ['moonshotai.chat', 429, type('exceeded_current_quota_error'), 'quota', 'candidate'],
  ['litellm.chat', 429, type('budget_exceeded'), 'quota', 'candidate'],
  ['mine', 400, { error: 'invalid_grant', error_description: 'words' }, 'auth', 'candidate'],
  ['cohere.chat', 401, { message: 'invalid api token' }, 'auth', 'candidate'],
  [
    'openrouter',
    403,
    { error: { code: 403, message: 'Key limit exceeded (daily limit).' } },
    'quota',
    'candidate',
  ],
  [
    'moonshotai.chat',
    403,
    type('permission_denied_error', "You've reached your usage limit for this billing cycle"),
    'quota',
    'candidate',
  ],

  [
    'anthropic.messages',
    429,
    type(
      'rate_limit_error',
      'usage limit exceeded, 5-hour usage limit reached for Token Plan Starter (2056)',
    ),
    'quota',
    'candidate',
  ],
  [
    'google.generative-ai',
    403,
    google('PERMISSION_DENIED', 'Your API key was reported as leaked. Please use another API key.'),
    'auth',
    'candidate',
  ],

  // Passing troubles, whatever the status
  ['groq.chat', 498, code('capacity_exceeded'), 'overloaded'],
  ['mine.chat', 498, undefined, 'overloaded'],
  ['mine.chat', 424, { error: 'Request failed during generation', error_type: 'generation' }, 'server'],
  ['amazon-bedrock', 424, { __type: 'ModelErrorException' }, 'server'],
  ['amazon-bedrock', 429, { __type: 'ModelNotReadyException' }, 'overloaded'],
  ['amazon-bedrock', 408, { __type: 'ModelTimeoutException' }, 'timeout'],
  ['amazon-bedrock', 503, { __type: 'ServiceUnavailableException' }, 'overloaded'],
  ['gateway', 424, type('failed_dependency'), 'server'],
  ['zai.chat', 429, code('1305'), 'overloaded'],
  ['zai.chat', 429, code('1302'), 'rate-limit'],
  ['mine.chat', 429, cloudflare(3040), 'overloaded'],
  ['mistral.chat', 429, { object: 'error', type: 'rate_limited', code: '1300' }, 'rate-limit'],
  ['mistral.chat', 429, { object: 'error', type: 'x', code: '3505' }, 'overloaded'],
  ['google.vertex.chat', 503, google('UNAVAILABLE', 'words', 'MODEL_CAPACITY_EXHAUSTED'), 'overloaded'],
  ['google.generative-ai', 499, google('CANCELLED'), 'timeout'],
  ['llama.chat', 503, type('unavailable_error'), 'overloaded'],
  ['openai.responses', 429, code('slow_down', { type: 'rate_limit_error' }), 'rate-limit'],
  ['openrouter', 502, openrouter(502, 'provider_overloaded'), 'overloaded'],
  ['mine.chat', 499, undefined, 'timeout'],
  ['mine.chat', 522, undefined, 'timeout'],
  ['mine.chat', 524, undefined, 'timeout'],
  ['mine.chat', 520, undefined, 'server'],

  // One code, other meanings: the provider decides
  ['alibaba.chat', 429, code('insufficient_quota'), 'rate-limit'],
  ['openai.chat', 429, code('insufficient_quota'), 'quota', 'candidate'],
  ['together.chat', 403, undefined, 'context-length'],
  ['mine.chat', 403, undefined, 'auth'],
  ['groq.chat', 424, undefined, 'invalid-request'],
  ['openrouter', 400, openrouter(400, 'invalid_prompt'), 'invalid-request'],
  ['openai.responses', 400, code('invalid_prompt'), 'content-filter'],
  ['openrouter', 412, openrouter(412, 'precondition_failed'), 'invalid-request'],
  ['zai.chat', 429, code('1300'), 'content-filter'],
  ['minimax.chat', 200, numbered(1002), 'rate-limit'],
  ['zai.chat', 401, code('1002'), 'auth', 'candidate'],

  // What can never fit, what the model could not form
  ['groq.chat', 413, code('rate_limit_exceeded', { type: 'tokens' }), 'context-length'],
  ['mine.chat', 413, code('rate_limit_exceeded', { type: 'tokens' }), 'context-length'],
  [
    'openai.chat',
    429,
    { error: { message: 'Request too large for gpt-6 in organization x', code: 'rate_limit_exceeded' } },
    'context-length',
  ],
  ['llama.chat', 400, { error: { code: 400, type: 'exceed_context_size_error' } }, 'context-length'],
  ['zai.chat', 400, code('1261'), 'context-length'],
  ['minimax.chat', 200, numbered(1039), 'context-length'],
  ['amazon-bedrock', 400, { message: 'Input is too long for requested model.' }, 'context-length'],
  [
    'vllm.chat',
    400,
    type('BadRequestError', "This model's maximum context length is 4096 tokens."),
    'context-length',
  ],
  [
    'tgi.chat',
    422,
    { error: 'Input validation error: `inputs` must have less than 1024 tokens', error_type: 'validation' },
    'context-length',
  ],
  [
    'moonshotai.chat',
    400,
    type('invalid_request_error', 'Invalid request: Your request exceeded model token limit: 1'),
    'context-length',
  ],
  ['cohere.chat', 400, { message: 'too many tokens: total number of tokens' }, 'context-length'],
  [
    'groq.chat',
    400,
    code('tool_use_failed', { type: 'invalid_request_error' }),
    'malformed-response',
    'request',
  ],
  ['groq.chat', 400, code('json_validate_failed'), 'malformed-response', 'request'],

  [
    'mistral.chat',
    400,
    { object: 'error', type: 'invalid_request_error', message: 'Prompt contains 9 tokens, too large for' },
    'context-length',
  ],
  [
    'openrouter',
    400,
    { error: { code: 400, message: "This endpoint's maximum context length is 8192 tokens. However" } },
    'context-length',
  ],

  // Refusals
  [
    'openrouter',
    403,
    { error: { code: 403, message: 'Request blocked: prompt injection' } },
    'content-filter',
  ],
  ['mine.chat', 424, { success: false, error: [{ code: 2016, message: 'words' }] }, 'content-filter'],
  [
    'openrouter',
    403,
    { error: { code: 403, metadata: { reasons: ['harassment'], flagged_input: 'x' } } },
    'content-filter',
  ],
  ['mine.chat', 403, { error: { code: 403, metadata: { reasons: [] } } }, 'content-filter'],
  ['mine.chat', 403, { error: { code: 403, metadata: { flagged_input: 'x' } } }, 'content-filter'],
  ['openrouter', 403, { error: { code: 403, metadata: { provider_name: 'x' } } }, 'auth'],
  ['mine.chat', 400, code('DataInspectionFailed'), 'content-filter'],
  ['zai.chat', 400, code('1301'), 'content-filter'],
  ['minimax.chat', 200, numbered(1027), 'content-filter'],
  ['moonshotai.chat', 400, type('content_filter'), 'content-filter'],

  // Who is missing: the model, or something that one request names
  [
    'gateway',
    500,
    { error: { type: 'internal_server_error', message: "Item with id 'rs_1' not found. Items are not" } },
    'invalid-request',
    'request',
  ],
  [
    'azure.responses',
    400,
    { error: { type: 'invalid_request_error', message: "Item with id 'rs_1' not found." } },
    'invalid-request',
    'request',
  ],
  [
    'openai.responses',
    404,
    { error: { type: 'invalid_request_error', param: 'input', message: "Item with id 'rs_1' not found." } },
    'invalid-request',
    'request',
  ],
  [
    'azure.responses',
    404,
    { error: { type: 'invalid_request_error', param: null, message: "Item with id 'rs_1' not found." } },
    'invalid-request',
    'request',
  ],
  [
    'openai.responses',
    400,
    code('previous_response_not_found', { param: 'previous_response_id' }),
    'invalid-request',
  ],
  ['openai.responses', 404, code('conversation_not_found'), 'invalid-request', 'request'],
  ['anthropic.messages', 404, type('thread_not_found'), 'invalid-request', 'request'],
  [
    'openai.responses',
    403,
    { error: { param: 'tools[0].vector_store_ids', message: 'words' } },
    'invalid-request',
    'request',
  ],
  ['openai.responses', 404, code('model_not_found', { param: 'model' }), 'not-found', 'candidate'],
  ['azure.responses', 404, code('DeploymentNotFound'), 'not-found', 'candidate'],
  ['anthropic.messages', 404, type('not_found_error', 'model: claude-nope'), 'not-found', 'candidate'],
  ['anthropic.messages', 404, type('not_found_error'), 'not-found', 'neither'],
  ['anthropic.messages', 403, type('permission_error'), 'auth', 'neither'],
  [
    'google.generative-ai',
    404,
    google('NOT_FOUND', 'models/gemini-nope is not found for API version v1beta'),
    'not-found',
    'candidate',
  ],
  [
    'google.vertex.chat',
    404,
    google('NOT_FOUND', 'Publisher Model `projects/p/x` was not found'),
    'not-found',
    'candidate',
  ],
  ['google.generative-ai', 404, google('NOT_FOUND'), 'not-found', 'neither'],
  [
    'google.generative-ai',
    403,
    google('PERMISSION_DENIED', 'You do not have permission to access the File x or it may not exist.'),
    'invalid-request',
    'request',
  ],
  ['amazon-bedrock', 400, { message: 'The provided model identifier is invalid.' }, 'not-found', 'candidate'],
  ['ollama.chat', 404, { error: "model 'x' not found" }, 'not-found', 'candidate'],
  ['vllm.chat', 404, type('NotFoundError', 'The model `x` does not exist.'), 'not-found', 'candidate'],
  ['gateway', 404, type('model_not_found'), 'not-found', 'candidate'],
  ['gateway', 404, type('not_found'), 'not-found', 'neither'],
  ['mine.chat', 404, undefined, 'not-found', 'neither'],
  ['mine.chat', 401, undefined, 'auth', 'neither'],
  ['mine.chat', 402, undefined, 'quota', 'neither'],
  [
    'openrouter',
    402,
    {
      error: { code: 402, message: 'This request requires more credits, or fewer max_tokens. You requested' },
    },
    'quota',
    'request',
  ],
  ['openrouter', 402, { error: { code: 402, message: 'Insufficient credits' } }, 'quota', 'candidate'],
];

describe('what providers document', () => {
  for (const [provider, statusCode, data, kind, about] of rows)
    test(`${provider}, ${statusCode}, ${JSON.stringify(data)} is ${kind}`, () => {
      const failure = classifyFailure({ error: httpError({ statusCode, data }), nowMs: 0, provider });
      expect(failure.kind).toBe(kind);
      if (about !== undefined) expect(failure.about ?? 'neither').toBe(about);
    });

  test('is read from the text of the body too, where the package keeps no parsed one', () => {
    for (const [provider, statusCode, body, kind] of rows) {
      const error = Object.assign(httpError({ statusCode }), { responseBody: JSON.stringify(body) });
      expect(classifyFailure({ error, nowMs: 0, provider }).kind, JSON.stringify(body)).toBe(kind);
    }
  });

  test('is told by the host that answered where the provider has another name', () => {
    const error = Object.assign(httpError({ statusCode: 402 }), { url: 'https://api.deepseek.com/v1/chat' });
    expect(classifyFailure({ error, nowMs: 0, provider: 'mine.chat' })).toMatchObject({
      kind: 'quota',
      about: 'candidate',
    });
  });

  test('is read from the header in which AWS names its exception', () => {
    const headers = { 'x-amzn-errortype': 'AccessDeniedException:http://internal.amazon.com/coral/' };
    const error = httpError({ statusCode: 403, data: { message: 'words' }, headers });
    expect(classifyFailure({ error, nowMs: 0 })).toMatchObject({
      kind: 'auth',
      about: 'candidate',
      code: 'accessdeniedexception',
    });
  });

  test('is read from an error part of a stream', () => {
    const kindOf = (error: unknown) => classifyFailure({ error, nowMs: 0 }).kind;
    expect(kindOf({ type: 'throttlingException', message: 'words' })).toBe('rate-limit');
    expect(kindOf({ error: { code: 403, metadata: { reasons: ['x'] } } })).toBe('content-filter');
    expect(kindOf({ error: { code: 'tool_use_failed', status_code: 400 } })).toBe('malformed-response');
    expect(kindOf({ code: '1113', message: 'words' })).toBe('quota');
  });

  test('gives the code that the provider sent, not the type that the package kept', () => {
    const error = Object.assign(httpError({ statusCode: 413, data: { error: { type: 'tokens' } } }), {
      responseBody: JSON.stringify(code('rate_limit_exceeded', { type: 'tokens' })),
    });
    expect(classifyFailure({ error, nowMs: 0 }).code).toBe('rate_limit_exceeded');
  });

  test('decides nothing where a prompt quotes it', () => {
    const error = httpError({
      statusCode: 400,
      data: type('invalid_request_error', 'messages.0: "This organization has been disabled" is no role'),
    });
    expect(classifyFailure({ error, nowMs: 0 }).kind).toBe('invalid-request');
  });
});

describe('credentials that are missing', () => {
  const named = (name: string) => Object.assign(new Error('words'), { name });
  test.each<readonly [string, unknown]>([
    ['Bedrock without any', new Error('AWS SigV4 authentication requires AWS credentials. Please provide')],
    ['Bedrock with half', new Error('AWS SigV4 authentication requires both AWS_ACCESS_KEY_ID and')],
    ['a credential provider that fails', new Error('AWS credential provider failed: words')],
    ['a credential provider that returns nothing', new TypeError('accessKeyId is a required option')],
    ['Vertex without any', new Error('Could not load the default credentials. Browse to https')],
    ['Vertex on the edge', new Error('Failed to load Google credentials: Google client email setting')],
    ['Vertex on the edge with a rejected key', new Error('Token request failed: Unauthorized')],
    [
      'a credential file that is not there',
      new Error('The file at /x does not exist, or it is not a file. '),
    ],
    ['the AWS SDK', named('CredentialsProviderError')],
    ['Azure', named('CredentialUnavailableError')],
    ['Vercel', named('VercelOidcTokenError')],
    ['one of these as a cause', new Error('words', { cause: named('TokenProviderError') })],
    [
      'a token that Google rejects',
      Object.assign(new Error('invalid_grant'), {
        status: 400,
        response: { data: { error: 'invalid_grant' } },
      }),
    ],
  ])('%s are auth, and name the candidate', (_name, error) => {
    expect(classifyFailure({ error, nowMs: 0 })).toMatchObject({ kind: 'auth', about: 'candidate' });
  });

  test('are no matter of a message that only mentions them', () => {
    for (const message of [
      'the user: Could not load the default credentials.',
      'Token request failed: Bad Gateway',
    ])
      expect(classifyFailure({ error: new Error(message), nowMs: 0 }).kind).toBe('unknown');
  });
});
