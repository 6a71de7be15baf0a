import { lazily } from '../../boundary/lazily.ts';
import type { ProviderCodes } from './meaning.ts';

/**
 * What servers of one's own send beyond the common codes: the names that their sources give to errors, as public clients and
 * reports of November 2026 quote them; the sources themselves were not read.
 */
export const ownServers = lazily((): readonly ProviderCodes[] => [
  {
    // ggml-org/llama.cpp, tools/server, format_error_response.
    names: ['llama'],
    codes: {
      overloaded: ['unavailable_error'],
      'context-length': ['exceed_context_size_error'],
      unsupported: ['not_supported_error'],
    },
  },
  {
    // huggingface/text-generation-inference, router/src/infer, InferError: `error_type`.
    names: ['tgi', 'huggingface'],
    codes: {
      overloaded: ['overloaded'],
      server: ['incomplete_generation'],
      'invalid-request': ['template_error', 'missing_template_variable', 'tool_error'],
    },
  },
  {
    // vllm-project/vllm, entrypoints: `type` is the name of an HTTP status.
    names: ['vllm'],
    codes: {},
    vague: { 'not-found': ['notfounderror'] },
  },
  {
    // BerriAI/litellm, the proxy's own limits; Ollama and LM Studio send OpenAI's codes and sentences.
    names: ['litellm'],
    codes: { quota: ['budget_exceeded'] },
  },
]);
