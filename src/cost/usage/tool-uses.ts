import type { LanguageModelV4CallOptions, LanguageModelV4ToolResult } from '@ai-sdk/provider';
import type { CostFlag } from '../cost.ts';
import { googleMetadata, searchQueries, usesMaps } from '../seen/grounding.ts';
import type { UseCounts } from './bucket.ts';
import { countOf, fieldOf } from './token-count.ts';

/** Which billed tools a provider ran for a request. */
export type ToolUses = {
  readonly uses: UseCounts;
  readonly flags: readonly CostFlag[];
  /** At most this many model calls were made behind the one request: each tool result starts another. */
  readonly modelCalls: number;
};

/** Counts the tool results of a provider while they pass. */
export type ToolCounter = {
  readonly observe: (part: LanguageModelV4ToolResult) => void;
  /** Adds what the usage and the metadata say once they are known. */
  readonly read: (end: {
    readonly raw: unknown;
    readonly providerMetadata: unknown;
    readonly modelId: string;
    /** The usage was sent before the answer, so that its counts are only a start. */
    readonly isEarly: boolean;
  }) => ToolUses;
};

/**
 * Tools that are billed by a unit that the answer does not state: container time, an image model's own tokens. xAI
 * bills calls that its package lists only in part (docs.x.ai, pricing, 2026-11).
 */
const unknownFees: ReadonlySet<string> = new Set([
  'openai.code_interpreter',
  'openai.image_generation',
  'openai.shell',
  'xai.web_search',
  'xai.x_search',
  'xai.code_execution',
  'xai.file_search',
  'xai.image_generation',
]);

/**
 * Makes a counter for one request.
 *
 * OpenAI lists page visits beside searches and bills only searches, `action.type === 'search'`; a finished call may
 * lack its action (github.com/openai/openai-openapi/issues/572, 2026-09), and then may have been a search. The
 * search models of chat completions bill searches that no answer tells (openrouter.ai/openai/gpt-4o-search-preview,
 * 2026). File searches are billed each (developers.openai.com/api/docs/pricing, 2026-11). Anthropic counts its
 * searches in `usage.server_tool_use`, which comes last; of a stream that was cut those that passed are counted,
 * failed ones not; fetching pages is free (platform.claude.com, web search tool, 2026-11). Gemini names its queries
 * in `groundingMetadata` and counts those of an interaction in `usage.grounding_tool_count`: Gemini 3 bills each,
 * earlier models each grounded prompt, both after a free allowance that is not known here
 * (ai.google.dev/gemini-api/docs/pricing, 2026-11). Perplexity's deep research counts its queries, and bills citations
 * by a rate of their own; its other models have a fee per request instead (docs.perplexity.ai, pricing, 2026-10).
 * xAI's live search billed each source (docs.x.ai, live search, 2025-10). Claude's code execution is billed by the
 * hour, and free beside a web tool that filters with it (platform.claude.com, pricing, 2026-11). Groq searches with
 * GPT-OSS only and its package lists no search (console.groq.com/docs/browser-search, groq.com/pricing, 2026-11).
 */
export function createToolCounter({ tools }: Pick<LanguageModelV4CallOptions, 'tools'>): ToolCounter {
  let results = 0;
  let webSearch = 0;
  let claudeSearches = 0;
  let webSearchPreview = 0;
  let fileSearch = 0;
  let hasUnknownFee = false;
  const offers = (id: RegExp) => tools?.some(tool => tool.type === 'provider' && id.test(tool.id)) ?? false;

  return {
    observe: ({ toolName, result, isError, preliminary }) => {
      // Partial images come before the result they are part of.
      if (preliminary === true) return;
      results += 1;
      const id = idOf({ toolName, tools });
      if (id === 'openai.web_search' || id === 'openai.web_search_preview') {
        const action = fieldOf(result, 'action');
        if (action === undefined && isError !== true) hasUnknownFee = true;
        if (fieldOf(action, 'type') !== 'search') return;
        if (id === 'openai.web_search') webSearch += 1;
        else webSearchPreview += 1;
      } else if (id.startsWith('anthropic.web_search')) claudeSearches += isError === true ? 0 : 1;
      else if (id === 'openai.file_search') fileSearch += 1;
      else if (unknownFees.has(id)) hasUnknownFee = true;
      else if (
        id.startsWith('anthropic.code_execution') &&
        !offers(/^anthropic\.web_(?:search|fetch)_(?!2025)/)
      )
        hasUnknownFee = true;
    },
    read: ({ raw, providerMetadata, modelId, isEarly }) => {
      const flags: CostFlag[] =
        hasUnknownFee || modelId.includes('-search-preview') ? ['tool-fee-unknown'] : [];
      const serverTools = fieldOf(raw, 'server_tool_use');
      const grounding = readGrounding({ raw, providerMetadata, modelId });
      if (grounding.queries + grounding.maps > 0) flags.push('free-allowance-ignored');
      const researched = modelId.includes('deep-research') ? (countOf(raw, 'num_search_queries') ?? 0) : 0;
      if (
        (researched > 0 && countOf(raw, 'citation_tokens')) ||
        countOf(raw, 'num_sources_used') ||
        countOf(raw, 'num_server_side_tools_used') ||
        (modelId.includes('gpt-oss') && offers(/^groq\.browser_search$/))
      )
        flags.push('tool-fee-unknown');
      const counted = countOf(serverTools, 'web_search_requests') ?? 0;
      const anthropicSearches = isEarly ? Math.max(counted, claudeSearches) : counted;
      const searches = webSearch + anthropicSearches + grounding.queries + researched;
      const loops = Math.max(results, counted + (countOf(serverTools, 'web_fetch_requests') ?? 0));
      return {
        uses: {
          ...(searches > 0 && { webSearch: searches }),
          ...(webSearchPreview > 0 && { webSearchPreview }),
          ...(fileSearch > 0 && { fileSearch }),
          ...(grounding.maps > 0 && { mapsSearch: grounding.maps }),
        },
        flags,
        modelCalls: loops + 1,
      };
    },
  };
}

/** A tool's id; the name in the answer is the one the user gave it. */
function idOf({
  toolName,
  tools,
}: {
  readonly toolName: string;
  readonly tools: LanguageModelV4CallOptions['tools'];
}): string {
  const tool = tools?.find(({ name }) => name === toolName);
  if (tool?.type === 'provider') return tool.id;
  return tool === undefined ? `openai.${toolName}` : toolName;
}

const notGrounded = { queries: 0, maps: 0 };

function readGrounding({
  raw,
  providerMetadata,
  modelId,
}: {
  readonly raw: unknown;
  readonly providerMetadata: unknown;
  readonly modelId: string;
}): { readonly queries: number; readonly maps: number } {
  const metadata = googleMetadata(providerMetadata);
  const interaction = fieldOf(raw, 'grounding_tool_count');
  if (metadata === undefined && interaction === undefined) return notGrounded;
  const perRequest = fieldOf(metadata, 'groundingMetadataPerRequest');
  const requests: readonly unknown[] = Array.isArray(perRequest)
    ? perRequest
    : [fieldOf(metadata, 'groundingMetadata')];
  const billed = (count: number) => (/gemini-[12]/.test(modelId) ? Math.min(count, 1) : count);
  let queries = 0;
  let maps = 0;
  for (const request of requests) {
    queries += billed(searchQueries(request).size);
    if (usesMaps(request)) maps += 1;
  }
  for (const tool of Array.isArray(interaction) ? interaction : []) {
    const count = billed(countOf(tool, 'count') ?? 0);
    const type = fieldOf(tool, 'type');
    if (type === 'google_search') queries += count;
    if (type === 'google_maps') maps += count;
  }
  return { queries, maps };
}
