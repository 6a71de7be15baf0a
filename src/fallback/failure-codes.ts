import type { FailureKind } from '../failure-kind.ts';

/**
 * Codes by which providers name one cause. They win over the HTTP status, because a 400 can be a bad key (Gemini) and a
 * 429 an empty account (OpenAI). Compared in lower case.
 *
 * Sources, read November 2026: OpenAI "Error codes"; Anthropic "Errors"; Google `google.rpc.Code` and
 * `google.rpc.ErrorInfo.reason`; OpenRouter, DeepSeek, Groq, Mistral, Azure and xAI error pages.
 */
export const specificCodes: Readonly<Record<string, FailureKind>> = {
  rate_limit_exceeded: 'rate-limit',
  rate_limit_error: 'rate-limit',
  rate_limit: 'rate-limit',
  rate_limited: 'rate-limit',
  rate_limit_reached: 'rate-limit',
  too_many_requests: 'rate-limit',
  resource_exhausted: 'rate-limit',
  throttlingexception: 'rate-limit',

  overloaded_error: 'overloaded',
  overloaded: 'overloaded',
  server_overloaded: 'overloaded',
  server_is_overloaded: 'overloaded',
  engine_overloaded: 'overloaded',
  engine_overloaded_error: 'overloaded',
  model_overloaded: 'overloaded',
  slow_down: 'overloaded',
  unavailable: 'overloaded',
  service_unavailable: 'overloaded',
  service_unavailable_error: 'overloaded',

  timeout_error: 'timeout',
  deadline_exceeded: 'timeout',
  request_timeout: 'timeout',
  vector_store_timeout: 'timeout',

  invalid_api_key: 'auth',
  incorrect_api_key: 'auth',
  api_key_invalid: 'auth',
  api_key_expired: 'auth',
  api_key_service_blocked: 'auth',
  authentication_error: 'auth',
  invalid_authentication: 'auth',
  invalid_authentication_error: 'auth',
  unauthenticated: 'auth',
  unauthorized: 'auth',
  permission_error: 'auth',
  permission_denied: 'auth',
  permissiondenied: 'auth',
  account_deactivated: 'auth',
  organization_deactivated: 'auth',
  forbidden: 'auth',
  unsupported_country_region_territory: 'auth',

  insufficient_quota: 'quota',
  quota_exceeded: 'quota',
  exceeded_current_quota_error: 'quota',
  billing_error: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  billing_disabled: 'quota',
  credit_balance_too_low: 'quota',
  insufficient_balance: 'quota',
  insufficient_credits: 'quota',
  insufficient_funds: 'quota',
  payment_required: 'quota',

  model_not_found: 'not-found',
  model_not_available: 'not-found',
  model_decommissioned: 'not-found',
  unknown_model: 'not-found',
  deploymentnotfound: 'not-found',
  deployment_not_found: 'not-found',
  not_found_error: 'not-found',
  not_found: 'not-found',

  context_length_exceeded: 'context-length',
  context_window_exceeded: 'context-length',
  model_context_window_exceeded: 'context-length',
  prompt_too_long: 'context-length',
  string_above_max_length: 'context-length',
  request_too_large: 'context-length',

  content_policy_violation: 'content-filter',
  content_policy_error: 'content-filter',
  content_filter: 'content-filter',
  content_blocked: 'content-filter',
  policy_violation: 'content-filter',
  invalid_prompt: 'content-filter',
  moderation_blocked: 'content-filter',
  prohibited_content: 'content-filter',
  responsibleaipolicyviolation: 'content-filter',
  safety_error: 'content-filter',
  data_inspection_failed: 'content-filter',

  unsupported_parameter: 'unsupported',
  unsupported_value: 'unsupported',
  unsupported_model: 'unsupported',
  unsupported_media_type: 'unsupported',
  unsupported_content_type: 'unsupported',
  unimplemented: 'unsupported',
};

/** Codes that providers put on many causes; they decide only where there is no HTTP status, as inside a stream. */
export const genericCodes: Readonly<Record<string, FailureKind>> = {
  server_error: 'server',
  internal_server_error: 'server',
  internal_error: 'server',
  internal: 'server',
  unknown: 'server',
  aborted: 'server',
  data_loss: 'server',
  api_error: 'server',
  timeout: 'timeout',
  invalid_request_error: 'invalid-request',
  invalid_request: 'invalid-request',
  invalid_argument: 'invalid-request',
  failed_precondition: 'invalid-request',
  out_of_range: 'invalid-request',
  bad_request: 'invalid-request',
};

/** Codes that Node, undici, Bun and Deno put on a connection that failed. */
export const networkCodes: Readonly<Record<string, FailureKind>> = {
  econnreset: 'network',
  econnrefused: 'network',
  econnaborted: 'network',
  epipe: 'network',
  enotfound: 'network',
  eai_again: 'network',
  ehostunreach: 'network',
  enetunreach: 'network',
  etimedout: 'network',
  err_stream_premature_close: 'network',
  err_http2_stream_error: 'network',
  err_http2_session_error: 'network',
  und_err_socket: 'network',
  und_err_closed: 'network',
  und_err_connect_timeout: 'network',
  und_err_res_content_length_mismatch: 'network',
  und_err_headers_timeout: 'timeout',
  und_err_body_timeout: 'timeout',
  connectionrefused: 'network',
  connectionclosed: 'network',
  failedtoopensocket: 'network',
};

/** What an HTTP status says when no code says more. */
export function kindOfStatus(statusCode: number): FailureKind | undefined {
  switch (statusCode) {
    case 401:
    case 403:
      return 'auth';
    case 402:
      return 'quota';
    case 404:
    case 410:
      return 'not-found';
    case 408:
    case 504:
      return 'timeout';
    case 409:
    case 425:
      return 'server';
    case 413:
      return 'context-length';
    case 415:
    case 501:
      return 'unsupported';
    case 429:
      return 'rate-limit';
    case 503:
    case 529:
      return 'overloaded';
    default:
      if (statusCode >= 500) return 'server';
      return statusCode >= 400 ? 'invalid-request' : undefined;
  }
}

/**
 * The causes for which Anthropic and Google send no code of their own: `invalid_request_error` / `INVALID_ARGUMENT`
 * covers them and every other bad request. Their own fixed sentence, anchored at its start, is then the only fact there
 * is. It is asked only where provider code and status leave nothing but "invalid request", and it never makes a failure
 * retryable.
 */
export const sentencesWithoutCode: ReadonlyArray<{
  readonly code: string;
  readonly sentence: RegExp;
  readonly kind: FailureKind;
}> = [
  { code: 'invalid_request_error', sentence: /^Your credit balance is too low to access/, kind: 'quota' },
  {
    code: 'invalid_request_error',
    sentence: /^prompt is too long: \d+ tokens > \d+ maximum/,
    kind: 'context-length',
  },
  {
    code: 'invalid_request_error',
    sentence: /^input length and `max_tokens` exceed context limit/,
    kind: 'context-length',
  },
  {
    code: 'invalid_request_error',
    sentence: /^Output blocked by content filtering policy/,
    kind: 'content-filter',
  },
  { code: 'invalid_argument', sentence: /^The prompt could not be submitted/, kind: 'content-filter' },
  {
    code: 'invalid_argument',
    sentence: /^The input token count .*exceeds the maximum number of tokens allowed/,
    kind: 'context-length',
  },
];
