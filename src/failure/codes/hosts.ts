import { lazily } from '../../boundary/lazily.ts';
import type { ProviderCodes } from './meaning.ts';

/** What clouds, hosts and gateways document beyond the common codes, each with its page. All read November 2026. */
export const hosts = lazily((): readonly ProviderCodes[] => [
  {
    // openrouter.ai/docs/api/errors, and the SDK's `ApiErrorType`. A 402 may be about one request; its sentence says so.
    names: ['openrouter'],
    codes: {
      overloaded: ['provider_overloaded', 'provider_unavailable'],
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
    // console.groq.com/docs/errors: a 424 is a remote tool server that refused this request.
    names: ['groq'],
    codes: {
      overloaded: ['capacity_exceeded'],
      'not-found': ['model_decommissioned'],
      'malformed-response': ['tool_use_failed', 'json_validate_failed'],
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
    // developers.cloudflare.com/workers-ai/platform/errors (July 2026): `errors[0].code`; ai-gateway/features/guardrails.
    names: ['cloudflare', 'workers-ai', 'workersai'],
    codes: {
      overloaded: ['3040'],
      timeout: ['3007', '3008'],
      auth: ['3023', '3041', '5016', '5018', '10000'],
      quota: ['3036'],
      'not-found': ['3039', '3042', '5007'],
      'context-length': ['3006'],
      'content-filter': ['2016', '2017'],
      unsupported: ['5005'],
      'invalid-request': ['3003', '5004', '5006', '5019'],
    },
  },
  {
    // github.com/vercel/ai, packages/gateway/src/errors: the types of its error classes.
    names: ['gateway'],
    codes: { server: ['failed_dependency'] },
  },
]);
