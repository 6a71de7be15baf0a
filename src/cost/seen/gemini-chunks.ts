import { fieldOf } from '../usage/token-count.ts';
import { searchQueries, usesMaps } from './grounding.ts';
import { mergeUsage } from './merge-usage.ts';

/** What the chunks of a Gemini stream said so far, in the shapes in which its package reports it at the end. */
export type GeminiChunks = {
  readonly observe: (chunk: unknown) => void;
  /** The usage of all requests behind the answer; undefined where no chunk had one. */
  readonly usage: () => unknown;
  /** The first prompt and the grounding of every request; undefined where there is neither. */
  readonly metadata: () => unknown;
};

/** The grounding of one request: its queries, and whether a map was used. */
type Grounding = { readonly queries: Set<string>; hasMaps: boolean };

/**
 * Makes a reader of chunks.
 *
 * Usage is repeated with every chunk and starts over with every request of an answer that is continued
 * (`finishReason: 'CONTINUATION'`). Grounding can come in several chunks, queries in one and sources in another, of
 * which the package keeps the last (github.com/vercel/ai/pull/13123, 2026-03).
 */
export function createGeminiChunks(): GeminiChunks {
  let ended: unknown;
  let current: unknown;
  let firstPrompt: unknown;
  let isContinued = false;
  let groundings: readonly Grounding[] = [];
  let grounding: Grounding | undefined;

  return {
    observe: chunk => {
      current = mergeUsage({ first: current, last: fieldOf(chunk, 'usageMetadata') });
      const candidates = fieldOf(chunk, 'candidates');
      const candidate: unknown = Array.isArray(candidates) ? candidates[0] : undefined;
      const found = fieldOf(candidate, 'groundingMetadata');
      if (found != null) grounding = added({ to: grounding, found });
      if (fieldOf(candidate, 'finishReason') !== 'CONTINUATION') return;
      if (!isContinued) firstPrompt = fieldOf(current, 'promptTokenCount');
      isContinued = true;
      ended = sum({ one: ended, other: current });
      current = undefined;
      if (grounding !== undefined) groundings = [...groundings, grounding];
      grounding = undefined;
    },
    usage: () => sum({ one: ended, other: current }),
    metadata: () => {
      const all = grounding === undefined ? groundings : [...groundings, grounding];
      if (all.length === 0 && firstPrompt === undefined) return undefined;
      return {
        google: {
          ...(firstPrompt !== undefined && { initialPromptTokenCount: firstPrompt }),
          groundingMetadataPerRequest: all.map(({ queries, hasMaps }) => ({
            webSearchQueries: [...queries],
            groundingChunks: hasMaps ? [{ maps: {} }] : [],
          })),
        },
      };
    },
  };
}

function added({ to, found }: { readonly to: Grounding | undefined; readonly found: unknown }): Grounding {
  const grounding = to ?? { queries: new Set(), hasMaps: false };
  for (const query of searchQueries(found)) grounding.queries.add(query);
  grounding.hasMaps ||= usesMaps(found);
  return grounding;
}

/** Adds counts and joins details; their readers add up what has the same modality. */
function sum({ one, other }: { readonly one: unknown; readonly other: unknown }): unknown {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null)
    return other ?? one;
  const entries = Object.entries(other).map(([name, value]: [string, unknown]) => {
    const before = fieldOf(one, name);
    if (typeof value === 'number' && typeof before === 'number') return [name, before + value];
    return [name, Array.isArray(value) && Array.isArray(before) ? [...before, ...value] : value];
  });
  return { ...one, ...Object.fromEntries(entries) };
}
