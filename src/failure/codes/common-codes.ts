import { lazily } from '../../boundary/lazily.ts';
import { gaveUpWaitingCodes } from '../../provider/gave-up-waiting.ts';
import type { CodesByKind } from './meaning.ts';

/**
 * Codes that mean the same wherever they come from. They win over the HTTP status, because a 400 can be a bad key (Gemini)
 * and a 429 an empty account (OpenAI).
 *
 * Sources, read November 2026: the pages named in `vendors.ts` and `hosts.ts`; `google.rpc.Code`; OAuth 2.0 (RFC 6749 section 5.2,
 * RFC 6750 section 3.1) for tokens that Google, AWS and Azure credentials are exchanged for.
 */
export const commonCodes = lazily(
  (): CodesByKind => ({
    'rate-limit': [
      'rate_limit_exceeded',
      'rate_limit_error',
      'rate_limit',
      'rate_limited',
      'rate_limit_reached',
      'ratelimitreached',
      'too_many_requests',
      'toomanyrequests',
      'resource_exhausted',
      '429 slow_down',
    ],
    overloaded: [
      'overloaded_error',
      'overloaded',
      'server_overloaded',
      'server_is_overloaded',
      'engine_overloaded',
      'model_overloaded',
      'slow_down',
      'unavailable',
      'service_unavailable',
      'service_unavailable_error',
      'serviceunavailable',
    ],
    timeout: gaveUpWaitingCodes,
    auth: [
      'invalid_api_key',
      'incorrect_api_key',
      'expired_api_key',
      'invalidapikey',
      'authentication',
      'authentication_error',
      'authenticationerror',
      'invalid_authentication',
      'unauthenticated',
      'unauthorized',
      'account_deactivated',
      'organization_deactivated',
      'unsupported_country_region_territory',
      'invalid_client',
      'invalid_grant',
      'invalid_token',
      'unauthorized_client',
      'insufficient_scope',
    ],
    quota: [
      'insufficient_quota',
      'insufficient_user_quota',
      'quota_exceeded',
      'billing_error',
      'billing_hard_limit_reached',
      'billing_not_active',
      'billing_disabled',
      'credit_balance_too_low',
      'insufficient_balance',
      'insufficient_balance_error',
      'insufficient_credits',
      'insufficient_funds',
      'payment_required',
      'usage_limit_exceeded',
      'usage_limit_reached',
      // A rate limit that only money lifts.
      '402 rate_limit_exceeded',
      '402 resource_exhausted',
    ],
    'not-found': [
      'model_not_found',
      'model_not_available',
      'modelnotfound',
      'deploymentnotfound',
      'deployment_not_found',
      'account_not_found',
      'endpoint_not_found',
      'organization_not_found',
      'project_not_found',
      'provider_not_found',
      'team_not_found',
      'user_not_found',
    ],
    'context-length': [
      'context_length_exceeded',
      'context_window_exceeded',
      'model_context_window_exceeded',
      'prompt_too_long',
      'string_above_max_length',
      'string_too_long',
      'request_too_large',
      'payload_too_large',
      // More than the limit of a whole minute: it can never fit, however long one waits.
      '413 rate_limit_exceeded',
      '413 rate_limit_error',
      '413 resource_exhausted',
    ],
    'content-filter': [
      'content_policy_violation',
      'content_policy_error',
      'content_filter',
      'content_blocked',
      'policy_violation',
      'invalid_prompt',
      'moderation_blocked',
      'image_content_policy_violation',
      'prohibited_content',
      'responsibleaipolicyviolation',
      'safety_error',
      'refusal',
      'data_inspection_failed',
      'datainspectionfailed',
    ],
    unsupported: [
      'unsupported_parameter',
      'unsupported_value',
      'unsupported_model',
      'unsupported_media_type',
      'unsupported_content_type',
      'unsupportedoperation',
      'operationnotsupported',
      'unimplemented',
    ],
  }),
);

/**
 * Codes that say what happened but not to whom: what is forbidden or missing may be the model, or a file that one visitor's
 * conversation names.
 */
export const vagueCodes = lazily(
  (): CodesByKind => ({
    auth: ['permission_error', 'permission_denied', 'permissiondenied', 'forbidden', 'access_denied'],
    'not-found': ['not_found_error', 'not_found', 'notfound'],
  }),
);

/** Codes that providers put on many causes; they decide only where there is no HTTP status, as inside a stream. */
export const genericCodes = lazily(
  (): CodesByKind => ({
    server: [
      'server_error',
      'server',
      'internal_server_error',
      'internalservererror',
      'internal_error',
      'internal',
      'unknown',
      'aborted',
      'data_loss',
      'api_error',
      'generation',
    ],
    timeout: ['timeout', 'cancelled'],
    'invalid-request': [
      'invalid_request_error',
      'invalid_request',
      'invalid_argument',
      'failed_precondition',
      'out_of_range',
      'bad_request',
      'badrequesterror',
      'unprocessable',
      'validation',
    ],
  }),
);

/** Codes that Node, undici, Bun and Deno put on a connection that failed. */
export const networkCodes = lazily(
  (): CodesByKind => ({
    network: [
      'econnreset',
      'econnrefused',
      'econnaborted',
      'epipe',
      'enotfound',
      'eai_again',
      'ehostunreach',
      'enetunreach',
      'etimedout',
      'err_stream_premature_close',
      'err_http2_stream_error',
      'err_http2_session_error',
      'und_err_socket',
      'und_err_closed',
      'und_err_connect_timeout',
      'und_err_res_content_length_mismatch',
      'connectionrefused',
      'connectionclosed',
      'failedtoopensocket',
    ],
    timeout: ['und_err_headers_timeout', 'und_err_body_timeout'],
  }),
);
