import type { Exchange } from '../exchange.ts';
import type { ProviderError, ProviderErrorKind } from '../provider-error.ts';
import type { RenderedError } from './protocol.ts';

/** The `error` object of both OpenAI protocols. */
export type OpenAIError = {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
};

/**
 * Status and `error` object OpenAI answers with, per kind. Source: the error-codes guide of the OpenAI platform
 * documentation and bodies recorded in the AI SDK's repository (read November 2026).
 */
export function openaiError({
  kind,
  status,
  message,
  exchange,
}: ProviderError & { exchange: Exchange }): RenderedError & {
  readonly error: OpenAIError;
} {
  const known = errors[kind];
  const error = {
    message: message ?? known.message.replaceAll('{model}', exchange.model),
    type: known.type,
    param: known.param ?? null,
    code: known.code,
  };
  return { status: status ?? known.status, error, body: { error } };
}

type KnownError = {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
  readonly param?: string;
};

const errors: Readonly<Record<ProviderErrorKind, KnownError>> = {
  'rate-limit': {
    status: 429,
    type: 'requests',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached for {model} on requests per min (RPM): Limit 500, Used 500, Requested 1.',
  },
  overloaded: {
    status: 503,
    type: 'service_unavailable_error',
    code: 'server_is_overloaded',
    message: 'Our servers are currently overloaded. Please try again later.',
  },
  server: {
    status: 500,
    type: 'server_error',
    code: null,
    message: 'The server had an error while processing your request. Sorry about that!',
  },
  timeout: { status: 504, type: 'server_error', code: null, message: 'The request timed out.' },
  auth: {
    status: 401,
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message: 'Incorrect API key provided.',
  },
  permission: {
    status: 403,
    type: 'invalid_request_error',
    code: 'unsupported_country_region_territory',
    message: 'Country, region, or territory not supported.',
  },
  quota: {
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    message: 'You exceeded your current quota, please check your plan and billing details.',
  },
  'not-found': {
    status: 404,
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: 'The model `{model}` does not exist or you do not have access to it.',
  },
  'context-length': {
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    param: 'messages',
    message:
      "This model's maximum context length is 128000 tokens. Please reduce the length of the messages.",
  },
  'content-filter': {
    status: 400,
    type: 'invalid_request_error',
    code: 'content_policy_violation',
    message: 'Your request was rejected as a result of our safety system.',
  },
  'invalid-request': {
    status: 400,
    type: 'invalid_request_error',
    code: 'unsupported_value',
    param: 'temperature',
    message: "Unsupported value: 'temperature' does not support this value with this model.",
  },
};
