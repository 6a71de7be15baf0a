import type { CodesByKind } from './meaning.ts';

/** What one provider documents beyond the common codes, or means differently. */
export type ProviderCodes = {
  /** Parts of the model's `provider`, or of the host that answered, by which it is told. */
  readonly names: readonly string[];
  /** Codes, by what they mean. */
  readonly codes: CodesByKind;
  /** Codes that name no key, account or model. */
  readonly vague?: CodesByKind;
  /** Statuses that mean here what they do not mean everywhere, or that are this provider's only word for a cause. */
  readonly statuses?: CodesByKind;
};

/**
 * The documented errors of each provider that the common codes do not cover, each with its page. All read November 2026.
 *
 * One code can mean different things: DashScope's `insufficient_quota` is a limit per minute, OpenAI's an empty account; a
 * 403 is Together's word for a prompt that is too long.
 */
export const providerCodes: readonly ProviderCodes[] = [
  {
    // openrouter.ai/docs/api/errors, and the SDK's `ApiErrorType`. A 402 may be about one request; its sentence says so.
    names: ['openrouter'],
    codes: {
      quota: ['token_limit_exceeded'],
      'invalid-request': [
        'invalid_prompt',
        'precondition_failed',
        'max_tokens_exceeded',
        'invalid_image',
        'image_too_large',
        'image_too_small',
        'unsupported_image_format',
        'image_not_found',
        'image_download_failed',
      ],
    },
    statuses: { auth: ['401'], quota: ['402'] },
  },
  {
    // learn.microsoft.com/azure/ai-services/openai, quotas and error codes.
    names: ['azure'],
    codes: {
      auth: [
        'permissiondenied',
        'authenticationfailed',
        'authenticationtypedisabled',
        'invalidauthenticationtoken',
        'expiredauthenticationtoken',
      ],
    },
  },
  {
    // docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html, and the errors of Converse.
    names: ['bedrock', 'amazonaws'],
    codes: {
      'rate-limit': ['throttlingexception', 'throttling', 'toomanyrequestsexception'],
      overloaded: ['serviceunavailableexception', 'modelnotreadyexception'],
      server: [
        'internalserverexception',
        'internalfailure',
        'modelerrorexception',
        'modelstreamerrorexception',
      ],
      timeout: ['modeltimeoutexception'],
      auth: [
        'accessdeniedexception',
        'expiredtoken',
        'expiredtokenexception',
        'ftuformnotfilled',
        'incompletesignature',
        'invalidclienttokenid',
        'invalidsignatureexception',
        'missingauthenticationtoken',
        'missingauthenticationtokenexception',
        'mpagreementbeingcreated',
        'notauthorized',
        'optinrequired',
        'requestexpired',
        'unrecognizedclientexception',
      ],
      quota: ['servicequotaexceededexception'],
      'not-found': ['resourcenotfoundexception'],
      'invalid-request': ['validationexception', 'validationerror'],
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
      overloaded: ['3505'],
      'not-found': ['1500'],
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
    // console.groq.com/docs/errors: a 424 is a remote tool server that refused this request.
    names: ['groq'],
    codes: {
      auth: [
        'model_permission_blocked_org',
        'model_permission_blocked_project',
        'model_terms_required',
        'organization_restricted',
      ],
      quota: ['blocked_api_access'],
    },
    statuses: { 'invalid-request': ['424'] },
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
    // docs.together.ai/docs/error-codes: a 403 is a prompt longer than the context.
    names: ['together'],
    codes: {},
    statuses: { auth: ['401'], quota: ['402'], 'context-length': ['403'] },
  },
  {
    // docs.fireworks.ai/guides/inference-error-codes: a 412 is a suspended account.
    names: ['fireworks'],
    codes: { quota: ['412 precondition_failed'] },
    statuses: { quota: ['402', '412'] },
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
      timeout: ['responsetimeout', 'internalerror.timeout'],
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
    // developers.cloudflare.com/workers-ai/platform/errors (July 2026): `errors[0].code`.
    names: ['cloudflare', 'workers-ai', 'workersai'],
    codes: {
      overloaded: ['3040'],
      timeout: ['3007', '3008'],
      auth: ['3023', '3041', '5016', '5018', '10000'],
      quota: ['3036'],
      'not-found': ['3039', '3042', '5007'],
      'context-length': ['3006'],
      unsupported: ['5005'],
      'invalid-request': ['3003', '5004', '5006', '5019'],
    },
  },
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
];
