/**
 * Every name that leaves this package for OpenTelemetry. Those that begin with `gen_ai` follow the semantic conventions for
 * generative AI (github.com/open-telemetry/semantic-conventions-genai, read November 2026), which are in development.
 */
export const attribute = {
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  conversationId: 'gen_ai.conversation.id',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_write.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  tokenType: 'gen_ai.token.type',
  /** Before the conventions had an operation name, and still in the SDK's older integration. */
  system: 'gen_ai.system',
  /** A draft (pull request 443 of the conventions), set only where it is asked for. */
  draftCostAmount: 'gen_ai.usage.cost.amount',
  draftCostCurrency: 'gen_ai.usage.cost.currency',
  draftCostSource: 'gen_ai.usage.cost.source',
  errorType: 'error.type',
  statusCode: 'http.response.status_code',
  callId: 'composite.call_id',
  task: 'composite.task',
  candidate: 'composite.candidate',
  attemptNumber: 'composite.attempt_number',
  attemptCount: 'composite.attempt_count',
  outcome: 'composite.outcome',
  costUsd: 'composite.cost.usd',
  costStatus: 'composite.cost.status',
  /** The sum of a call's attempts has names of its own, or it would count twice where spans are added up. */
  callCostUsd: 'composite.call.cost.usd',
  callCostStatus: 'composite.call.cost.status',
  fallbackFrom: 'composite.fallback.from',
  purpose: 'composite.purpose',
} as const;

/** The attribute of one tag of a call. */
export function tagAttribute(name: string): string {
  return `composite.tag.${name}`;
}

export const metric = {
  calls: 'composite.calls',
  attempts: 'composite.attempts',
  fallbacks: 'composite.fallbacks',
  duration: 'composite.attempt.duration',
  timeToFirstChunk: 'composite.attempt.time_to_first_chunk',
  tokens: 'composite.tokens',
  cost: 'composite.cost',
  breakerState: 'composite.circuit_breaker.state',
} as const;

/** Operations that are requests to a model; below one of them, another would be counted twice. */
export const inferenceOperations: ReadonlySet<unknown> = new Set([
  'chat',
  'generate_content',
  'text_completion',
]);

/** What an attempt is below a span that already stands for the call. */
export const attemptOperation = 'attempt';

/** The tracer and the meter. */
export const scopeName = 'ai-composite';

/** Well-known values of `gen_ai.provider.name`, by how the provider packages begin their names; the first that fits counts. */
const providerNames: ReadonlyArray<readonly [prefix: string, name: string]> = [
  ['google.vertex', 'gcp.vertex_ai'],
  ['google-vertex', 'gcp.vertex_ai'],
  ['vertex', 'gcp.vertex_ai'],
  ['google', 'gcp.gemini'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['bedrock', 'aws.bedrock'],
  ['azure-openai', 'azure.ai.openai'],
  ['azure', 'azure.ai.openai'],
  ['mistral', 'mistral_ai'],
  ['xai', 'x_ai'],
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['cohere', 'cohere'],
  ['deepseek', 'deepseek'],
  ['groq', 'groq'],
  ['perplexity', 'perplexity'],
];

/** The provider's name in the conventions: `openai` for `openai.responses`; one that they do not know keeps its own. */
export function providerName(provider: string): string {
  const known = providerNames.find(
    ([prefix]) =>
      provider === prefix || provider.startsWith(`${prefix}.`) || provider.startsWith(`${prefix}-`),
  );
  return known?.[1] ?? provider;
}
