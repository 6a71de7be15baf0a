import type { MatchLogic } from '@pydantic/genai-prices';
import { withoutOwner, withoutSnapshot } from '../price/model-id.ts';

/**
 * Tells whether a model that the catalog's matching found is really the one asked for.
 *
 * The catalog matches by prefix, which prices a successor as its ancestor (`claude-sonnet-5-5` as `claude-sonnet-5`).
 * Only an id that the entry names, or a dated, `-latest` or `-preview` snapshot of one, is accepted.
 */
export function isNamedBy({
  entry,
  modelId,
}: {
  readonly entry: { readonly id: string; readonly match: MatchLogic };
  readonly modelId: string;
}): boolean {
  const wanted = modelId.toLowerCase();
  const base = withoutSnapshot(withoutOwner(wanted));
  return [entry.id, ...literalsOf(entry.match)].some(literal => {
    const name = literal.toLowerCase();
    if (name === wanted) return true;
    const named = withoutSnapshot(name.replace(/[-@:]+$/, ''));
    if (named === '' || isFamilyAlias(wanted)) return false;
    // Regions and vendors come before a Bedrock id, resource paths before others. GovCloud has prices of its own.
    const isRegional = base.endsWith(`.${named}`) && !base.startsWith('us-gov.');
    return base === named || isRegional || base.endsWith(`/${named}`);
  });
}

/**
 * Without a version before it, `-latest` names whatever is newest of a family: `gemini-pro-latest` is not the
 * `gemini-pro` of 2023. The `3b` of `ministral-3b-latest` is a size, no version.
 */
export function isFamilyAlias(modelId: string): boolean {
  return modelId.endsWith('-latest') && !/\d/.test(modelId.replace(/\d+b\b/g, ''));
}

function literalsOf(match: MatchLogic): readonly string[] {
  if ('or' in match) return match.or.flatMap(literalsOf);
  if ('and' in match) return match.and.flatMap(literalsOf);
  if ('equals' in match) return [match.equals];
  if ('starts_with' in match) return [match.starts_with];
  if ('ends_with' in match) return [match.ends_with];
  if ('contains' in match) return [match.contains];
  return [];
}
