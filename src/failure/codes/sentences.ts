import { lazily } from '../../boundary/lazily.ts';
import type { Meaning } from './meaning.ts';

type Sentence = {
  /** The status or the code with which the provider sends it; it is asked nowhere else. */
  readonly at: readonly string[];
  readonly sentence: RegExp;
  readonly means: Meaning;
};

/**
 * The causes for which providers send no code of their own: one code or status covers them and much else. Their own fixed
 * sentence, anchored at its start, is then the only fact there is. It only refines that code or status, and never makes a
 * failure retryable. Pages and public reports read November 2026.
 */
const sentences = lazily((): readonly Sentence[] => {
  /** Codes that say nothing but "your request", "no permission", "not found" or "too many". */
  const invalid = [
    'invalid_request_error',
    'invalid_argument',
    'validationexception',
    'badrequesterror',
    '400',
  ];
  const missing = ['404', 'not_found_error', 'not_found', 'notfounderror', 'resource_not_found_error'];
  const denied = ['403', 'permission_error', 'permission_denied'];
  const limited = ['429', '403', '402'];

  const quota: Meaning = { kind: 'quota', about: 'candidate' };
  const auth: Meaning = { kind: 'auth', about: 'candidate' };
  const noModel: Meaning = { kind: 'not-found', about: 'candidate' };
  const noItem: Meaning = { kind: 'invalid-request', about: 'request' };
  const tooLong: Meaning = { kind: 'context-length' };
  const refused: Meaning = { kind: 'content-filter' };

  return [
    // Anthropic, platform.claude.com/docs/en/api/errors and rate-limits
    { at: invalid, sentence: /^Your credit balance is too low to access/, means: quota },
    {
      at: invalid,
      sentence: /^You have reached your specified (?:workspace )?API usage limits/,
      means: quota,
    },
    { at: [...invalid, ...denied], sentence: /^This organization has been disabled/, means: auth },
    {
      at: invalid,
      sentence: /^(?:The model returned the following errors: )?prompt is too long: \d+ tokens > \d+ maximum/,
      means: tooLong,
    },
    { at: denied, sentence: /^OAuth authentication is currently not /, means: auth },
    { at: invalid, sentence: /^input length and `max_tokens` exceed context limit/, means: tooLong },
    { at: invalid, sentence: /^Output blocked by content filtering policy/, means: refused },
    { at: missing, sentence: /^model: /, means: noModel },
    // Google, ai.google.dev/gemini-api/docs/troubleshooting
    { at: invalid, sentence: /^The prompt could not be submitted/, means: refused },
    {
      at: invalid,
      sentence: /^The input token count .*exceeds the maximum number of tokens allowed/,
      means: tooLong,
    },
    {
      at: ['failed_precondition'],
      sentence: /^(?:User location is not supported for the API use|Gemini API free tier is not available)/,
      means: auth,
    },
    {
      at: missing,
      sentence: /^(?:models\/\S+ is not found for API version|Publisher Model )/,
      means: noModel,
    },
    {
      at: denied,
      sentence: /^(?:You do not have permission to access the File |CachedContent not found)/,
      means: noItem,
    },
    {
      at: denied,
      sentence:
        /^(?:Your API key was reported as leaked|Your project has been denied access|Method doesn't allow unregistered)/,
      means: auth,
    },
    // OpenAI and Azure; gateways hand it on as a 400 or 500
    {
      at: [...missing, ...invalid, '500'],
      sentence:
        /^(?:Item|Response|Previous response|Conversation|File|Container|Vector store) with id .*not found/i,
      means: noItem,
    },
    { at: ['429', 'rate_limit_exceeded'], sentence: /^Request too large for /, means: tooLong },
    // vLLM, LM Studio, DeepSeek, xAI, OpenRouter, Fireworks, Mistral
    {
      at: invalid,
      sentence: /^This (?:model|endpoint)'s maximum (?:context|prompt) length is \d+/,
      means: tooLong,
    },
    { at: invalid, sentence: /^(?:The prompt is too long: |Prompt contains )\d+/, means: tooLong },
    { at: invalid, sentence: /^Trying to keep the first \d+ tokens when context/, means: tooLong },
    { at: missing, sentence: /^The model `[^`]*` does not exist/, means: noModel },
    // Ollama
    { at: missing, sentence: /^model ["'][^"']*["'] not found/, means: noModel },
    // Hugging Face TGI
    {
      at: ['400', '422', 'validation'],
      sentence:
        /^Input validation error: `inputs` (?:must have less than|tokens \+ `max_new_tokens` must be)/,
      means: tooLong,
    },
    // Bedrock
    { at: invalid, sentence: /^The provided model identifier is invalid/, means: noModel },
    { at: invalid, sentence: /^Invocation of model ID \S+ with on-demand throughput isn/, means: noModel },
    { at: invalid, sentence: /^Operation not allowed$/, means: auth },
    { at: invalid, sentence: /^Input is too long for requested model/, means: tooLong },
    // OpenRouter: the account still has something, this request asks for more
    {
      at: ['402'],
      sentence: /^This request requires more credits, or fewer max_tokens/,
      means: { kind: 'quota', about: 'request' },
    },
    { at: ['403'], sentence: /^Key limit exceeded/, means: quota },
    // its guardrails
    { at: denied, sentence: /^Request blocked: /, means: refused },
    // xAI: codes are sentences, too
    { at: limited, sentence: /^Your (?:team \S+ has either|newly created teams? does)/, means: quota },
    { at: ['400'], sentence: /^Incorrect API key provided/, means: auth },
    { at: denied, sentence: /^Content violates usage guidelines/, means: refused },
    // Cohere
    { at: ['400'], sentence: /^too many tokens: /, means: tooLong },
    {
      at: ['429'],
      sentence: /^You are using a Trial key, which is limited to \d+ API calls \/ month/,
      means: quota,
    },
    // Moonshot
    {
      at: invalid,
      sentence: /^Invalid request: Your request exceeded model token limit/,
      means: tooLong,
    },
    { at: missing, sentence: /^Not found the model /, means: noModel },
    { at: limited, sentence: /^You've reached your usage limit for this/, means: quota },
    // MiniMax, by Anthropic's protocol
    { at: limited, sentence: /^(?:usage limit exceeded|insufficient balance)/, means: quota },
    // DashScope
    {
      at: ['400'],
      sentence: /^(?:<\d+> )?(?:InternalError\.Algo\.InvalidParameter: )?Range of input length should be/,
      means: tooLong,
    },
  ];
});

/** What the provider's fixed sentence means, where its code and status leave the cause open. */
export function meaningOfSentence({
  codes,
  statusCode,
  message,
}: {
  readonly codes: readonly string[];
  readonly statusCode: number | undefined;
  readonly message: string | undefined;
}): Meaning | undefined {
  if (message === undefined) return undefined;
  const places = [...codes, String(statusCode)];
  return sentences().find(
    ({ at, sentence }) => at.some(place => places.includes(place)) && sentence.test(message),
  )?.means;
}
