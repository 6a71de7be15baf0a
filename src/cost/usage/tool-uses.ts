import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import type { CostFlag } from '../cost.ts';
import { googleMetadata, searchQueries, usesMaps } from '../seen/grounding.ts';
import type { SeenToolResult } from '../seen/observation.ts';
import type { UseCounts } from './bucket.ts';
import { countOf, fieldOf } from './token-count.ts';

/** Which billed tools a provider ran for a request. */
export type ToolUses = {
  readonly uses: UseCounts;
  readonly flags: readonly CostFlag[];
  /** At most this many model calls were made behind the one request: each tool result starts another. */
  readonly modelCalls: number;
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
 * Reads which billed tools a provider ran, from the results that passed, the usage and the metadata.
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
export function readToolUses(facts: ToolFacts): ToolUses {
  const { results = [], raw, providerMetadata, modelId, isEarly } = facts;
  const ran = countResults({ results, tools: facts.tools });
  const { queries, maps } = readGrounding({ raw, providerMetadata, modelId });
  const researched = modelId.includes('deep-research') ? (countOf(raw, 'num_search_queries') ?? 0) : 0;
  const flags: CostFlag[] = [];
  if (queries + maps > 0) flags.push('free-allowance-ignored');
  if (ran.hasUnknownFee || hasUnknownFee({ ...facts, researched })) flags.push('tool-fee-unknown');
  const serverTools = fieldOf(raw, 'server_tool_use');
  const counted = countOf(serverTools, 'web_search_requests') ?? 0;
  const claudeSearches = isEarly ? Math.max(counted, ran.claudeSearches) : counted;
  return {
    uses: {
      webSearch: ran.webSearch + claudeSearches + queries + researched,
      webSearchPreview: ran.webSearchPreview,
      fileSearch: ran.fileSearch,
      mapsSearch: maps,
    },
    flags,
    modelCalls: Math.max(results.length, counted + (countOf(serverTools, 'web_fetch_requests') ?? 0)) + 1,
  };
}

type Tools = LanguageModelV4CallOptions['tools'];

/** What is known of a request's tools at its end. */
type ToolFacts = {
  readonly tools: Tools;
  readonly results: readonly SeenToolResult[] | undefined;
  readonly raw: unknown;
  readonly providerMetadata: unknown;
  readonly modelId: string;
  /** The usage was sent before the answer, so that its counts are only a start. */
  readonly isEarly: boolean;
};

function countResults({
  results,
  tools,
}: {
  readonly results: readonly SeenToolResult[];
  readonly tools: Tools;
}) {
  const counts = {
    webSearch: 0,
    webSearchPreview: 0,
    fileSearch: 0,
    claudeSearches: 0,
    hasUnknownFee: false,
  };
  for (const { toolName, isError, action } of results) {
    const id = idOf({ toolName, tools });
    if (id === 'openai.web_search' || id === 'openai.web_search_preview') {
      if (action === undefined && !isError) counts.hasUnknownFee = true;
      if (action === 'search') counts[id === 'openai.web_search' ? 'webSearch' : 'webSearchPreview'] += 1;
    } else if (id.startsWith('anthropic.web_search')) counts.claudeSearches += isError ? 0 : 1;
    else if (id === 'openai.file_search') counts.fileSearch += 1;
    else if (unknownFees.has(id)) counts.hasUnknownFee = true;
    else if (id.startsWith('anthropic.code_execution'))
      counts.hasUnknownFee ||= !offers({ tools, id: /^anthropic\.web_(?:search|fetch)_(?!2025)/ });
  }
  return counts;
}

/** Whether something was billed that no result tells of. */
function hasUnknownFee({
  tools,
  raw,
  modelId,
  researched,
}: ToolFacts & { readonly researched: number }): boolean {
  return (
    modelId.includes('-search-preview') ||
    (researched > 0 && (countOf(raw, 'citation_tokens') ?? 0) > 0) ||
    (countOf(raw, 'num_sources_used') ?? 0) > 0 ||
    (countOf(raw, 'num_server_side_tools_used') ?? 0) > 0 ||
    (modelId.includes('gpt-oss') && offers({ tools, id: /^groq\.browser_search$/ }))
  );
}

function offers({ tools, id }: { readonly tools: Tools; readonly id: RegExp }): boolean {
  return tools?.some(tool => tool.type === 'provider' && id.test(tool.id)) ?? false;
}

/** A tool's id; the name in the answer is the one the user gave it. */
function idOf({ toolName, tools }: { readonly toolName: string; readonly tools: Tools }): string {
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
