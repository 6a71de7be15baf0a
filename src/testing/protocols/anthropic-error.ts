import type { Exchange } from '../exchange.ts';
import type { ProviderError, ProviderErrorKind } from '../provider-error.ts';
import type { RenderedError } from './protocol.ts';

/** An HTTP error answer of Anthropic. */
export function anthropicError(failure: ProviderError & { readonly exchange: Exchange }): RenderedError {
  return {
    status: failure.status ?? errors[failure.kind].status,
    body: {
      type: 'error',
      error: anthropicErrorObject(failure),
      request_id: `req_${failure.exchange.account}`,
    },
  };
}

/** The `error` object, which an error event inside a stream carries too. */
export function anthropicErrorObject({
  kind,
  message,
  exchange,
}: ProviderError & { readonly exchange: Exchange }): object {
  return {
    type: errors[kind].type,
    message: message ?? errors[kind].message.replaceAll('{model}', exchange.model),
  };
}

/**
 * Status and error type per kind. Source: Anthropic's "Errors" page; the empty balance is a 400 whose type is no more
 * telling than any other, as public reports show (both read November 2026).
 */
const errors: Readonly<
  Record<ProviderErrorKind, { readonly status: number; readonly type: string; readonly message: string }>
> = {
  'rate-limit': {
    status: 429,
    type: 'rate_limit_error',
    message: 'This request would exceed your rate limit of 50 requests per minute.',
  },
  overloaded: { status: 529, type: 'overloaded_error', message: 'Overloaded' },
  server: { status: 500, type: 'api_error', message: 'Internal server error' },
  timeout: { status: 504, type: 'timeout_error', message: 'The request timed out while processing.' },
  auth: { status: 401, type: 'authentication_error', message: 'invalid x-api-key' },
  permission: {
    status: 403,
    type: 'permission_error',
    message: 'Your API key does not have permission to use the specified resource.',
  },
  quota: {
    status: 400,
    type: 'invalid_request_error',
    message: 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.',
  },
  'not-found': { status: 404, type: 'not_found_error', message: 'model: {model}' },
  'context-length': {
    status: 400,
    type: 'invalid_request_error',
    message: 'prompt is too long: 210000 tokens > 200000 maximum',
  },
  'content-filter': {
    status: 400,
    type: 'invalid_request_error',
    message: 'Output blocked by content filtering policy',
  },
  'invalid-request': {
    status: 400,
    type: 'invalid_request_error',
    message: 'max_tokens: Input should be greater than or equal to 1',
  },
};
