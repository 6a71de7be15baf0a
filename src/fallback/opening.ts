import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Attempt } from './attempt.ts';

/** The held parts with the composite's warnings, and with the serving model's id where the provider sends none. */
export function withOpening({
  attempt: { call, candidate },
  held,
}: {
  readonly attempt: Attempt;
  readonly held: ReadonlyArray<LanguageModelV4StreamPart>;
}): ReadonlyArray<LanguageModelV4StreamPart> {
  const { modelId } = candidate.model;
  let hasMetadata = false;
  let hasStart = false;
  const opening = held.map(part => {
    if (part.type === 'stream-start' && call.warnings.length > 0) {
      hasStart = true;
      return { ...part, warnings: [...call.warnings, ...part.warnings] };
    }
    if (part.type !== 'response-metadata') return part;
    hasMetadata = true;
    return part.modelId === undefined ? { ...part, modelId } : part;
  });
  const startsAt = opening[0]?.type === 'stream-start' ? 1 : 0;
  if (!hasMetadata) opening.splice(startsAt, 0, { type: 'response-metadata', modelId });
  if (!hasStart && call.warnings.length > 0)
    opening.unshift({ type: 'stream-start', warnings: [...call.warnings] });
  return opening;
}
