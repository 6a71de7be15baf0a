import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Attempt } from '../attempt.ts';

/**
 * Puts the composite's warnings into the held parts, and the serving model's id where the provider sends none; one that it
 * sends is kept as a fact of the attempt.
 */
export function completeOpening({
  attempt: { call, candidate, facts },
  held,
}: {
  readonly attempt: Attempt;
  readonly held: LanguageModelV4StreamPart[];
}): void {
  const { modelId } = candidate.model;
  const hasWarnings = call.warnings.length > 0;
  let hasMetadata = false;
  let hasStart = false;
  for (const [index, part] of held.entries()) {
    if (part.type === 'stream-start' && hasWarnings) {
      hasStart = true;
      held[index] = { ...part, warnings: [...call.warnings, ...part.warnings] };
    }
    if (part.type !== 'response-metadata') continue;
    hasMetadata = true;
    if (part.modelId === undefined) held[index] = { ...part, modelId };
    else facts.responseModelId = part.modelId;
  }
  const startsAt = held[0]?.type === 'stream-start' ? 1 : 0;
  if (!hasMetadata) held.splice(startsAt, 0, { type: 'response-metadata', modelId });
  if (hasWarnings && !hasStart) held.unshift({ type: 'stream-start', warnings: [...call.warnings] });
}

/** The serving model's id as the provider sends it, for an answer that may never go out. */
export function servingModelId(held: ReadonlyArray<LanguageModelV4StreamPart>): string | undefined {
  const metadata = held.findLast(part => part.type === 'response-metadata' && part.modelId !== undefined);
  return metadata?.type === 'response-metadata' ? metadata.modelId : undefined;
}
