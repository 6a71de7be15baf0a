import { fieldOf } from '../usage/token-count.ts';

/**
 * The queries of one request that Google bills: searches of the web and of images, each different one once, empty ones
 * never ("we ignore the empty web search queries when counting unique queries",
 * ai.google.dev/gemini-api/docs/google-search, 2026-11).
 */
export function searchQueries(groundingMetadata: unknown): ReadonlySet<string> {
  const queries = new Set<string>();
  for (const name of ['webSearchQueries', 'imageSearchQueries']) {
    const list = fieldOf(groundingMetadata, name);
    if (!Array.isArray(list)) continue;
    for (const query of list) if (typeof query === 'string' && query !== '') queries.add(query);
  }
  return queries;
}

/** Tells whether a request was grounded on a map. */
export function usesMaps(groundingMetadata: unknown): boolean {
  const chunks = fieldOf(groundingMetadata, 'groundingChunks');
  return Array.isArray(chunks) && chunks.some(chunk => fieldOf(chunk, 'maps') != null);
}

/** What the package says of Gemini, under its own name or that of Vertex AI, old or new. */
export function googleMetadata(providerMetadata: unknown): unknown {
  return (
    fieldOf(providerMetadata, 'google') ??
    fieldOf(providerMetadata, 'googleVertex') ??
    fieldOf(providerMetadata, 'vertex')
  );
}
