import type { Exchange } from '../exchange.ts';
import type { ProviderError, ProviderErrorKind } from '../provider-error.ts';
import type { RenderedError } from './protocol.ts';

/**
 * Status and body Gemini answers with, per kind. A bad key is a 400 that only its `ErrorInfo` tells from other bad
 * requests; a limit says how long to wait in `RetryInfo`, not in a header. Source: bodies in public reports and in the AI
 * SDK's repository (read November 2026).
 */
export function googleError({
  kind,
  status,
  message,
  retryDelaySeconds,
  exchange,
}: ProviderError & { readonly exchange: Exchange }): RenderedError {
  const known = errors[kind];
  const text = message ?? known.message.replaceAll('{model}', exchange.model);
  const details = [
    ...(known.details ?? []),
    ...(retryDelaySeconds === undefined
      ? []
      : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryDelaySeconds}s` }]),
  ];
  return {
    status: status ?? known.status,
    body: {
      error: {
        code: status ?? known.status,
        message: text,
        status: known.name,
        ...(details.length === 0 ? {} : { details }),
      },
    },
  };
}

type KnownError = {
  readonly status: number;
  readonly name: string;
  readonly message: string;
  readonly details?: readonly object[];
};

const badKey = 'API key not valid. Please pass a valid API key.';

function quotaFailure(quotaId: string): object {
  return {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests', quotaId }],
  };
}

const errors: Readonly<Record<ProviderErrorKind, KnownError>> = {
  'rate-limit': {
    status: 429,
    name: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota, please check your plan and billing details.',
    details: [quotaFailure('GenerateRequestsPerMinutePerProjectPerModel')],
  },
  overloaded: {
    status: 503,
    name: 'UNAVAILABLE',
    message: 'The model is overloaded. Please try again later.',
  },
  server: {
    status: 500,
    name: 'INTERNAL',
    message: 'An internal error has occurred. Please retry.',
  },
  timeout: {
    status: 504,
    name: 'DEADLINE_EXCEEDED',
    message: 'The request timed out. Please try again.',
  },
  auth: {
    status: 400,
    name: 'INVALID_ARGUMENT',
    message: badKey,
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'generativelanguage.googleapis.com' },
      },
      { '@type': 'type.googleapis.com/google.rpc.LocalizedMessage', locale: 'en-US', message: badKey },
    ],
  },
  permission: { status: 403, name: 'PERMISSION_DENIED', message: 'The caller does not have permission' },
  quota: {
    status: 429,
    name: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota, please check your plan and billing details.',
    details: [quotaFailure('GenerateRequestsPerDayPerProjectPerModel')],
  },
  'not-found': {
    status: 404,
    name: 'NOT_FOUND',
    message: 'models/{model} is not found for API version v1beta, or is not supported for generateContent.',
  },
  'context-length': {
    status: 400,
    name: 'INVALID_ARGUMENT',
    message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  },
  'content-filter': {
    status: 400,
    name: 'INVALID_ARGUMENT',
    message:
      'The prompt could not be submitted: it contains words that violate the responsible AI practices.',
  },
  'invalid-request': {
    status: 400,
    name: 'INVALID_ARGUMENT',
    message: 'Thinking level MINIMAL is not supported for this model.',
  },
};
