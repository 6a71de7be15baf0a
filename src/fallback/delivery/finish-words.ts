import type { FailureKind } from '../../failure/failure-kind.ts';

/**
 * What a provider's own word for a finish means: `content-filter` refused or cut off by a filter, `context-length` cut off
 * because the context window was full (the SDK's `length`), anything else broken off by a failure of this kind.
 */
export type FinishMeaning = FailureKind;

/**
 * Words by which providers end an answer that is not whole, those of their lists that the AI SDK's packages do not all know.
 * Only words that mean one thing wherever they come from, because relays hand on the words of others. Lower case.
 */
const wordsByProvider: ReadonlyArray<{
  readonly provider: string;
  /** What the row rests on: an enum of the vendor's own package, or the list of the page of this name as clients of it quote it. */
  readonly source: string;
  readonly words: Readonly<Record<string, FinishMeaning>>;
}> = [
  {
    provider: 'Z.ai',
    source: 'docs.z.ai, Chat Completion, as quoted by clients in November 2026',
    words: {
      sensitive: 'content-filter',
      network_error: 'server',
      model_context_window_exceeded: 'context-length',
    },
  },
  {
    provider: 'DeepSeek',
    source: 'api-docs.deepseek.com, Create Chat Completion, as quoted by clients in November 2026',
    words: { insufficient_system_resource: 'overloaded', content_filter: 'content-filter' },
  },
  {
    provider: 'Gemini',
    source: 'the enum FinishReason of @google/genai 2.32.0',
    words: {
      safety: 'content-filter',
      recitation: 'content-filter',
      blocklist: 'content-filter',
      prohibited_content: 'content-filter',
      spii: 'content-filter',
      image_safety: 'content-filter',
      image_prohibited_content: 'content-filter',
      image_recitation: 'content-filter',
      language: 'unsupported',
      malformed_function_call: 'malformed-response',
      unexpected_tool_call: 'malformed-response',
      too_many_tool_calls: 'malformed-response',
      malformed_response: 'malformed-response',
      missing_thought_signature: 'invalid-request',
    },
  },
  {
    provider: 'Amazon Bedrock',
    source: 'the enum StopReason of @aws-sdk/client-bedrock-runtime 3.1164.0',
    words: {
      content_filtered: 'content-filter',
      guardrail_intervened: 'content-filter',
      malformed_model_output: 'malformed-response',
      malformed_tool_use: 'malformed-response',
    },
  },
  {
    provider: 'Anthropic',
    source: 'platform.claude.com, Handling stop reasons, as @ai-sdk/anthropic maps them in November 2026',
    words: { refusal: 'content-filter', model_context_window_exceeded: 'context-length' },
  },
  {
    provider: 'Cohere',
    source: 'the enums ChatFinishReason and FinishReason of cohere-ai 8.1.0',
    words: {
      error: 'server',
      timeout: 'timeout',
      error_toxic: 'content-filter',
      error_limit: 'context-length',
      user_cancel: 'server',
    },
  },
  {
    provider: 'Mistral',
    source: 'the enums of @mistralai/mistralai 2.7.0',
    words: { error: 'server', model_length: 'context-length' },
  },
  {
    provider: 'Xiaomi MiMo and Tencent TokenHub',
    source: 'public clients of both, November 2026: the model repeated itself without end and was cut off',
    words: { repetition_truncation: 'malformed-response' },
  },
  {
    provider: 'OpenRouter',
    source: 'openrouter.ai, API Reference, finish_reason, as quoted by clients in November 2026',
    words: { error: 'server' },
  },
  {
    provider: 'IBM watsonx',
    source: 'the enum TextChatResultChoice FinishReason of watsonx-ai-node-sdk, as of November 2026',
    words: { error: 'server', cancelled: 'server', time_limit: 'timeout' },
  },
  {
    provider: 'vLLM and SGLang',
    source: 'the finish reasons of their OpenAI-compatible servers, as quoted by clients in November 2026',
    words: { abort: 'server', error: 'server' },
  },
];

const meanings = new Map(wordsByProvider.flatMap(({ words }) => Object.entries(words)));

/** Looks up what a provider's own word for a finish means; undefined for a word that ends a whole answer, or an unknown one. */
export function meaningOfFinish(raw: string | undefined): FinishMeaning | undefined {
  return raw === undefined ? undefined : meanings.get(raw.toLowerCase());
}
