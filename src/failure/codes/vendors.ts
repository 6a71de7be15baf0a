import { lazily } from '../../boundary/lazily.ts';
import type { ProviderCodes } from './meaning.ts';

/** What the makers of models document beyond the common codes, each with its page. All read November 2026. */
export const vendors = lazily((): readonly ProviderCodes[] => [
  {
    // developers.openai.com/api/docs/guides/error-codes; help.openai.com/articles/6614457.
    names: ['openai'],
    codes: {
      auth: ['invalid_organization', 'mismatched_organization', 'ip_not_authorized'],
      quota: [
        'credit_balance_exhausted',
        'organization_spend_limit_exceeded',
        'organization_usage_limit_exceeded',
        'project_spend_limit_exceeded',
      ],
      'invalid-request': [
        'empty_image_file',
        'failed_to_download_image',
        'image_file_too_large',
        'image_parse_error',
        'image_too_large',
        'image_too_small',
        'invalid_base64_image',
        'invalid_image',
        'invalid_image_format',
        'invalid_image_mode',
        'invalid_image_url',
        'unsupported_image_media_type',
      ],
    },
  },
  {
    // platform.claude.com/docs/en/api/errors: a tier's monthly limit is a 429 without `retry-after`.
    names: ['anthropic'],
    codes: { quota: ['enforced_spend_limit_reached'] },
  },
  {
    // ai.google.dev/gemini-api/docs/troubleshooting; `google.api.ErrorReason` for both Gemini and Vertex.
    names: ['google', 'vertex', 'gemini'],
    codes: {
      overloaded: ['model_capacity_exhausted'],
      auth: [
        'access_token_expired',
        'access_token_scope_insufficient',
        'access_token_type_unsupported',
        'account_state_invalid',
        'api_key_android_app_blocked',
        'api_key_expired',
        'api_key_http_referrer_blocked',
        'api_key_invalid',
        'api_key_ios_app_blocked',
        'api_key_ip_address_blocked',
        'api_key_service_blocked',
        'consumer_invalid',
        'consumer_suspended',
        'credentials_missing',
        'iam_permission_denied',
        'org_restriction_violation',
        'security_policy_violated',
        'service_disabled',
        'service_not_activated',
        'user_project_denied',
      ],
      'invalid-request': ['parameter_unknown'],
    },
  },
  {
    // docs.mistral.ai and public reports: the word is in `type`, the number in `code`.
    names: ['mistral'],
    codes: {
      'rate-limit': ['1300'],
      overloaded: ['service_tier_capacity_exceeded', '3505'],
      'not-found': ['invalid_model', 'unknown_model', '1500'],
      'invalid-request': [
        'invalid_function_call',
        'invalid_request_assistant_message',
        'invalid_request_message_order',
        '3230',
        '3280',
      ],
    },
    statuses: { auth: ['401'] },
  },
  {
    // api-docs.deepseek.com/quick_start/error_codes: the status is the only word.
    names: ['deepseek'],
    codes: {},
    statuses: { auth: ['401'], quota: ['402'] },
  },
  {
    // docs.x.ai and public reports.
    names: ['xai', 'x.ai'],
    codes: { quota: ['personal-team-blocked:spending-limit'] },
  },
  {
    // docs.cohere.com/errors-reference: messages only.
    names: ['cohere'],
    codes: {},
    statuses: { auth: ['401'], quota: ['402'] },
  },
  {
    // docs.perplexity.ai/guides/perplexity-sdk-error-handling.
    names: ['perplexity'],
    codes: {},
    statuses: { auth: ['401'] },
  },
  {
    // docs.z.ai/api-reference/api-code; 1314 and later as seen in September 2026.
    names: ['zai', 'z.ai', 'zhipu', 'bigmodel'],
    codes: {
      'rate-limit': ['1302', '1303'],
      overloaded: ['1305', '1312'],
      server: ['1120', '1200', '1230', '1234'],
      auth: [
        ...['1000', '1001', '1002', '1003', '1004', '1110', '1111', '1112', '1121', '1220'],
        ...['1309', '1311', '1313', '1314', '1315'],
      ],
      quota: ['1113', '1304', '1308', '1310', '1316', '1317', '1318', '1319', '1320', '1321'],
      'not-found': ['1211', '1221', '1222'],
      'context-length': ['1261'],
      'content-filter': ['1300', '1301'],
      unsupported: ['1212'],
      'invalid-request': ['1210', '1213', '1214', '1215', '1231'],
    },
  },
  {
    // help.aliyun.com/en/model-studio/error-code.
    names: ['dashscope', 'alibaba', 'aliyun', 'qwen'],
    codes: {
      'rate-limit': [
        'throttling',
        'throttling.allocationquota',
        'throttling.burstrate',
        'throttling.ratequota',
        'throttling.user',
        'limit_burst_rate',
        'limit_requests',
        'insufficient_quota',
      ],
      overloaded: ['modelunavailable', 'serviceunavailableerror'],
      server: ['internalerror', 'internalerror.algo', 'modelservingerror', 'systemerror'],
      auth: [
        'accessdenied',
        'accessdenied.unpurchased',
        'commoditynotpurchased',
        'model.accessdenied',
        'workspace.accessdenied',
      ],
      quota: [
        'allocationquota.freetieronly',
        'arrearage',
        'postpaidbilloverdue',
        'prepaidbilloverdue',
        'throttling.freequota',
      ],
      'context-length': ['badrequest.toolarge'],
      'content-filter': ['ipinfringementsuspect', 'custom_role_blocked'],
      'invalid-request': ['invalidparameter', 'invalid_parameter_error', 'invalidparameter.datainspection'],
    },
  },
  {
    // platform.minimax.io/docs/api-reference/errorcode: `base_resp.status_code`, often inside a 200.
    names: ['minimax'],
    codes: {
      'rate-limit': ['1002', '1041', '2045'],
      server: ['1000', '1013', '1024', '1033'],
      timeout: ['1001'],
      auth: ['1004', '2049', '2061'],
      quota: ['1008', '1028', '1030', '2056'],
      'context-length': ['1039'],
      'content-filter': ['1026', '1027'],
      'invalid-request': ['1042', '2013'],
    },
  },
  {
    // platform.kimi.ai, and kimi.com/code/docs, error reference.
    names: ['moonshot', 'kimi'],
    codes: {
      'rate-limit': ['rate_limit_reached_error'],
      overloaded: ['engine_overloaded_error'],
      auth: ['incorrect_api_key_error', 'invalid_authentication_error'],
      quota: ['exceeded_current_quota_error'],
    },
    vague: { auth: ['permission_denied_error'], 'not-found': ['resource_not_found_error'] },
  },
]);
